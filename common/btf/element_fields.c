/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "btf/btf_value_private.h"
#include "btf/element_plan_private.h"

uint64_t element_spot_bits(const struct btf *btf, const struct element_spot *spot)
{
	int64_t size;

	if (spot->bitfield)
		return spot->bitfield;
	size = btf__resolve_size(btf, spot->type);
	return size > 0 ? (uint64_t)size * 8 : 0;
}

void element_fields_release(struct element_fields *fields)
{
	free(fields->items);
	*fields = (struct element_fields){.nr = 0};
}

/* The i-th of a struct, union or section; bits count from there. */
static bool field_at(const struct btf *btf, const struct btf_type *t, uint32_t i,
		     struct element_field *ret)
{
	const struct btf_type *var;
	uint32_t name;

	*ret = (struct element_field){.name = ""};
	if (btf_is_datasec(t)) {
		const struct btf_var_secinfo *info = &btf_var_secinfos(t)[i];

		var = btf__type_by_id(btf, info->type);
		if (!var || !btf_is_var(var) || info->offset > UINT32_MAX / 8)
			return false;
		name = var->name_off;
		ret->spot =
			(struct element_spot){.type = var->type, .bit = info->offset * 8};
	} else {
		name = btf_members(t)[i].name_off;
		ret->spot = (struct element_spot){
			.type = btf_members(t)[i].type,
			.bit = btf_member_bit_offset(t, i),
			.bitfield = btf_member_bitfield_size(t, i),
		};
	}
	ret->name = btf__name_by_offset(btf, name);
	return ret->name;
}

static const struct btf_type *unnamed_type(const struct btf *btf,
					   const struct element_field *field)
{
	const struct btf_type *t =
		field->name[0] ? NULL : value_bare_type(btf, field->spot.type);

	return t && btf_is_composite(t) ? t : NULL;
}

/* Why the bits of a member would not be all that it has; NULL: they are. */
static const char *field_misfit(const struct btf *btf, const struct element_spot *spot)
{
	const struct btf_type *t = value_bare_type(btf, spot->type);

	if (spot->bitfield && !(t && (btf_is_int(t) || btf_is_any_enum(t))))
		return "a bitfield is not an integer";
	if (t && btf_is_array(t) && btf__resolve_size(btf, spot->type) < 0)
		return "the size of an array cannot be told";
	return NULL;
}

/* One member: its place checked, put into the list, or what it is made of. */
static bool field_add(struct element_build *b, const struct btf *btf,
		      struct element_field *field, uint64_t end,
		      struct element_fields *to)
{
	const struct btf_type *t = unnamed_type(btf, field);
	uint64_t bits = element_spot_bits(btf, &field->spot);

	b->corrupt = field_misfit(btf, &field->spot);
	if (b->corrupt)
		return false;
	if (field->spot.bit < to->end || field->spot.bit + bits > end) {
		b->corrupt = "members overlap, or one ends outside of its struct";
		return false;
	}
	if (t && btf_is_struct(t)) {
		if (!element_fields_add(b, btf, t, field->spot.bit, to))
			return false;
	} else if (field->name[0] || t) {
		array_grow(to->items, to->nr);
		to->items[to->nr++] = *field;
	}
	if (to->end < field->spot.bit + bits)
		to->end = field->spot.bit + bits;
	return true;
}

bool element_fields_add(struct element_build *b, const struct btf *btf,
			const struct btf_type *t, uint32_t bit, struct element_fields *to)
{
	uint64_t end = bit + (uint64_t)t->size * 8;
	struct element_field field;

	if (b->depth >= ELEMENT_DEPTH_MAX)
		b->corrupt = "it is nested too deeply";
	b->depth++;
	for (uint32_t i = 0; i < btf_vlen(t) && element_look(b, 1); i++) {
		if (!field_at(btf, t, i, &field) ||
		    __builtin_add_overflow(field.spot.bit, bit, &field.spot.bit))
			b->corrupt = "a member cannot be read";
		else
			field_add(b, btf, &field, end, to);
	}
	b->depth--;
	return !b->corrupt;
}

