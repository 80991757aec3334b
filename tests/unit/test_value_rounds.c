/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pointers of a round before: the instruction that made one makes another in the next round. A
 * sum of what is at the new one, written to where the old one leads, adds nothing up there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "base/alloc.h"
#include "load/value_writes.h"
#include "insns.h"

enum { MAP = 7, ROOM = 12, W64 = BPF_ALU64 };

/* To the first of zeros; makes r8, and leaves r7 and r9 alone. */
struct round {
	struct bpf_insn once[ROOM], insns[ROOM];
};

static size_t add_insns(struct bpf_insn *to, size_t nr, const struct bpf_insn *insns)
{
	for (size_t i = 0; i < ROOM; i++)
		if (insns[i].code ||
		    (i && insns[i - 1].code == (BPF_LD | BPF_IMM | BPF_DW)))
			to[nr++] = insns[i];
	return nr;
}

/* Is what is written to r7 (that of the round before) or r8 a sum of what is there? */
static bool is_plain(const struct round *round, uint8_t to)
{
	static const struct value_writes_map map = {.id = MAP, .lock_at = -1};
	const struct bpf_insn sum[ROOM] = {LDX(1, 8, 0), ADD_IMM(1, 1), STX(to, 1, 0),
					   MOV(7, 8)};
	struct bpf_insn insns[3 * ROOM + 2];
	size_t begin = add_insns(insns, 0, round->once), nr;
	auto_value_writes w = {.nr = 0};
	bool ret;

	nr = add_insns(insns, begin, round->insns);
	nr = add_insns(insns, nr, sum);
	insns[nr] = (struct bpf_insn)JUMP_IMM(BPF_JNE, 9, 0,
					      (int16_t)begin - (int16_t)nr - 1);
	insns[nr + 1] = (struct bpf_insn)EXIT;
	value_writes_scan(&w, "p", insns, nr + 2, &map);
	assert_null(w.doubt);
	assert_true(w.nr > 0);
	ret = value_writes_plain(&w, 0, 8);
	assert_int_equal(value_writes_adds(&w, 0, 8), ret);
	return ret;
}

static void the_pointer_of_the_round_before_is_another(void **state)
{
	static const struct round rounds[] = {
		{.insns = {LD_MAP(1, MAP), CALL, MOV(8, 0)}},
		/* A pointer and a number, and the other way round. */
		{.once = {LD_MAP(1, MAP), CALL, MOV(6, 0)},
		 .insns = {MOV(2, 9), ALU_IMM(W64, BPF_AND, 2, 1),
			   ALU_IMM(W64, BPF_LSH, 2, 3), MOV(8, 6),
			   ALU_REG(W64, BPF_ADD, 8, 2)}},
		{.once = {LD_MAP(1, MAP), CALL, MOV(6, 0)},
		 .insns = {MOV(8, 9), ALU_IMM(W64, BPF_AND, 8, 1),
			   ALU_IMM(W64, BPF_LSH, 8, 3), ALU_REG(W64, BPF_ADD, 8, 6)}},
		/* The kernel's own lookup in an array. */
		{.once = {LD_MAP(6, MAP)},
		 .insns = {MOV(8, 9), ALU_IMM(W64, BPF_AND, 8, 1),
			   ALU_IMM(W64, BPF_LSH, 8, 3), ALU_REG(W64, BPF_ADD, 8, 6)}},
		/* One of two. */
		{.once = {LD_MAP(1, MAP), CALL, MOV(6, 0), LD_MAP(1, MAP), CALL},
		 .insns = {MOV(8, 6), JUMP_IMM(BPF_JEQ, 9, 1, 1), MOV(8, 0)}},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rounds); i++) {
		print_message("round %zu\n", i);
		assert_true(is_plain(&rounds[i], 8));
		assert_false(is_plain(&rounds[i], 7));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pointer_of_the_round_before_is_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
