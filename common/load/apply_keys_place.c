/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <linux/if_ether.h>
#include <string.h>

#include "base/alloc.h"
#include "base/args.h"
#include "base/suggest.h"
#include "def/attach_types.h"
#include "def/ethertype.h"
#include "load/apply_keys.h"
#include "netlink/nl_filter.h"

enum {
	CHAIN_MAX = 0x0fffffff, /* TC_ACT_EXT_VAL_MASK */
	LIMIT_MAX = 1000000,
	LIMIT_USUAL = 4096,
};

/* The object that value names, of rd->conf. */
static int set_object_of(const struct apply_row *row, const struct apply_reader *rd,
			 const struct apply_node *value, size_t *ret, struct apply_at *at,
			 struct err *err)
{
	struct suggest near = {.word = value->text};
	auto_strbuf what = STRBUF_INIT, all = STRBUF_INIT;
	int r = apply_value_is(row, rd, value, APPLY_NODE_TEXT, err);

	for (size_t i = 0; r == 0 && i < rd->conf->nr_objects; i++) {
		const char *key = rd->conf->objects[i].key.text;

		suggest_offer(&near, key);
		sb_add_sep(&all, ", ", key);
		if (strcmp(key, value->text) == 0) {
			*ret = i;
			*at = value->at;
			return 0;
		}
	}
	if (r < 0)
		return r;
	sb_addf(&what, "defined under objects, which has %s",
		all.len ? sb_text(&all) : "none");
	return apply_value_unknown(rd, row, value, &near, sb_text(&what), err);
}

/* --- tc --- */

static int set_tc_object(const struct apply_row *row, const struct apply_reader *rd,
			 const struct apply_node *value, void *into, struct err *err)
{
	struct apply_tc *tc = into;

	return set_object_of(row, rd, value, &tc->object, &tc->object_at, err);
}

/* A slash is what no name of an interface or namespace has. */
static int set_dev_names(const struct apply_row *row, const struct apply_reader *rd,
			 const struct apply_node *value, void *into, struct err *err)
{
	int r = apply_set_patterns(row, rd, value, into, err);
	const struct apply_words *words = (void *)((char *)into + row->offset);

	for (size_t i = 0; r == 0 && i < words->nr; i++) {
		const struct apply_node at = {.at = words->items[i].at};

		if (strpbrk(words->items[i].text, "/ "))
			r = apply_value_refuse(rd, row, &at, err,
					       "'%s' cannot be a name; write %s",
					       words->items[i].text, row->value);
	}
	return r;
}

static int set_hook(const struct apply_row *row, const struct apply_reader *rd,
		    const struct apply_node *value, void *into, struct err *err)
{
	static const char *const words[] = {"ingress", "egress", NULL};
	struct apply_tc *tc = into;
	unsigned int hook;
	struct apply_row choice = *row;
	int r;

	choice.words = words;
	choice.offset = 0;
	r = apply_set_choice(&choice, rd, value, &hook, err);
	if (r == 0)
		tc->parent = hook ? NL_PARENT_EGRESS : NL_PARENT_INGRESS;
	return r;
}

static int set_ethertype(const struct apply_row *row, const struct apply_reader *rd,
			 const struct apply_node *value, void *into, struct err *err)
{
	struct apply_tc *tc = into;
	auto_err why = ERR_INIT;
	uint64_t number;
	int r = apply_value_is(row, rd, value, APPLY_NODE_TEXT, err);

	if (r < 0 || ethertype_by_name(value->text, &tc->protocol))
		return r;
	if (args_to_number(row->name, value->text, 1, UINT16_MAX, &number, &why) < 0)
		return apply_value_refuse(
			rd, row, value, err,
			"'%s' is not a protocol: all, ip, ipv6 and other names of tc, or a number from 1 to 65535",
			value->text);
	tc->protocol = (uint16_t)number;
	return 0;
}

static int set_attach(const struct apply_row *row, const struct apply_reader *rd,
		      const struct apply_node *value, void *into, struct err *err)
{
	static const char *const words[] = {"clsact", "tcx", NULL};
	struct apply_tc *tc = into;
	struct apply_row choice = *row;
	unsigned int word;
	int r;

	choice.words = words;
	choice.offset = 0;
	r = apply_set_choice(&choice, rd, value, &word, err);
	if (r == 0)
		tc->tcx = word;
	return r;
}

#define TC(field) .offset = offsetof(struct apply_tc, field)
#define YES(key, field)                                                         \
	{                                                                       \
		.name = key, .set = apply_set_yes, .value = "yes|no", TC(field) \
	}
