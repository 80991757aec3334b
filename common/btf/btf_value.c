/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/suggest.h"
#include "btf/btf_value_private.h"
#include "btf/readable.h"

static int parse_type(struct value_parser *p, uint32_t id, struct value_spot spot);

/* --- the path of members, for messages ------------------------------------------ */

static void path_cut(struct value_parser *p, size_t len)
{
	p->path.len = len;
	if (p->path.text)
		p->path.text[len] = '\0';
}

/* --- addresses, ports, cgroups -------------------------------------------------- */

/* The bytes of the word at the cursor, without quotes, that may be one; 0: it is none. */
static size_t readable_length(const char *at)
{
	size_t quote = *at == '"';
	size_t n = strspn(at + quote, "0123456789abcdefABCDEF.:/");

	if (n >= READABLE_TEXT || (quote && at[1 + n] != '"'))
		return 0;
	return strcspn(at + quote, ".:") < n ? n : 0;
}

/* Whether it is one, the type tells. */
static bool may_be_readable(const char *at)
{
	return at[*at == '"'] == '/' || readable_length(at);
}

/* A path names the cgroup whose id is stored. */
static int take_cgroup(struct value_parser *p, struct value_spot spot)
{
	auto_value_word word = {.quoted = false};
	uint64_t id;
	int r;

	if (!p->names || p->at[*p->at == '"'] != '/')
		return 0;
	r = value_read_word(p, "a path", &word);
	if (r == 0)
		r = p->names->cgroup_id(sb_text(&word.text), &id, p->err);
	if (r < 0 && p->path.len)
		err_context(p->err, "member '%s'", sb_text(&p->path));
	if (r == 0)
		r = value_put(p, spot.bit, 64, id, 0);
	return r < 0 ? r : 1;
}

/* 1: it was one of that kind, and is read. */
static int take_readable(struct value_parser *p, enum readable_kind kind,
			 struct value_spot spot)
{
	size_t quote = *p->at == '"', n = readable_length(p->at);
	unsigned char bytes[READABLE_BYTES];
	char text[READABLE_TEXT];

	if (kind == READABLE_CGROUP)
		return take_cgroup(p, spot);
	memcpy(text, p->at + quote, n);
	text[n] = '\0';
	if (kind == READABLE_NOT || !readable_parse(kind, text, bytes))
		return 0;
	p->at += n + 2 * quote;
	for (size_t i = 0; i < readable_size(kind); i++) {
		int r = value_put(p, spot.bit + 8 * i, 8, bytes[i], 0);

		if (r < 0)
			return r;
	}
	return 1;
}

static uint32_t type_id_of(const struct btf *btf, const struct btf_type *t)
{
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++)
		if (btf__type_by_id(btf, id) == t)
			return id;
	return 0;
}

/* As take_readable(), for a member: its name and tags count. */
static int take_readable_member(struct value_parser *p, const struct value_found *found)
{
	value_skip_blanks(p);
	if (!found->holder || !may_be_readable(p->at))
		return 0;
	return take_readable(p,
			     readable_member(p->btf, type_id_of(p->btf, found->holder),
					     found->index),
			     found->spot);
}

/* --- types ---------------------------------------------------------------------- */

/* The struct, union or section whose members are being read. */
struct members {
	const struct btf_type *t;
	uint64_t bit;
	struct strbuf said; /* "{a{b{": names that were */
	uint32_t unnamed;
};

static void members_release(struct members *m)
{
	sb_release(&m->said);
}

static int no_member(struct value_parser *p, const struct members *m, const char *name)
{
	struct suggest near = {.word = name};
	auto_strbuf hint = STRBUF_INIT;

	value_offer_members(p->btf, m->t, &near);
	suggest_hint(&near, &hint);
	return value_error(p, "no member named '%s'%s", name, sb_text(&hint));
}

/* Braces are in no name. */
static bool said_before(struct members *m, const char *name)
{
	auto_free char *entry = xasprintf("{%s{", name);

	if (*name && m->said.len && strstr(sb_text(&m->said), entry))
		return true;
	sb_add(&m->said, m->said.len ? entry + 1 : entry);
	return false;
}

