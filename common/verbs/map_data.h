/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The bytes of a key or value on a command line: [hex] B B ..., one word a byte, in C
 * notation or, behind "hex", base 16.
 */
#ifndef VERBS_MAP_DATA_H
#define VERBS_MAP_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/args.h"

/*
 * Reads exactly size bytes into ret; what ("key", "value") is for the error. -EINVAL: too
 * few words, or one that is no number from 0 to 255.
 */
int map_data_parse(struct args *a, const char *what, void *ret, size_t size,
		   struct err *err) must_check;

/* Is word the end of the data? A keyword is: key, value, any … */
bool map_data_ends(const char *word);
/* Is word a byte in C notation? */
bool map_data_is_byte(const char *word);

#endif
