/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers and texts as bytes, for another process of the same program. Whoever reads them does
 * not trust who wrote them: what does not fit is remembered, and everything behind it is 0 and "".
 */
#ifndef BASE_PARCEL_H
#define BASE_PARCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

void parcel_add_number(struct strbuf *out, uint64_t number);
/* NULL is another text than "". */
void parcel_add_text(struct strbuf *out, const char *text);

struct parcel {
	const char *at, *end; /* what is left; borrowed */
	bool bad;
};

uint64_t parcel_number(struct parcel *p);
/* At most max, or the parcel is bad and the number 0. */
uint64_t parcel_up_to(struct parcel *p, uint64_t max);
/* How many elements follow, each of which takes a number at least: never more than fit. */
size_t parcel_count(struct parcel *p);
/* A text within the bytes, borrowed, or NULL where NULL was written. */
const char *parcel_text_or_null(struct parcel *p);
/* The same, "" for NULL. */
const char *parcel_text(struct parcel *p);

#endif
