/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "format/btf_value_private.h"

enum { DEPTH_MAX = 32 };

static void word_release(struct value_word *word)
{
	sb_release(&word->text);
}
#define auto_word auto_release(word_release) struct value_word

static int parse_type(struct value_parser *p, uint32_t id, struct value_spot spot);

/* --- words ---------------------------------------------------------------------- */

static void skip_blanks(struct value_parser *p)
{
	p->at += strspn(p->at, " \t\r\n");
}

static bool take(struct value_parser *p, char c)
{
	skip_blanks(p);
	if (*p->at != c)
		return false;
	p->at++;
	return true;
}

/* "got 'x'" for messages; the end of the text has words of its own. */
static int expected(struct value_parser *p, const char *what)
{
	skip_blanks(p);
	if (!*p->at)
		return value_error(p,
				   "expected %s, but the text ends (a shell takes "
				   "unquoted braces apart)",
				   what);
	return value_error(p, "expected %s at '%.20s'", what, p->at);
}

/* JSON's escapes; \u up to U+00FF, a byte each. */
static int add_escaped(struct value_parser *p, struct strbuf *text)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *known;
	unsigned int code;
	char hex[5] = "";

	known = *p->at ? strchr(names, *p->at) : NULL;
	if (known) {
		sb_add_char(text, bytes[known - names]);
		p->at++;
		return 0;
	}
	if (*p->at == 'u') {
		strncpy(hex, p->at + 1, 4);
		if (strlen(hex) == 4 && strspn(hex, "0123456789abcdefABCDEF") == 4) {
			code = (unsigned int)strtoul(hex, NULL, 16);
			if (code > 0 && code < 0x100) {
				sb_add_char(text, (char)code);
				p->at += 5;
				return 0;
			}
		}
	}
	return value_error(p, "unknown escape at '\\%.6s'", p->at);
}

static int read_quoted(struct value_parser *p, struct value_word *ret)
{
	ret->quoted = true;
	for (p->at++; *p->at && *p->at != '"';) {
		int r = 0;

		if (*p->at == '\\') {
			p->at++;
			r = add_escaped(p, &ret->text);
		} else {
			sb_add_char(&ret->text, *p->at++);
		}
		if (r < 0)
			return r;
	}
	if (*p->at != '"')
		return value_error(p, "a quote is not closed");
	p->at++;
	return 0;
}

static int read_word(struct value_parser *p, const char *what, struct value_word *ret)
{
	size_t n;

	skip_blanks(p);
	if (*p->at == '"')
		return read_quoted(p, ret);
	n = strcspn(p->at, " \t\r\n,:{}[]\"");
	if (n == 0)
		return expected(p, what);
	sb_add_mem(&ret->text, p->at, n);
	p->at += n;
	return 0;
}

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

/* Members of an unnamed struct or union are those of the one around. */
static bool find_member(const struct btf *btf, const struct btf_type *t, const char *name,
			uint64_t bit, unsigned int depth, struct found *ret)
{
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_member *m = btf_members(t) + i;
		const char *known = btf__name_by_offset(btf, m->name_off);
		uint64_t at = bit + btf_member_bit_offset(t, i);
		const struct btf_type *inner;

		if (known && *known) {
			if (strcmp(known, name) != 0)
				continue;
			*ret = (struct found){
				.type = m->type,
				.spot = {at, btf_member_bitfield_size(t, i)},
			};
			return true;
		}
		inner = bare_type(btf, m->type);
		if (depth < DEPTH_MAX && inner && btf_is_composite(inner) &&
		    find_member(btf, inner, name, at, depth + 1, ret))
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

static int parse_member(struct value_parser *p, const struct btf_type *t, uint64_t bit)
{
	size_t outer = p->path.len;
	auto_word name = {.quoted = false};
	struct found found;
	int r = read_word(p, "a member's name", &name);
	bool known;

	if (r < 0)
		return r;
	known = btf_is_datasec(t)
			? find_variable(p->btf, t, sb_text(&name.text), &found)
			: find_member(p->btf, t, sb_text(&name.text), bit, 0, &found);
	if (!known)
		return value_error(p, "there is no member '%s'", sb_text(&name.text));
	if (outer)
		sb_add_char(&p->path, '.');
	sb_add(&p->path, sb_text(&name.text));
	if (!take(p, ':'))
		return expected(p, "':'");
	r = parse_type(p, found.type, found.spot);
	if (r == 0)
		path_cut(p, outer);
	return r;
}

static int parse_members(struct value_parser *p, const struct btf_type *t, uint64_t bit)
{
	int r;

	if (!take(p, '{'))
		return expected(p, "'{'");
	if (take(p, '}'))
		return 0;
	do {
		r = parse_member(p, t, bit);
		if (r < 0)
			return r;
	} while (take(p, ','));
	return take(p, '}') ? 0 : expected(p, "',' or '}'");
}

static int put_string(struct value_parser *p, const struct btf_array *array, uint64_t bit)
{
	auto_word word = {.quoted = false};
	int r = read_word(p, "a string", &word);

	if (r < 0)
		return r;
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

	if (take(p, ']'))
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
		if (!take(p, ','))
			return take(p, ']') ? 0 : expected(p, "',' or ']'");
	}
}

static int parse_array(struct value_parser *p, const struct btf_type *t, uint64_t bit)
{
	const struct btf_array *array = btf_array(t);
	const struct btf_type *element = bare_type(p->btf, array->type);
	int64_t stride = btf__resolve_size(p->btf, array->type);

	if (!element || stride < 0 || stride > UINT32_MAX)
		return value_error(p, "is of a type that has no values");
	if (take(p, '['))
		return parse_elements(p, array, bit, (uint64_t)stride);
	if (btf_is_int(element) && element->size == 1)
		return put_string(p, array, bit);
	return expected(p, "'['");
}

static int parse_bare(struct value_parser *p, const struct btf_type *t,
		      struct value_spot spot)
{
	auto_word word = {.quoted = false};
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
		r = read_word(p, "a value", &word);
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

	skip_blanks(&p);
	if (r == 0 && *p.at)
		r = expected(&p, "the end");
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
