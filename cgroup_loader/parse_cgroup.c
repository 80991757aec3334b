/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/suggest.h"
#include "parse.h"
#include "def/attach_types.h"

const struct keyword cgroup_show_words[] = {
	{"effective", KEYWORD_PREFIX, NULL, NULL, "what runs, inherited ones too",
	 KEYWORD_BOOL(struct cgroup_show_request, effective)},
	{.name = NULL},
};

static int parse_show_words(struct args *a, struct cgroup_show_request *req,
			    struct cgroup_show_request *ret, struct err *err)
{
	int r = keyword_parse(cgroup_show_words, a, req, err);

	if (r == 0)
		r = parse_end(a, cgroup_show_words, err);
	if (r == 0)
		*ret = *req;
	return r;
}

int parse_cgroup_show(struct args *a, struct cgroup_show_request *ret, struct err *err)
{
	struct cgroup_show_request req = {.effective = false};
	int r = parse_cgroup_ref(a, "show", "CGROUP", &req.cgroup, err);

	return r < 0 ? r : parse_show_words(a, &req, ret, err);
}

int parse_cgroup_tree(struct args *a, struct cgroup_show_request *ret, struct err *err)
{
	struct cgroup_show_request req = {.tree = true};
	int r = args_more(a) ? parse_cgroup_ref(a, "tree", "CGROUP", &req.cgroup, err)
			     : 0;

	return r < 0 ? r : parse_show_words(a, &req, ret, err);
}

/* Only whole words: "p" is program, or preorder. */
static bool is_prog_ref(const struct args *a)
{
	static const char *const kinds[] = {"id", "tag", "name", "pinned"};

	for (size_t i = 0; i < array_size(kinds) && a->argc > 1; i++)
		if (strcmp(args_peek(a), kinds[i]) == 0)
			return true;
	return false;
}

static int set_replace(struct args *a, void *request, struct err *err)
{
	struct attach_request *req = request;

	req->replace = true;
	req->swap = is_prog_ref(a);
	return req->swap ? parse_prog_ref(a, &req->swapped, err) : 0;
}

static int set_anchor(struct args *a, struct attach_request *req, struct err *err)
{
	if (!is_prog_ref(a))
		return 0;
	req->anchored = true;
	return parse_prog_ref(a, &req->anchor, err);
}

static int set_before(struct args *a, void *request, struct err *err)
{
	struct attach_request *req = request;

	req->before = true;
	return set_anchor(a, req, err);
}

static int set_after(struct args *a, void *request, struct err *err)
{
	struct attach_request *req = request;

	req->after = true;
	return set_anchor(a, req, err);
}

static int set_link(struct args *a, void *request, struct err *err)
{
	struct attach_request *req = request;
	const char *word = args_next(a);

	if (!word || !args_is_prefix(word, "pinned")) {
		err_say(err, -EINVAL,
			"'link' needs a place that keeps it: link pinned PATH");
		return req->before || req->after
			       ? err_hint(
					 err,
					 "'before' and 'after' take {id N|tag TAG|name NAME|pinned PATH}")
			       : err->code;
	}
	return args_value(a, "link pinned", "PATH", &req->link_pin, err);
}

#define ATTACH_WORDS                                                                \
	{"multi",                                                                   \
	 KEYWORD_AGAIN,                                                             \
	 NULL,                                                                      \
	 NULL,                                                                      \
	 "beside others, here and below",                                           \
	 KEYWORD_BOOL(struct attach_request, multi)},                               \
		{"override",                                                        \
		 KEYWORD_AGAIN,                                                     \
		 NULL,                                                              \
		 NULL,                                                              \
		 "cgroups below may replace it",                                    \
		 KEYWORD_BOOL(struct attach_request, override)},                    \
		{"replace", KEYWORD_PREFIX, set_replace, "[PROG]",                  \
		 "also over a program that holds the place alone, or in the place " \
		 "of PROG"},                                                        \
	{                                                                           \
		"link", KEYWORD_PREFIX, set_link, "pinned PATH",                    \
			"attached as long as that pin exists"                       \
	}
