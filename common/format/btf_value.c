/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "format/btf_value_private.h"

enum { DEPTH_MAX = 32 };

static int parse_type(struct value_parser *p, uint32_t id, struct value_spot spot);

/* --- the path of members, for messages ------------------------------------------ */

static void path_cut(struct value_parser *p, size_t len)
{
	p->path.len = len;
	if (p->path.text)
		p->path.text[len] = '\0';
}

/* --- types ---------------------------------------------------------------------- */

static const struct btf_type *bare_type(const struct btf *btf, uint32_t id)
{
	for (int i = 0; i < DEPTH_MAX; i++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (!t || !(btf_is_mod(t) || btf_is_typedef(t)))
			return t;
		id = t->type;
	}
	return NULL;
}

struct found {
	uint32_t type;
	struct value_spot spot;
};

/*
 * Members of an unnamed struct or union are those of the one around. seen: unnamed types
 * that have no such member; looked at again and again their number would double with each
 * level.
 */
static bool find_member(const struct btf *btf, const struct btf_type *t, const char *name,
			struct value_spot from, bool *seen, struct found *ret)
{
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_member *m = btf_members(t) + i;
		const char *known = btf__name_by_offset(btf, m->name_off);
		struct value_spot at = {from.bit + btf_member_bit_offset(t, i),
					btf_member_bitfield_size(t, i)};
		const struct btf_type *inner;

		if (known && *known) {
			if (strcmp(known, name) != 0)
				continue;
			*ret = (struct found){.type = m->type, .spot = at};
			return true;
		}
		inner = bare_type(btf, m->type);
		if (!inner || !btf_is_composite(inner) || seen[m->type])
			continue;
		seen[m->type] = true;
		if (find_member(btf, inner, name, at, seen, ret))
			return true;
	}
	return false;
}

/* A dump shows unnamed members as they are declared, each as "": {…}. */
static bool find_unnamed(const struct btf *btf, const struct btf_type *t, uint32_t index,
			 uint64_t bit, struct found *ret)
{
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_member *m = btf_members(t) + i;
		const char *known = btf__name_by_offset(btf, m->name_off);

		if ((known && *known) || index--)
			continue;
		*ret = (struct found){
			.type = m->type,
			.spot = {bit + btf_member_bit_offset(t, i),
				 btf_member_bitfield_size(t, i)},
		};
		return true;
	}
	return false;
}

static bool find_variable(const struct btf *btf, const struct btf_type *t,
			  const char *name, struct found *ret)
{
	const struct btf_var_secinfo *info = btf_var_secinfos(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_type *var = btf__type_by_id(btf, info[i].type);
		const char *known = var ? btf__name_by_offset(btf, var->name_off) : NULL;

		if (!known || strcmp(known, name) != 0)
			continue;
		*ret = (struct found){
			.type = info[i].type,
			.spot = {.bit = (uint64_t)info[i].offset * 8},
		};
		return true;
	}
	return false;
}

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

static bool find_any(struct value_parser *p, struct members *m, const char *name,
		     struct found *ret)
{
	auto_free bool *seen = NULL;

	if (btf_is_datasec(m->t))
		return find_variable(p->btf, m->t, name, ret);
	if (!*name)
		return find_unnamed(p->btf, m->t, m->unnamed++, m->bit, ret);
	seen = xcalloc(btf__type_cnt(p->btf), sizeof(*seen));
	return find_member(p->btf, m->t, name, (struct value_spot){.bit = m->bit}, seen,
			   ret);
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
	struct found found;
	const char *name;
	int r = value_read_word(p, "a member's name", &word);

	if (r < 0)
		return r;
	name = sb_text(&word.text);
	if (!find_any(p, m, name, &found)) {
		if (btf_is_datasec(m->t) &&
		    strcmp(name, btf__name_by_offset(p->btf, m->t->name_off)) == 0)
			return parse_section(p, m);
		return value_error(p, "there is no member '%s'", name);
	}
	if (outer && *name)
		sb_add_char(&p->path, '.');
	sb_add(&p->path, name);
	if (said_before(m, name))
		return value_error(p, "is given twice");
	if (!value_take(p, ':'))
		return value_expected(p, "':'");
	r = parse_type(p, found.type, found.spot);
	if (r == 0)
		path_cut(p, outer);
	return r;
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
	if (++p->depth > DEPTH_MAX)
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

static int put_string(struct value_parser *p, const struct btf_array *array, uint64_t bit)
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
	const struct btf_type *element = bare_type(p->btf, array->type);
	int64_t stride = btf__resolve_size(p->btf, array->type);

	if (!element || stride < 0 || stride > UINT32_MAX)
		return value_error(p, "is of a type that has no values");
	if (value_take(p, '['))
		return parse_elements(p, array, bit, (uint64_t)stride);
	if (btf_is_int(element) && element->size == 1)
		return put_string(p, array, bit);
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
	const struct btf_type *t = bare_type(p->btf, id);
	int r;

	if (!t)
		return value_error(p, "is of a type that BTF does not describe");
	if (p->depth == DEPTH_MAX)
		return value_error(p, "is nested too deep");
	p->depth++;
	r = parse_bare(p, t, spot);
	p->depth--;
	return r;
}

int btf_value_parse(const struct btf *btf, uint32_t type_id, const char *text, void *ret,
		    size_t size, struct err *err)
{
	auto_free unsigned char *bytes = xcalloc(1, size + 1);
	auto_free unsigned char *taken = xcalloc(1, size + 1);
	struct value_parser p = {
		.btf = btf,
		.at = text,
		.bytes = bytes,
		.taken = taken,
		.size = size,
		.err = err,
	};
	int r = parse_type(&p, type_id, (struct value_spot){.bit = 0});

	value_skip_blanks(&p);
	if (r == 0 && *p.at)
		r = value_expected(&p, "the end");
	if (r == 0)
		r = value_put_vague(&p);
	for (size_t i = 0; i < p.nr_vague; i++)
		free(p.vague[i].path);
	free(p.vague);
	sb_release(&p.path);
	if (r == 0)
		memcpy(ret, bytes, size);
	return r;
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
