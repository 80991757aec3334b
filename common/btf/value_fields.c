/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/btf.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/bits.h"
#include "btf/btf_vars.h"
#include "btf/value_fields.h"

struct expansion {
	struct value_fields *to;
	const struct layout *layout;
	bool too_many;
};

/* What the name of a member inside an array of structs is made of. */
struct place {
	const char *name; /* of the array's element, "flows[2]" */
	size_t path_len;  /* of its path in the layout, "flows[]" */
	uint64_t shift;   /* bits from the array's first element */
	bool shared;
};

static void value_fields_add_field(struct expansion *e, const struct layout_member *m,
				   char *name, uint64_t bit, bool shared)
{
	struct value_fields *to = e->to;

	if (to->nr == VALUE_FIELDS_MAX || bit + m->bit_size > (uint64_t)to->size * 8) {
		e->too_many = true;
		free(name);
		return;
	}
	array_grow(to->items, to->nr);
	to->items[to->nr++] = (struct value_field){
		.name = name,
		.bit_offset = (uint32_t)bit,
		.bit_size = m->bit_size,
		.kind = m->bit_size > 64 ? LAYOUT_POINTER : m->kind,
		.is_signed = m->is_signed,
		.shared = shared,
	};
}

static char *value_fields_name_at(const struct place *place,
				  const struct layout_member *m)
{
	const char *rest = m->path + place->path_len;

	return xasprintf("%s%s", place->name, rest);
}

static void value_fields_expand(struct expansion *e, size_t from, size_t end,
				const struct place *place);

/* elements is 1 for a single union. */
static void expand_struct(struct expansion *e, size_t index, const struct place *place)
{
	const struct layout_member *m = &e->layout->members[index];
	bool shared = place->shared || m->kind == LAYOUT_UNION;
	auto_free char *name = value_fields_name_at(place, m);

	/* What has no bytes may be there 4 billion times. */
	for (uint32_t i = 0; m->bit_size && i < m->elements && !e->too_many; i++) {
		auto_free char *element = xasprintf("%s[%" PRIu32 "]", name, i);
		const struct place within = {
			.name = m->elements == 1 ? place->name : element,
			.path_len =
				m->elements == 1 ? place->path_len : strlen(m->path) + 2,
			.shift = place->shift + (uint64_t)i * m->bit_size,
			.shared = shared,
		};

		value_fields_expand(e, index + 1, index + 1 + m->inside, &within);
	}
}

static void value_fields_expand(struct expansion *e, size_t from, size_t end,
				const struct place *place)
{
	for (size_t i = from; i < end && !e->too_many;) {
		const struct layout_member *m = &e->layout->members[i];
		uint64_t bit = m->bit_offset + place->shift;

		if (m->kind == LAYOUT_STRUCT || m->kind == LAYOUT_UNION) {
			expand_struct(e, i, place);
			i += 1 + m->inside;
			continue;
		}
		for (uint32_t k = 0; k < m->elements && !e->too_many; k++) {
			auto_free char *name = value_fields_name_at(place, m);

			value_fields_add_field(
				e, m,
				m->elements == 1 ? take_ptr(name)
						 : xasprintf("%s[%" PRIu32 "]", name, k),
				bit + (uint64_t)k * m->bit_size, place->shared);
		}
		i++;
	}
}

static bool add_layout(struct value_fields *to, const struct btf *btf, uint32_t type_id,
		       const char *name, uint64_t shift)
{
	struct layout *layout = layout_from_btf(btf, type_id);
	struct expansion e = {.to = to, .layout = layout};
	size_t before = to->nr;

	if (!layout)
		return false;
	value_fields_expand(&e, 0, layout->nr_members,
			    &(struct place){.name = "", .shift = shift});
	layout_free(layout);
	for (size_t i = before; *name && i < to->nr; i++) {
		auto_free char *inner = to->items[i].name;

		to->items[i].name = xasprintf("%s%s%s", name,
					      !*inner || *inner == '[' ? "" : ".", inner);
	}
	return !e.too_many;
}

