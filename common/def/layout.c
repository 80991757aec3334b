/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/btf.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "def/layout.h"

enum {
	DEPTH_MAX = 32, /* levels of structs, arrays, typedefs … */
	STEPS_MAX =
		65536, /* types looked at: empty structs nest without making a member */
};

struct walk {
	const struct btf *btf;
	struct layout *layout;
	unsigned int steps;
};

/* Where in the value, and inside what, a type stands. */
struct spot {
	const char *path;
	uint64_t bit_offset;
	uint32_t bitfield; /* bits, 0: as wide as its type */
	uint64_t elements;
	unsigned int depth;
};

static bool walk_type(struct walk *w, uint32_t id, struct spot spot);

/* Past const, volatile, typedef …; *alias is the first typedef's name. NULL: unknown, a
 * loop. */
static const struct btf_type *strip(const struct btf *btf, uint32_t id,
				    const char **alias)
{
	for (unsigned int i = 0; i < DEPTH_MAX; i++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (!t || !(btf_is_mod(t) || btf_is_typedef(t)))
			return t;
		if (btf_is_typedef(t) && alias && !*alias)
			*alias = btf__name_by_offset(btf, t->name_off);
		id = t->type;
	}
	return NULL;
}

static bool layout_add_member(struct walk *w, const struct spot *spot,
			      enum layout_kind kind, uint64_t bits, bool is_signed)
{
	struct layout *l = w->layout;
	uint64_t end;

	/* A type that does not fit into the value is a lie, whatever it says. */
	if (spot->elements > UINT32_MAX || bits > UINT32_MAX ||
	    __builtin_add_overflow(bits * spot->elements, spot->bit_offset, &end) ||
	    end > (uint64_t)l->size * 8 || l->nr_members == LAYOUT_MEMBERS_MAX)
		return false;
	array_grow(l->members, l->nr_members);
	l->members[l->nr_members++] = (struct layout_member){
		.path = xstrdup(spot->path),
		.bit_offset = (uint32_t)spot->bit_offset,
		.bit_size = (uint32_t)bits,
		.elements = (uint32_t)spot->elements,
		.kind = kind,
		.is_signed = is_signed,
	};
	return true;
}

static bool walk_int(struct walk *w, const struct btf_type *t, struct spot spot)
{
	uint8_t encoding = btf_int_encoding(t);
	enum layout_kind kind = encoding & BTF_INT_BOOL   ? LAYOUT_BOOL
				: encoding & BTF_INT_CHAR ? LAYOUT_CHAR
							  : LAYOUT_INT;

	/* Compilers before LLVM 8 wrote bitfields as odd ints. */
	if (!spot.bitfield)
		spot.bit_offset += btf_int_offset(t);
	return layout_add_member(w, &spot, kind,
				 spot.bitfield ? spot.bitfield : btf_int_bits(t),
				 encoding & BTF_INT_SIGNED);
}

static bool walk_struct(struct walk *w, const struct btf_type *t, struct spot spot)
{
	const struct btf_member *m = btf_members(t);
	bool repeated = spot.elements != 1, stands = btf_is_union(t) || repeated;
	auto_strbuf path = STRBUF_INIT;
	size_t own = w->layout->nr_members;

	if (stands &&
	    !layout_add_member(w, &spot, btf_is_union(t) ? LAYOUT_UNION : LAYOUT_STRUCT,
			       (uint64_t)t->size * 8, false))
		return false;
	if (spot.elements == 0) /* a flexible array at the end has no first element */
		return true;
	for (unsigned int i = 0; i < btf_vlen(t); i++, m++) {
		const char *name = btf__name_by_offset(w->btf, m->name_off);
		struct spot inside = {
			.bit_offset = spot.bit_offset + btf_member_bit_offset(t, i),
			.bitfield = btf_member_bitfield_size(t, i),
			.elements = 1,
			.depth = spot.depth + 1,
		};

		sb_clear(&path);
		sb_addf(&path, "%s%s", spot.path, repeated ? "[]" : "");
		if (name && name[0]) /* members of an anonymous struct are its parent's */
			sb_add_sep(&path, ".", name);
		inside.path = sb_text(&path);
		if (!walk_type(w, m->type, inside))
			return false;
	}
	if (stands)
		w->layout->members[own].inside =
			(uint32_t)(w->layout->nr_members - own - 1);
	return true;
}

