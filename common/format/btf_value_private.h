/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Between btf_value.c, which follows types and brackets, and btf_value_scalar.c, which
 * makes one word into one number.
 */
#ifndef FORMAT_BTF_VALUE_PRIVATE_H
#define FORMAT_BTF_VALUE_PRIVATE_H

#include <bpf/btf.h>

#include "base/strbuf.h"
#include "format/btf_value.h"

struct value_parser {
	const struct btf *btf;
	const char *at;
	unsigned char *bytes;
	unsigned char *taken; /* a bit for each bit of bytes: already said */
	size_t size;
	struct strbuf path; /* of the member that is being read */
	unsigned int depth;
	struct err *err;
};

/* Where in the value a type stands. */
struct value_spot {
	uint64_t bit;
	uint32_t bitfield; /* bits; 0: as wide as its type */
};

/* A word, or what stood in quotes with its escapes resolved. */
struct value_word {
	struct strbuf text;
	bool quoted;
};

/* "member 'a.b': TEXT", or TEXT alone for the whole value; returns -EINVAL. */
int value_error(struct value_parser *p, const char *fmt, ...) printf_like(2, 3);

/*
 * Writes bits, the number high * 2^64 + low. -EINVAL: outside of the value, or said
 * before.
 */
int value_put(struct value_parser *p, uint64_t bit, uint32_t bits, uint64_t low,
	      uint64_t high) must_check;

/* t: INT, ENUM, ENUM64, FLOAT or PTR. */
int value_scalar(struct value_parser *p, const struct btf_type *t, struct value_spot spot,
		 const struct value_word *word) must_check;

#endif
