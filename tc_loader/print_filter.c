/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include <json-c/json.h>
#include <linux/filter.h>
#include <linux/pkt_cls.h>

#include "base/utf8.h"
#include "def/ethertype.h"
#include "print.h"
#include "tc.h"
#include "view/json_out.h"

enum { PROTOCOL_MAX = 16, TAG_MAX = 17, HANDLE_MAX = 16 };

static const char *protocol_text(const struct tc *tc, uint16_t protocol,
				 char buf[static PROTOCOL_MAX])
{
	const char *name = tc->numeric ? NULL : ethertype_name(protocol);

	if (name)
		return name;
	snprintf(buf, PROTOCOL_MAX, "[%u]", protocol);
	return buf;
}

static const char *tag_text(const uint8_t tag[static 8], char buf[static TAG_MAX])
{
	for (size_t i = 0; i < 8; i++)
		snprintf(buf + 2 * i, 3, "%02x", tag[i]);
	return buf;
}

static const char *print_filter_handle_text(uint32_t handle, char buf[static HANDLE_MAX])
{
	snprintf(buf, HANDLE_MAX, "0x%x", handle);
	return buf;
}

/* Words that are there or not, the same in text and JSON, in the order printed. */
static const struct {
	const char *word;
	uint32_t flag;
} gen_flags[] = {
	{"skip_hw", TCA_CLS_FLAGS_SKIP_HW},
	{"skip_sw", TCA_CLS_FLAGS_SKIP_SW},
	{"in_hw", TCA_CLS_FLAGS_IN_HW},
	{"not_in_hw", TCA_CLS_FLAGS_NOT_IN_HW},
};

/* Does the row stand where the command line did not say it stands? */
static bool wants_parent(const struct nl_filter *f, const struct print_filter_skip *skip)
{
	return !f->block && f->parent &&
	       !(skip->parent && f->parent == skip->parent_value);
}

static const char *hook_word(uint32_t parent)
{
	switch (parent) {
	case NL_PARENT_ROOT:
		return "root";
	case NL_PARENT_INGRESS:
		return "ingress";
	case NL_PARENT_EGRESS:
		return "egress";
	default:
		return NULL;
	}
}

static void text_place(const struct tc *tc, const struct print_filter_row *row,
		       const struct print_filter_skip *skip, struct strbuf *out)
{
	const struct nl_filter *f = &row->f;
	char id[PRINT_CLASSID_MAX];

	if (f->block && f->block != skip->block)
		sb_addf(out, "block %u ", f->block);
	if (row->dev[0])
		print_dev(tc, row->dev, out);
	if (!wants_parent(f, skip))
		return;
	if (hook_word(f->parent))
		sb_addf(out, "%s ", hook_word(f->parent));
	else
		sb_addf(out, "parent %s ", print_classid(f->parent, id));
}

static void text_prog(const struct tc *tc, const struct print_filter_row *row,
		      struct strbuf *out)
{
	const struct print_prog *p = &row->prog;
	auto_strbuf scratch = STRBUF_INIT;
	char tag[TAG_MAX];

	sb_addf(out, "id %u ", row->f.prog_id);
	if (!p->known) {
		if (row->f.has_tag)
			sb_addf(out, "tag %s ", tag_text(row->f.tag, tag));
		return;
	}
	sb_addf(out, "name %s tag %s ", utf8_visible(p->name, &scratch),
		tag_text(p->tag, tag));
	if (p->jited)
		sb_add(out, "jited ");
	if (!tc->details)
		return;
	if (p->load_time)
		sb_addf(out, "load_time %" PRIu64 " created_by_uid %u ", p->load_time,
			p->uid);
	if (p->btf_id)
		sb_addf(out, "btf_id %u ", p->btf_id);
}

static void text_bytecode(const struct nl_filter *f, struct strbuf *out)
{
	sb_addf(out, "bytecode '%zu,", f->nr_ops);
	for (size_t i = 0; i < f->nr_ops; i++)
		sb_addf(out, "%s%u %u %u %u", i ? "," : "", f->ops[i].code, f->ops[i].jt,
			f->ops[i].jf, f->ops[i].k);
	sb_add_char(out, '\'');
}

