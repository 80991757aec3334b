/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What map watch shows of values that are no plain u64: signed ones, floats, pointers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>
#include <json-c/json.h>

#include "base/alloc.h"
#include "view/json_out.h"
#include "view/watch_view.h"

struct value {
	void *owner;
	double load;
	int32_t balance, spare;
};

struct scene {
	struct btf *btf;
	struct value_fields fields;
	struct key_text *keys;
	struct samples before, now;
	struct watch_look look;
};

static void add(struct samples *s, uint8_t key, double load, int32_t balance)
{
	const struct value value = {.owner = s, .load = load, .balance = balance};

	samples_add(s, &key, &value);
}

static int setup(void **state)
{
	const struct samples empty = {
		.key_size = 1, .value_size = sizeof(struct value), .most = 8};
	struct scene *s = xcalloc(1, sizeof(*s));
	auto_err err = ERR_INIT;
	int s32, f64, ptr, value;

	s->btf = btf__new_empty();
	s32 = btf__add_int(s->btf, "int", 4, BTF_INT_SIGNED);
	f64 = btf__add_float(s->btf, "double", 8);
	ptr = btf__add_ptr(s->btf, 0);
	value = btf__add_struct(s->btf, "value", sizeof(struct value));
	btf__add_field(s->btf, "owner", ptr, 0, 0);
	btf__add_field(s->btf, "load", f64, 64, 0);
	btf__add_field(s->btf, "balance", s32, 128, 0);
	assert_int_equal(value_fields_init(&s->fields, s->btf, (uint32_t)value,
					   sizeof(struct value), &err),
			 0);
	s->keys = key_text_new(NULL, 0, 1);
	s->before = s->now = empty;
	s->before.time = 1;
	s->now.time = 3;
	s->look = (struct watch_look){.id = 3,
				      .name = "m",
				      .type = "hash",
				      .clock = "now",
				      .max_entries = 4,
				      .fields = &s->fields,
				      .keys = s->keys,
				      .now = &s->now,
				      .before = &s->before};
	add(&s->before, 1, 0.5, -2);
	add(&s->before, 2, 1, 4);
	add(&s->before, 3, 1, 1);
	samples_index(&s->before);
	add(&s->now, 1, 1.5, -4);
	add(&s->now, 2, INFINITY, 4);
	add(&s->now, 3, -INFINITY, 1);
	samples_index(&s->now);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	value_fields_release(&s->fields);
	key_text_freep(&s->keys);
	samples_release(&s->before);
	samples_release(&s->now);
	btf__free(s->btf);
	free(s);
	return 0;
}

/* A pointer is no number to be watched. */
static void lines_have_numbers_alone(void **state)
{
	const struct scene *s = *state;
	auto_strbuf out = STRBUF_INIT;

	assert_string_equal(watch_view_first(&s->fields), "load");
	watch_view_lines(&s->look, &out);
	assert_string_equal(sb_text(&out),
			    "now hex 01  load 1.5 (+0.5/s)  balance -4 (-1.0/s)\n"
			    "now hex 02  load inf (+inf/s)  balance 4 (+0.0/s)\n"
			    "now hex 03  load -inf (-inf/s)  balance 1 (+0.0/s)\n");
}

/* Of values in which there is no other. */
static void pointers_alone_are_no_numbers(void **state)
{
	struct scene *s = *state;
	struct value_field owner = {
		.name = (char *)"owner", .bit_size = 64, .kind = LAYOUT_POINTER};
	const struct value_fields fields = {.items = &owner, .nr = 1, .size = 8};
	struct watch_look look = s->look;
	auto_strbuf out = STRBUF_INIT;

	look.fields = &fields;
	assert_null(watch_view_first(&fields));
	watch_view_lines(&look, &out);
	assert_string_equal(sb_text(&out), "now hex 01\nnow hex 02\nnow hex 03\n");
}

static void json_has_neither_infinities_nor_nan(void **state)
{
	const struct scene *s = *state;
	auto_strbuf out = STRBUF_INIT;
	auto_json *root = watch_view_json(&s->look);

	json_out(&out, root, JSON_COMPACT);
	assert_string_equal(
		sb_text(&out),
		"{\"time\":\"now\",\"id\":3,\"name\":\"m\",\"max_entries\":4,\"elements\":["
		"{\"key\":\"hex 01\",\"values\":{\"load\":1.5,\"balance\":-4},"
		"\"rates\":{\"load\":0.5,\"balance\":-1.0}},"
		"{\"key\":\"hex 02\",\"values\":{\"load\":null,\"balance\":4},"
		"\"rates\":{\"load\":null,\"balance\":0.0}},"
		"{\"key\":\"hex 03\",\"values\":{\"load\":null,\"balance\":1},"
		"\"rates\":{\"load\":null,\"balance\":0.0}}]}\n");
}

static void a_screen_says_by_what_it_is_ordered_and_how_it_ends(void **state)
{
	struct scene *s = *state;
	auto_strbuf out = STRBUF_INIT;

#define HEAD                                    \
	"map 3 m: hash, 3 of 4 elements, now\n" \
	"KEY    load   /s balance   /s\n"       \
	"hex 01  1.5 +0.5      -4 -1.0\n"
	watch_view_screen(&s->look, 3, 80, &out);
	assert_string_equal(sb_text(&out), HEAD "and 2 elements more\n");
	sb_clear(&out);
	s->look.q_quits = true;
	watch_view_screen(&s->look, 3, 80, &out);
	assert_string_equal(sb_text(&out), HEAD "and 2 elements more; q quits\n");
	sb_clear(&out);
	s->look.by = "load";
	watch_view_screen(&s->look, 3, 80, &out);
	assert_string_equal(sb_text(&out),
			    HEAD "and 2 elements more; by load/s; q quits\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_have_numbers_alone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(pointers_alone_are_no_numbers, setup,
						teardown),
		cmocka_unit_test_setup_teardown(json_has_neither_infinities_nor_nan,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_screen_says_by_what_it_is_ordered_and_how_it_ends, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