static const struct apply_row tc_rows[] = {
	{.name = "object", .set = set_tc_object, .value = "NAME", .required = true},
	{.name = "program", .set = apply_set_word, .value = "FUNCTION", TC(program)},
	{.name = "section", .set = apply_set_word, .value = "SECTION", TC(section)},
	{.name = "interfaces",
	 .set = set_dev_names,
	 .value = "[NAME|PATTERN, ...]",
	 .required = true,
	 TC(interfaces)},
	{.name = "netns",
	 .set = set_dev_names,
	 .value = "[NAME|PATTERN, ...]",
	 TC(netns)},
	{.name = "hook", .set = set_hook, .value = "ingress|egress", .required = true},
	{.name = "preference",
	 .set = apply_set_u16,
	 .value = "N",
	 TC(preference),
	 .min = 1,
	 .max = UINT16_MAX},
	{.name = "handle",
	 .set = apply_set_u32,
	 .value = "N",
	 TC(handle),
	 .min = 1,
	 .max = UINT32_MAX},
	{.name = "protocol", .set = set_ethertype, .value = "NAME|N"},
	{.name = "chain",
	 .set = apply_set_u32,
	 .value = "N",
	 TC(chain),
	 .max = CHAIN_MAX},
	YES("direct-action", direct_action),
	YES("clsact", clsact),
	{.name = "attach", .set = set_attach, .value = "clsact|tcx"},
	YES("optional", optional),
	YES("adopt", adopt),
	{.name = NULL},
};

/* What a list of tcx has not. NULL: nothing of it was said. */
static const char *tc_only_of_filters(const struct apply_tc *tc)
{
	return tc->preference              ? "preference"
	       : tc->handle                ? "handle"
	       : tc->chain                 ? "chain"
	       : tc->protocol != ETH_P_ALL ? "protocol"
	       : !tc->direct_action        ? "direct-action"
					   : NULL;
}

APPLY_SET(tc_list)
{
	struct apply_conf *conf = into;
	int r = apply_value_is(row, rd, value, APPLY_NODE_LIST, err);

	for (size_t i = 0; r == 0 && i < value->nr; i++) {
		const struct apply_node *item = &value->items[i];
		struct apply_tc *tc;

		r = apply_value_is(row, rd, item, APPLY_NODE_MAPPING, err);
		if (r < 0)
			return r;
		array_grow(conf->tc, conf->nr_tc);
		tc = &conf->tc[conf->nr_tc++];
		*tc = (struct apply_tc){.at = item->at,
					.protocol = ETH_P_ALL,
					.direct_action = true,
					.clsact = true};
		r = apply_value_mapping(tc_rows, "a tc entry", rd, item, tc, err);
		if (r == 0 && tc->tcx && tc_only_of_filters(tc))
			r = apply_value_refuse(
				rd, row, item, err,
				"'%s' has no meaning with 'attach: tcx': its programs are a list, and what they return is the verdict",
				tc_only_of_filters(tc));
	}
	return r;
}

/* --- cgroups --- */

static int set_cgroup_object(const struct apply_row *row, const struct apply_reader *rd,
			     const struct apply_node *value, void *into, struct err *err)
{
	struct apply_cgroup *cg = into;

	return set_object_of(row, rd, value, &cg->object, &cg->object_at, err);
}

/* Whole names only: what a prefix means may change with the next type. */
static int set_type(const struct apply_row *row, const struct apply_reader *rd,
		    const struct apply_node *value, void *into, struct err *err)
{
	struct suggest near = {.word = value->text};
	struct apply_cgroup *cg = into;
	int r = apply_value_is(row, rd, value, APPLY_NODE_TEXT, err);

	for (const struct attach_type *t = attach_types; r == 0 && t->name; t++) {
		if (strcmp(t->name, value->text) == 0 ||
		    (t->alias && strcmp(t->alias, value->text) == 0)) {
			cg->type = t;
			return 0;
		}
		suggest_offer(&near, t->alias);
		suggest_offer(&near, t->name);
	}
	return r ? r
		 : apply_value_unknown(rd, row, value, &near,
				       "an attach type of cgroups, see mapshare.conf(5)",
				       err);
}

static const char *const place_words[] = {
	[APPLY_CGROUPS] = "cgroups",
	[APPLY_UNITS] = "units",
	[APPLY_EACH] = "each",
};

static int set_place(struct apply_cgroup *cg, enum apply_cgroup_place place,
		     const struct apply_row *row, const struct apply_reader *rd,
		     const struct apply_node *value, struct err *err)
{
	if (cg->where.nr)
		return apply_node_refuse(
			err, rd->file, value->key.at,
			"%s: %s is set already, in line %u; keep one, or make two entries",
			row->name, place_words[cg->place], cg->where.at.line);
	cg->place = place;
	return apply_set_patterns(row, rd, value, cg, err);
}

