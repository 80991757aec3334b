/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The elements of a map at one moment, to be found by their keys when the next moment is
 * compared with it.
 */
#ifndef BTF_SAMPLES_H
#define BTF_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/value_fields.h"

struct samples {
	size_t key_size, value_size;
	size_t most; /* rows kept, fewer than 2^32; what comes after is only counted */
	uint64_t seed[2]; /* whoever chooses keys must not know which of them collide */
	unsigned char *rows; /* owned; key and value one behind the other */
	size_t nr, room;     /* rows, and how many fit */
	uint64_t more;       /* not kept */
	double time;         /* seconds, on any clock */
	/* Rows by key, plus one, once samples_index() was called; owned. */
	uint32_t *slots;
	size_t nr_slots; /* a power of two, twice as many as rows at least */
};

/*
 * A row is copied; past the most that are kept they are only counted. Key and value of a row
 * are borrowed until the next one is added.
 */
void samples_add(struct samples *s, const void *key, const void *value);
const void *samples_key(const struct samples *s, size_t row);
const void *samples_value(const struct samples *s, size_t row);

/* Makes rows that can be found; rows added later cannot. */
void samples_index(struct samples *s);
/* The value of key in an indexed set; NULL: there is none. */
const void *samples_find(const struct samples *s, const void *key);

/*
 * By how much a field changed a second, from the exact difference. A counter that fell has
 * wrapped at its width, or at that of the terms of a sum, if that makes a step of less
 * than a sixteenth of it. False: an unsigned number was set back to 0, which is no change
 * that goes on, or no time has passed.
 */
bool samples_rate(const struct value_field *field, const void *before, const void *now,
		  double seconds, double *ret);

/* Forgets the rows; their memory is used again. */
void samples_clear(struct samples *s);
void samples_release(struct samples *s);
#define auto_samples auto_release(samples_release) struct samples

#endif
