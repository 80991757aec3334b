/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a dump prints of a value can be written back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "base/alloc.h"
#include "btf/btf_value.h"
#include "btf_random.h"
#include "btf_types.h"
#include "view/btf_plan.h"

/* The text of a value, as a dump prints it; the caller frees. */
static char *dumped(const struct btf *btf, int id, uint32_t size, enum btf_form form,
		    const void *value)
{
	auto_release(btf_plan_freep) struct btf_plan *plan = NULL;
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);
	auto_outbuf out;

	assert_int_equal(btf_plan_new(btf, (uint32_t)id, size, form, 0, &plan), 0);
	outbuf_init(&out, file);
	btf_plan_run(plan, value, &out);
	assert_int_equal(outbuf_flush(&out), 0);
	fclose(file);
	return text;
}

/* What the text leaves out (padding, bytes behind a string's NUL) may be lost. */
static void goes_back(const struct btf *btf, int id, uint32_t size, const void *value)
{
	auto_free unsigned char *again = xcalloc(1, size);

	for (enum btf_form form = BTF_TEXT; form <= BTF_PRETTY; form++) {
		auto_free char *text = dumped(btf, id, size, form, value), *second = NULL;
		auto_err err = ERR_INIT;

		if (btf_value_parse(btf, (uint32_t)id, text, again, size, &err) < 0)
			fail_msg("%s: %s", text, err.text);
		second = dumped(btf, id, size, form, again);
		assert_string_equal(text, second);
	}
}

static void what_a_dump_prints_can_be_written_back(void **state)
{
	struct btf_types *t = *state;
	int pointer = btf__add_ptr(t->btf, 0), name, section, count, list;
	unsigned char value[24];

	name = btf__add_array(t->btf, t->u32, t->ch, 2);
	for (int byte = 0; byte < 256; byte++) {
		memset(value, byte, sizeof(value));
		goes_back(t->btf, t->ch, 1, value);
		goes_back(t->btf, t->u8, 1, value);
		goes_back(t->btf, name, 2, value);
		goes_back(t->btf, t->u128, 16, value);
		goes_back(t->btf, t->state, 4, value);
		goes_back(t->btf, pointer, 8, value);
		goes_back(t->btf, t->f64, 8, value);
		goes_back(t->btf, t->f32, 4, value);
		goes_back(t->btf, t->yes, 1, value);
	}
	count = btf__add_var(t->btf, "count", BTF_VAR_GLOBAL_ALLOCATED, t->u64);
	list = btf__add_var(t->btf, "list", BTF_VAR_STATIC, t->list);
	section = btf__add_datasec(t->btf, ".data", 24);
	btf__add_datasec_var_info(t->btf, count, 0, 8);
	btf__add_datasec_var_info(t->btf, list, 8, 12);
	goes_back(t->btf, section, 24, value);
	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct btf_random r;
		struct random_type type;
		auto_free unsigned char *bytes = NULL;

		btf_random_init(&r, seed);
		r.floats = true;
		type = btf_random_type(&r, 4);
		bytes = xcalloc(1, type.size + 1);
		for (uint32_t i = 0; i < type.size; i++)
			bytes[i] = (unsigned char)btf_random_below(&r, 256);
		goes_back(r.btf, type.id, type.size, bytes);
		btf__free(r.btf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_a_dump_prints_can_be_written_back,
						btf_types_setup, btf_types_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