#define OBJECT_WORDS(type)                                                           \
	{"section",                                                                  \
	 KEYWORD_PREFIX,                                                             \
	 NULL,                                                                       \
	 "SECTION",                                                                  \
	 "the program in that section",                                              \
	 KEYWORD_TEXT(type, section)},                                               \
		{"program",                                                          \
		 KEYWORD_PREFIX,                                                     \
		 NULL,                                                               \
		 "FUNCTION",                                                         \
		 "the program of that name",                                         \
		 KEYWORD_TEXT(type, program)},                                       \
		{"map",                                                              \
		 KEYWORD_MANY,                                                       \
		 map_overrides_set,                                                  \
		 MAP_OVERRIDE_USAGE,                                                 \
		 "use that map",                                                     \
		 KEYWORD_MEMBER(type, maps, struct map_overrides)},                  \
	{                                                                            \
		"set", KEYWORD_EXACT | KEYWORD_MANY, constants_set, CONSTANTS_USAGE, \
			"a constant's value",                                        \
			KEYWORD_MEMBER(type, constants, struct constants)            \
	}
#define ORDER_WORDS                                                   \
	{"preorder",                                                  \
	 KEYWORD_PREFIX,                                              \
	 NULL,                                                        \
	 NULL,                                                        \
	 "before the others, from the root down",                     \
	 KEYWORD_BOOL(struct attach_request, preorder)},              \
		{"before", KEYWORD_PREFIX, set_before, "[PROG|LINK]", \
		 "in front of that one, or of all"},                  \
	{                                                             \
		"after", KEYWORD_PREFIX, set_after, "[PROG|LINK]",    \
			"behind that one, or all"                     \
	}

/* bpftool's words first, then ours: "m" stays multi. */
const struct keyword attach_words[] = {
	ATTACH_WORDS,
	ORDER_WORDS,
	{.name = NULL},
};

const struct keyword attach_object_words[] = {
	ATTACH_WORDS,
	OBJECT_WORDS(struct attach_request),
	ORDER_WORDS,
	{.name = NULL},
};

const struct keyword detach_object_words[] = {
	OBJECT_WORDS(struct detach_request),
	{.name = NULL},
};

static int check_modes(const struct attach_request *req, struct err *err)
{
	if (req->multi && req->override)
		return err_say(err, -EINVAL, "'multi' and 'override' exclude each other");
	if (req->link_pin && req->override)
		return err_say(err, -EINVAL,
			       "a link is always 'multi' and cannot be 'override'");
	if (req->link_pin && req->swap)
		return err_say(
			err, -EINVAL,
			"'replace' without PROG swaps the program of the link at 'link pinned PATH'");
	if (req->swap && req->override)
		return err_say(err, -EINVAL,
			       "'replace PROG' is for lists of 'multi', not 'override'");
	if (req->before && req->after)
		return err_say(err, -EINVAL, "'before' and 'after' exclude each other");
	if (req->swap && (req->before || req->after || req->preorder))
		return err_say(
			err, -EINVAL,
			"'replace PROG' keeps the position; another one cannot be given");
	if (req->link_pin && req->anchored && req->anchor.kind != PROG_REF_ID &&
	    req->anchor.kind != PROG_REF_PINNED)
		return err_say(err, -EINVAL,
			       "a link is ordered by another link: " LINK_REF_USAGE);
	return 0;
}

static int unknown_type(const char *word, struct err *err)
{
	auto_strbuf names = STRBUF_INIT, hint = STRBUF_INIT;
	struct suggest near = {.word = word};

	for (const struct attach_type *t = attach_types; t->name; t++) {
		suggest_offer(&near, t->name);
		suggest_offer(&near, t->alias);
		sb_add_sep(&names, ", ", t->alias ? t->alias : t->name);
	}
	suggest_hint(&near, &hint);
	if (strchr(word, '/'))
		return err_say(err, -EINVAL,
			       "attach type '%s' is unknown; CGROUP comes before TYPE",
			       word);
	if (hint.len)
		return err_say(err, -EINVAL, "attach type '%s' is unknown%s", word,
			       sb_text(&hint));
	return err_say(err, -EINVAL, "attach type '%s' is unknown: use one of %s", word,
		       sb_text(&names));
}

