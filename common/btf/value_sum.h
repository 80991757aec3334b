/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Values added up, field by field: those of a per-CPU map, as one. A sum has 64 bits for
 * every field, however narrow the fields are: two u32 of 3 000 000 000 are 6 000 000 000.
 */
#ifndef BTF_VALUE_SUM_H
#define BTF_VALUE_SUM_H

#include "btf/value_fields.h"

/*
 * May values be added up? -EOPNOTSUPP, naming the first member that is no integer: a
 * sum of enums, pointers or names means nothing.
 */
int value_sum_possible(const struct value_fields *fields, struct err *err) must_check;

/*
 * The sum of nr values, stride bytes apart; ret has room for fields->nr numbers. Returns
 * the first field whose sum does not fit in 64 bits and stays at the number nearest to
 * it, else NULL.
 */
const struct value_field *value_sum_of(const struct value_fields *fields,
				       const void *values, size_t stride, unsigned int nr,
				       uint64_t *ret);

/*
 * sum in the bytes of one value, which ret holds. Returns the first field that it does not
 * fit into, which then has the number nearest to it, else NULL.
 */
const struct value_field *value_sum_narrow(const struct value_fields *fields,
					   const uint64_t *sum, void *ret);

/* The fields of a sum: those of fields, in 64 bits each. */
void value_sum_fields(struct value_fields *ret, const struct value_fields *fields);

/*
 * A type for a sum, like type_id but with 64 bits for every integer; *ret_id is in the
 * result, which is the caller's to free. NULL: type_id has no such type.
 */
struct btf *value_sum_type(const struct btf *btf, uint32_t type_id, uint32_t *ret_id);

#endif
