/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "base/cleanup.h"
#include "load/value_writes.h"
#include "insns.h"

enum { MAP = 7 };

static const struct value_writes_map one_map = {.id = MAP, .lock_at = -1};

#define scan(w, insns) \
	value_writes_scan((w), "prog", (insns), array_size(insns), &one_map)

static void atomic_additions_are_numbers(void **state)
{
	const struct bpf_insn insns[] = {
		LD_MAP(1, MAP), CALL,           IF_NULL(3), MOV_IMM(1, 1),
		XADD(0, 1, 8),  XADD(0, 1, 16), EXIT};
	auto_value_writes w = {.nr = 0};

	(void)state;
	scan(&w, insns);
	assert_null(w.doubt);
	assert_true(value_writes_adds(&w, 8, 8));
	assert_true(value_writes_adds(&w, 16, 8));
	assert_false(value_writes_adds(&w, 0, 8));
	assert_false(value_writes_adds(&w, 8, 4));
	assert_false(value_writes_plain(&w, 8, 8));
}

static void a_load_an_addition_and_a_store_are_one(void **state)
{
	const struct bpf_insn insns[] = {LD_MAP(1, MAP), CALL,         IF_NULL(5),
					 MOV(6, 0),      LDX(1, 6, 8), ADD_IMM(1, 1),
					 STX(6, 1, 8),   STX(6, 1, 0), EXIT};
	auto_value_writes w = {.nr = 0};

	(void)state;
	scan(&w, insns);
	assert_true(value_writes_adds(&w, 8, 8));
	assert_true(value_writes_plain(&w, 8, 8));
	assert_false(value_writes_plain(&w, 16, 8));
	/* The sum of another member is no addition. */
	assert_false(value_writes_adds(&w, 0, 8));
}

static void another_store_to_the_bytes_ends_it(void **state)
{
	const struct bpf_insn insns[] = {
		LD_MAP(1, MAP), CALL,          IF_NULL(3), MOV_IMM(1, 1),
		XADD(0, 1, 8),  STW(0, 1, 12), EXIT};
	auto_value_writes w = {.nr = 0};

	(void)state;
	scan(&w, insns);
	assert_false(value_writes_adds(&w, 8, 8));
}

static void other_maps_do_not_count(void **state)
{
	const struct bpf_insn insns[] = {LD_MAP(1, MAP + 1), CALL,          IF_NULL(2),
					 MOV_IMM(1, 1),      XADD(0, 1, 8), EXIT};
	auto_value_writes w = {.nr = 0};

	(void)state;
	scan(&w, insns);
	assert_int_equal(w.nr, 0);
	assert_null(w.doubt);
}

/* From the element of a hash to its value, as the kernel writes it after a lookup. */
static void an_inlined_lookup_is_seen_through(void **state)
{
	const struct bpf_insn insns[] = {LD_MAP(1, MAP), CALL,       IF_NULL(1),
					 ADD_IMM(0, 56), IF_NULL(2), MOV_IMM(1, 1),
					 XADD(0, 1, 8),  EXIT};
	auto_value_writes w = {.nr = 0};

	(void)state;
	scan(&w, insns);
	assert_true(value_writes_adds(&w, 8, 8));
}

static void a_value_that_is_handed_on_is_a_doubt(void **state)
{
	const struct bpf_insn insns[] = {LD_MAP(1, MAP), CALL,          IF_NULL(4),
					 MOV(6, 0),      MOV_IMM(2, 1), XADD(6, 2, 8),
					 MOV(1, 6),      CALL,          EXIT};
	auto_value_writes w = {.nr = 0};

	(void)state;
	scan(&w, insns);
	assert_string_equal(w.doubt, "program 'prog' hands the value to a function");
	assert_false(value_writes_adds(&w, 8, 8));
}

static void two_ways_that_differ_are_no_addition(void **state)
{
	const struct bpf_insn insns[] = {
		LD_MAP(1, MAP),
		CALL,
		IF_NULL(6),
		LDX(1, 0, 8),
		ADD_IMM(1, 1),
		{.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 2, .off = 1},
		MOV_IMM(1, 5),
		STX(0, 1, 8),
		EXIT};
	auto_value_writes w = {.nr = 0};

	(void)state;
	scan(&w, insns);
	assert_false(value_writes_adds(&w, 8, 8));
}

static void instructions_that_are_hidden_are_a_doubt(void **state)
{
	auto_value_writes w = {.nr = 0};

	(void)state;
	value_writes_scan(&w, "prog", NULL, 0, &one_map);
	assert_string_equal(w.doubt, "program 'prog' does not show its instructions");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(atomic_additions_are_numbers),
		cmocka_unit_test(a_load_an_addition_and_a_store_are_one),
		cmocka_unit_test(another_store_to_the_bytes_ends_it),
		cmocka_unit_test(other_maps_do_not_count),
		cmocka_unit_test(an_inlined_lookup_is_seen_through),
		cmocka_unit_test(a_value_that_is_handed_on_is_a_doubt),
		cmocka_unit_test(two_ways_that_differ_are_no_addition),
		cmocka_unit_test(instructions_that_are_hidden_are_a_doubt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
