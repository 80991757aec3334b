/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pointers that a program chooses: into a value on one way, elsewhere on another. The verifier
 * follows each; what is read or written by them is of both.
 */
#include "value_ways.h"

/* r1 becomes r6, or what nr instructions make of it; r2 decides. */
#define R1_IS_R6_OR(nr, ...) MOV(1, 6), JUMP_IMM(BPF_JEQ, 2, 0, nr), __VA_ARGS__

/* Verified are both ways, where a pointer is into a value and where it is not. */
static void a_pointer_may_be_another_on_another_way(void **state)
{
	static const struct way ways[] = {
		/* Read there, and added to: it is the same place on each way. */
		{.insns = {R1_IS_R6_OR(2, MOV(1, 10), ADD_IMM(1, -16)), LDX(3, 1, 8),
			   ADD_IMM(3, 1), STX(1, 3, 8)},
		 .at = 8,
		 .adds = true,
		 .plain = true},
		/* What was read may be of the stack, of a packet or of another map. */
		{.insns = {R1_IS_R6_OR(2, MOV(1, 10), ADD_IMM(1, -16)), LDX(3, 1, 8),
			   ADD_IMM(3, 1), STX(6, 3, 8)},
		 .at = 8},
		{.insns = {MOV(1, 10), ADD_IMM(1, -16), JUMP_IMM(BPF_JEQ, 2, 0, 1),
			   MOV(1, 6), LDX(3, 1, 8), ADD_IMM(3, 1), STX(6, 3, 8)},
		 .at = 8},
		{.insns = {R1_IS_R6_OR(1, MOV(1, 7)), LDX(3, 1, 8), ADD_IMM(3, 1),
			   STX(6, 3, 8)},
		 .at = 8},
		{.insns = {MOV(1, 7), JUMP_IMM(BPF_JEQ, 2, 0, 1), MOV(1, 6), LDX(3, 1, 8),
			   ADD_IMM(3, 1), STX(6, 3, 8)},
		 .at = 8},
		/* What is written there may be what was put in the stack. */
		{.insns = {LDX(3, 6, 8), ADD_IMM(3, 1), STX(10, 3, -8),
			   R1_IS_R6_OR(2, MOV(1, 10), ADD_IMM(1, -8)), STX(1, 4, 0),
			   LDX(3, 10, -8), STX(6, 3, 8)},
		 .at = 8},
		{.insns = {LDX(3, 6, 8), ADD_IMM(3, 1), STX(10, 3, -8),
			   R1_IS_R6_OR(2, MOV(1, 10), ADD_IMM(1, -8)), XADD(1, 4, 0),
			   LDX(3, 10, -8), STX(6, 3, 8)},
		 .at = 8},
		/* Once more a choice: of two that may be in the stack, or of one. */
		{.insns = {LDX(3, 6, 8), ADD_IMM(3, 1), STX(10, 3, -8),
			   R1_IS_R6_OR(2, MOV(1, 10), ADD_IMM(1, -8)),
			   JUMP_IMM(BPF_JEQ, 4, 0, 1), MOV(1, 6), STX(1, 4, 0),
			   LDX(3, 10, -8), STX(6, 3, 8)},
		 .at = 8},
		/* It may be a pointer to the value that was read, wherever it was read. */
		{.insns = {STX(10, 6, -8), R1_IS_R6_OR(2, MOV(1, 10), ADD_IMM(1, -8)),
			   LDX(3, 1, 0), STX(3, 4, 8)},
		 .doubt = "keeps a pointer to the value in the stack",
		 .at = 0},
		{.insns = {STX(10, 6, -8), R1_IS_R6_OR(2, MOV(1, 10), ADD_IMM(1, -8)),
			   ALU_REG(W64, BPF_ADD, 1, 4), LDX(3, 1, 0), STX(3, 4, 8)},
		 .doubt = "keeps a pointer to the value in the stack",
		 .at = 0},
		{.insns = {STX(10, 6, -8), ALU_REG(W64, BPF_ADD, 6, 4),
			   R1_IS_R6_OR(2, MOV(1, 10), ADD_IMM(1, -8)), LDX(3, 1, 0),
			   STX(3, 4, 8)},
		 .doubt = "keeps a pointer to the value in the stack",
		 .at = 0},
		/* One that is in the value for certain reads none. */
		{.insns = {STX(10, 6, -8), ALU_REG(W64, BPF_ADD, 6, 4), LDX(3, 6, 0),
			   STX(3, 4, 8)},
		 .at = -1},
	};

	(void)state;
	ways_are(ways, array_size(ways), &one_map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pointer_may_be_another_on_another_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
