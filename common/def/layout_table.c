/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Two layouts side by side, for people. */
#include <inttypes.h>
#include <string.h>

#include "def/layout.h"

/* Members shown behind the last one that matters; hostile BTF has thousands. */
enum { ROWS_MAX = 64 };

static const struct layout_member *member(const struct layout *l, size_t i)
{
	return l && i < l->nr_members ? &l->members[i] : NULL;
}

static bool same_bytes(const struct layout_member *a, const struct layout_member *b)
{
	return a && b ? layout_same_member(a, b) : a == b;
}

static void add_cell(struct strbuf *out, const struct layout_member *m)
{
	if (!m) {
		sb_add(out, "-");
		return;
	}
	layout_member_describe(m, out);
	if (m->path[0])
		sb_addf(out, " %s", m->path);
}

static void add_head(struct strbuf *out, const struct layout *l)
{
	if (l)
		sb_addf(out, "%s, %" PRIu32 " B", l->name, l->size);
	else
		sb_add(out, "no BTF");
}

bool layout_renamed(const struct layout *pinned, const struct layout *wanted,
		    struct strbuf *out)
{
	for (size_t i = 0; i < pinned->nr_members && i < wanted->nr_members; i++) {
		const char *was = pinned->members[i].path, *is = wanted->members[i].path;

		if (strcmp(was, is) == 0)
			continue;
		sb_addf(out, "'%s' is now '%s'", was, is);
		return true;
	}
	return false;
}

bool layout_marked_otherwise(const struct layout *pinned, const struct layout *wanted,
			     struct strbuf *out)
{
	for (size_t i = 0; i < pinned->nr_members && i < wanted->nr_members; i++) {
		const struct layout_member *was = &pinned->members[i];
		const struct layout_member *is = &wanted->members[i];

		if (was->kind == is->kind)
			continue;
		sb_addf(out, "'%s' ", is->path);
		layout_member_describe(was, out);
		sb_add_char(out, '/');
		layout_member_describe(is, out);
		return true;
	}
	return false;
}

void layout_table(const char *what, const struct layout *pinned,
		  const struct layout *wanted, struct strbuf *out)
{
	size_t nr = pinned ? pinned->nr_members : 0;
	auto_strbuf has = STRBUF_INIT, wants = STRBUF_INIT;
	bool marked = false;

	if (wanted && wanted->nr_members > nr)
		nr = wanted->nr_members;
	add_head(&has, pinned);
	add_head(&wants, wanted);
	sb_addf(out, "    %-12s %-30s %s\n", what, sb_text(&has), sb_text(&wants));
	for (size_t i = 0; i < nr && i < ROWS_MAX; i++) {
		const struct layout_member *a = member(pinned, i), *b = member(wanted, i);
		bool mark = !marked && pinned && wanted && !same_bytes(a, b);
		auto_strbuf bit = STRBUF_INIT;

		marked |= mark;
		sb_clear(&has);
		sb_clear(&wants);
		add_cell(&has, a);
		add_cell(&wants, b);
		sb_addf(&bit, "bit %" PRIu32, (b ? b : a)->bit_offset);
		sb_addf(out, "  %c %-12s %-30s %s\n", mark ? '!' : ' ', sb_text(&bit),
			sb_text(&has), sb_text(&wants));
	}
	if (nr > ROWS_MAX)
		sb_addf(out, "    and %zu more\n", nr - ROWS_MAX);
}
