/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "base/suggest.h"
#include "base/text_list.h"
#include "btf/btf_value_private.h"

const struct btf_type *value_bare_type(const struct btf *btf, uint32_t id)
{
	for (int i = 0; i < VALUE_DEPTH_MAX; i++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (!t || !(btf_is_mod(t) || btf_is_typedef(t)))
			return t;
		id = t->type;
	}
	return NULL;
}

/*
 * Members of an unnamed struct or union are those of the one around. seen: unnamed types
 * that have no such member; looked at again and again their number would double with each
 * level.
 */
static bool find_member(const struct btf *btf, const struct btf_type *t, const char *name,
			struct value_spot from, bool *seen, struct value_found *ret)
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
			*ret = (struct value_found){
				.type = m->type, .spot = at, .holder = t, .index = i};
			return true;
		}
		inner = value_bare_type(btf, m->type);
		if (!inner || !btf_is_composite(inner) || seen[m->type])
			continue;
		seen[m->type] = true;
		if (find_member(btf, inner, name, at, seen, ret))
			return true;
	}
	return false;
}

/* fn for the names find_member() would have found. */
static void each_member(const struct btf *btf, const struct btf_type *t, bool *seen,
			void (*fn)(const char *name, void *ctx), void *ctx)
{
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_member *m = btf_members(t) + i;
		const char *known = btf__name_by_offset(btf, m->name_off);
		const struct btf_type *inner;

		if (known && *known) {
			fn(known, ctx);
			continue;
		}
		inner = value_bare_type(btf, m->type);
		if (!inner || !btf_is_composite(inner) || seen[m->type])
			continue;
		seen[m->type] = true;
		each_member(btf, inner, seen, fn, ctx);
	}
}

/* A dump shows unnamed members as they are declared, each as "": {…}. */
static bool btf_value_member_find_unnamed(const struct btf *btf, const struct btf_type *t,
					  uint32_t index, uint64_t bit,
					  struct value_found *ret)
{
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_member *m = btf_members(t) + i;
		const char *known = btf__name_by_offset(btf, m->name_off);

		if ((known && *known) || index--)
			continue;
		*ret = (struct value_found){
			.type = m->type,
			.spot = {bit + btf_member_bit_offset(t, i),
				 btf_member_bitfield_size(t, i)},
		};
		return true;
	}
	return false;
}

static bool find_variable(const struct btf *btf, const struct btf_type *t,
			  const char *name, struct value_found *ret)
{
	const struct btf_var_secinfo *info = btf_var_secinfos(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_type *var = btf__type_by_id(btf, info[i].type);
		const char *known = var ? btf__name_by_offset(btf, var->name_off) : NULL;

		if (!known || strcmp(known, name) != 0)
			continue;
		*ret = (struct value_found){
			.type = info[i].type,
			.spot = {.bit = (uint64_t)info[i].offset * 8},
		};
		return true;
	}
	return false;
}

bool value_find_member(const struct btf *btf, const struct btf_type *t, uint64_t bit,
		       const char *name, uint32_t unnamed, struct value_found *ret)
{
	auto_free bool *seen = NULL;

	if (btf_is_datasec(t))
		return find_variable(btf, t, name, ret);
	if (!*name)
		return btf_value_member_find_unnamed(btf, t, unnamed, bit, ret);
	seen = xcalloc(btf__type_cnt(btf), sizeof(*seen));
	return find_member(btf, t, name, (struct value_spot){.bit = bit}, seen, ret);
}

static void suggest_member(const char *name, void *ctx)
{
	suggest_offer(ctx, name);
}

static void list_member(const char *name, void *ctx)
{
	text_list_add(ctx, name);
}

void btf_value_members(const struct btf *btf, uint32_t type_id, struct text_list *ret)
{
	const struct btf_type *t = value_bare_type(btf, type_id);
	auto_free bool *seen = xcalloc(btf__type_cnt(btf), sizeof(*seen));

	if (t && btf_is_composite(t))
		each_member(btf, t, seen, list_member, ret);
}

void value_offer_members(const struct btf *btf, const struct btf_type *t,
			 struct suggest *to)
{
	auto_free bool *seen = NULL;
	const struct btf_var_secinfo *info = btf_var_secinfos(t);

	if (!btf_is_datasec(t)) {
		seen = xcalloc(btf__type_cnt(btf), sizeof(*seen));
		each_member(btf, t, seen, suggest_member, to);
		return;
	}
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_type *var = btf__type_by_id(btf, info[i].type);

		suggest_offer(to, var ? btf__name_by_offset(btf, var->name_off) : NULL);
	}
}