static int parse_section(struct value_parser *p, struct members *m);

static int parse_member(struct value_parser *p, struct members *m)
{
	size_t outer = p->path.len;
	auto_value_word word = {.quoted = false};
	struct value_found found;
	const char *name;
	int r = value_read_word(p, "a member's name", &word);

	if (r < 0)
		return r;
	name = sb_text(&word.text);
	if (!value_find_member(p->btf, m->t, m->bit, name, *name ? 0 : m->unnamed++,
			       &found)) {
		if (btf_is_datasec(m->t) &&
		    strcmp(name, btf__name_by_offset(p->btf, m->t->name_off)) == 0)
			return parse_section(p, m);
		return no_member(p, m, name);
	}
	if (outer && *name)
		sb_add_char(&p->path, '.');
	sb_add(&p->path, name);
	if (said_before(m, name))
		return value_error(p, "is given twice");
	if (!value_take(p, ':'))
		return value_expected(p, "':'");
	r = take_readable_member(p, &found);
	if (r == 0)
		r = parse_type(p, found.type, found.spot);
	if (r < 0)
		return r;
	path_cut(p, outer);
	return 0;
}

static int parse_braces(struct value_parser *p, struct members *m)
{
	int r;

	if (!value_take(p, '{'))
		return value_expected(p, "'{'");
	if (value_take(p, '}'))
		return 0;
	do {
		r = parse_member(p, m);
		if (r < 0)
			return r;
	} while (value_take(p, ','));
	return value_take(p, '}') ? 0 : value_expected(p, "',' or '}'");
}

/* {".data": [{"count": 1},{"limit": 2}]}, as a dump shows it: each variable in braces. */
static int parse_section(struct value_parser *p, struct members *m)
{
	int r;

	if (!value_take(p, ':'))
		return value_expected(p, "':'");
	if (!value_take(p, '['))
		return value_expected(p, "'['");
	if (value_take(p, ']'))
		return 0;
	if (++p->depth > VALUE_DEPTH_MAX)
		return value_error(p, "is nested too deep");
	do {
		r = parse_braces(p, m);
		if (r < 0)
			return r;
	} while (value_take(p, ','));
	p->depth--;
	return value_take(p, ']') ? 0 : value_expected(p, "',' or ']'");
}

static int parse_members(struct value_parser *p, const struct btf_type *t, uint64_t bit)
{
	auto_release(members_release) struct members m = {.t = t, .bit = bit};

	return parse_braces(p, &m);
}

static int btf_value_put_string(struct value_parser *p, const struct btf_array *array,
				uint64_t bit)
{
	auto_value_word word = {.quoted = false};
	int r = value_read_word(p, "a string", &word);

	if (r < 0)
		return r;
	if (!word.quoted && isdigit((unsigned char)sb_text(&word.text)[0]))
		return value_error(
			p,
			"is an array of %u bytes, not a number: list them in brackets, or quote a string",
			array->nelems);
	if (word.text.len > array->nelems)
		return value_error(p, "'%s' is longer than %u bytes", sb_text(&word.text),
				   array->nelems);
	for (uint32_t i = 0; r == 0 && i < word.text.len; i++)
		r = value_put(p, bit + 8 * (uint64_t)i, 8,
			      (unsigned char)word.text.text[i], 0);
	return r;
}

static int parse_elements(struct value_parser *p, const struct btf_array *array,
			  uint64_t bit, uint64_t stride)
{
	size_t outer = p->path.len;
	int r;

	if (value_take(p, ']'))
		return 0;
	for (uint32_t i = 0;; i++) {
		if (i == array->nelems)
			return value_error(p, "there are %u elements, no more",
					   array->nelems);
		sb_addf(&p->path, "[%u]", i);
		r = parse_type(p, array->type,
			       (struct value_spot){.bit = bit + i * stride * 8});
		if (r < 0)
			return r;
		path_cut(p, outer);
		if (!value_take(p, ','))
			return value_take(p, ']') ? 0 : value_expected(p, "',' or ']'");
	}
}

