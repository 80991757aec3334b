/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "base/alloc.h"
#include "base/err.h"
#include "btf/element_plan.h"
#include "load/migrate_adder.h"
#include "load/migrate_adder_code.h"

static void check_sizes(uint32_t old_size, uint32_t new_size, const char *want)
{
	struct element_plan plan = {.old_value_size = old_size,
				    .new_value_size = new_size};
	auto_err err = ERR_INIT;

	assert_int_equal(migrate_adder_check(&plan, &err), want ? -EOPNOTSUPP : 0);
	if (want)
		assert_string_equal(err.text, want);
}

/* The program that adds has room for no more, of either side. */
static void values_that_are_too_large_are_refused(void **state)
{
	(void)state;
	check_sizes(8, 16, NULL);
	check_sizes(32760, 32760, NULL);
	check_sizes(
		32768, 8,
		"value_size 32768: values of more than 32760 bytes cannot be migrated while programs write them");
	check_sizes(
		8, 32761,
		"value_size 32761: values of more than 32760 bytes cannot be migrated while programs write them");
	check_sizes(
		32761, 65536,
		"value_size 65536: values of more than 32760 bytes cannot be migrated while programs write them");
}

/* How often that helper is called with the address of offset in the register the value is in. */
static size_t calls_at(const struct bpf_insn *insns, size_t nr, int32_t helper,
		       int offset, uint8_t *ret_value)
{
	size_t calls = 0;

	for (size_t i = 2; i < nr; i++) {
		const struct bpf_insn *mov = &insns[i - 2], *add = &insns[i - 1];

		if (insns[i].code != (BPF_JMP | BPF_CALL) || insns[i].imm != helper)
			continue;
		assert_int_equal(mov->code, BPF_ALU64 | BPF_MOV | BPF_X);
		assert_int_equal(mov->dst_reg, BPF_REG_1);
		assert_int_equal(add->code, BPF_ALU64 | BPF_ADD | BPF_K);
		assert_int_equal(add->dst_reg, BPF_REG_1);
		assert_int_equal(add->imm, offset);
		*ret_value = mov->src_reg;
		calls++;
	}
	return calls;
}

/* Does one read or write bytes of the value that the lock is in? */
static bool touches(const struct bpf_insn *insn, uint8_t value, int offset)
{
	static const int sizes[] = {4, 2, 1, 8};
	uint8_t class = BPF_CLASS(insn->code);
	uint8_t reg = class == BPF_LDX ? insn->src_reg : insn->dst_reg;

	return (class == BPF_LDX || class == BPF_ST || class == BPF_STX) &&
	       reg == value && insn->off < offset + 4 &&
	       insn->off + sizes[BPF_SIZE(insn->code) >> 3] > offset;
}

/* Wherever in the value it is: what is added and set is so under it, and it is left alone. */
static void a_lock_is_held_and_not_touched(void **state)
{
	static const int places[] = {-1, 0, 4, 12};
	static struct element_delta delta = {.offset = 16, .size = 8};
	struct element_plan plan = {.old_value_size = 24,
				    .new_value_size = 24,
				    .old_key_size = 4,
				    .new_key_size = 4,
				    .deltas = &delta,
				    .nr_deltas = 1};

	(void)state;
	for (size_t i = 0; i < array_size(places); i++) {
		uint8_t value = 0;

		for (int act = 0; act < MIGRATE_ADDER_ACTS; act++) {
			struct migrate_adder_code code = {
				.plan = &plan,
				.at = migrate_adder_layout(&plan, 1),
				.slots = 1,
				.lock_at = places[i],
				.act = (enum migrate_adder_act)act,
			};
			auto_free struct bpf_insn *insns = NULL;
			size_t nr = migrate_adder_code(&code, &insns);
			/* To look whether an element may go takes none. */
			bool locks = places[i] >= 0 && act != MIGRATE_ADDER_DELETES;

			assert_int_equal(calls_at(insns, nr, BPF_FUNC_spin_lock,
						  places[i], &value),
					 locks);
			assert_int_equal(calls_at(insns, nr, BPF_FUNC_spin_unlock,
						  places[i], &value) > 0,
					 locks);
			for (size_t k = 0; k < nr && places[i] >= 0; k++)
				assert_false(touches(&insns[k], value, places[i]));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_that_are_too_large_are_refused),
		cmocka_unit_test(a_lock_is_held_and_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