static bool walk_array(struct walk *w, const struct btf_type *t, struct spot spot)
{
	const struct btf_array *array = btf_array(t);

	spot.depth++;
	return !__builtin_mul_overflow(spot.elements, array->nelems, &spot.elements) &&
	       walk_type(w, array->type, spot);
}

static bool walk_type(struct walk *w, uint32_t id, struct spot spot)
{
	const struct btf_type *t = strip(w->btf, id, NULL);

	if (!t || spot.depth > DEPTH_MAX || ++w->steps > STEPS_MAX)
		return false;
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return walk_int(w, t, spot);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return walk_struct(w, t, spot);
	case BTF_KIND_ARRAY:
		return walk_array(w, t, spot);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		/* Signedness left out: compilers before LLVM 15 did not record it. */
		return layout_add_member(
			w, &spot, LAYOUT_ENUM,
			spot.bitfield ? spot.bitfield : (uint64_t)t->size * 8, false);
	case BTF_KIND_FLOAT:
		return layout_add_member(w, &spot, LAYOUT_FLOAT, (uint64_t)t->size * 8,
					 false);
	case BTF_KIND_PTR:
		return layout_add_member(w, &spot, LAYOUT_POINTER, 64, false);
	case BTF_KIND_DATASEC:
		return layout_add_member(w, &spot, LAYOUT_OTHER, (uint64_t)t->size * 8,
					 false);
	default: /* functions, forward declarations: nothing that has bytes */
		return false;
	}
}

/* Only after walk_type() went through it: that bounds how deep arrays of arrays can be.
 */
static char *layout_type_name(const struct btf *btf, uint32_t id)
{
	const char *alias = NULL, *name, *tag = "";
	const struct btf_type *t = strip(btf, id, &alias);

	name = btf__name_by_offset(btf, t->name_off);
	if (btf_is_struct(t))
		tag = "struct ";
	else if (btf_is_union(t))
		tag = "union ";
	else if (btf_is_any_enum(t))
		tag = "enum ";
	if (name && name[0])
		return xasprintf("%s%s", tag, name);
	if (alias && alias[0])
		return xstrdup(alias);
	if (btf_is_array(t)) {
		auto_free char *of = layout_type_name(btf, btf_array(t)->type);

		return xasprintf("%s[%" PRIu32 "]", of, btf_array(t)->nelems);
	}
	return xasprintf("%s(anonymous)", tag);
}

struct layout *layout_from_btf(const struct btf *btf, uint32_t type_id)
{
	struct walk w = {.btf = btf};
	int64_t size;

	if (!btf || type_id == 0)
		return NULL;
	size = btf__resolve_size(btf, type_id);
	if (size <= 0 || size > UINT32_MAX / 8)
		return NULL;
	w.layout = xcalloc(1, sizeof(*w.layout));
	w.layout->size = (uint32_t)size;
	if (!walk_type(&w, type_id, (struct spot){.path = "", .elements = 1})) {
		layout_free(w.layout);
		return NULL;
	}
	w.layout->name = layout_type_name(btf, type_id);
	return w.layout;
}

struct layout *layout_copy(const struct layout *l)
{
	struct layout *copy = xmemdup(l, sizeof(*l));

	if (!copy)
		return NULL;
	copy->name = xstrdup(l->name);
	copy->members = NULL;
	/* By array_grow(), whose capacity is implied by the count. */
	for (copy->nr_members = 0; copy->nr_members < l->nr_members; copy->nr_members++) {
		array_grow(copy->members, copy->nr_members);
		copy->members[copy->nr_members] = l->members[copy->nr_members];
		copy->members[copy->nr_members].path =
			xstrdup(l->members[copy->nr_members].path);
	}
	return copy;
}

