/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What programs do to the values of one map, as far as their instructions show it: numbers that
 * are added to, by an atomic instruction or by a load, an addition and a store, and bytes that
 * are written in any other way. The instructions are those that the kernel shows of a loaded
 * program (kernel/prog_fd.h), where lookups may be inlined and references to a map carry its id.
 * Pure; safe on any instructions.
 */
#ifndef LOAD_VALUE_WRITES_H
#define LOAD_VALUE_WRITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct bpf_insn;

enum value_sum {
	VALUE_OVERWRITTEN, /* written in another way */
	VALUE_ATOMIC,      /* added to by an atomic instruction */
	VALUE_PLAIN, /* by a load, an addition and a store, between which another CPU may add */
};

/* At offset, offset + step and so on, up to offset + span. */
struct value_write {
	uint32_t offset, size;
	uint32_t span, step;
	uint32_t sum; /* enum value_sum; no padding, since writes are compared as bytes */
};

struct value_writes {
	struct value_write *items; /* owned */
	size_t nr;
	char *doubt; /* why there may be more of them; owned; NULL: all are known */
};

/* The map whose values they are. */
struct value_writes_map {
	uint32_t id;
	int lock_at; /* bytes before a bpf_spin_lock in a value; -1: it has none */
};

/* One more program; name is for words. insns NULL: they could not be read. */
void value_writes_scan(struct value_writes *w, const char *name,
		       const struct bpf_insn *insns, size_t nr,
		       const struct value_writes_map *map);

/* One more write, unless it is known already. */
void value_writes_add(struct value_writes *w, const struct value_write *write);

/* Is that number added to, and written in no other way? For element_side.adds. */
bool value_writes_adds(void *writes, uint32_t offset, uint32_t size);

/* Does one of the programs add to it in plain steps? For element_side.plain. */
bool value_writes_plain(void *writes, uint32_t offset, uint32_t size);

void value_writes_release(struct value_writes *w);
#define auto_value_writes auto_release(value_writes_release) struct value_writes

#endif
