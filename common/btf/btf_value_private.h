/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Between btf_value.c, which follows types and brackets, btf_value_word.c, which reads
 * the text, and btf_value_scalar.c, which makes one word into one number.
 */
#ifndef BTF_BTF_VALUE_PRIVATE_H
#define BTF_BTF_VALUE_PRIVATE_H

#include <bpf/btf.h>

#include "base/strbuf.h"
#include "btf/btf_value.h"

/*
 * A number that its text does not tell whole: "true" is any that is not 0, "nan" one of
 * many. It is stored at the end, unless another member of a union has told it by then.
 */
struct value_vague {
	uint64_t bit;
	uint32_t bits;
	uint64_t number;
	char *path; /* owned */
};

/* Structs and arrays in one another. */
enum { VALUE_DEPTH_MAX = 32 };

struct value_parser {
	const struct btf *btf;
	const char *at;
	unsigned char *bytes;
	unsigned char *taken; /* a bit for each bit of bytes: written before */
	size_t size;
	const struct readable_names *names; /* NULL: paths are no values */
	struct strbuf path;                 /* of the member that is being read */
	struct value_vague *vague;
	size_t nr_vague;
	unsigned int depth;
	struct err *err;
};

/* Where in the value a type stands. */
struct value_spot {
	uint64_t bit;
	uint32_t bitfield; /* bits; 0: as wide as its type */
};

/* A member of a struct or union, or a variable of a section. */
struct value_found {
	uint32_t type;
	struct value_spot spot;
	const struct btf_type
		*holder; /* the struct or union it is declared in; NULL: a variable */
	uint32_t index;  /* in it */
};

/* All of the text, at one spot of p->bytes. What the parse needed is released. */
int value_parse_at(struct value_parser *p, uint32_t type_id,
		   struct value_spot spot) must_check;

/* Without const, typedef and the like; NULL: there is no such type. */
const struct btf_type *value_bare_type(const struct btf *btf, uint32_t id);

/*
 * The member of t, which is at bit, of that name, also inside unnamed ones. name "": the
 * unnamed one with that index, which is how dumps show them. False: there is none.
 */
bool value_find_member(const struct btf *btf, const struct btf_type *t, uint64_t bit,
		       const char *name, uint32_t unnamed, struct value_found *ret);
struct suggest;
/* Offers the names that value_find_member() finds; borrowed from btf. */
void value_offer_members(const struct btf *btf, const struct btf_type *t,
			 struct suggest *to);

/* A word, or what stood in quotes with its escapes resolved. */
struct value_word {
	struct strbuf text;
	bool quoted;
};

void value_word_release(struct value_word *word);
#define auto_value_word auto_release(value_word_release) struct value_word

/* Moves to the next byte that is no blank. */
void value_skip_blanks(struct value_parser *p);
/* Behind blanks; false: something else is there. */
bool value_take(struct value_parser *p, char c);
/* A word or a quoted string; ret is empty before. -EINVAL: there is none. */
int value_read_word(struct value_parser *p, const char *what,
		    struct value_word *ret) must_check;
/*
 * A dump's text, unlike its JSON, does not escape a quote or backslash that is one
 * character: """ and "\". False: no such thing is there.
 */
bool value_take_char(struct value_parser *p, struct value_word *ret);
/* "expected WHAT at 'x'" for messages; the end of the text has words of its own. */
int value_expected(struct value_parser *p, const char *what);

/* "member 'a.b': TEXT", or TEXT alone for the whole value; returns -EINVAL. */
int value_error(struct value_parser *p, const char *fmt, ...) printf_like(2, 3);

/*
 * Writes bits, up to 128, the number high * 2^64 + low. -EINVAL: outside of the value, or
 * other bits were written there before by this text.
 */
int value_put(struct value_parser *p, uint64_t bit, uint32_t bits, uint64_t low,
	      uint64_t high) must_check;

/* Stores the vague ones. */
int value_put_vague(struct value_parser *p) must_check;

/* t: INT, ENUM, ENUM64, FLOAT or PTR. */
int value_scalar(struct value_parser *p, const struct btf_type *t, struct value_spot spot,
		 const struct value_word *word) must_check;

#endif
