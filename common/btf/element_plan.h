/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What becomes of the elements of a map whose definition changed: which member of the new
 * key and value takes which of the old one, how its bytes change on the way, and who wins
 * where the old programs and the new ones both wrote it meanwhile.
 *
 * Members are matched by their BTF names, those of structs in structs and of sections'
 * variables too. A conversion is total: it holds for every value that a member may have, or
 * the member is refused. So no element fails half way.
 *
 * A value here is the value of one CPU. Bytes are those of this machine; no system calls.
 */
#ifndef BTF_ELEMENT_PLAN_H
#define BTF_ELEMENT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

struct btf;
struct element_steps;

enum element_action {
	ELEMENT_KEPT,      /* the same bytes, perhaps at another place */
	ELEMENT_CONVERTED, /* the same number, in another size; an array that grew */
	ELEMENT_ADDED,     /* zero */
	ELEMENT_REMOVED,
	ELEMENT_REFUSED, /* why says it */
};

/* If both sides wrote it while the map was copied. */
enum element_policy {
	ELEMENT_NONE, /* of keys, of what is on one side only, of refused members */
	ELEMENT_ADD,  /* what the old programs added is added */
	ELEMENT_KEEP_NEW, /* the new programs' value, if they changed it, else the old one's */
	ELEMENT_OVERWRITE, /* the old programs' value, if they changed it */
};

/* One member, in the order of the new definition; those removed from a struct follow its own. */
struct element_row {
	bool of_key;
	char *path; /* "stats.packets", "flows[].port"; "value", "key": all of it; owned */
	enum element_action action;
	enum element_policy policy;
	char *old_type, *new_type; /* "u32", "u8[6]"; NULL: not there; owned */
	bool doubted; /* it may be a counter, and is not added up: why says what is not known */
	bool plain; /* programs count it without atomic instructions, on several CPUs */
	char *why;  /* a remark or the reason of a refusal; NULL: none; owned */
	const char *way_out; /* of a refused one */
};

/*
 * A member with ELEMENT_ADD, one for each element of an array: aligned on both sides, and the
 * new one is not smaller. The number to add is that of element_merge.
 */
struct element_delta {
	uint32_t offset, size;         /* bytes, in the new value; size 4 or 8 */
	uint32_t old_offset, old_size; /* in the old one */
	bool is_signed;
	uint32_t row; /* index of its row */
};

/* More members of one value that are added are refused. */
enum { ELEMENT_DELTAS_MAX = 65536 };

struct element_plan {
	uint32_t old_key_size, new_key_size;
	uint32_t old_value_size, new_value_size;
	struct element_row *rows;
	size_t nr_rows, nr_refused;
	struct element_delta *deltas; /* by offset */
	size_t nr_deltas;
	bool key_same, value_same;         /* the bytes are copied as they are */
	struct element_steps *key, *value; /* private */
};

/* What is known of one of the two maps. All borrowed, and for element_plan_init() only. */
struct element_side {
	const struct btf *btf;         /* NULL: none */
	uint32_t key_type, value_type; /* 0: not described */
	uint32_t key_size, value_size; /* bytes as the map has them, of one CPU */
	/*
	 * Do programs of this side add to the size (4 or 8) bytes at offset of a value, and
	 * change them in no other way? NULL: not known.
	 */
	bool (*adds)(void *ctx, uint32_t offset, uint32_t size);
	/* Does one of them add to it in steps that another CPU may come between? */
	bool (*plain)(void *ctx, uint32_t offset, uint32_t size);
	void *adds_ctx; /* of both */
	/* Why adds says no where it might be yes: "program 'acct' hands the value to …". */
	const char *adds_doubt;
};

struct element_options {
	bool copy_prefix; /* without BTF: as many bytes as both have */
	bool prefix_key; /* the key is one of an LPM trie: what is there keeps its place */
	bool index_key;  /* the key is the index of an array, whatever its type says */
	const char *const *merge; /* texts "MEMBER=add|keep-new|overwrite" */
	size_t nr_merge;
};

/*
 * Also with refused members, which element_plan_check() reports; nothing may be converted
 * then. -EINVAL: a text of merge names no member or cannot be done with that one, or
 * copy_prefix without need; -EOPNOTSUPP: the BTF is not what the map's sizes say, or too
 * nested to be followed.
 */
int element_plan_init(struct element_plan *ret, const struct element_side *old_side,
		      const struct element_side *new_side,
		      const struct element_options *options, struct err *err) must_check;
void element_plan_release(struct element_plan *plan);
#define auto_element_plan auto_release(element_plan_release) struct element_plan

/*
 * -EOPNOTSUPP if a member is refused: names the first one, why, the way out, and how many
 * more there are.
 */
int element_plan_check(const struct element_plan *plan, struct err *err) must_check;

/* Fills all of the new key or value; old and new do not overlap. */
void element_plan_key(const struct element_plan *plan, const void *old_key,
		      void *new_key);
void element_plan_value(const struct element_plan *plan, const void *old_value,
			void *new_value);

/* Where a value of that type has its bpf_spin_lock, in bytes; -1: it has none. */
int element_lock_at(const struct btf *btf, uint32_t value_type);

/* "kept", "converted", …; "add", "keep-new", "overwrite", "" for none. */
const char *element_action_name(enum element_action action);
const char *element_policy_name(enum element_policy policy);

/* --- the second sweep ------------------------------------------------------------------ */

/* What of one element the old programs wrote after it was copied. */
struct element_merge {
	bool adds;            /* a number of add is not 0 */
	bool sets;            /* a bit of mask is 1 */
	uint64_t *add;        /* for each of plan->deltas, modulo 2^(8 * size); owned */
	unsigned char *bytes; /* new_value_size: what the bits of mask become; owned */
	unsigned char
		*mask; /* new_value_size; only of members without ELEMENT_ADD; owned */
	unsigned char *keep;   /* those of mask with ELEMENT_KEEP_NEW; owned */
	size_t nr_raced;       /* rows where both sides changed the same member */
	unsigned char *before; /* new_value_size; private; owned */
};

/* Room for those of plan, to be used again and again. */
void element_merge_init(struct element_merge *ret, const struct element_plan *plan);
void element_merge_release(struct element_merge *merge);
#define auto_element_merge auto_release(element_merge_release) struct element_merge

/*
 * old_before: the old value as it was copied; NULL: the element was not there, so both sides
 * made it. old_now: as it is; new_now: as the new map has it. A number that the old programs
 * added is that of the new size: a u32 that went from 5 to 3 adds -2 to a u64.
 */
void element_plan_merge(const struct element_plan *plan, const void *old_before,
			const void *old_now, const void *new_now,
			struct element_merge *merge);

#endif