static int parse_array(struct value_parser *p, const struct btf_type *t, uint64_t bit)
{
	const struct btf_array *array = btf_array(t);
	const struct btf_type *element = value_bare_type(p->btf, array->type);
	int64_t stride = btf__resolve_size(p->btf, array->type);

	if (!element || stride < 0)
		return value_error(p, "is of a type that has no values");
	if (value_take(p, '['))
		return parse_elements(p, array, bit, (uint64_t)stride);
	if (btf_is_int(element) && element->size == 1)
		return btf_value_put_string(p, array, bit);
	return value_expected(p, "'['");
}

static int parse_bare(struct value_parser *p, const struct btf_type *t,
		      struct value_spot spot)
{
	auto_value_word word = {.quoted = false};
	int r;

	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
		return parse_members(p, t, spot.bit);
	case BTF_KIND_ARRAY:
		return parse_array(p, t, spot.bit);
	case BTF_KIND_VAR:
		return parse_type(p, t->type, spot);
	case BTF_KIND_INT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FLOAT:
	case BTF_KIND_PTR:
		value_skip_blanks(p);
		r = 0;
		if (t->size != 1 || !value_take_char(p, &word))
			r = value_read_word(p, "a value", &word);
		return r < 0 ? r : value_scalar(p, t, spot, &word);
	default:
		return value_error(p, "is of a type that has no values");
	}
}

static int parse_type(struct value_parser *p, uint32_t id, struct value_spot spot)
{
	const struct btf_type *t = value_bare_type(p->btf, id);
	int r;

	if (!t)
		return value_error(p, "is of a type that BTF does not describe");
	if (p->depth == VALUE_DEPTH_MAX)
		return value_error(p, "is nested too deep");
	value_skip_blanks(p);
	r = may_be_readable(p->at) ? take_readable(p, readable_type(p->btf, id), spot)
				   : 0;
	if (r)
		return r < 0 ? r : 0;
	p->depth++;
	r = parse_bare(p, t, spot);
	p->depth--;
	return r;
}

int value_parse_at(struct value_parser *p, uint32_t type_id, struct value_spot spot)
{
	int r = parse_type(p, type_id, spot);

	value_skip_blanks(p);
	if (r == 0 && *p->at)
		r = value_expected(p, "the end");
	if (r == 0)
		r = value_put_vague(p);
	for (size_t i = 0; i < p->nr_vague; i++)
		free(p->vague[i].path);
	free(p->vague);
	sb_release(&p->path);
	return r;
}

int btf_value_parse_names(const struct btf *btf, uint32_t type_id, const char *text,
			  const struct readable_names *names, void *ret, size_t size,
			  struct err *err)
{
	auto_free unsigned char *bytes = xcalloc(1, size + 1);
	auto_free unsigned char *taken = xcalloc(1, size + 1);
	struct value_parser p = {
		.btf = btf,
		.at = text,
		.bytes = bytes,
		.taken = taken,
		.size = size,
		.names = names,
		.err = err,
	};
	int r = value_parse_at(&p, type_id, (struct value_spot){.bit = 0});

	if (r == 0)
		memcpy(ret, bytes, size);
	return r;
}

int btf_value_parse(const struct btf *btf, uint32_t type_id, const char *text, void *ret,
		    size_t size, struct err *err)
{
	return btf_value_parse_names(btf, type_id, text, NULL, ret, size, err);
}

bool btf_value_is_whole(const char *text)
{
	bool quoted = false;
	long open = 0;

	for (; *text; text++) {
		if (quoted && *text == '\\' && text[1])
			text++;
		else if (*text == '"')
			quoted = !quoted;
		else if (!quoted && strchr("{[", *text))
			open++;
		else if (!quoted && strchr("}]", *text))
			open--;
	}
	return !quoted && open <= 0;
}
