/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers, pointers and stack slots on their way through a program: what is left of a bound, of
 * a sum and of an element after operations, calls and rounds of a loop. What is not known for
 * certain has to count as anything.
 */
#include "value_ways.h"

enum { MOV_SIGNED = BPF_ALU64 | BPF_MOV | BPF_X, LOAD_SIGNED = BPF_LDX | BPF_B | 0x80 };
enum { ATOMIC_STORE = 0x110 };

/* r2 becomes a number of which only the last operation says how large it is; r6 + r2 is written. */
#define INDEX_BY(...)                                                                    \
	.insns = {ALU_IMM(W64, BPF_AND, 2, 3), __VA_ARGS__, ALU_REG(W64, BPF_ADD, 6, 2), \
		  MOV_IMM(1, 1), XADD(6, 1, 8)}

static void a_bound_goes_with_what_does_not_keep_it(void **state)
{
	static const struct way ways[] = {
		{INDEX_BY(ALU_IMM(W64, BPF_LSH, 2, 3)), .at = 32, .adds = true},
		/* Nothing times anything. */
		{INDEX_BY(ALU_IMM(W64, BPF_MUL, 2, 0)), .at = 8, .adds = true},
		{INDEX_BY(ALU_IMM(W64, BPF_AND, 2, -8)), .doubt = ANYWHERE, .at = -1},
		{INDEX_BY(ALU_IMM(W64, BPF_OR, 2, 8)), .doubt = ANYWHERE, .at = -1},
		{INDEX_BY(ALU_IMM(W64, BPF_MUL, 2, 1 << 29)), .doubt = ANYWHERE,
		 .at = -1},
		{INDEX_BY(ALU_IMM(W64, BPF_LSH, 2, 33)), .doubt = ANYWHERE, .at = -1},
		{INDEX_BY(ALU_IMM(W64, BPF_RSH, 2, 64)), .doubt = ANYWHERE, .at = -1},
		{INDEX_BY(ALU_REG(W64, BPF_OR, 2, 3)), .doubt = ANYWHERE, .at = -1},
		{INDEX_BY(ALU_IMM(W64, BPF_NEG, 2, 0)), .doubt = ANYWHERE, .at = -1},
		{INDEX_BY(ALU_IMM(W32, BPF_END, 2, 64)), .doubt = ANYWHERE, .at = -1},
		/* A byte with its sign may be less than none. */
		{INDEX_BY({.code = LOAD_SIGNED, .dst_reg = 2, .src_reg = 10, .off = -8}),
		 .doubt = ANYWHERE, .at = -1},
		/* A place in the head of the map is no number. */
		{INDEX_BY(LD_MAP(2, MAP), ALU_IMM(W64, BPF_OR, 2, 8)), .doubt = ANYWHERE,
		 .at = -1},
		/* Only a comparison with a number that is not negative bounds one. */
		{.insns = {JUMP_IMM(BPF_JGT, 2, -1, 3), ALU_REG(W64, BPF_ADD, 6, 2),
			   MOV_IMM(1, 1), XADD(6, 1, 0)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {JUMP_IMM(BPF_JLT, 2, 0, 1), EXIT, ALU_REG(W64, BPF_ADD, 6, 2),
			   XADD(6, 1, 0)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {{.code = BPF_JMP | BPF_JGT | BPF_X, .dst_reg = 2, .off = 2},
			   ALU_REG(W64, BPF_ADD, 6, 2),
			   XADD(6, 1, 0)},
		 .doubt = ANYWHERE,
		 .at = -1},
		/* Of the lower half: all there is, or not. */
		{.insns =
			 {LOAD(BPF_B, 2, 1, 0),
			  {.code = BPF_JMP32 | BPF_JGT, .dst_reg = 2, .off = 4, .imm = 2},
			  ALU_IMM(W64, BPF_LSH, 2, 3),
			  ALU_REG(W64, BPF_ADD, 6, 2),
			  MOV_IMM(1, 1),
			  XADD(6, 1, 0)},
		 .at = 16,
		 .adds = true},
		{.insns =
			 {{.code = BPF_JMP32 | BPF_JGT, .dst_reg = 2, .off = 2, .imm = 2},
			  ALU_REG(W64, BPF_ADD, 6, 2),
			  XADD(6, 1, 0)},
		 .doubt = ANYWHERE,
		 .at = -1},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

static void a_pointer_is_lost_where_it_may_be_anywhere(void **state)
{
	static const struct way ways[] = {
		{.insns = {ALU_IMM(W32, BPF_ADD, 6, 8), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {ALU_REG(W32, BPF_ADD, 6, 2), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {ADD_IMM(6, -(1 << 28)), ADD_IMM(6, -8), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		/* Once lost it is not found again. */
		{.insns = {ALU_REG(W64, BPF_ADD, 6, 2), ADD_IMM(6, 8),
			   ALU_REG(W64, BPF_ADD, 6, 2), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		/* By what the value says. */
		{.insns = {LDX(2, 6, 0), ALU_REG(W64, BPF_ADD, 6, 2), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {ALU_REG(W64, BPF_OR, 2, 6), STX(2, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		/* Two ways, as far but not in the same steps. */
		{.insns = {ALU_IMM(W64, BPF_AND, 2, 1), MOV(7, 6),
			   JUMP_IMM(BPF_JEQ, 3, 0, 3), ALU_IMM(W64, BPF_MUL, 2, 24),
			   ALU_REG(W64, BPF_ADD, 7, 2), JUMP_IMM(BPF_JA, 0, 0, 4),
			   LOAD(BPF_B, 2, 1, 0), JUMP_IMM(BPF_JGT, 2, 24, 3),
			   ALU_REG(W64, BPF_ADD, 7, 2), MOV_IMM(1, 1), XADD(7, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		/* Neither a number less a pointer, nor what is done to a map, is one. */
		{.insns = {ALU_REG(W64, BPF_SUB, 2, 6), STX(2, 1, 0)}, .at = -1},
		{.insns = {ALU_REG(W32, BPF_ADD, 2, 6), STX(2, 1, 0)}, .at = -1},
		{.insns = {LD_MAP(1, MAP), ALU_REG(W64, BPF_SUB, 2, 1), STX(2, 3, 0)},
		 .at = -1},
		{.insns = {LD_MAP(1, MAP), ALU_REG(W32, BPF_ADD, 2, 1), STX(2, 3, 0)},
		 .at = -1},
		{.insns = {LD_MAP(1, MAP), ALU_REG(W64, BPF_ADD, 1, 2), STX(1, 3, 0)},
		 .at = -1},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

static void a_sum_stays_one_only_as_a_whole(void **state)
{
	static const struct way ways[] = {
		{.insns = {LDX(1, 6, 8), ADD_IMM(1, 1), ADD_IMM(1, 2), STX(6, 1, 8)},
		 .at = 8,
		 .adds = true,
		 .plain = true},
		{.insns = {LDX(1, 6, 8), ADD_IMM(1, 1), ALU_REG(W64, BPF_ADD, 2, 1),
			   STX(6, 2, 8)},
		 .at = 8,
		 .adds = true,
		 .plain = true},
		{.insns = {LOAD(BPF_W, 1, 6, 8), ALU_REG(W32, BPF_MOV, 2, 1),
			   ADD_IMM(2, 1), STW(6, 2, 8)},
		 .at = 8,
		 .size = 4,
		 .adds = true,
		 .plain = true},
		/* Something less what is there. */
		{.insns = {LDX(1, 6, 8), ALU_REG(W64, BPF_SUB, 2, 1), STX(6, 2, 8)},
		 .at = 8},
		{.insns = {LDX(1, 6, 8), ALU_REG(W32, BPF_ADD, 2, 1), STX(6, 2, 8)},
		 .at = 8},
		{.insns = {LDX(1, 6, 8), ALU_REG(W64, BPF_OR, 2, 1), STX(6, 2, 8)},
		 .at = 8},
		/* Of its lower half, in all of it. */
		{.insns = {LOAD(BPF_W, 1, 6, 8), ADD_IMM(1, 1), STX(6, 1, 8)}, .at = 8},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

/* The sum is put into the stack, something is done there, and what is there then is stored. */
#define SUM_BESIDE(...)                                         \
	.insns = {LDX(1, 6, 8), ADD_IMM(1, 1),  STX(10, 1, -8), \
		  __VA_ARGS__,  LDX(1, 10, -8), STX(6, 1, 8)},  \
	.at = 8

static void what_the_stack_kept_may_be_written_over(void **state)
{
	static const struct way ways[] = {
		{SUM_BESIDE(MOV_IMM(7, 5), STX(10, 7, -16)), .adds = true, .plain = true},
		/* By a function that was given the place. */
		{SUM_BESIDE(MOV(3, 10), ADD_IMM(3, -8), CALL)},
		/* Perhaps, by what is written somewhere in the stack. */
		{SUM_BESIDE(MOV(7, 10), ALU_REG(W64, BPF_ADD, 7, 2), STX(7, 3, 0))},
		{SUM_BESIDE(MOV(7, 10), ADD_IMM(7, -2000), ADD_IMM(7, 1992),
			    STX(7, 3, 0))},
		{.insns = {MOV_IMM(3, 0), STX(10, 3, -8), MOV(7, 10),
			   ALU_REG(W64, BPF_ADD, 7, 2), STX(7, 2, 0), LDX(2, 10, -8),
			   ALU_REG(W64, BPF_ADD, 6, 2), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		/* By an atomic instruction. */
		{SUM_BESIDE(ATOMIC(10, 2, -8, BPF_XCHG))},
		{SUM_BESIDE(ATOMIC(10, 2, -8, ATOMIC_STORE))},
		{.insns = {MOV_IMM(3, 0), STX(10, 3, -8), XADD(10, 2, -8), LDX(2, 10, -8),
			   ALU_REG(W64, BPF_ADD, 6, 2), STX(6, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		/* What was read is added to itself, by way of half a slot. */
		{.insns = {LOAD(BPF_W, 1, 6, 8), STW(10, 1, -8), LOAD(BPF_W, 2, 10, -8),
			   LOAD(BPF_W, 1, 6, 8), ALU_REG(W64, BPF_ADD, 1, 2),
			   STW(6, 1, 8)},
		 .at = 8,
		 .size = 4},
		{.insns = {LDX(1, 6, 8), STX(10, 1, -8), STW(10, 3, -4),
			   LOAD(BPF_W, 2, 10, -8), LOAD(BPF_W, 1, 6, 8),
			   ALU_REG(W64, BPF_ADD, 1, 2), STW(6, 1, 8)},
		 .at = 8,
		 .size = 4},
		/* Outside of the stack, where nothing is kept. */
		{.insns = {STX(10, 6, -520)},
		 .doubt = "keeps a pointer to the value",
		 .at = 0},
		{.insns = {STX(10, 6, 0)},
		 .doubt = "keeps a pointer to the value",
		 .at = 0},
		{.insns = {MOV(7, 10), ADD_IMM(7, -2000), STX(7, 6, 0)},
		 .doubt = "keeps a pointer to the value",
		 .at = 0},
		{.insns = {MOV(7, 10), ADD_IMM(7, 2000), STX(7, 6, 0)},
		 .doubt = "keeps a pointer to the value",
		 .at = 0},
		/* Nobody knows where. */
		{.insns = {MOV(7, 10), ALU_IMM(W32, BPF_ADD, 7, -8), STX(7, 6, 0)},
		 .doubt = "keeps a pointer to the value",
		 .at = 0},
		{.insns = {MOV(7, 10), ALU_REG(W64, BPF_ADD, 7, 2), LDX(3, 7, 0)},
		 .at = -1},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

static void another_round_may_have_another_element(void **state)
{
	static const struct way ways[] = {
		/* One of two elements, and with each round its own number. */
		{.insns = {LD_MAP(1, MAP), CALL, JUMP_IMM(BPF_JEQ, 2, 0, 1), MOV(0, 6),
			   LDX(7, 0, 8), ADD_IMM(7, 1), STX(0, 7, 8),
			   JUMP_IMM(BPF_JNE, 2, 0, -4)},
		 .at = 8,
		 .adds = true,
		 .plain = true},
		/* The sum of the last round's element goes into that of this one. */
		{.insns = {JUMP_IMM(BPF_JA, 0, 0, 5), LD_MAP(1, MAP), CALL, STX(0, 7, 8),
			   EXIT, LD_MAP(1, MAP), CALL, LDX(7, 0, 8), ADD_IMM(7, 1),
			   JUMP_IMM(BPF_JA, 0, 0, -10)},
		 .at = 8},
		/* The last round's element is told from this one's. */
		{.insns = {MOV_IMM(8, 0), LD_MAP(1, MAP), CALL,
			   JUMP_IMM(BPF_JEQ, 8, 0, 3), LDX(7, 8, 8), ADD_IMM(7, 1),
			   STX(0, 7, 8), MOV(8, 0), JUMP_IMM(BPF_JNE, 2, 0, -9)},
		 .at = 8},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

static void what_only_looks_like_the_kernels_own_code_is_none(void **state)
{
	static const struct value_writes_map locked = {.id = MAP, .lock_at = 0};
	static const struct way ways[] = {
		/* The way to this CPU's value, and loads that are close to it. */
		{.insns = {LDX(0, 0, 0),
			   {.code = MOV_SIGNED, .off = -1},
			   MOV_IMM(1, 1),
			   XADD(0, 1, 8)},
		 .at = 8,
		 .adds = true},
		{.insns = {LDX(0, 0, 8), {.code = MOV_SIGNED, .off = -1}, XADD(0, 1, 8)},
		 .at = -1},
		{.insns = {LDX(0, 6, 0), {.code = MOV_SIGNED, .off = -1}, XADD(0, 1, 8)},
		 .at = -1},
		{.insns = {LDX(0, 0, 0), {.code = MOV_SIGNED, .off = 8}, XADD(0, 1, 8)},
		 .at = -1},
		{.insns = {LDX(0, 0, 0),
			   {.code = MOV_SIGNED, .dst_reg = 7, .off = -1},
			   XADD(0, 1, 8)},
		 .at = -1},
		{.insns = {LDX(0, 0, 0),
			   {.code = MOV_SIGNED, .src_reg = 7, .off = -1},
			   XADD(0, 1, 8)},
		 .at = -1},
		/* From the element of a hash to its value, and additions that are close to it. */
		{.insns = {LD_MAP(1, MAP), CALL, IF_NULL(1), ADD_IMM(0, 56),
			   MOV_IMM(1, 1), XADD(0, 1, 8)},
		 .at = 8,
		 .adds = true},
		{.insns = {LD_MAP(1, MAP), CALL, JUMP_IMM(BPF_JEQ, 0, 1, 1),
			   ADD_IMM(0, 56), STX(0, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {LD_MAP(1, MAP), CALL, JUMP_IMM(BPF_JEQ, 7, 0, 1),
			   ADD_IMM(0, 56), STX(0, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {LD_MAP(1, MAP), CALL, JUMP_IMM(BPF_JNE, 0, 0, 1),
			   ADD_IMM(0, 56), STX(0, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {LD_MAP(1, MAP), CALL, IF_NULL(1), ADD_IMM(0, 48),
			   STX(0, 1, 8)},
		 .doubt = ANYWHERE,
		 .at = -1},
		{.insns = {LD_MAP(1, MAP), CALL, IF_NULL(1), ADD_IMM(7, 56),
			   MOV_IMM(1, 1), XADD(0, 1, 8)},
		 .at = 8,
		 .adds = true},
		/* Of the kernel's functions only helpers find elements. */
		{.insns = {LD_MAP(1, MAP),
			   {.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL},
			   STX(0, 3, 8)},
		 .at = -1},
		/* An element's value is copied by the map's own functions. */
		{.insns = {LD_MAP(1, MAP), MOV(3, 6), CALL}, .at = -1},
		/* Somewhere in the value is not the lock. */
		{.insns = {MOV(1, 6), ALU_IMM(W64, BPF_AND, 2, 8),
			   ALU_REG(W64, BPF_ADD, 1, 2), CALL},
		 .doubt = "hands the value to a function",
		 .at = 0},
	};

	(void)state;
	ways_are(ways, array_size(ways), &locked);
}

static void odd_jumps_lead_where_they_say(void **state)
{
	static const struct way ways[] = {
		/* A long one. */
		{.insns = {{.code = BPF_JMP32 | BPF_JA, .imm = 1},
			   STX(6, 1, 0),
			   MOV_IMM(1, 1),
			   XADD(6, 1, 8)},
		 .at = 8,
		 .adds = true},
		/* In front of the program, and what no kernel takes. */
		{.insns = {JUMP_IMM(BPF_JEQ, 2, 0, -30), MOV_IMM(1, 1), XADD(6, 1, 8)},
		 .at = 8,
		 .adds = true},
		{.insns = {{.code = BPF_JMP32 | BPF_CALL},
			   {.code = BPF_JMP32 | BPF_EXIT},
			   MOV_IMM(1, 1),
			   XADD(6, 1, 8)},
		 .at = 8,
		 .adds = true},
		{.insns = {CALL_PROG(-4), MOV_IMM(1, 1), XADD(6, 1, 8)},
		 .at = 8,
		 .adds = true},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

/* Each block comes behind the one it leads to: each round of looking sees one more. */
static void some_loops_are_not_followed(void **state)
{
	enum { BLOCKS = 40 };
	struct bpf_insn insns[array_size(front) + 1 + 2 * BLOCKS];
	auto_value_writes w = {.nr = 0};
	size_t nr = 0;

	(void)state;
	for (; nr < array_size(front); nr++)
		insns[nr] = front[nr];
	insns[nr++] = (struct bpf_insn)JUMP_IMM(BPF_JA, 0, 0, 2 * (BLOCKS - 1));
	insns[nr++] = (struct bpf_insn)ADD_IMM(2, 1);
	insns[nr++] = (struct bpf_insn)EXIT;
	for (size_t i = 1; i < BLOCKS; i++) {
		insns[nr++] = (struct bpf_insn)MOV_IMM(2, 1);
		insns[nr++] = (struct bpf_insn)JUMP_IMM(BPF_JA, 0, 0, -4);
	}
	value_writes_scan(&w, "p", insns, nr, &one_map);
	assert_non_null(w.doubt);
	assert_string_equal(w.doubt, "program 'p' loops in a way that is not followed");
}

static void half_an_instruction_is_none(void **state)
{
	const struct bpf_insn insns[] = {LD_PSEUDO(7, BPF_PSEUDO_MAP_VALUE, MAP, 16),
					 LD_MAP(1, MAP), CALL, LDX(0, 0, 0)};

	(void)state;
	for (size_t nr = 0; nr <= array_size(insns); nr++) {
		auto_free struct bpf_insn *cut = xcalloc(nr + 1, sizeof(*cut));
		auto_value_writes w = {.nr = 0};

		for (size_t i = 0; i < nr; i++)
			cut[i] = insns[i];
		value_writes_scan(&w, "p", cut, nr, &one_map);
		assert_null(w.doubt);
		assert_int_equal(w.nr, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bound_goes_with_what_does_not_keep_it),
		cmocka_unit_test(a_pointer_is_lost_where_it_may_be_anywhere),
		cmocka_unit_test(a_sum_stays_one_only_as_a_whole),
		cmocka_unit_test(what_the_stack_kept_may_be_written_over),
		cmocka_unit_test(another_round_may_have_another_element),
		cmocka_unit_test(what_only_looks_like_the_kernels_own_code_is_none),
		cmocka_unit_test(odd_jumps_lead_where_they_say),
		cmocka_unit_test(some_loops_are_not_followed),
		cmocka_unit_test(half_an_instruction_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
