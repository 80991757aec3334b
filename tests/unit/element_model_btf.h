/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The types of a model as a compiler tells them. */
#ifndef TESTS_ELEMENT_MODEL_BTF_H
#define TESTS_ELEMENT_MODEL_BTF_H

#include <bpf/btf.h>

#include "element_model.h"

/* One below 0 says that an enum is signed. */
static inline int model_btf_enum(struct btf *btf, const struct model_member *m)
{
	char name[32];
	int id;

	snprintf(name, sizeof(name), "e%u", m->name);
	id = m->size == 8 ? btf__add_enum64(btf, name, m->size, m->is_signed)
			  : btf__add_enum(btf, name, m->size);
	for (uint32_t i = 0; i <= m->names + m->is_signed; i++) {
		int number = i > m->names ? -1 : i ? (int)(i + m->moved) : 0;

		snprintf(name, sizeof(name), "E%u_%u", m->name,
			 i > m->names ? UINT32_MAX : i);
		if (m->size == 8)
			btf__add_enum64_value(btf, name, (uint64_t)(int64_t)number);
		else
			btf__add_enum_value(btf, name, number);
	}
	return id;
}

static inline int model_btf_scalar(struct btf *btf, const struct model_member *m)
{
	char name[16];

	switch (m->kind) {
	case MODEL_BOOL:
		return btf__add_int(btf, "_Bool", 1, BTF_INT_BOOL);
	case MODEL_ENUM:
		return model_btf_enum(btf, m);
	case MODEL_FLOAT:
		return btf__add_float(btf, m->size == 4 ? "float" : "double", m->size);
	case MODEL_POINTER:
		return btf__add_ptr(btf, 0);
	default:
		snprintf(name, sizeof(name), "%c%u", m->is_signed ? 's' : 'u',
			 m->size * 8);
		return btf__add_int(btf, name, m->size,
				    m->is_signed ? BTF_INT_SIGNED : 0);
	}
}

static inline int model_btf_wrap(struct btf *btf, int type, uint32_t wraps)
{
	if (wraps & 1)
		type = btf__add_typedef(btf, "wrapped", type);
	if (wraps & 2)
		type = btf__add_const(btf, type);
	return wraps & 4 ? btf__add_volatile(btf, type) : type;
}

static inline int model_btf(struct btf *btf, const struct model_struct *s, bool is_union)
{
	int types[MODEL_MEMBERS], id;
	char name[16];

	for (unsigned int i = 0; i < s->nr; i++) {
		const struct model_member *m = &s->members[i];

		types[i] = m->of ? model_btf(btf, m->of, m->kind == MODEL_UNION)
				 : model_btf_scalar(btf, m);
		if (!m->unnamed)
			types[i] = model_btf_wrap(btf, types[i], m->wraps);
		for (int k = 1; k >= 0; k--)
			if (m->nr[k])
				types[i] =
					btf__add_array(btf, types[i], types[i],
						       m->empty && k == 0 ? 0 : m->nr[k]);
	}
	id = is_union ? btf__add_union(btf, NULL, s->size)
		      : btf__add_struct(btf, NULL, s->size);
	for (unsigned int i = 0; i < s->nr; i++) {
		snprintf(name, sizeof(name), "m%u", s->members[i].name);
		btf__add_field(btf, s->members[i].unnamed ? NULL : name, types[i],
			       s->members[i].bit, s->members[i].bits);
	}
	return id;
}

#endif
