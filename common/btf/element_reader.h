/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The elements of a map out of a file, one after the other: the JSON that map dump and
 * map lookup print, in any layout,
 *
 *	[{"key":["0x01","0x00"],"value":["0x05"],"formatted":{…}}, …]
 *	[{"key":[…],"values":[{"cpu":0,"value":[…]},{"cpu":1,"value":[…]}]}, …]
 *
 * or lines of hex, where "#" starts a remark; per-CPU values one behind the other, or one
 * for all CPUs:
 *
 *	0100 05
 *
 * Memory does not grow with the file. Safe on any bytes.
 */
#ifndef BTF_ELEMENT_READER_H
#define BTF_ELEMENT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

struct element_shape {
	size_t key_size, value_size;
	unsigned int ncpus; /* values per element, stride apart; 0: one */
	size_t stride;
};

struct element_reader {
	FILE *file; /* borrowed */
	struct element_shape shape;
	enum { ELEMENTS_UNKNOWN, ELEMENTS_JSON, ELEMENTS_HEX } format;
	bool listed; /* JSON in brackets */
	bool ended;
	uint64_t line;    /* where the reader is, from 1 */
	uint64_t element; /* the last that was begun, from 1 */
	int error;        /* -errno of the read that failed; 0: none has */
};

/* file is borrowed; nothing is read yet. */
void element_reader_init(struct element_reader *ret, FILE *file,
			 const struct element_shape *shape);

/*
 * 1: key and value are filled, value with all CPUs'; 0: that was all; -EINVAL: the file
 * is not what it should be, with the element's number and line; -errno: it cannot be
 * read. Elements that a dump could not read are passed over.
 */
int element_reader_next(struct element_reader *reader, void *key, void *value,
			struct err *err) must_check;

#endif
