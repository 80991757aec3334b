/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "parse.h"
#include "format/attach_types.h"

static int set_effective(struct args *a, void *request, struct err *err)
{
	struct cgroup_show_request *req = request;

	(void)a;
	(void)err;
	req->effective = true;
	return 0;
}

static const struct keyword show_words[] = {
	{"effective", KEYWORD_PREFIX, set_effective, NULL,
	 "what runs, inherited ones too"},
	{.name = NULL},
};

static int parse_show_words(struct args *a, struct cgroup_show_request *req,
			    struct cgroup_show_request *ret, struct err *err)
{
	int r = keyword_parse(show_words, a, req, err);

	if (r == 0)
		r = parse_end(a, show_words, err);
	if (r == 0)
		*ret = *req;
	return r;
}

int parse_cgroup_show(struct args *a, struct cgroup_show_request *ret, struct err *err)
{
	struct cgroup_show_request req = {.cgroup = NULL};
	int r = args_value(a, "show", "CGROUP", &req.cgroup, err);

	return r < 0 ? r : parse_show_words(a, &req, ret, err);
}

int parse_cgroup_tree(struct args *a, struct cgroup_show_request *ret, struct err *err)
{
	struct cgroup_show_request req = {.cgroup = args_next(a)};

	return parse_show_words(a, &req, ret, err);
}

static int set_multi(struct args *a, void *request, struct err *err)
{
	struct attach_request *req = request;

	(void)a;
	(void)err;
	req->multi = true;
	return 0;
}

static int set_override(struct args *a, void *request, struct err *err)
{
	struct attach_request *req = request;

	(void)a;
	(void)err;
	req->override = true;
	return 0;
}

static int set_replace(struct args *a, void *request, struct err *err)
{
	struct attach_request *req = request;

	(void)a;
	(void)err;
	req->replace = true;
	return 0;
}

static int set_link(struct args *a, void *request, struct err *err)
{
	struct attach_request *req = request;
	const char *word = args_next(a);

	if (!word || !args_is_prefix(word, "pinned"))
		return err_say(err, -EINVAL,
			       "'link' needs a place that keeps it: link pinned PATH");
	return args_value(a, "link pinned", "PATH", &req->link_pin, err);
}

static int set_section(struct args *a, void *request, struct err *err)
{
	struct attach_request *req = request;

	return args_value(a, "section", "SECTION", &req->section, err);
}

static int set_program(struct args *a, void *request, struct err *err)
{
	struct attach_request *req = request;

	return args_value(a, "program", "FUNCTION", &req->program, err);
}

static int set_attach_map(struct args *a, void *request, struct err *err)
{
	struct attach_request *req = request;

	return map_overrides_parse(&req->maps, a, err);
}

#define ATTACH_WORDS                                                                 \
	{"multi", KEYWORD_PREFIX, set_multi, NULL, "beside others, here and below"}, \
		{"override", KEYWORD_PREFIX, set_override, NULL,                     \
		 "cgroups below may replace it"},                                    \
		{"replace", KEYWORD_PREFIX, set_replace, NULL,                       \
		 "also over a program that holds the place alone"},                  \
	{                                                                            \
		"link", KEYWORD_PREFIX, set_link, "pinned PATH",                     \
			"attached as long as that pin exists"                        \
	}

/* bpftool's words first, then ours: "m" stays multi. */
const struct keyword attach_words[] = {
	ATTACH_WORDS,
	{.name = NULL},
};

const struct keyword attach_object_words[] = {
	ATTACH_WORDS,
	{"section", KEYWORD_PREFIX, set_section, "SECTION",
	 "the program in that section"},
	{"program", KEYWORD_PREFIX, set_program, "FUNCTION", "the program of that name"},
	{"map", KEYWORD_MANY, set_attach_map, MAP_OVERRIDE_USAGE, "use that map"},
	{.name = NULL},
};

static int check_modes(const struct attach_request *req, struct err *err)
{
	if (req->multi && req->override)
		return err_say(err, -EINVAL, "'multi' and 'override' exclude each other");
	if (req->link_pin && (req->override || req->replace))
		return err_say(err, -EINVAL,
			       "a link is always 'multi': '%s' does not go with it",
			       req->override ? "override" : "replace");
	return 0;
}

static int unknown_type(const char *word, struct err *err)
{
	auto_strbuf names = STRBUF_INIT;

	for (const struct attach_type *t = attach_types; t->name; t++)
		sb_add_sep(&names, ", ", t->alias ? t->alias : t->name);
	return err_say(err, -EINVAL, "attach type '%s' is unknown: use one of %s", word,
		       sb_text(&names));
}

/* CGROUP TYPE, common to attach and detach. */
static int parse_where(struct args *a, const char *verb, struct attach_request *req,
		       struct err *err)
{
	const char *word;
	int r = args_value(a, verb, "CGROUP TYPE PROG", &req->cgroup, err);

	if (r == 0)
		r = args_value(a, verb, "CGROUP TYPE PROG", &word, err);
	if (r < 0)
		return r;
	req->type = attach_type_by_name(word);
	return req->type ? 0 : unknown_type(word, err);
}

int parse_attach(struct args *a, struct attach_request *ret, struct err *err)
{
	const struct keyword *words = attach_words;
	int r;

	*ret = (struct attach_request){.cgroup = NULL};
	r = parse_where(a, "attach", ret, err);
	if (r < 0)
		return r;
	if (args_more(a) && args_is_prefix(args_peek(a), "obj")) {
		const char *word = args_next(a);

		words = attach_object_words;
		r = args_value(a, word, "FILE", &ret->object, err);
	} else {
		r = parse_prog_ref(a, &ret->prog, err);
	}
	if (r == 0)
		r = keyword_parse(words, a, ret, err);
	if (r == 0)
		r = parse_end(a, words, err);
	return r < 0 ? r : check_modes(ret, err);
}

int parse_detach(struct args *a, struct attach_request *ret, struct err *err)
{
	int r;

	*ret = (struct attach_request){.cgroup = NULL};
	r = parse_where(a, "detach", ret, err);
	if (r == 0)
		r = parse_prog_ref(a, &ret->prog, err);
	return r < 0 ? r : parse_end(a, NULL, err);
}

void attach_request_release(struct attach_request *req)
{
	map_overrides_release(&req->maps);
}