/* "app.slice/../x" is another cgroup than it looks like, and no pattern may leave the tree. */
static int check_path(const struct apply_row *row, const struct apply_reader *rd,
		      const struct apply_word *word, struct err *err)
{
	const struct apply_node at = {.at = word->at};

	for (const char *p = word->text; *p; p += strspn(p, "/")) {
		const size_t n = strcspn(p, "/");

		if (n == 2 && p[0] == '.' && p[1] == '.')
			return apply_value_refuse(
				rd, row, &at, err,
				"'%s' goes up by '..'; write the path without it",
				word->text);
		p += n;
	}
	return 0;
}

static int set_cgroups(const struct apply_row *row, const struct apply_reader *rd,
		       const struct apply_node *value, void *into, struct err *err)
{
	struct apply_cgroup *cg = into;
	int r = set_place(cg, APPLY_CGROUPS, row, rd, value, err);

	for (size_t i = 0; r == 0 && i < cg->where.nr; i++)
		r = check_path(row, rd, &cg->where.items[i], err);
	return r;
}

static int set_units(const struct apply_row *row, const struct apply_reader *rd,
		     const struct apply_node *value, void *into, struct err *err)
{
	struct apply_cgroup *cg = into;
	int r = set_place(cg, APPLY_UNITS, row, rd, value, err);

	for (size_t i = 0; r == 0 && i < cg->where.nr; i++) {
		const struct apply_node at = {.at = cg->where.items[i].at};

		if (strchr(cg->where.items[i].text, '/'))
			r = apply_value_refuse(
				rd, row, &at, err,
				"'%s' is not the name of a unit; use cgroups for paths",
				cg->where.items[i].text);
	}
	return r;
}

static int set_each(const struct apply_row *row, const struct apply_reader *rd,
		    const struct apply_node *value, void *into, struct err *err)
{
	struct apply_cgroup *cg = into;
	int r = apply_value_is(row, rd, value, APPLY_NODE_TEXT, err);

	r = r ? r : set_place(cg, APPLY_EACH, row, rd, value, err);
	if (r == 0 && strpbrk(value->text, "*?["))
		r = apply_value_refuse(
			rd, row, value, err,
			"'%s' is a pattern; each takes one path, use cgroups for patterns",
			value->text);
	return r ? r : check_path(row, rd, &cg->where.items[0], err);
}

static const char *const mode_words[] = {"multi", "override", "exclusive", "link", NULL};

#define CG(field) .offset = offsetof(struct apply_cgroup, field)
static const struct apply_row cgroup_rows[] = {
	{.name = "object", .set = set_cgroup_object, .value = "NAME", .required = true},
	{.name = "program", .set = apply_set_word, .value = "FUNCTION", CG(program)},
	{.name = "section", .set = apply_set_word, .value = "SECTION", CG(section)},
	{.name = "type", .set = set_type, .value = "ATTACH_TYPE", .required = true},
	{.name = "cgroups",
	 .set = set_cgroups,
	 .value = "[PATH|PATTERN, ...]",
	 CG(where)},
	{.name = "units", .set = set_units, .value = "[UNIT|PATTERN, ...]", CG(where)},
	{.name = "each", .set = set_each, .value = "PATH", CG(where)},
	{.name = "mode",
	 .set = apply_set_choice,
	 .value = "multi|override|exclusive|link",
	 CG(mode),
	 .words = mode_words},
	{.name = "adopt", .set = apply_set_yes, .value = "yes|no", CG(adopt)},
	{.name = "limit",
	 .set = apply_set_u32,
	 .value = "N",
	 CG(limit),
	 .min = 1,
	 .max = LIMIT_MAX},
	{.name = NULL},
};

APPLY_SET(cgroup_list)
{
	struct apply_conf *conf = into;
	int r = apply_value_is(row, rd, value, APPLY_NODE_LIST, err);

	for (size_t i = 0; r == 0 && i < value->nr; i++) {
		const struct apply_node *item = &value->items[i];
		struct apply_cgroup *cg;

		r = apply_value_is(row, rd, item, APPLY_NODE_MAPPING, err);
		if (r < 0)
			return r;
		array_grow(conf->cgroups, conf->nr_cgroups);
		cg = &conf->cgroups[conf->nr_cgroups++];
		*cg = (struct apply_cgroup){.at = item->at, .limit = LIMIT_USUAL};
		r = apply_value_mapping(cgroup_rows, "a cgroups entry", rd, item, cg,
					err);
		if (r == 0 && !cg->where.nr)
			r = apply_node_refuse(
				err, rd->file, item->at,
				"cgroups: missing in a cgroups entry; add cgroups: [PATH|PATTERN, ...], units: or each:");
	}
	return r;
}
