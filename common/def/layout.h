/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The layout of a key or value as BTF describes it, flattened into members in declaration
 * order, so that two of them compare without the BTF they came from (type ids of two
 * loads never agree). Reads BTF through libbpf's accessors only; no syscalls.
 */
#ifndef DEF_LAYOUT_H
#define DEF_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

struct btf;

/* What the bytes of a member are. */
enum layout_kind {
	LAYOUT_INT,
	LAYOUT_BOOL,
	LAYOUT_CHAR,
	LAYOUT_FLOAT,
	LAYOUT_ENUM,
	LAYOUT_POINTER,
	LAYOUT_STRUCT,
	LAYOUT_UNION,
	LAYOUT_OTHER,
};

struct layout_member {
	char *path; /* "stats.rx"; "" for a scalar that is the whole value; owned */
	uint32_t bit_offset; /* from the start of the value */
	uint32_t bit_size;   /* of one element */
	uint32_t elements;   /* array length (all dimensions multiplied), 1 for scalars */
	uint32_t inside;     /* how many of the members that follow are within this one */
	enum layout_kind kind;
	bool is_signed;
};

/* As many as layout_from_btf() reads. */
enum { LAYOUT_MEMBERS_MAX = 4096 };

/*
 * Members are leaves: a struct in a struct is seen through. Unions and arrays of structs
 * also stand themselves, in front of their leaves; an array's leaves are those of its
 * first element, "flows[].port".
 */
struct layout {
	char *name;    /* "struct counter", "unsigned int"; owned */
	uint32_t size; /* bytes */
	size_t nr_members;
	struct layout_member *members; /* in declaration order */
};

/*
 * NULL when type_id is 0, unknown, without a size, or nested deeper than 32 levels or over
 * LAYOUT_MEMBERS_MAX members (hostile BTF). The result is the caller's; layout_free() takes NULL.
 */
struct layout *layout_from_btf(const struct btf *btf, uint32_t type_id);
struct layout *layout_copy(const struct layout *l);
void layout_free(struct layout *l);

/*
 * Compares size, then member by member offset, size, elements, kind and signedness.
 * Returns 0 when they describe the same bytes; else 1, and the first difference is added
 * to out: "member 'rx' (bit 0) u64/u32", pinned before the slash. Names do not count.
 */
int layout_diff(const struct layout *pinned, const struct layout *wanted,
		struct strbuf *out);

/*
 * Offset, size, elements, kind and signedness; not the name, and not whether an integer of
 * one byte is marked as a character.
 */
bool layout_same_member(const struct layout_member *a, const struct layout_member *b);

/*
 * Do the same bytes carry other names? The first such pair is added to out: "'rx' is now
 * 'left'". Only for layouts without difference.
 */
bool layout_renamed(const struct layout *pinned, const struct layout *wanted,
		    struct strbuf *out);

/*
 * Is an integer of one byte marked as a character in one of them only? The first such pair
 * is added to out: "'mac' char[6]/u8[6]". Only for layouts without difference.
 */
bool layout_marked_otherwise(const struct layout *pinned, const struct layout *wanted,
			     struct strbuf *out);

/*
 * Both side by side, a line for each member, "!" in front of the first that differs:
 *
 *	    value   struct counter, 16 B   struct counter, 16 B
 *	    bit 0   u64 packets            u64 packets
 *	  ! bit 64  u64 bytes              u32 bytes
 */
void layout_table(const char *what, const struct layout *pinned,
		  const struct layout *wanted, struct strbuf *out);

/* "u64", "s32", "u8[6]", "enum 4 B", "struct 8 B" … */
void layout_member_describe(const struct layout_member *m, struct strbuf *out);

#endif