static void text_options(const struct tc *tc, const struct print_filter_row *row,
			 struct strbuf *out)
{
	const struct nl_filter *f = &row->f;
	char id[PRINT_CLASSID_MAX], handle[HANDLE_MAX];
	auto_strbuf scratch = STRBUF_INIT;

	if (f->handle)
		sb_addf(out, "handle %s ", print_filter_handle_text(f->handle, handle));
	if (f->classid)
		sb_addf(out, "flowid %s ", print_classid(f->classid, id));
	if (f->prog == NL_FILTER_EBPF && f->name[0])
		sb_addf(out, "%s ", utf8_visible(f->name, &scratch));
	if (f->direct_action)
		sb_add(out, "direct-action ");
	for (size_t i = 0; i < array_size(gen_flags); i++)
		if (f->gen_flags & gen_flags[i].flag)
			sb_addf(out, "%s ", gen_flags[i].word);
	if (f->prog == NL_FILTER_CBPF)
		text_bytecode(f, out);
	if (f->prog_id)
		text_prog(tc, row, out);
	if (row->link_id)
		sb_addf(out, "link_id %u ", row->link_id);
}

static void print_filter_text_row(const struct tc *tc, const struct print_filter_row *row,
				  const struct print_filter_skip *skip,
				  struct strbuf *out)
{
	const struct nl_filter *f = &row->f;
	char protocol[PROTOCOL_MAX];
	auto_strbuf scratch = STRBUF_INIT;

	if (row->event)
		sb_addf(out, "%s ", print_event_word(row->event));
	sb_add(out, "filter ");
	text_place(tc, row, skip, out);
	if (f->protocol && !skip->protocol)
		sb_addf(out, "protocol %s ", protocol_text(tc, f->protocol, protocol));
	if (f->pref && !skip->pref)
		sb_addf(out, "pref %u ", f->pref);
	sb_addf(out, "%s ", utf8_visible(f->kind, &scratch));
	if (row->hook)
		sb_addf(out, "%s ", row->hook);
	if (row->order)
		sb_addf(out, "order %u of %u ", row->order, row->of);
	if (f->has_chain && !skip->chain)
		sb_addf(out, "chain %u ", f->chain);
	if (f->has_options)
		text_options(tc, row, out);
	sb_add(out, print_newline(tc));
}

static void print_filter_add_number(struct json_object *o, const char *key,
				    uint64_t value)
{
	json_object_object_add(o, key, json_object_new_int64(value));
}

static void print_filter_add_text(struct json_object *o, const char *key,
				  const char *value)
{
	json_object_object_add(o, key, json_out_string(value));
}

static void add_true(struct json_object *o, const char *key)
{
	json_object_object_add(o, key, json_object_new_boolean(true));
}

static void json_prog(const struct tc *tc, const struct print_filter_row *row,
		      struct json_object *options)
{
	const struct print_prog *p = &row->prog;
	struct json_object *o = json_object_new_object();
	char tag[TAG_MAX];

	json_object_object_add(options, "prog", o);
	print_filter_add_number(o, "id", row->f.prog_id);
	if (!p->known) {
		if (row->f.has_tag)
			print_filter_add_text(options, "tag", tag_text(row->f.tag, tag));
		return;
	}
	print_filter_add_text(o, "name", p->name);
	print_filter_add_text(o, "tag", tag_text(p->tag, tag));
	print_filter_add_number(o, "jited", p->jited);
	if (!tc->details)
		return;
	if (p->load_time) {
		print_filter_add_number(o, "load_time", p->load_time);
		print_filter_add_number(o, "created_by_uid", p->uid);
	}
	if (p->btf_id)
		print_filter_add_number(o, "btf_id", p->btf_id);
}

