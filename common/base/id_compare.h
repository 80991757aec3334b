/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef BASE_ID_COMPARE_H
#define BASE_ID_COMPARE_H

/* Of two uint32_t, for qsort(3) and bsearch(3): ascending. */
int id_compare(const void *a, const void *b);

#endif
