/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "btf/btf_value_private.h"
#include "btf/element_plan_private.h"

static const char *type_name(const struct btf *btf, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(btf, t->name_off);

	return name ? name : "";
}

/* Enumerators below 0 are signed ones, also where a compiler before LLVM 15 did not say so. */
static bool enum_is_signed(const struct btf_type *t)
{
	if (btf_kflag(t))
		return true;
	for (uint32_t i = 0; btf_is_enum(t) && i < btf_vlen(t); i++)
		if (btf_enum(t)[i].val < 0)
			return true;
	return false;
}

/* The kernel counts what these point to, and takes none of them from user space. */
static bool pointer_is_kept_alive(const struct btf *btf, const struct btf_type *t)
{
	static const char *const tags[] = {"kptr", "kptr_ref", "kptr_untrusted",
					   "percpu_kptr", "uptr"};

	for (int i = 0; i < ELEMENT_DEPTH_MAX; i++) {
		t = btf__type_by_id(btf, t->type);
		if (!t || !btf_is_mod(t))
			return false;
		for (size_t k = 0; btf_is_type_tag(t) && k < array_size(tags); k++)
			if (strcmp(type_name(btf, t), tags[k]) == 0)
				return true;
	}
	return false;
}

bool element_scalar_read(const struct btf *btf, const struct element_spot *spot,
			 struct element_scalar *ret)
{
	const struct btf_type *t = value_bare_type(btf, spot->type);
	uint8_t encoding;

	*ret = (struct element_scalar){.bit = spot->bit};
	if (!t)
		return false;
	if (btf_is_int(t)) {
		encoding = btf_int_encoding(t);
		ret->kind = encoding & BTF_INT_BOOL ? LAYOUT_BOOL : LAYOUT_INT;
		ret->bits = btf_int_bits(t);
		ret->is_signed = encoding & BTF_INT_SIGNED;
		ret->is_char =
			encoding & BTF_INT_CHAR || strcmp(type_name(btf, t), "char") == 0;
		/* Compilers before LLVM 8 wrote bitfields as odd ints. */
		if (!spot->bitfield)
			ret->bit += btf_int_offset(t);
	} else if (btf_is_any_enum(t)) {
		ret->kind = LAYOUT_ENUM;
		ret->bits = t->size * 8;
		ret->is_signed = enum_is_signed(t);
	} else if (btf_is_float(t)) {
		ret->kind = LAYOUT_FLOAT;
		ret->bits = t->size * 8;
	} else if (btf_is_ptr(t)) {
		ret->kind = LAYOUT_POINTER;
		ret->bits = 64;
		ret->is_kept_alive = pointer_is_kept_alive(btf, t);
	} else {
		return false;
	}
	if (spot->bitfield)
		ret->bits = spot->bitfield;
	return ret->bits > 0;
}

void element_type_text(const struct btf *btf, const struct element_spot *spot,
		       struct strbuf *out)
{
	const struct btf_type *t = value_bare_type(btf, spot->type);
	struct element_scalar scalar;
	const char *name = t ? type_name(btf, t) : "";

	if (!t) {
		sb_add(out, "void");
	} else if (btf_is_composite(t)) {
		sb_add(out, btf_is_union(t) ? "union " : "struct ");
		if (*name)
			sb_add(out, name);
		else
			sb_addf(out, "%" PRIu32 " B", t->size);
	} else if (!element_scalar_read(btf, spot, &scalar)) {
		sb_add(out, *name ? name : "unknown");
	} else if (scalar.kind == LAYOUT_INT && scalar.is_char && scalar.bits == 8) {
		sb_add(out, "char");
	} else if (scalar.kind == LAYOUT_INT) {
		sb_addf(out, "%c%" PRIu32, scalar.is_signed ? 's' : 'u', scalar.bits);
	} else if (scalar.kind == LAYOUT_ENUM) {
		sb_addf(out, "enum %s%s%" PRIu32 " bits", name, *name ? " " : "",
			scalar.bits);
	} else if (scalar.kind == LAYOUT_BOOL) {
		sb_add(out, "bool");
		if (spot->bitfield)
			sb_addf(out, ":%" PRIu32, spot->bitfield);
	} else if (scalar.kind == LAYOUT_FLOAT) {
		sb_addf(out, "float%" PRIu32, scalar.bits);
	} else {
		sb_add(out, scalar.is_kept_alive ? "kptr" : "pointer");
	}
}

const char *element_kernel_object(const struct btf *btf, uint32_t type, bool *ret_is_lock)
{
	static const char *const names[] = {
		"bpf_spin_lock", "bpf_res_spin_lock", "bpf_timer",   "bpf_wq",
		"bpf_list_head", "bpf_list_node",     "bpf_rb_root", "bpf_rb_node",
		"bpf_refcount",  "bpf_task_work",     "bpf_dynptr",
	};
	const struct btf_type *t = value_bare_type(btf, type);

	if (!t || !btf_is_struct(t))
		return NULL;
	for (size_t i = 0; i < array_size(names); i++) {
		if (strcmp(type_name(btf, t), names[i]) != 0)
			continue;
		*ret_is_lock = i < 2;
		return names[i];
	}
	return NULL;
}

/* The kernel takes one as a member of the value itself only. */
int element_lock_at(const struct btf *btf, uint32_t value_type)
{
	const struct btf_type *t = value_bare_type(btf, value_type);
	bool is_lock = false;

	for (uint32_t i = 0; t && btf_is_struct(t) && i < btf_vlen(t); i++)
		if (element_kernel_object(btf, btf_members(t)[i].type, &is_lock) &&
		    is_lock)
			return (int)(btf_member_bit_offset(t, i) / 8);
	return -1;
}