bool element_has_name(struct element_build *b, const struct btf *btf, uint32_t type,
		      const char *name)
{
	const struct btf_type *t = value_bare_type(btf, type);
	struct element_field field;
	bool found = false;

	if (!t || !btf_is_composite(t) || b->depth >= ELEMENT_DEPTH_MAX)
		return false;
	b->depth++;
	for (uint32_t i = 0; i < btf_vlen(t) && !found && element_look(b, 1); i++) {
		if (!field_at(btf, t, i, &field))
			continue;
		found = field.name[0] ? strcmp(field.name, name) == 0
				      : element_has_name(b, btf, field.spot.type, name);
	}
	b->depth--;
	return found;
}

const char *element_common_name(struct element_build *b, uint32_t old_type,
				uint32_t new_type)
{
	const struct btf_type *t = value_bare_type(b->new_btf, new_type);
	const char *found = NULL;
	struct element_field field;

	if (!t || !btf_is_composite(t) || b->depth >= ELEMENT_DEPTH_MAX)
		return NULL;
	b->depth++;
	for (uint32_t i = 0; i < btf_vlen(t) && !found && element_look(b, 1); i++) {
		if (!field_at(b->new_btf, t, i, &field))
			continue;
		if (!field.name[0])
			found = element_common_name(b, old_type, field.spot.type);
		else if (element_has_name(b, b->old_btf, old_type, field.name))
			found = field.name;
	}
	b->depth--;
	return found;
}

/* --- the same type --------------------------------------------------------------------- */

static bool same_fields(struct element_build *b, const struct btf_type *from,
			const struct btf_type *to)
{
	struct element_field old_one, new_one;

	if (btf_vlen(from) != btf_vlen(to) || from->size != to->size)
		return false;
	for (uint32_t i = 0; i < btf_vlen(from); i++) {
		if (!element_look(b, 1) || !field_at(b->old_btf, from, i, &old_one) ||
		    !field_at(b->new_btf, to, i, &new_one) ||
		    strcmp(old_one.name, new_one.name) != 0 ||
		    old_one.spot.bit != new_one.spot.bit ||
		    old_one.spot.bitfield != new_one.spot.bitfield ||
		    !element_same_type(b, old_one.spot, new_one.spot))
			return false;
	}
	return true;
}

static bool same_scalar(struct element_build *b, struct element_spot from,
			struct element_spot to)
{
	struct element_change change = {.why = STRBUF_INIT};
	bool same;

	element_scalar_change(b, &from, &to, &change);
	same = change.action == ELEMENT_KEPT;
	sb_release(&change.why);
	return same;
}

static bool same_bare(struct element_build *b, struct element_spot from,
		      struct element_spot to)
{
	const struct btf_type *old_one = value_bare_type(b->old_btf, from.type);
	const struct btf_type *new_one = value_bare_type(b->new_btf, to.type);
	bool is_lock;

	if (!old_one || !new_one ||
	    element_kernel_object(b->old_btf, from.type, &is_lock) ||
	    element_kernel_object(b->new_btf, to.type, &is_lock))
		return false;
	if (btf_is_composite(old_one) || btf_is_composite(new_one))
		return btf_kind(old_one) == btf_kind(new_one) &&
		       same_fields(b, old_one, new_one);
	if (!btf_is_array(old_one) && !btf_is_array(new_one))
		return same_scalar(b, from, to);
	if (!btf_is_array(old_one) || !btf_is_array(new_one))
		return false;
	from.type = btf_array(old_one)->type;
	to.type = btf_array(new_one)->type;
	return btf_array(old_one)->nelems == btf_array(new_one)->nelems &&
	       element_same_type(b, from, to);
}

bool element_same_type(struct element_build *b, struct element_spot from,
		       struct element_spot to)
{
	bool same;

	if (b->depth >= ELEMENT_DEPTH_MAX)
		b->corrupt = "it is nested too deeply";
	if (!element_look(b, 1))
		return false;
	b->depth++;
	same = same_bare(b, from, to);
	b->depth--;
	return same;
}