/* A data section is a struct of variables. */
static bool value_fields_add_section(struct value_fields *to, const struct btf *btf,
				     const struct btf_type *section)
{
	const struct btf_var_secinfo *info = btf_var_secinfos(section);

	for (uint32_t i = 0; i < btf_vlen(section); i++) {
		const struct btf_type *var = btf__type_by_id(btf, info[i].type);
		const char *name = var && btf_is_var(var)
					   ? btf__name_by_offset(btf, var->name_off)
					   : NULL;

		if (!name ||
		    !add_layout(to, btf, var->type, name, (uint64_t)info[i].offset * 8))
			return false;
	}
	return true;
}

static int add_words(struct value_fields *to, struct err *err)
{
	uint32_t width = to->size % 8 == 0 ? 8 : 4;
	size_t nr = to->size / width;

	if (!to->size || to->size % width)
		return err_say(
			err, -EOPNOTSUPP,
			"values of %zu bytes without BTF are not a row of u32 or u64",
			to->size);
	if (nr > VALUE_FIELDS_MAX)
		return err_say(err, -EOPNOTSUPP, "values have %zu numbers, over %d", nr,
			       VALUE_FIELDS_MAX);
	for (size_t i = 0; i < nr; i++) {
		array_grow(to->items, to->nr);
		to->items[to->nr++] = (struct value_field){
			.name = nr == 1 ? xstrdup("value") : xasprintf("word[%zu]", i),
			.bit_offset = (uint32_t)(i * width * 8),
			.bit_size = width * 8,
			.kind = LAYOUT_INT,
		};
	}
	return 0;
}

int value_fields_init(struct value_fields *ret, const struct btf *btf, uint32_t type_id,
		      size_t size, struct err *err)
{
	auto_value_fields fields = {.size = size};
	const struct btf_type *t;
	bool whole;
	int r = 0;

	t = btf && type_id ? btf__type_by_id(btf, type_id) : NULL;
	if (!t) {
		r = add_words(&fields, err);
	} else {
		whole = btf_is_datasec(t) ? value_fields_add_section(&fields, btf, t)
					  : add_layout(&fields, btf, type_id, "", 0);
		if (!whole)
			r = err_say(
				err, -EOPNOTSUPP,
				"values are of a type that is not a number and has none, or over %d of them",
				VALUE_FIELDS_MAX);
	}
	if (r < 0)
		return r;
	if (fields.nr == 1 && !fields.items[0].name[0]) {
		free(fields.items[0].name);
		fields.items[0].name = xstrdup("value");
	}
	*ret = fields;
	fields = (struct value_fields){.nr = 0};
	return 0;
}

void value_fields_release(struct value_fields *fields)
{
	for (size_t i = 0; i < fields->nr; i++)
		free(fields->items[i].name);
	free(fields->items);
	*fields = (struct value_fields){.nr = 0};
}

/* --- one number ----------------------------------------------------------------- */

static uint64_t value_fields_ones(uint32_t bits)
{
	return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

/* Of a wider number the lowest 64 bits. */
uint64_t value_field_get(const struct value_field *field, const void *value)
{
	uint32_t bits = field->bit_size > 64 ? 64 : field->bit_size;
	uint64_t at = field->bit_offset, number;

	if (MACHINE_IS_BIG)
		at += field->bit_size - bits;
	number = bits_get(value, at, bits, MACHINE_IS_BIG);
	if (field->is_signed && bits && number >> (bits - 1))
		number |= ~value_fields_ones(bits);
	return number;
}

double value_field_double(const struct value_field *field, const void *value)
{
	uint64_t bits = value_field_get(field, value);
	uint32_t narrow = (uint32_t)bits;
	double wide;
	float f;

	if (field->kind != LAYOUT_FLOAT)
		return field->is_signed ? (double)(int64_t)bits : (double)bits;
	if (field->bit_size == 32) {
		memcpy(&f, &narrow, sizeof(f));
		return (double)f;
	}
	memcpy(&wide, &bits, sizeof(wide));
	return wide;
}

void value_field_print(const struct value_field *field, const void *value,
		       struct strbuf *out)
{
	uint64_t bits = value_field_get(field, value);
	double number;

	if (field->kind != LAYOUT_FLOAT) {
		if (field->is_signed)
			sb_addf(out, "%" PRId64, (int64_t)bits);
		else
			sb_addf(out, "%" PRIu64, bits);
		return;
	}
	number = value_field_double(field, value);
	if (isnan(number))
		sb_add(out, "nan");
	else if (isinf(number))
		sb_add(out, number > 0 ? "inf" : "-inf");
	else
		sb_addf(out, "%.17g", number);
}