/* [each] CGROUP TYPE, common to attach and detach. */
static int parse_place(struct args *a, const char *verb, bool *each,
		       struct cgroup_ref *cgroup, const struct attach_type **type,
		       struct err *err)
{
	const char *word;
	int r;

	*each = a->argc > 1 && args_take(a, "each");
	r = parse_cgroup_ref(a, verb, "CGROUP TYPE PROG", cgroup, err);
	if (r == 0)
		r = args_value(a, verb, "CGROUP TYPE PROG", &word, err);
	if (r < 0)
		return r;
	*type = attach_type_by_name(word);
	return *type ? 0 : unknown_type(word, err);
}

int parse_attach(struct args *a, struct attach_request *ret, struct err *err)
{
	const struct keyword *words = attach_words;
	int r;

	*ret = (struct attach_request){.each = false};
	r = parse_place(a, "attach", &ret->each, &ret->cgroup, &ret->type, err);
	if (r < 0)
		return r;
	if (args_more(a) && args_is_prefix(args_peek(a), "obj")) {
		const char *word = args_next(a);

		words = attach_object_words;
		r = args_value(a, word, "FILE", &ret->object, err);
	} else if (!args_more(a)) {
		r = err_say(err, -EINVAL,
			    "a program is missing: " PROG_REF_USAGE " or obj FILE");
	} else {
		r = parse_prog_ref(a, &ret->prog, err);
	}
	if (r == 0)
		r = keyword_parse(words, a, ret, err);
	if (r == 0)
		r = parse_end(a, words, err);
	return r < 0 ? r : check_modes(ret, err);
}

static int parse_detach_object(struct args *a, struct detach_request *ret,
			       struct err *err)
{
	const char *word = args_next(a);
	int r = args_value(a, word, "FILE", &ret->object, err);

	if (r == 0)
		r = keyword_parse(detach_object_words, a, ret, err);
	return r < 0 ? r : parse_end(a, detach_object_words, err);
}

int parse_detach(struct args *a, struct detach_request *ret, struct err *err)
{
	bool all;
	int r;

	*ret = (struct detach_request){.each = false};
	r = parse_place(a, "detach", &ret->each, &ret->cgroup, &ret->type, err);
	if (r < 0)
		return r;
	all = args_take(a, "all");
	if (args_more(a) && args_is_prefix(args_peek(a), "obj"))
		return parse_detach_object(a, ret, err);
	if (all)
		return err_say(
			err, -EINVAL,
			"'all' needs 'obj FILE': the kernel does not record who attached what, so an object has to say which programs are yours; a pinned link goes by 'link pinned PATH'");
	if (args_more(a) && args_is_prefix(args_peek(a), "link")) {
		args_next(a);
		if (ret->each)
			return err_say(
				err, -EINVAL,
				"'each' does not go with 'link': a link is at one cgroup; 'each ... obj FILE' detaches links too");
		ret->by_link = true;
		r = parse_link_ref(a, &ret->link, err);
		return r < 0 ? r : parse_end(a, NULL, err);
	}
	if (!args_more(a))
		return err_say(err, -EINVAL,
			       "a program is missing: " PROG_REF_USAGE
			       ", link " LINK_REF_USAGE " or obj FILE");
	r = parse_prog_ref(a, &ret->prog, err);
	/* Scripts end their detach lines like those that attach: bpftool takes any word. */
	if (r == 0)
		ret->ignored = args_peek(a);
	return r;
}

void attach_request_release(struct attach_request *req)
{
	map_overrides_release(&req->maps);
	constants_release(&req->constants);
}

void detach_request_release(struct detach_request *req)
{
	map_overrides_release(&req->maps);
	constants_release(&req->constants);
}
