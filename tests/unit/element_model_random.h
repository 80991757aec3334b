/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Structs at random, and what a next version of a program makes of one. */
#ifndef TESTS_ELEMENT_MODEL_RANDOM_H
#define TESTS_ELEMENT_MODEL_RANDOM_H

#include "element_model.h"

/* --- random structs -------------------------------------------------------------------- */

static inline struct model_struct *model_random_struct(struct model_random *r, int depth,
						       unsigned int most);

static inline struct model_member model_random_member(struct model_random *r, int depth)
{
	struct model_member m = {.name = r->names++, .size = 1U << model_below(r, 4)};
	uint32_t what = model_below(r, depth ? 14 : 10);

	m.is_signed = model_below(r, 2);
	m.wraps = model_below(r, 3) ? 0 : model_below(r, 8);
	if (what < 2 || what == 4)
		m.bits = 1 + model_below(r, m.size * 8 - 1);
	if (what == 2) {
		m.kind = MODEL_BOOL;
		m.size = 1;
		m.bits = model_below(r, 3) == 0;
	} else if (what == 3 || what == 4) {
		m.kind = MODEL_ENUM;
		m.names = model_below(r, 4);
	} else if (what == 5) {
		m.kind = MODEL_FLOAT;
		m.size = 4 << model_below(r, 2);
	} else if (what == 6) {
		m.kind = MODEL_POINTER;
		m.size = 8;
	} else if (what >= 10) {
		m.kind = what == 13 ? MODEL_UNION : MODEL_STRUCT;
		m.of = model_random_struct(r, depth - 1, 4);
		m.unnamed = model_below(r, 3) == 0;
	}
	if (m.kind != MODEL_INT && m.kind != MODEL_ENUM)
		m.is_signed = false;
	if (!m.bits && !m.unnamed && model_below(r, 3) == 0) {
		m.nr[0] = 1 + model_below(r, 4);
		m.nr[1] = model_below(r, 3) == 0 ? 1 + model_below(r, 3) : 0;
		m.empty = model_below(r, 6) == 0;
	}
	return m;
}

static inline struct model_struct *model_random_struct(struct model_random *r, int depth,
						       unsigned int most)
{
	struct model_struct *s = calloc(1, sizeof(*s));

	s->packed = model_below(r, 6) == 0;
	for (s->nr = 0; s->nr < 1 + model_below(r, most); s->nr++)
		s->members[s->nr] = model_random_member(r, depth);
	/* A struct has bytes. */
	s->members[0].empty = false;
	return s;
}

static inline void model_upgrade(struct model_random *r, struct model_struct *s,
				 bool may_remove);

static inline void model_widen(struct model_random *r, struct model_member *m)
{
	bool becomes_signed = model_below(r, 4) == 0;

	if (m->bits && m->bits < m->size * 8) {
		m->bits++;
		m->is_signed |= becomes_signed;
	} else if (m->size < 8) {
		m->size *= 2;
		m->bits = 0;
		m->is_signed |= becomes_signed;
	}
}

/* What a next version of a program does to a member, and loses nothing by it. */
static inline void model_upgrade_member(struct model_random *r, struct model_member *m,
					bool may_remove)
{
	if (m->kind == MODEL_STRUCT && model_below(r, 2))
		model_upgrade(r, m->of, may_remove);
	if (model_below(r, 8) == 0)
		m->wraps = model_below(r, 8);
	for (int i = 0; i < 2; i++)
		if (m->nr[i] && model_below(r, 3) == 0)
			m->nr[i] += model_below(r, 3);
	m->empty &= model_below(r, 3) != 0;
	if (m->kind == MODEL_BOOL && model_below(r, 4) == 0 && !m->nr[0])
		m->bits = !m->bits;
	if (m->kind == MODEL_ENUM && model_below(r, 3) == 0)
		m->names += model_below(r, 3);
	if ((m->kind != MODEL_INT && m->kind != MODEL_ENUM) || model_below(r, 2))
		return;
	/* Numbers get names, and lose them. */
	if (!r->steady && model_below(r, 8) == 0) {
		m->kind = m->kind == MODEL_INT ? MODEL_ENUM : MODEL_INT;
		m->moved = 0;
	} else {
		model_widen(r, m);
	}
}

static inline void model_take_out(struct model_struct *s, unsigned int at,
				  unsigned int nr)
{
	memmove(&s->members[at], &s->members[at + nr],
		(s->nr - at - nr) * sizeof(s->members[0]));
	s->nr -= nr;
}

static inline void model_put_in(struct model_struct *s, unsigned int at,
				const struct model_member *m, unsigned int nr)
{
	memmove(&s->members[at + nr], &s->members[at],
		(s->nr - at) * sizeof(s->members[0]));
	memcpy(&s->members[at], m, nr * sizeof(*m));
	s->nr += nr;
}