static void json_bytecode(const struct nl_filter *f, struct json_object *options)
{
	struct json_object *o = json_object_new_object();
	struct json_object *insns = json_object_new_array();

	json_object_object_add(options, "bytecode", o);
	print_filter_add_number(o, "length", f->nr_ops);
	json_object_object_add(o, "insns", insns);
	for (size_t i = 0; i < f->nr_ops; i++) {
		struct json_object *insn = json_object_new_object();

		print_filter_add_number(insn, "code", f->ops[i].code);
		print_filter_add_number(insn, "jt", f->ops[i].jt);
		print_filter_add_number(insn, "jf", f->ops[i].jf);
		print_filter_add_number(insn, "k", f->ops[i].k);
		json_object_array_add(insns, insn);
	}
}

static struct json_object *json_options(const struct tc *tc,
					const struct print_filter_row *row)
{
	const struct nl_filter *f = &row->f;
	struct json_object *o = json_object_new_object();
	char id[PRINT_CLASSID_MAX], handle[HANDLE_MAX];

	if (f->handle)
		print_filter_add_text(o, "handle",
				      print_filter_handle_text(f->handle, handle));
	if (f->classid)
		print_filter_add_text(o, "flowid", print_classid(f->classid, id));
	if (f->prog == NL_FILTER_EBPF && f->name[0])
		print_filter_add_text(o, "bpf_name", f->name);
	if (f->direct_action)
		add_true(o, "direct-action");
	for (size_t i = 0; i < array_size(gen_flags); i++)
		if (f->gen_flags & gen_flags[i].flag)
			add_true(o, gen_flags[i].word);
	if (f->prog == NL_FILTER_CBPF)
		json_bytecode(f, o);
	if (f->prog_id)
		json_prog(tc, row, o);
	if (row->link_id)
		print_filter_add_number(o, "link_id", row->link_id);
	return o;
}

static struct json_object *print_filter_json_row(const struct tc *tc,
						 const struct print_filter_row *row,
						 const struct print_filter_skip *skip)
{
	const struct nl_filter *f = &row->f;
	struct json_object *o = json_object_new_object();
	char id[PRINT_CLASSID_MAX], protocol[PROTOCOL_MAX];

	if (row->event)
		add_true(o, print_event_word(row->event));
	if (f->block && f->block != skip->block)
		print_filter_add_number(o, "block", f->block);
	if (row->dev[0])
		print_filter_add_text(o, "dev", row->dev);
	if (wants_parent(f, skip)) {
		if (hook_word(f->parent))
			add_true(o, hook_word(f->parent));
		else
			print_filter_add_text(o, "parent", print_classid(f->parent, id));
	}
	if (f->protocol && !skip->protocol)
		print_filter_add_text(o, "protocol",
				      protocol_text(tc, f->protocol, protocol));
	if (f->pref && !skip->pref)
		print_filter_add_number(o, "pref", f->pref);
	print_filter_add_text(o, "kind", f->kind);
	if (row->hook)
		add_true(o, row->hook);
	if (row->order) {
		print_filter_add_number(o, "order", row->order);
		print_filter_add_number(o, "of", row->of);
	}
	if (f->has_chain && !skip->chain)
		print_filter_add_number(o, "chain", f->chain);
	if (f->has_options)
		json_object_object_add(o, "options", json_options(tc, row));
	return o;
}

void print_filters(const struct tc *tc, const struct print_filter_row *rows, size_t nr,
		   const struct print_filter_skip *skip, struct strbuf *out)
{
	auto_json *array = json_object_new_array();

	for (size_t i = 0; i < nr; i++) {
		if (tc->tool.json)
			json_object_array_add(array,
					      print_filter_json_row(tc, &rows[i], skip));
		else
			print_filter_text_row(tc, &rows[i], skip, out);
	}
	if (tc->tool.json)
		print_rows(tc, array, out);
}

void print_chain(const struct tc *tc, const struct print_chain_row *row,
		 struct strbuf *out)
{
	char id[PRINT_CLASSID_MAX];

	if (row->event)
		sb_addf(out, "%s ", print_event_word(row->event));
	sb_add(out, "chain ");
	if (row->block)
		sb_addf(out, "block %u ", row->block);
	if (!row->block) {
		print_dev(tc, row->dev, out);
		sb_addf(out, "parent %s ", print_classid(row->parent, id));
	}
	sb_addf(out, "chain %u %s", row->chain, print_newline(tc));
}
