/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "def/attach_types.h"
#include "print.h"
#include "verbs/tool.h"
#include "view/json_out.h"

void print_text(struct tool *tool, const struct strbuf *text)
{
	fputs(sb_text(text), tool->out);
}

void print_json(struct tool *tool, struct json_object *root)
{
	auto_strbuf text = STRBUF_INIT;

	json_out(&text, root, tool->pretty ? JSON_BPFTOOL : JSON_COMPACT);
	print_text(tool, &text);
}

void print_done(struct tool *tool)
{
	if (tool->json)
		print_json(tool, NULL);
}

void print_add_string(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_out_string(value));
}

void print_add_number(struct json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

void print_version(struct tool *tool, const char *version, const char *libbpf)
{
	auto_strbuf text = STRBUF_INIT;

	if (tool->json) {
		auto_json *root = json_object_new_object();
		struct json_object *features;

		print_add_string(root, "version", version);
		print_add_string(root, "libbpf_version", libbpf);
		features = json_object_new_object();
		json_object_object_add(features, "libbfd", json_object_new_boolean(0));
		json_object_object_add(features, "libbpf_strict",
				       json_object_new_boolean(1));
		json_object_object_add(features, "skeletons", json_object_new_boolean(0));
		json_object_object_add(root, "features", features);
		print_json(tool, root);
		return;
	}
	sb_addf(&text, "%s v%s\nusing libbpf v%s\nfeatures: libbpf_strict\n", tool->name,
		version, libbpf);
	print_text(tool, &text);
}

/* --- cgroups ---------------------------------------------- */

void cgroup_rows_release(struct cgroup_rows *cg)
{
	for (size_t i = 0; i < cg->nr; i++) {
		free(cg->rows[i].name);
		free(cg->rows[i].btf_name);
		free(cg->rows[i].from);
	}
	free(cg->rows);
	free(cg->path);
	*cg = (struct cgroup_rows){.nr = 0};
}

static const char *flags_words(uint32_t flags, char buf[static 32])
{
	if (flags == BPF_F_ALLOW_MULTI)
		return "multi";
	if (flags == BPF_F_ALLOW_OVERRIDE)
		return "override";
	if (flags == 0)
		return "";
	snprintf(buf, 32, "unknown(%x)", flags);
	return buf;
}

/* The last column is shown when one row has it; a title for the BTF names would be one
 * more than bpftool has. */
static void add_header(struct strbuf *out, const struct cgroup_rows *cgs, size_t nr,
		       bool effective)
{
	const struct attached *row = NULL;

	for (size_t i = 0; i < nr && !row; i++)
		row = cgs[i].nr ? cgs[i].rows : NULL;
	sb_addf(out, "%-8s %-15s ", "ID", "AttachType");
	if (!effective)
		sb_addf(out, "%-15s ", "AttachFlags");
	sb_addf(out, "%-15s", "Name");
	if (row && row->from)
		sb_addf(out, "%*s Cgroup", row->btf_name ? 16 : 0, "");
	sb_add_char(out, '\n');
}

static void add_rows(struct strbuf *out, const struct cgroup_rows *cg, bool effective)
{
	auto_strbuf scratch = STRBUF_INIT;
	char buf[32];

	for (const struct attached *row = cg->rows; row < cg->rows + cg->nr; row++) {
		sb_addf(out, "%s%-8" PRIu32 " %-15s ", cg->depth > 0 ? "    " : "",
			row->id, row->type->name);
		if (!effective)
			sb_addf(out, "%-15s ", flags_words(row->flags, buf));
		sb_addf(out, "%-15s", utf8_visible(row->name, &scratch));
		if (row->btf_name)
			sb_addf(out, " %-15s", utf8_visible(row->btf_name, &scratch));
		if (row->from)
			sb_addf(out, " %s", utf8_visible(row->from, &scratch));
		sb_add_char(out, '\n');
	}
}

static struct json_object *rows_json(const struct cgroup_rows *cg, bool effective)
{
	struct json_object *list = json_object_new_array();
	char buf[32];

	for (const struct attached *row = cg->rows; row < cg->rows + cg->nr; row++) {
		struct json_object *o = json_object_new_object();

		print_add_number(o, "id", row->id);
		print_add_string(o, "attach_type", row->type->name);
		if (!effective)
			print_add_string(o, "attach_flags", flags_words(row->flags, buf));
		print_add_string(o, "name", row->name);
		if (row->btf_name)
			print_add_string(o, "attach_btf_name", row->btf_name);
		print_add_number(o, "attach_btf_obj_id", row->btf_obj_id);
		print_add_number(o, "attach_btf_id", row->btf_id);
		if (row->from)
			print_add_string(o, "cgroup", row->from);
		json_object_array_add(list, o);
	}
	return list;
}

void print_cgroup(struct tool *tool, const struct cgroup_rows *cg, bool effective)
{
	auto_strbuf out = STRBUF_INIT;

	if (tool->json) {
		auto_json *root = rows_json(cg, effective);

		print_json(tool, root);
		return;
	}
	if (cg->nr == 0)
		return;
	add_header(&out, cg, 1, effective);
	add_rows(&out, cg, effective);
	print_text(tool, &out);
}

static void tree_json(struct tool *tool, const struct cgroup_rows *cgs, size_t nr,
		      bool effective)
{
	auto_json *root = json_object_new_array();

	for (const struct cgroup_rows *cg = cgs; cg < cgs + nr; cg++) {
		struct json_object *o;

		if (cg->nr == 0)
			continue;
		o = json_object_new_object();
		print_add_string(o, "cgroup", cg->path);
		json_object_object_add(o, "programs", rows_json(cg, effective));
		json_object_array_add(root, o);
	}
	print_json(tool, root);
}

void print_cgroup_tree(struct tool *tool, const struct cgroup_rows *cgs, size_t nr,
		       bool effective)
{
	auto_strbuf out = STRBUF_INIT;

	if (tool->json) {
		tree_json(tool, cgs, nr, effective);
		return;
	}
	sb_add(&out, "CgroupPath\n");
	add_header(&out, cgs, nr, effective);
	for (const struct cgroup_rows *cg = cgs; cg < cgs + nr; cg++) {
		if (cg->nr == 0)
			continue;
		utf8_add_visible(&out, cg->path);
		sb_add_char(&out, '\n');
		add_rows(&out, cg, effective);
	}
	print_text(tool, &out);
}