/* Some members into an unnamed struct, or out of one: they keep their names. */
static inline void model_wrap(struct model_random *r, struct model_struct *s)
{
	unsigned int at = model_below(r, s->nr), nr = 1 + model_below(r, s->nr - at);
	struct model_member *m = &s->members[at], wrap = {.kind = MODEL_STRUCT};
	struct model_struct *of = m->of;

	if (m->kind == MODEL_STRUCT && m->unnamed) {
		if (s->nr + of->nr > MODEL_MEMBERS)
			return;
		model_take_out(s, at, 1);
		model_put_in(s, at, of->members, of->nr);
		free(of);
		return;
	}
	wrap.name = r->names++;
	wrap.unnamed = true;
	wrap.of = calloc(1, sizeof(*wrap.of));
	model_put_in(wrap.of, 0, m, nr);
	wrap.of->members[0].empty = false;
	model_take_out(s, at, nr);
	model_put_in(s, at, &wrap, 1);
}

/* The last one of a struct to the outside: gone there, and new here. */
static inline void model_lift(struct model_random *r, struct model_struct *s)
{
	struct model_member *m = &s->members[model_below(r, s->nr)], lifted;

	if (m->kind != MODEL_STRUCT || m->of->nr < 2 || s->nr == MODEL_MEMBERS)
		return;
	lifted = m->of->members[m->of->nr - 1];
	model_take_out(m->of, m->of->nr - 1, 1);
	model_put_in(s, s->nr, &lifted, 1);
}

static inline void model_upgrade(struct model_random *r, struct model_struct *s,
				 bool may_remove)
{
	for (unsigned int i = 0; i < s->nr; i++)
		model_upgrade_member(r, &s->members[i], may_remove);
	if (may_remove && s->nr > 1 && model_below(r, 3) == 0) {
		unsigned int at = model_below(r, s->nr);

		model_free(s->members[at].of);
		model_take_out(s, at, 1);
	}
	if (may_remove && model_below(r, 4) == 0)
		model_lift(r, s);
	if (s->nr < MODEL_MEMBERS && model_below(r, 2)) {
		struct model_member m = model_random_member(r, 1);

		model_put_in(s, model_below(r, s->nr + 1), &m, 1);
	}
	if (s->nr > 1 && model_below(r, 3) == 0) {
		unsigned int a = model_below(r, s->nr), b = model_below(r, s->nr);
		struct model_member swap = s->members[a];

		s->members[a] = s->members[b];
		s->members[b] = swap;
	}
	if (model_below(r, 5) == 0)
		model_wrap(r, s);
	s->packed ^= model_below(r, 10) == 0;
	s->members[0].empty = false;
}

/* --- versions that would lose something ------------------------------------------------ */

/* NULL: nothing of that one was changed. Else what, in words. */
static inline const char *model_spoil_array(struct model_random *r,
					    struct model_member *m)
{
	if (model_below(r, 3) == 0) {
		m->nr[1] = m->nr[1] ? 0 : 1;
		return "other dimensions";
	}
	if (m->nr[0] == 1)
		return NULL;
	m->nr[0]--;
	return "fewer elements";
}

static inline const char *model_spoil_number(struct model_random *r,
					     struct model_member *m)
{
	if (model_below(r, 2)) {
		if (m->bits ? m->bits == 1 : m->size == 1)
			return NULL;
		if (m->bits)
			m->bits--;
		else
			m->size /= 2;
		return "narrower";
	}
	/* Of an enum a name says more than the sign. */
	if (m->kind == MODEL_ENUM)
		return NULL;
	m->is_signed = !m->is_signed;
	return "another sign";
}

static inline const char *model_spoil(struct model_random *r, struct model_member *m)
{
	if (m->empty)
		return NULL;
	if (m->nr[0] && model_below(r, 2))
		return model_spoil_array(r, m);
	if (m->kind == MODEL_ENUM && m->names && m->size * 8 > 8 && !m->bits &&
	    model_below(r, 2)) {
		m->moved++;
		return "a name is another number";
	}
	if ((m->kind == MODEL_INT || m->kind == MODEL_ENUM) && model_below(r, 3))
		return model_spoil_number(r, m);
	if (m->kind == MODEL_FLOAT && model_below(r, 2)) {
		m->size = 12 - m->size;
		return "a float of another size";
	}
	if (m->kind == MODEL_UNION) {
		struct model_member added = {.name = r->names++, .size = 1};

		if (m->of->nr == MODEL_MEMBERS)
			return NULL;
		model_put_in(m->of, m->of->nr, &added, 1);
		return "a union with one more";
	}
	if (m->kind == MODEL_STRUCT)
		return m->of->nr ? model_spoil(r,
					       &m->of->members[model_below(r, m->of->nr)])
				 : NULL;
	if (m->bits)
		return NULL;
	m->kind = m->kind == MODEL_FLOAT ? MODEL_POINTER : MODEL_FLOAT;
	m->size = m->kind == MODEL_FLOAT ? 4 : 8;
	m->is_signed = false;
	return "another kind";
}

#endif
