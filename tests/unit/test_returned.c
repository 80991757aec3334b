/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "def/returned.h"

#define MOV(value)                                                   \
	{                                                            \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = (value), \
	}
#define W_MOV(value)                                               \
	{                                                          \
		.code = BPF_ALU | BPF_MOV | BPF_K, .imm = (value), \
	}
#define EXIT                                \
	{                                   \
		.code = BPF_JMP | BPF_EXIT, \
	}
#define JA(n)                                         \
	{                                             \
		.code = BPF_JMP | BPF_JA, .off = (n), \
	}
#define IF_ZERO(n)                                                           \
	{                                                                    \
		.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 1, .off = (n), \
	}
#define W_IF_ZERO(n)                                                           \
	{                                                                      \
		.code = BPF_JMP32 | BPF_JEQ | BPF_K, .dst_reg = 1, .off = (n), \
	}
#define STORE_R1                                                 \
	{                                                        \
		.code = BPF_STX | BPF_MEM | BPF_W, .src_reg = 1, \
	}
#define LOAD_R0                                                  \
	{                                                        \
		.code = BPF_LDX | BPF_MEM | BPF_W, .src_reg = 1, \
	}
#define CALL_HELPER                                   \
	{                                             \
		.code = BPF_JMP | BPF_CALL, .imm = 1, \
	}
#define CALL_SUB(n)                                                                 \
	{                                                                           \
		.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = (n), \
	}

static bool is_seven(int32_t value)
{
	return value == 7;
}

#define yes(...)                                                                    \
	do {                                                                        \
		const struct bpf_insn insns[] = {__VA_ARGS__};                      \
		assert_true(returned_constant(insns, array_size(insns), is_seven)); \
	} while (0)
#define no(...)                                                                      \
	do {                                                                         \
		const struct bpf_insn insns[] = {__VA_ARGS__};                       \
		assert_false(returned_constant(insns, array_size(insns), is_seven)); \
	} while (0)

static void constants_that_reach_an_exit(void **state)
{
	(void)state;
	yes(MOV(7), EXIT);
	yes(W_MOV(7), EXIT);
	yes(MOV(7), JA(1), MOV(1), EXIT);
	yes(MOV(7), IF_ZERO(1), MOV(1), EXIT);
	yes(MOV(1), IF_ZERO(1), MOV(7), EXIT);
	yes(MOV(7), W_IF_ZERO(1), MOV(1), EXIT);
	no(MOV(7), W_IF_ZERO(0), MOV(1), EXIT);
	yes(MOV(7), STORE_R1, STORE_R1, EXIT);
	yes(MOV(7), STORE_R1, IF_ZERO(2), STORE_R1, MOV(1), EXIT);
	no(MOV(1), EXIT);
	no(LOAD_R0, EXIT);
}

static void what_is_overwritten_is_not_returned(void **state)
{
	(void)state;
	no(MOV(7), LOAD_R0, EXIT);
	no(MOV(7), CALL_HELPER, EXIT);
	no(MOV(7), STORE_R1, LOAD_R0, EXIT);
	no(MOV(7), JA(1), EXIT, MOV(1), EXIT);
}

static void subprograms_return_to_their_caller(void **state)
{
	(void)state;
	no(CALL_SUB(1), EXIT, MOV(7), EXIT);
	yes(CALL_SUB(2), MOV(7), EXIT, MOV(1), EXIT);
	/* The first of them ends the function, whichever is called first. */
	no(CALL_SUB(4), CALL_SUB(1), EXIT, MOV(7), EXIT, MOV(7), EXIT);
	no(CALL_SUB(2), CALL_SUB(3), EXIT, MOV(7), EXIT, MOV(7), EXIT);
	yes(CALL_SUB(4), CALL_SUB(3), MOV(7), EXIT, MOV(1), EXIT);
}

static void nonsense_ends(void **state)
{
	(void)state;
	no(MOV(7), JA(-1));
	no(MOV(7), JA(-100), EXIT);
	no(MOV(7), JA(32767), EXIT);
	no(CALL_SUB(-5), CALL_SUB(2147483647), MOV(1), EXIT);
	no(MOV(7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constants_that_reach_an_exit),
		cmocka_unit_test(what_is_overwritten_is_not_returned),
		cmocka_unit_test(subprograms_return_to_their_caller),
		cmocka_unit_test(nonsense_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
