/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/suggest.h"
#include "btf/btf_value_private.h"

/* A walk along a path, from a type to what it leads to. */
struct value_path {
	const struct btf *btf;
	const char *path, *at; /* all of it; what is left */
	size_t size;           /* of the whole value */
	struct value_found found;
};

/* What was walked, "the value" for nothing yet. */
static int value_path_error(const struct value_path *w, const char *what, struct err *err)
{
	if (w->at == w->path)
		return err_say(err, -EINVAL, "the value %s", what);
	return err_say(err, -EINVAL, "'%.*s' %s", (int)(w->at - w->path), w->path, what);
}

static int value_path_member(struct value_path *w, struct err *err)
{
	const struct btf_type *t = value_bare_type(w->btf, w->found.type);
	size_t n = strcspn(w->at + 1, ".[");
	auto_free char *name = xstrndup(w->at + 1, n);
	struct suggest near = {.word = name};
	auto_strbuf hint = STRBUF_INIT;

	if (!t || !btf_is_composite(t))
		return value_path_error(w, "is not a struct, it has no members", err);
	if (!*name)
		return err_say(err, -EINVAL, "a member's name is missing in '%s'",
			       w->path);
	if (!value_find_member(w->btf, t, w->found.spot.bit, name, 0, &w->found)) {
		value_offer_members(w->btf, t, &near);
		suggest_hint(&near, &hint);
		return err_say(err, -EINVAL, "no member named '%s'%s", name,
			       sb_text(&hint));
	}
	w->at += 1 + n;
	return 0;
}

static int value_path_element(struct value_path *w, struct err *err)
{
	const struct btf_type *t = value_bare_type(w->btf, w->found.type);
	const char *digits = w->at + 1;
	size_t n = strspn(digits, "0123456789");
	unsigned long long index;
	int64_t stride;

	if (!t || !btf_is_array(t))
		return value_path_error(w, "is not an array, it has no elements", err);
	if (n == 0 || digits[n] != ']')
		return err_say(err, -EINVAL, "'%s' is not an element: [0], [1] ...",
			       w->at);
	index = strtoull(digits, NULL, 10);
	if (index >= btf_array(t)->nelems)
		return err_say(err, -EINVAL,
			       "there are %" PRIu32 " elements, from [0] on",
			       btf_array(t)->nelems);
	stride = btf__resolve_size(w->btf, btf_array(t)->type);
	if (stride <= 0 || index >= w->size / (uint64_t)stride)
		return value_path_error(w, "is of a type that has no values", err);
	w->found.spot.bit += index * (uint64_t)stride * 8;
	w->found.type = btf_array(t)->type;
	w->at = digits + n + 1;
	return 0;
}

static int value_path_walk(struct value_path *w, struct err *err)
{
	int r = 0;

	while (r == 0 && *w->at)
		r = *w->at == '.' ? value_path_member(w, err)
		    : *w->at == '['
			    ? value_path_element(w, err)
			    : value_path_error(w, "is followed by neither '.' nor '['",
					       err);
	return r;
}

/* What a text leaves out is 0, whatever was there. A bit-field has nothing to leave out. */
static int value_path_clear(const struct value_path *w, unsigned char *bytes,
			    struct err *err)
{
	int64_t n = btf__resolve_size(w->btf, w->found.type);
	uint64_t at = w->found.spot.bit / 8;

	if (w->found.spot.bitfield)
		return 0;
	if (n < 0 || at > w->size || (uint64_t)n > w->size - at)
		return value_path_error(w, "lies outside of what it is part of", err);
	memset(bytes + at, 0, (size_t)n);
	return 0;
}

int btf_value_write(const struct btf *btf, uint32_t type_id, uint32_t offset,
		    const char *path, const char *text, void *bytes, size_t size,
		    struct err *err)
{
	auto_free unsigned char *copy = xcalloc(1, size + 1);
	auto_free unsigned char *taken = xcalloc(1, size + 1);
	struct value_path w = {
		.btf = btf,
		.path = path,
		.at = path,
		.size = size,
		.found = {.type = type_id, .spot = {.bit = (uint64_t)offset * 8}},
	};
	struct value_parser p = {
		.btf = btf,
		.at = text,
		.bytes = copy,
		.taken = taken,
		.size = size,
		.err = err,
	};
	int r = value_path_walk(&w, err);

	memcpy(copy, bytes, size);
	if (r == 0)
		r = value_path_clear(&w, copy, err);
	if (r == 0)
		r = value_parse_at(&p, w.found.type, w.found.spot);
	if (r == 0)
		memcpy(bytes, copy, size);
	return r;
}
