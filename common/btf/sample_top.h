/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rows of one look at a map that change most since the look before, of however many
 * there are: memory is needed for those that are asked for.
 */
#ifndef BTF_SAMPLE_TOP_H
#define BTF_SAMPLE_TOP_H

#include "btf/samples.h"

/* As many fields decide at most if none is named. */
enum { SAMPLE_TOP_FIELDS = 6 };

struct sample_place {
	size_t row;
	const void *before; /* its value a look ago; NULL: it was not there */
};

struct sample_top {
	struct sample_place *places; /* owned; the first changes most */
	size_t nr;
};

struct sample_order {
	const struct value_fields *fields;
	size_t by; /* the one field that decides; SIZE_MAX: the first ones, in turn */
};

/*
 * At most most rows of now. Who changes faster is first, up or down; of equals, who has the
 * larger value; then the order of now. before may be NULL; else it is indexed. ret points
 * into both; needs sample_top_release().
 */
void sample_top_init(struct sample_top *ret, const struct samples *now,
		     const struct samples *before, const struct sample_order *order,
		     size_t most);
void sample_top_release(struct sample_top *top);
#define auto_sample_top auto_release(sample_top_release) struct sample_top

#endif
