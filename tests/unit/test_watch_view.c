/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <endian.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <json-c/json.h>

#include "base/alloc.h"
#include "host_order.h"
#include "view/json_out.h"
#include "view/watch_view.h"

/* u64 value, u32 key, two looks two seconds apart: 1 goes from 10 to 15, 2 is new. */
struct scene {
	struct value_fields fields;
	struct key_text *keys;
	struct samples before, now;
	struct watch_look look;
};

static void add(struct samples *s, uint32_t key, uint64_t value)
{
	uint32_t bytes = htole32(key);

	samples_add(s, &bytes, &value);
}

static void scene_open(struct scene *s)
{
	const struct samples empty = {.key_size = 4, .value_size = 8, .most = 3};
	auto_err err = ERR_INIT;

	*s = (struct scene){.before = empty, .now = empty};
	s->before.time = 1;
	s->now.time = 3;
	assert_int_equal(value_fields_init(&s->fields, NULL, 0, 8, &err), 0);
	s->keys = key_text_new(NULL, 0, 4);
	s->look = (struct watch_look){
		.id = 27,
		.name = "stats",
		.type = "hash",
		.clock = "12:30:05",
		.max_entries = 32,
		.fields = &s->fields,
		.keys = s->keys,
		.now = &s->now,
		.before = &s->before,
	};
	add(&s->before, 7, 1);
	add(&s->before, 1, 10);
	samples_index(&s->before);
	add(&s->now, 2, 5);
	add(&s->now, 1, 15);
	samples_index(&s->now);
}

static void scene_close(struct scene *s)
{
	value_fields_release(&s->fields);
	key_text_freep(&s->keys);
	samples_release(&s->before);
	samples_release(&s->now);
}

static void lines_for_a_pipe(void **state)
{
	auto_strbuf out = STRBUF_INIT;
	struct scene s;

	(void)state;
	scene_open(&s);
	watch_view_lines(&s.look, &out);
	assert_string_equal(sb_text(&out),
			    "12:30:05 hex 02 00 00 00  value 5\n"
			    "12:30:05 hex 01 00 00 00  value 15 (+2.5/s)\n");
	sb_clear(&out);
	s.look.before = NULL;
	add(&s.now, 3, 3);
	add(&s.now, 4, 4);
	samples_index(&s.now);
	watch_view_lines(&s.look, &out);
	assert_string_equal(sb_text(&out), "12:30:05 hex 02 00 00 00  value 5\n"
					   "12:30:05 hex 01 00 00 00  value 15\n"
					   "12:30:05 hex 03 00 00 00  value 3\n"
					   "12:30:05 and 1 elements more\n");
	scene_close(&s);
}

static void a_table_for_a_terminal(void **state)
{
	auto_strbuf out = STRBUF_INIT;
	struct scene s;

	(void)state;
	scene_open(&s);
	watch_view_screen(&s.look, 24, 80, &out);
	assert_string_equal(sb_text(&out),
			    "map 27 stats: hash, 2 of 32 elements, 12:30:05\n"
			    "KEY             value   /s\n"
			    "hex 02 00 00 00     5\n"
			    "hex 01 00 00 00    15 +2.5\n");
	sb_clear(&out);
	watch_view_screen(&s.look, 5, 80, &out);
	assert_string_equal(sb_text(&out),
			    "map 27 stats: hash, 2 of 32 elements, 12:30:05\n"
			    "KEY             value /s\n"
			    "hex 02 00 00 00     5\n"
			    "and 1 elements more\n");
	scene_close(&s);
}

/* Lines of out, none of them wider than columns. */
static unsigned int lines_within(const struct strbuf *out, size_t columns)
{
	unsigned int lines = 0;
	size_t n;

	for (const char *line = sb_text(out); *line; line += n + (line[n] == '\n')) {
		n = strcspn(line, "\n");
		assert_true(n <= columns);
		lines++;
	}
	return lines;
}

static void wide_keys_and_many_fields_take_a_line(void **state)
{
	struct samples now = {.key_size = 64, .value_size = 64, .most = 9, .time = 3};
	unsigned char key[64] = {0}, value[64];
	auto_strbuf out = STRBUF_INIT;
	auto_value_fields fields = {.nr = 0};
	auto_err err = ERR_INIT;
	struct scene s;

	(void)state;
	scene_open(&s);
	assert_int_equal(value_fields_init(&fields, NULL, 0, 64, &err), 0);
	memset(value, 0xff, sizeof(value));
	for (int i = 0; i < 9; i++) {
		key[0] = (unsigned char)i;
		samples_add(&now, key, value);
	}
	samples_index(&now);
	key_text_freep(&s.keys);
	s.keys = key_text_new(NULL, 0, 64);
	s.look.keys = s.keys;
	s.look.fields = &fields;
	s.look.now = &now;
	s.look.before = NULL;
	watch_view_screen(&s.look, 12, 80, &out);
	assert_int_equal(lines_within(&out, 80), 11);
	assert_non_null(strstr(sb_text(&out), "hex 00 00 00"));
	assert_non_null(strstr(sb_text(&out), "... 18446744073709551615"));
	samples_release(&now);
	scene_close(&s);
}

