/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ways to the bytes of a value that compilers choose: which are seen as additions, which as
 * other writes, and where it is said that more may be written. Taking an overwritten number for
 * a counter would add it up in a migration.
 */
#include "value_ways.h"

static void a_number_of_bounded_size_is_an_index(void **state)
{
	static const struct way ways[] = {
		/* r6 += (r2 & 3) * 8 */
		{.insns = {ALU_IMM(W64, BPF_AND, 2, 3), ALU_IMM(W64, BPF_MUL, 2, 8),
			   ALU_REG(W64, BPF_ADD, 6, 2), MOV_IMM(1, 1), XADD(6, 1, 8)},
		 .at = 32,
		 .adds = true},
		/* … of which 4 bytes on is none. */
		{.insns = {ALU_IMM(W64, BPF_AND, 2, 3), ALU_IMM(W64, BPF_LSH, 2, 3),
			   ALU_REG(W64, BPF_ADD, 2, 6), MOV_IMM(1, 1), XADD(2, 1, 8)},
		 .at = 12},
		{.insns = {ALU_IMM(W64, BPF_RSH, 2, 62), ALU_IMM(W64, BPF_LSH, 2, 3),
			   ALU_REG(W64, BPF_ADD, 2, 6), MOV_IMM(1, 1), XADD(2, 1, 8)},
		 .at = 32,
		 .adds = true},
		{.insns = {ALU_IMM(W32, BPF_AND, 2, 1), ALU_IMM(W32, BPF_LSH, 2, 3),
			   ALU_REG(W64, BPF_ADD, 6, 2), LDX(1, 6, 8), ADD_IMM(1, 1),
			   STX(6, 1, 8)},
		 .at = 16,
		 .adds = true,
		 .plain = true},
		/* Far apart. */
		{.insns = {ALU_IMM(W64, BPF_AND, 2, 1), ALU_IMM(W64, BPF_MUL, 2, 1 << 24),
			   ALU_REG(W64, BPF_ADD, 6, 2), MOV_IMM(1, 1), XADD(6, 1, 8)},
		 .at = (1 << 24) + 8,
		 .adds = true},
		/* A byte of the packet. */
		{.insns = {LOAD(BPF_B, 2, 1, 0), ALU_IMM(W64, BPF_LSH, 2, 3),
			   ALU_REG(W64, BPF_ADD, 6, 2), MOV_IMM(1, 1), XADD(6, 1, 0)},
		 .at = 255 * 8,
		 .adds = true},
		{.insns = {JUMP_IMM(BPF_JGT, 2, 2, 4), ALU_IMM(W64, BPF_LSH, 2, 3),
			   ALU_REG(W64, BPF_ADD, 6, 2), MOV_IMM(1, 1), XADD(6, 1, 0)},
		 .at = 16,
		 .adds = true},
		{.insns = {JUMP_IMM(BPF_JLT, 2, 3, 1), EXIT, ALU_IMM(W64, BPF_LSH, 2, 3),
			   ALU_REG(W64, BPF_ADD, 6, 2), MOV_IMM(1, 1), XADD(6, 1, 0)},
		 .at = 16,
		 .adds = true},
		{.insns = {JUMP_IMM(BPF_JNE, 2, 2, 4), ALU_IMM(W64, BPF_LSH, 2, 3),
			   ALU_REG(W64, BPF_ADD, 6, 2), MOV_IMM(1, 1), XADD(6, 1, 0)},
		 .at = 16,
		 .adds = true},
		/* Two ways, of which one goes further. */
		{.insns = {ALU_IMM(W64, BPF_AND, 2, 1), ALU_IMM(W64, BPF_LSH, 2, 3),
			   JUMP_IMM(BPF_JEQ, 4, 0, 3), ALU_IMM(W64, BPF_AND, 3, 3),
			   ALU_IMM(W64, BPF_LSH, 3, 3), MOV(2, 3),
			   ALU_REG(W64, BPF_ADD, 6, 2), MOV_IMM(1, 1), XADD(6, 1, 0)},
		 .at = 24,
		 .adds = true},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

static void a_place_that_nobody_knows_is_a_doubt(void **state)
{
	static const struct way ways[] = {
		{.insns = {ALU_REG(W64, BPF_ADD, 6, 2), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {ALU_REG(W64, BPF_ADD, 6, 2), XADD(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		/* Twice a number. */
		{.insns = {ALU_IMM(W64, BPF_AND, 2, 3), ALU_REG(W64, BPF_ADD, 6, 2),
			   ALU_REG(W64, BPF_ADD, 6, 2), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {ALU_REG(W64, BPF_SUB, 6, 2), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {ALU_IMM(W64, BPF_OR, 6, 8), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {ALU_REG(W32, BPF_MOV, 7, 6), STX(7, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {ADD_IMM(6, 1 << 28), ADD_IMM(6, 1 << 28), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		/* 8 bytes on, or not. */
		{.insns = {JUMP_IMM(BPF_JEQ, 2, 0, 1), ADD_IMM(6, 8), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		/* One more with each round. */
		{.insns = {ADD_IMM(6, 8), STX(6, 1, 8), JUMP_IMM(BPF_JNE, 2, 0, -3)},
		 .doubt = ANYWHERE,
		 .at = -1},
		/* Of the stack's lowest number no more is known than of others. */
		{.insns = {LDX(2, 10, -512), ALU_REG(W64, BPF_ADD, 6, 2), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {ADD_IMM(6, -8), STX(6, 1, 0)},
		 .doubt = "writes in front of the value",
		 .at = -1},
		/* The distance of two pointers, and what is read somewhere, are numbers. */
		{.insns = {MOV(7, 6), ALU_REG(W64, BPF_SUB, 7, 6), STX(10, 7, -8),
			   ALU_REG(W64, BPF_ADD, 6, 2), LDX(1, 6, 0)},
		 .at = -1},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

static void the_stack_keeps_what_is_put_there(void **state)
{
	static const struct way ways[] = {
		{.insns = {STX(10, 6, -8), LDX(7, 10, -8), MOV_IMM(1, 1), XADD(7, 1, 8)},
		 .at = 8,
		 .adds = true},
		{.insns = {MOV(8, 10), ADD_IMM(8, -16), STX(8, 6, 8), LDX(7, 10, -8),
			   MOV_IMM(1, 1), XADD(7, 1, 8)},
		 .at = 8,
		 .adds = true},
		/* A number that a function was given to write. */
		{.insns = {MOV_IMM(2, 0), STX(10, 2, -8), MOV(3, 10), ADD_IMM(3, -8),
			   CALL, LDX(2, 10, -8), ALU_REG(W64, BPF_ADD, 6, 2),
			   STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		/* Half of a slot is no pointer any more. */
		{.insns = {STX(10, 6, -8), STW(10, 1, -8), LDX(7, 10, -8), STX(7, 1, 8)},
		 .at = -1},
		{.insns = {STX(10, 6, -8), MOV(7, 10), ALU_REG(W64, BPF_ADD, 7, 2),
			   LDX(3, 7, 0)},
		 .doubt = "keeps a pointer to the value in the stack",
		 .at = 0},
		/* The lowest of all. */
		{.insns = {STX(10, 6, -512), MOV(7, 10), ALU_IMM(W64, BPF_AND, 7, -8),
			   LDX(3, 7, 0)},
		 .doubt = "keeps a pointer to the value in the stack",
		 .at = 0},
		{.insns = {STX(2, 6, 0)},
		 .doubt = "keeps a pointer to the value",
		 .at = 0},
		{.insns = {ATOMIC(2, 6, 0, BPF_XCHG)},
		 .doubt = "keeps a pointer to the value",
		 .at = 0},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

static void functions_may_have_it(void **state)
{
	static const struct way ways[] = {
		{.insns = {STX(10, 6, -8), CALL_PROG(1), EXIT, MOV_IMM(0, 0)},
		 .doubt = "calls a function that may have the value",
		 .at = 0},
		{.insns = {CALL_PROG(1), EXIT, MOV_IMM(0, 0)}, .at = -1},
		{.insns = {MOV_IMM(0, 0), CALL_PROG(1), EXIT, LD_MAP(1, MAP), CALL},
		 .doubt = "returns a pointer to the value from a function",
		 .at = 0},
		{.insns = {LD_MAP(1, MAP), LD_PSEUDO(2, BPF_PSEUDO_FUNC, 1, 0), CALL},
		 .doubt = "calls a function that may have the value",
		 .at = 0},
		/* One that is called back for another map has nothing of ours. */
		{.insns = {LD_MAP(1, MAP + 1), LD_PSEUDO(2, BPF_PSEUDO_FUNC, 1, 0), CALL},
		 .at = -1},
		{.insns = {MOV(1, 6), CALL},
		 .doubt = "hands the value to a function",
		 .at = 0},
		{.insns = {{.code = BPF_JMP | BPF_JA | BPF_X, .dst_reg = 2}},
		 .doubt = "jumps through a table",
		 .at = 0},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

static void a_lock_is_no_write(void **state)
{
	static const struct value_writes_map locked = {.id = MAP, .lock_at = 16};
	static const struct way ways[] = {
		{.insns = {MOV(1, 6), ADD_IMM(1, 16), CALL, MOV_IMM(1, 1), XADD(6, 1, 8)},
		 .at = 8,
		 .adds = true},
		{.insns = {MOV(1, 6), CALL},
		 .doubt = "hands the value to a function",
		 .at = 0},
	};

	(void)state;
	ways_are(ways, array_size(ways), &locked);
}

static void only_a_sum_of_what_is_there_is_plain(void **state)
{
	static const struct way ways[] = {
		{.insns = {LDX(1, 6, 8), MOV_IMM(2, 1), ALU_REG(W64, BPF_ADD, 2, 1),
			   STX(6, 2, 8)},
		 .at = 8,
		 .adds = true,
		 .plain = true},
		{.insns = {LOAD(BPF_W, 1, 6, 8), ALU_IMM(W32, BPF_ADD, 1, 1),
			   STW(6, 1, 8)},
		 .at = 8,
		 .size = 4,
		 .adds = true,
		 .plain = true},
		/* With its sign, all of it. */
		{.insns = {LOAD(BPF_W, 1, 6, 8),
			   {.code = BPF_ALU64 | BPF_MOV | BPF_X,
			    .dst_reg = 2,
			    .src_reg = 1,
			    .off = 32},
			   ADD_IMM(2, 1),
			   STW(6, 2, 8)},
		 .at = 8,
		 .size = 4,
		 .adds = true,
		 .plain = true},
		{.insns = {LOAD(BPF_W, 1, 6, 8),
			   {.code = BPF_ALU64 | BPF_MOV | BPF_X,
			    .dst_reg = 2,
			    .src_reg = 1,
			    .off = 16},
			   ADD_IMM(2, 1),
			   STW(6, 2, 8)},
		 .at = 8,
		 .size = 4},
		/* The upper half is lost. */
		{.insns = {LDX(1, 6, 8), ALU_IMM(W32, BPF_ADD, 1, 1), STX(6, 1, 8)},
		 .at = 8},
		{.insns = {LDX(1, 6, 8), ALU_REG(W32, BPF_MOV, 2, 1), ADD_IMM(2, 1),
			   STX(6, 2, 8)},
		 .at = 8},
		/* Twice what is there. */
		{.insns = {LDX(1, 6, 8), ALU_REG(W64, BPF_ADD, 1, 1), STX(6, 1, 8)},
		 .at = 8},
		{.insns = {LDX(1, 6, 8), ALU_IMM(W64, BPF_XOR, 1, 1), STX(6, 1, 8)},
		 .at = 8},
		{.insns = {LDX(1, 6, 8), XADD(6, 1, 8)}, .at = 8},
		/* What was read went with the call's registers. */
		{.insns = {LDX(1, 6, 8),
			   ADD_IMM(1, 1),
			   {.code = BPF_LD | BPF_ABS | BPF_W},
			   STX(6, 1, 8)},
		 .at = 8},
		/* Of another element. */
		{.insns = {LDX(7, 6, 8), ADD_IMM(7, 1), LD_MAP(1, MAP), CALL,
			   STX(0, 7, 8)},
		 .at = 8},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

static void atomics_that_do_not_add_overwrite(void **state)
{
	static const struct way ways[] = {
		{.insns = {ATOMIC(6, 1, 8, BPF_ADD | BPF_FETCH)}, .at = 8, .adds = true},
		{.insns = {ATOMIC(6, 1, 8, BPF_CMPXCHG)}, .at = 8},
		{.insns = {ATOMIC(6, 1, 8, BPF_XCHG)}, .at = 8},
		{.insns = {ATOMIC(6, 1, 8, BPF_OR)}, .at = 8},
		/* A load of the same class. */
		{.insns = {ATOMIC(1, 6, 8, 0x100)}, .at = -1},
		/* What it fetched depends on the value. */
		{.insns = {ATOMIC(6, 1, 0, BPF_ADD | BPF_FETCH), XADD(6, 1, 8)}, .at = 8},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

static void the_address_of_a_value_needs_no_lookup(void **state)
{
	static const struct way ways[] = {
		{.insns = {LD_PSEUDO(7, BPF_PSEUDO_MAP_VALUE, MAP, 16), MOV_IMM(1, 1),
			   XADD(7, 1, 8)},
		 .at = 24,
		 .adds = true},
		{.insns = {LD_PSEUDO(7, BPF_PSEUDO_MAP_VALUE, MAP + 1, 16),
			   XADD(7, 1, 8)},
		 .at = -1},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

/* More places that are jumped to than are kept in mind. */
static void a_program_may_be_too_long(void **state)
{
	enum { MANY = 5000 };
	auto_free struct bpf_insn *insns = xcalloc(MANY + 1, sizeof(*insns));
	auto_value_writes w = {.nr = 0};

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		insns[i] = (struct bpf_insn)JUMP_IMM(BPF_JEQ, 2, 0, 0);
	insns[MANY] = (struct bpf_insn)EXIT;
	value_writes_scan(&w, "p", insns, MANY + 1, &one_map);
	assert_string_equal(w.doubt, "program 'p' is too long to be followed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_of_bounded_size_is_an_index),
		cmocka_unit_test(a_place_that_nobody_knows_is_a_doubt),
		cmocka_unit_test(the_stack_keeps_what_is_put_there),
		cmocka_unit_test(functions_may_have_it),
		cmocka_unit_test(a_lock_is_no_write),
		cmocka_unit_test(only_a_sum_of_what_is_there_is_plain),
		cmocka_unit_test(atomics_that_do_not_add_overwrite),
		cmocka_unit_test(the_address_of_a_value_needs_no_lookup),
		cmocka_unit_test(a_program_may_be_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