void layout_free(struct layout *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->nr_members; i++)
		free(l->members[i].path);
	free(l->members);
	free(l->name);
	free(l);
}

/* gcc marks one-byte integers as characters, clang does not: of one source, both are right. */
static bool same_kind(const struct layout_member *a, const struct layout_member *b)
{
	enum layout_kind x = a->kind == LAYOUT_CHAR ? LAYOUT_INT : a->kind;
	enum layout_kind y = b->kind == LAYOUT_CHAR ? LAYOUT_INT : b->kind;

	return a->kind == b->kind || (a->bit_size == 8 && x == y);
}

bool layout_same_member(const struct layout_member *a, const struct layout_member *b)
{
	return a->bit_offset == b->bit_offset && a->bit_size == b->bit_size &&
	       a->elements == b->elements && same_kind(a, b) &&
	       a->is_signed == b->is_signed;
}

static void describe_or_none(const struct layout_member *m, uint32_t bit,
			     struct strbuf *out)
{
	if (!m) {
		sb_add(out, "nothing");
		return;
	}
	layout_member_describe(m, out);
	if (m->bit_offset != bit)
		sb_addf(out, " at bit %" PRIu32, m->bit_offset);
}

/* One of the two may be missing. */
static void add_difference(const struct layout_member *pinned,
			   const struct layout_member *wanted, struct strbuf *out)
{
	const struct layout_member *named = wanted ? wanted : pinned;

	if (named->path[0])
		sb_addf(out, "member '%s' (bit %" PRIu32 ") ", named->path,
			named->bit_offset);
	describe_or_none(pinned, named->bit_offset, out);
	sb_add_char(out, '/');
	describe_or_none(wanted, named->bit_offset, out);
}

int layout_diff(const struct layout *pinned, const struct layout *wanted,
		struct strbuf *out)
{
	size_t nr = pinned->nr_members > wanted->nr_members ? pinned->nr_members
							    : wanted->nr_members;

	if (pinned->size != wanted->size) {
		sb_addf(out, "size %" PRIu32 "/%" PRIu32, pinned->size, wanted->size);
		return 1;
	}
	for (size_t i = 0; i < nr; i++) {
		const struct layout_member *has =
			i < pinned->nr_members ? &pinned->members[i] : NULL;
		const struct layout_member *wants =
			i < wanted->nr_members ? &wanted->members[i] : NULL;

		if (has && wants && layout_same_member(has, wants))
			continue;
		add_difference(has, wants, out);
		return 1;
	}
	return 0;
}

void layout_member_describe(const struct layout_member *m, struct strbuf *out)
{
	static const char *const words[] = {
		[LAYOUT_BOOL] = "bool",       [LAYOUT_CHAR] = "char",
		[LAYOUT_FLOAT] = "float",     [LAYOUT_ENUM] = "enum",
		[LAYOUT_POINTER] = "pointer", [LAYOUT_STRUCT] = "struct",
		[LAYOUT_UNION] = "union",     [LAYOUT_OTHER] = "section",
	};

	if (m->kind == LAYOUT_INT)
		sb_addf(out, "%c%" PRIu32, m->is_signed ? 's' : 'u', m->bit_size);
	else if (m->kind == LAYOUT_BOOL || m->kind == LAYOUT_CHAR ||
		 m->kind == LAYOUT_POINTER)
		sb_add(out, words[m->kind]);
	else if (m->bit_size % 8)
		sb_addf(out, "%s %" PRIu32 " bits", words[m->kind], m->bit_size);
	else
		sb_addf(out, "%s %" PRIu32 " B", words[m->kind], m->bit_size / 8);
	if (m->elements != 1)
		sb_addf(out, "[%" PRIu32 "]", m->elements);
}
