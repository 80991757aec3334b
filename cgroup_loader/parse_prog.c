/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "kernel/bpf_names.h"
#include "parse.h"

/* A kernel name has at most 15 bytes; longer ones come from the program's BTF. */
enum { PROG_NAME_MAX = 127 };

int parse_end(struct args *a, const struct keyword *rows, struct err *err)
{
	auto_strbuf may = STRBUF_INIT;

	if (!args_more(a))
		return 0;
	if (!rows)
		return err_say(err, -EINVAL, "unknown word '%s' at the end",
			       args_peek(a));
	keyword_usage(rows, &may);
	return err_say(err, -EINVAL, "unknown word '%s'; here may follow: %s",
		       args_peek(a), sb_text(&may));
}

static int prog_set_id(struct args *a, void *request, struct err *err)
{
	struct prog_ref *ref = request;
	uint64_t id;
	int r;

	ref->kind = PROG_REF_ID;
	ref->what = args_peek(a);
	r = args_number(a, "id", 0, UINT32_MAX, &id, err);
	if (r == 0)
		ref->id = (uint32_t)id;
	return r;
}

static int hex_digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static int set_tag(struct args *a, void *request, struct err *err)
{
	struct prog_ref *ref = request;
	int r = args_value(a, "tag", "16 hex digits", &ref->what, err);

	ref->kind = PROG_REF_TAG;
	if (r < 0)
		return r;
	if (strlen(ref->what) != 2 * sizeof(ref->tag))
		return err_say(err, -EINVAL, "tag '%s': not 16 hex digits", ref->what);
	for (size_t i = 0; i < sizeof(ref->tag); i++) {
		int high = hex_digit(ref->what[2 * i]);
		int low = hex_digit(ref->what[2 * i + 1]);

		if (high < 0 || low < 0)
			return err_say(err, -EINVAL, "tag '%s': not 16 hex digits",
				       ref->what);
		ref->tag[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static int prog_set_name(struct args *a, void *request, struct err *err)
{
	struct prog_ref *ref = request;
	int r = args_value(a, "name", "NAME", &ref->what, err);

	ref->kind = PROG_REF_NAME;
	if (r == 0 && (!*ref->what || strlen(ref->what) > PROG_NAME_MAX))
		return err_say(err, -EINVAL, "program name '%s': not 1 to %d characters",
			       ref->what, PROG_NAME_MAX);
	return r;
}

static int prog_set_pinned(struct args *a, void *request, struct err *err)
{
	struct prog_ref *ref = request;

	ref->kind = PROG_REF_PINNED;
	return args_value(a, "pinned", "PATH", &ref->what, err);
}

/* Row order is bpftool's abbreviation order. */
static const struct keyword prog_ref_words[] = {
	{"id", KEYWORD_LAST, prog_set_id, "N", NULL},
	{"tag", KEYWORD_LAST, set_tag, "TAG", NULL},
	{"name", KEYWORD_LAST, prog_set_name, "NAME", NULL},
	{"pinned", KEYWORD_LAST, prog_set_pinned, "PATH", NULL},
	{.name = NULL},
};

int parse_prog_ref(struct args *a, struct prog_ref *ret, struct err *err)
{
	const char *word = args_peek(a);
	struct prog_ref ref = {.id = 0};
	int r;

	if (!word)
		return err_say(err, -EINVAL, "a program is missing: " PROG_REF_USAGE);
	if (!keyword_find(prog_ref_words, word))
		return err_say(err, -EINVAL,
			       "'%s' names no program: expected " PROG_REF_USAGE, word);
	r = keyword_parse(prog_ref_words, a, &ref, err);
	if (r == 0)
		*ret = ref;
	return r;
}

static int prog_set_type(struct args *a, void *request, struct err *err)
{
	struct load_request *req = request;
	const char *name;
	int r = args_value(a, "type", "TYPE", &name, err);

	if (r < 0)
		return r;
	req->typed = true;
	r = bpf_names_prog_type(name, &req->prog_type, &req->attach_type);
	if (r < 0)
		return err_say(
			err, r,
			"program type '%s' is unknown; types are written like section names: cgroup_skb/egress, cgroup/connect4, sockops, classifier, xdp ...",
			name);
	return 0;
}

static int set_load_map(struct args *a, void *request, struct err *err)
{
	struct load_request *req = request;

	return map_overrides_parse(&req->maps, a, err);
}

static int set_pinmaps(struct args *a, void *request, struct err *err)
{
	struct load_request *req = request;

	return args_value(a, "pinmaps", "DIR", &req->pinmaps, err);
}

static int set_autoattach(struct args *a, void *request, struct err *err)
{
	struct load_request *req = request;

	(void)a;
	(void)err;
	req->autoattach = true;
	return 0;
}

static int prog_set_cgroup(struct args *a, void *request, struct err *err)
{
	struct load_request *req = request;

	return parse_cgroup_ref(a, "cgroup", "CGROUP", &req->cgroup, err);
}

const struct keyword load_words[] = {
	{"type", KEYWORD_PREFIX, prog_set_type, "TYPE", "as section names say it"},
	{"map", KEYWORD_MANY, set_load_map, MAP_OVERRIDE_USAGE, "use that map"},
	{"pinmaps", KEYWORD_PREFIX, set_pinmaps, "DIR", "pin the object's maps there"},
	{"autoattach", KEYWORD_PREFIX, set_autoattach, NULL,
	 "attach, and pin the links in place of the programs"},
	{"cgroup", KEYWORD_PREFIX, prog_set_cgroup, "CGROUP",
	 "where programs for cgroups are attached"},
	{.name = NULL},
};

int parse_load(struct args *a, bool all, struct load_request *ret, struct err *err)
{
	const char *verb = all ? "loadall" : "load";
	int r;

	*ret = (struct load_request){.all = all};
	r = args_value(a, verb, "OBJ PATH", &ret->object, err);
	if (r == 0)
		r = args_value(a, verb, "OBJ PATH", &ret->path, err);
	if (r == 0)
		r = keyword_parse(load_words, a, ret, err);
	if (r == 0)
		r = parse_end(a, load_words, err);
	if (r == 0 && ret->cgroup.what && !ret->autoattach)
		r = err_say(err, -EINVAL, "'cgroup' goes with 'autoattach'");
	return r;
}

void load_request_release(struct load_request *req)
{
	map_overrides_release(&req->maps);
}

int parse_prog_show(struct args *a, struct prog_show_request *ret, struct err *err)
{
	struct prog_show_request req = {.given = args_more(a)};
	int r = req.given ? parse_prog_ref(a, &req.prog, err) : 0;

	if (r == 0)
		r = parse_end(a, NULL, err);
	if (r == 0)
		*ret = req;
	return r;
}

int parse_prog_pin(struct args *a, struct prog_pin_request *ret, struct err *err)
{
	struct prog_pin_request req;
	int r = parse_prog_ref(a, &req.prog, err);

	if (r == 0)
		r = args_value(a, "pin", PROG_REF_USAGE " PATH", &req.path, err);
	if (r == 0)
		r = parse_end(a, NULL, err);
	if (r == 0)
		*ret = req;
	return r;
}