static void one_look_in_json(void **state)
{
	auto_strbuf out = STRBUF_INIT;
	auto_json *root = NULL;
	struct scene s;

	(void)state;
	scene_open(&s);
	root = watch_view_json(&s.look);
	json_out(&out, root, JSON_COMPACT);
	assert_string_equal(
		sb_text(&out),
		"{\"time\":\"12:30:05\",\"id\":27,\"name\":\"stats\",\"max_entries\":32,"
		"\"elements\":[{\"key\":\"hex 02 00 00 00\",\"values\":{\"value\":5},"
		"\"rates\":{}},{\"key\":\"hex 01 00 00 00\",\"values\":{\"value\":15},"
		"\"rates\":{\"value\":2.5}}]}\n");
	scene_close(&s);
}

/* Two seconds between them; NAN: there is no rate. */
static double rate_of(const struct value_field *field, uint64_t before, uint64_t now)
{
	double rate;

	return samples_rate(field, &before, &now, 2, &rate) ? rate : (double)NAN;
}

static double rate(uint32_t bits, bool is_signed, uint64_t before, uint64_t now)
{
	const struct value_field field = {
		.bit_offset = BY_ORDER(0, 64 - bits),
		.bit_size = bits,
		.kind = LAYOUT_INT,
		.is_signed = is_signed,
	};

	return rate_of(&field, before, now);
}

static void counters_wrap_and_gauges_fall(void **state)
{
	const struct value_field sum = {
		.bit_size = 64,
		.kind = LAYOUT_INT,
		.term_bits = 32,
	};

	(void)state;
	assert_true(rate(64, false, 10, 15) == 2.5);
	assert_true(rate(64, false, 15, 10) == -2.5);
	assert_true(rate(32, false, 0xffffffff, 3) == 2);
	assert_true(rate(64, false, UINT64_MAX, 3) == 2);
	assert_true(rate(32, true, 0xffffffff, 3) == 2);
	assert_true(rate(32, true, 3, 0xffffffff) == -2);
	assert_true(rate(1, false, 0, 1) == 0.5);
	/* One of the terms went round. */
	assert_true(rate_of(&sum, 0x1fffffffe, 0x100000002) == 2);
}

static void small_steps_of_large_numbers_count(void **state)
{
	(void)state;
	assert_true(rate(64, true, INT64_MAX - 1, INT64_MAX) == 0.5);
	assert_true(rate(64, false, UINT64_MAX - 1, UINT64_MAX) == 0.5);
	assert_true(rate(64, true, (uint64_t)INT64_MIN, INT64_MAX) == 0x1p63);
}

static void a_counter_set_back_does_not_jump(void **state)
{
	(void)state;
	assert_true(isnan(rate(32, false, 4000000000, 0)));
	assert_true(isnan(rate(64, false, UINT64_MAX, 0)));
	assert_true(rate(32, false, 4000000000, 6) == -1999999997);
	assert_true(rate(32, false, 0, 0) == 0);
	assert_true(rate(32, true, 3, 0) == -1.5);
}

static void keys_are_found(void **state)
{
	auto_samples s = {.key_size = 4, .value_size = 8, .most = 1000};

	(void)state;
	for (uint32_t i = 0; i < 500; i++)
		add(&s, i * 7919 % 500 * 2, i);
	samples_index(&s);
	for (uint32_t i = 0; i < 1000; i++) {
		const uint32_t key = htole32(i);
		const void *found = samples_find(&s, &key);
		uint64_t value;

		assert_true((found != NULL) == (i % 2 == 0));
		if (!found)
			continue;
		memcpy(&value, found, sizeof(value));
		assert_true(value * 7919 % 500 * 2 == i);
	}
}

/* The rows as they are shown, as their keys. */
static void assert_top(const struct scene *s, size_t by, size_t most, const char *want)
{
	const struct sample_order order = {.fields = &s->fields, .by = by};
	auto_strbuf got = STRBUF_INIT;
	auto_sample_top top = {.nr = 0};

	sample_top_init(&top, &s->now, s->look.before, &order, most);
	for (size_t i = 0; i < top.nr; i++) {
		uint32_t key;

		memcpy(&key, samples_key(&s->now, top.places[i].row), sizeof(key));
		sb_addf(&got, "%u ", le32toh(key));
	}
	assert_string_equal(sb_text(&got), want);
}

