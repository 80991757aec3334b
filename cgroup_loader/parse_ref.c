/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "parse.h"

/* A kernel name has at most 15 bytes; longer ones come from the program's BTF. */
enum { PROG_NAME_MAX = 127 };

int parse_end(struct args *a, const struct keyword *rows, struct err *err)
{
	auto_strbuf may = STRBUF_INIT, near = STRBUF_INIT;

	if (!args_more(a))
		return 0;
	if (!rows)
		return err_say(err, -EINVAL, "unknown word '%s' at the end",
			       args_peek(a));
	keyword_near(rows, args_peek(a), &near);
	keyword_usage(rows, &may);
	return err_say(err, -EINVAL, "unknown word '%s'; here may follow: %s%s",
		       args_peek(a), sb_text(&may), sb_text(&near));
}

/* --- PROG ------------------------------------------------- */

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
const struct keyword prog_ref_words[] = {
	{"id", KEYWORD_LAST, prog_set_id, "N", NULL},
	{"tag", KEYWORD_LAST, set_tag, "TAG", NULL},
	{"name", KEYWORD_LAST, prog_set_name, "NAME", NULL},
	{"pinned", KEYWORD_LAST, prog_set_pinned, "PATH", NULL},
	{.name = NULL},
};

int parse_prog_ref(struct args *a, struct prog_ref *ret, struct err *err)
{
	const char *word = args_peek(a), *dot;
	struct prog_ref ref = {.id = 0};
	int r;

	if (!word)
		return err_say(err, -EINVAL, "a program is missing: " PROG_REF_USAGE);
	if (!keyword_find(prog_ref_words, word)) {
		err_say(err, -EINVAL, "'%s' names no program: expected " PROG_REF_USAGE,
			word);
		dot = strrchr(word, '.');
		if (dot && strcmp(dot, ".o") == 0)
			return err_hint(err, "an object file must follow 'obj'");
		return err_hint(err, args_handle_missing(word));
	}
	r = keyword_parse(prog_ref_words, a, &ref, err);
	if (r == 0)
		*ret = ref;
	return r;
}

/* --- LINK ------------------------------------------------- */

static int link_set_id(struct args *a, void *request, struct err *err)
{
	struct link_ref *ref = request;
	uint64_t id;
	int r = args_number(a, "id", 0, UINT32_MAX, &id, err);

	if (r == 0)
		ref->id = (uint32_t)id;
	return r;
}

const struct keyword link_ref_words[] = {
	{"id", KEYWORD_LAST, link_set_id, "N", NULL},
	{"pinned", KEYWORD_LAST, NULL, "PATH", NULL, KEYWORD_TEXT(struct link_ref, path)},
	{.name = NULL},
};

int parse_link_ref(struct args *a, struct link_ref *ret, struct err *err)
{
	const char *word = args_peek(a);
	struct link_ref ref = {.path = NULL};
	int r;

	if (!word)
		return err_say(err, -EINVAL, "a link is missing: " LINK_REF_USAGE);
	if (!keyword_find(link_ref_words, word))
		return err_say(err, -EINVAL,
			       "'%s' names no link: expected " LINK_REF_USAGE, word);
	r = keyword_parse(link_ref_words, a, &ref, err);
	if (r == 0)
		*ret = ref;
	return r;
}

/* --- CGROUP ----------------------------------------------- */

/*
 * A path, unless it is exactly "pid" or "unit" with a value behind it: a directory of
 * that name can be written "./pid".
 */
int parse_cgroup_ref(struct args *a, const char *verb, const char *what,
		     struct cgroup_ref *ret, struct err *err)
{
	struct cgroup_ref ref = {.kind = CGROUP_REF_PATH};
	uint64_t pid;
	int r;

	if (a->argc > 1 && args_take(a, "pid")) {
		ref.kind = CGROUP_REF_PID;
		ref.what = args_peek(a);
		r = args_number(a, "pid", 1, INT32_MAX, &pid, err);
		if (r < 0)
			return r;
		ref.pid = (uint32_t)pid;
	} else if (a->argc > 1 && args_take(a, "unit")) {
		ref.kind = CGROUP_REF_UNIT;
		ref.what = args_next(a);
	} else {
		r = args_value(a, verb, what, &ref.what, err);
		if (r < 0)
			return r;
	}
	*ret = ref;
	return 0;
}
