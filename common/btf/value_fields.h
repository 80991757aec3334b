/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The numbers in a map's values: which there are and what they are called.
 * Names come from BTF ("rx.packets", "hist[3]"); without it a value is u64 words if its
 * size allows, else u32 words ("word[0]", or "value" if it is the only one).
 */
#ifndef BTF_VALUE_FIELDS_H
#define BTF_VALUE_FIELDS_H

#include "base/err.h"
#include "base/strbuf.h"
#include "def/layout.h"

/* Of one value; more is refused. */
enum { VALUE_FIELDS_MAX = 4096 };

struct value_field {
	char *name; /* owned */
	uint32_t bit_offset, bit_size;
	enum layout_kind kind; /* INT, BOOL, CHAR, ENUM or FLOAT; POINTER if not shown */
	bool is_signed;
	bool shared;        /* in a union: others have the same bytes */
	uint32_t term_bits; /* of a sum: the size of what was added up; 0: none */
};

struct value_fields {
	struct value_field *items; /* owned */
	size_t nr;
	size_t size; /* bytes of a value */
};

/*
 * Those of type_id, or words if btf is NULL or type_id is 0. -EOPNOTSUPP and the reason:
 * no numbers in it, too many, or a size that makes no words. Pointers and what wider than
 * 64 bits are no numbers here.
 */
int value_fields_init(struct value_fields *ret, const struct btf *btf, uint32_t type_id,
		      size_t size, struct err *err) must_check;
void value_fields_release(struct value_fields *fields);
#define auto_value_fields auto_release(value_fields_release) struct value_fields

/* The bits; signed numbers are sign-extended. */
uint64_t value_field_get(const struct value_field *field, const void *value);
/* As a decimal number, "nan" and "inf" included. */
void value_field_print(const struct value_field *field, const void *value,
		       struct strbuf *out);
double value_field_double(const struct value_field *field, const void *value);

#endif