static void what_changes_most_is_first(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	samples_clear(&s.before);
	samples_clear(&s.now);
	s.before.most = s.now.most = 10;
	for (uint32_t key = 1; key <= 5; key++)
		add(&s.before, key, 100);
	samples_index(&s.before);
	add(&s.now, 1, 100); /* stands */
	add(&s.now, 2, 130);
	add(&s.now, 3, 40); /* falls faster than 2 rises */
	add(&s.now, 9, 99); /* is new: nothing to compare with */
	add(&s.now, 4, 101);
	add(&s.now, 8, 99);
	samples_index(&s.now);
	assert_top(&s, SIZE_MAX, 10, "3 2 4 1 9 8 ");
	assert_top(&s, 0, 10, "3 2 4 1 9 8 ");
	for (size_t most = 0; most < 6; most++) {
		auto_free char *want = xstrndup("3 2 4 1 9 8 ", most * 2);

		assert_top(&s, SIZE_MAX, most, want);
	}
	s.look.before = NULL;
	assert_top(&s, SIZE_MAX, 4, "2 4 1 9 ");
	scene_close(&s);
}

/* Two numbers: where the first does not change the second decides, if none is named. */
static void the_next_number_decides(void **state)
{
	const uint64_t a[] = {5, 7}, b[] = {5, 9}, c[] = {4, 0}, b_before[] = {5, 1};
	struct samples before = {.key_size = 4, .value_size = 16, .most = 9, .time = 1};
	struct samples now = {.key_size = 4, .value_size = 16, .most = 9, .time = 2};
	uint32_t keys[] = {htole32(1), htole32(2), htole32(3)};
	auto_err err = ERR_INIT;
	struct scene s;

	(void)state;
	scene_open(&s);
	value_fields_release(&s.fields);
	assert_int_equal(value_fields_init(&s.fields, NULL, 0, 16, &err), 0);
	samples_release(&s.now);
	samples_release(&s.before);
	samples_add(&before, &keys[0], a);
	samples_add(&before, &keys[1], b_before);
	samples_add(&before, &keys[2], c);
	samples_index(&before);
	samples_add(&now, &keys[0], a);
	samples_add(&now, &keys[1], b);
	samples_add(&now, &keys[2], (const uint64_t[]){3, 0});
	s.now = now;
	s.before = before;
	assert_top(&s, SIZE_MAX, 3, "3 2 1 ");
	assert_top(&s, 0, 3, "3 1 2 ");
	assert_top(&s, 1, 3, "2 1 3 ");
	scene_close(&s);
}

static void what_is_left_out_is_counted(void **state)
{
	const struct sample_order order = {.by = SIZE_MAX};
	struct sample_order by = order;
	auto_strbuf out = STRBUF_INIT;
	auto_sample_top top = {.nr = 0};
	auto_json *root = NULL;
	struct scene s;

	(void)state;
	scene_open(&s);
	add(&s.now, 3, 3);
	add(&s.now, 4, 4);
	add(&s.now, 5, 5);
	samples_index(&s.now);
	by.fields = &s.fields;
	sample_top_init(&top, &s.now, &s.before, &by, 2);
	s.look.top = &top;
	s.look.by = watch_view_first(&s.fields);
	watch_view_lines(&s.look, &out);
	assert_string_equal(
		sb_text(&out),
		"12:30:05 hex 01 00 00 00  value 15 (+2.5/s)\n"
		"12:30:05 hex 02 00 00 00  value 5\n"
		"12:30:05 and 1 elements more\n"
		"12:30:05 and 2 elements that were not compared: comparing them takes too much memory\n");
	root = watch_view_json(&s.look);
	sb_clear(&out);
	json_out(&out, root, JSON_COMPACT);
	assert_non_null(strstr(sb_text(&out), "\"sorted_by\":\"value\""));
	assert_non_null(strstr(sb_text(&out), "\"more\":1,\"not_compared\":2"));
	sb_clear(&out);
	s.look.q_quits = true;
	watch_view_screen(&s.look, 6, 50, &out);
	assert_int_equal(lines_within(&out, 50), 5);
	assert_non_null(
		strstr(sb_text(&out), "and 2 elements more; by value/s; q quits\n"));
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_for_a_pipe),
		cmocka_unit_test(a_table_for_a_terminal),
		cmocka_unit_test(wide_keys_and_many_fields_take_a_line),
		cmocka_unit_test(one_look_in_json),
		cmocka_unit_test(counters_wrap_and_gauges_fall),
		cmocka_unit_test(small_steps_of_large_numbers_count),
		cmocka_unit_test(a_counter_set_back_does_not_jump),
		cmocka_unit_test(keys_are_found),
		cmocka_unit_test(what_changes_most_is_first),
		cmocka_unit_test(the_next_number_decides),
		cmocka_unit_test(what_is_left_out_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