/* --- changes --------------------------------------------------------------------------- */

static uint64_t enum_number(const struct btf_type *t, uint32_t i)
{
	if (btf_is_enum64(t))
		return btf_enum64_value(&btf_enum64(t)[i]);
	return btf_kflag(t) || btf_enum(t)[i].val < 0
		       ? (uint64_t)(int64_t)btf_enum(t)[i].val
		       : (uint32_t)btf_enum(t)[i].val;
}

static const char *enum_name(const struct btf *btf, const struct btf_type *t, uint32_t i)
{
	const char *name =
		btf__name_by_offset(btf, btf_is_enum64(t) ? btf_enum64(t)[i].name_off
							  : btf_enum(t)[i].name_off);

	return name ? name : "";
}

/* False: the same name is another number. What names are gone is a remark. */
static bool enum_names_agree(struct element_build *b, const struct btf_type *from,
			     const struct btf_type *to, struct strbuf *why)
{
	uint32_t nr = btf_vlen(to);

	for (uint32_t i = 0; i < btf_vlen(from); i++) {
		const char *name = enum_name(b->old_btf, from, i);
		uint32_t at = i, left = nr;

		/* Most stay in their order. */
		while (left && strcmp(name, enum_name(b->new_btf, to, at % nr)) != 0)
			at++, left--;
		if (!element_look(b, nr - left + 1))
			return true;
		if (!left) {
			if (!why->len)
				sb_addf(why, "'%s' is not in the new enum", name);
			continue;
		}
		if (enum_number(from, i) == enum_number(to, at % nr))
			continue;
		sb_clear(why);
		sb_addf(why,
			"'%s' is %" PRId64 " in the old enum, %" PRId64 " in the new",
			name, (int64_t)enum_number(from, i),
			(int64_t)enum_number(to, at % nr));
		return false;
	}
	return true;
}

static bool both_letters(const struct element_scalar *from,
			 const struct element_scalar *to)
{
	return from->bits == 8 && to->bits == 8 && (from->is_char || to->is_char);
}

/* Numbers of the same or another size, signed and unsigned ones: does every number fit? */
static const char *number_misfit(const struct element_scalar *from,
				 const struct element_scalar *to)
{
	if (both_letters(from, to))
		return NULL;
	if (from->is_signed && !to->is_signed)
		return "negative numbers would change";
	if (to->bits < from->bits ||
	    (to->is_signed && !from->is_signed && to->bits == from->bits))
		return "large numbers would change";
	if (to->bits != from->bits && to->bits > 64)
		return "numbers of more than 64 bits are not converted";
	return NULL;
}

/* NULL: it can be done, and *kind says how. */
static const char *scalar_misfit(const struct element_scalar *from,
				 const struct element_scalar *to,
				 enum element_step_kind *kind)
{
	*kind = STEP_INT;
	if (from->kind == LAYOUT_POINTER && to->kind == LAYOUT_POINTER)
		return from->is_kept_alive || to->is_kept_alive
			       ? "the kernel does not let a kptr be copied"
			       : NULL;
	if (from->kind == LAYOUT_BOOL && to->kind == LAYOUT_BOOL) {
		*kind = from->bits == to->bits ? STEP_INT : STEP_BOOL;
		return from->bits > 64 || to->bits > 64 ? "too wide" : NULL;
	}
	if (from->kind == LAYOUT_FLOAT && to->kind == LAYOUT_FLOAT)
		return from->bits == to->bits ? NULL : "floats are not converted";
	if (from->kind == to->kind)
		return from->kind == LAYOUT_ENUM && to->bits == from->bits
			       ? NULL
			       : number_misfit(from, to);
	/* An int that got names, or lost them. */
	if ((from->kind == LAYOUT_INT && to->kind == LAYOUT_ENUM) ||
	    (from->kind == LAYOUT_ENUM && to->kind == LAYOUT_INT))
		return from->bits == to->bits ? NULL : "its size differs too";
	return "it is another kind of member";
}

void element_scalar_change(struct element_build *b, const struct element_spot *from,
			   const struct element_spot *to, struct element_change *ret)
{
	struct element_scalar old_one, new_one;
	const char *misfit;
	bool whole;

	ret->action = ELEMENT_REFUSED;
	if (!element_scalar_read(b->old_btf, from, &old_one) ||
	    !element_scalar_read(b->new_btf, to, &new_one)) {
		b->corrupt = "a member has a type without bytes";
		return;
	}
	misfit = scalar_misfit(&old_one, &new_one, &ret->step.kind);
	if (misfit) {
		sb_add(&ret->why, misfit);
		return;
	}
	if (old_one.kind == LAYOUT_ENUM && new_one.kind == LAYOUT_ENUM &&
	    !enum_names_agree(b, value_bare_type(b->old_btf, from->type),
			      value_bare_type(b->new_btf, to->type), &ret->why))
		return;
	ret->action = old_one.bits == new_one.bits ? ELEMENT_KEPT : ELEMENT_CONVERTED;
	ret->is_number = old_one.kind == LAYOUT_INT && new_one.kind == LAYOUT_INT;
	ret->step.is_signed = old_one.is_signed;
	ret->step.old_bit = old_one.bit;
	ret->step.old_bits = old_one.bits;
	ret->step.new_bit = new_one.bit;
	ret->step.new_bits = new_one.bits;
	whole = old_one.bit % 8 == 0 && new_one.bit % 8 == 0 && old_one.bits % 8 == 0;
	if (old_one.bits == new_one.bits && whole)
		ret->step.kind = STEP_BYTES;
	else if (old_one.bits > 64) { /* and so has the new one */
		ret->action = ELEMENT_REFUSED;
		sb_add(&ret->why, "numbers of more than 64 bits are not converted");
	}
}
