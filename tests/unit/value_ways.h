/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Short programs that hold a value of a map, and what is to be seen of their writes to it. */
#ifndef UNIT_VALUE_WAYS_H
#define UNIT_VALUE_WAYS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "base/alloc.h"
#include "load/value_writes.h"
#include "insns.h"

enum { MAP = 7, ROOM = 16 };
enum { W32 = BPF_ALU, W64 = BPF_ALU64 };

/* Before each: r0 and r6 are a value of the map, r1 … r5 nothing that is known. */
static const struct bpf_insn front[] = {LD_MAP(1, MAP), CALL, MOV(6, 0)};

struct way {
	struct bpf_insn insns[ROOM]; /* to the first of zeros */
	const char *doubt;           /* behind "program 'p' "; NULL: none */
	int32_t at;                  /* of the number; -1: nothing is written */
	uint32_t size;               /* 0: 8 bytes */
	bool adds, plain;
};

static size_t way_program(const struct way *way, struct bpf_insn *insns)
{
	size_t nr = 0;

	for (size_t i = 0; i < array_size(front); i++)
		insns[nr++] = front[i];
	for (size_t i = 0; i < ROOM; i++)
		if (way->insns[i].code ||
		    (i && way->insns[i - 1].code == (BPF_LD | BPF_IMM | BPF_DW)))
			insns[nr++] = way->insns[i];
	insns[nr++] = (struct bpf_insn)EXIT;
	return nr;
}

static void ways_are(const struct way *ways, size_t nr,
		     const struct value_writes_map *map)
{
	for (size_t i = 0; i < nr; i++) {
		const struct way *way = &ways[i];
		struct bpf_insn insns[array_size(front) + ROOM + 1];
		uint32_t size = way->size ? way->size : 8, at;
		auto_value_writes w = {.nr = 0};
		auto_free char *doubt =
			way->doubt ? xasprintf("program 'p' %s", way->doubt) : NULL;

		value_writes_scan(&w, "p", insns, way_program(way, insns), map);
		print_message("way %zu: %zu writes, %s\n", i, w.nr,
			      w.doubt ? w.doubt : "no doubt");
		assert_int_equal(w.doubt != NULL, doubt != NULL);
		if (doubt)
			assert_string_equal(w.doubt, doubt);
		if (way->at < 0 && !doubt) {
			assert_int_equal(w.nr, 0);
			continue;
		}
		/* Whatever else was written: what leaves a doubt adds nothing up. */
		at = way->at < 0 ? 0 : (uint32_t)way->at;
		assert_int_equal(value_writes_adds(&w, at, size), way->adds && !doubt);
		if (!doubt)
			assert_int_equal(value_writes_plain(&w, at, size), way->plain);
	}
}

static const struct value_writes_map one_map = {.id = MAP, .lock_at = -1};

#define ANYWHERE "writes to a member that depends on a number"

#endif
