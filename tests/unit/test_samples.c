/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values that were looked at: found again by their keys, how fast they change, and the fastest. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "btf/sample_top.h"
#include "btf/samples.h"

static void rows_are_found_once_indexed(void **state)
{
	auto_samples s = {.key_size = 12, .value_size = 4, .most = 40};
	unsigned char key[12] = "eleven bytes";

	(void)state;
	assert_null(samples_find(&s, key));
	for (uint32_t i = 0; i < 50; i++) {
		memcpy(key, &i, sizeof(i));
		samples_add(&s, key, &i);
	}
	assert_int_equal(s.nr, 40);
	assert_int_equal(s.more, 10);
	samples_index(&s);
	for (uint32_t i = 0; i < 50; i++) {
		const uint32_t *value;

		memcpy(key, &i, sizeof(i));
		value = samples_find(&s, key);
		assert_int_equal(value != NULL, i < 40);
		if (value)
			assert_int_equal(*value, i);
	}
	samples_clear(&s);
	assert_null(samples_find(&s, key));
	assert_int_equal(s.nr + s.more, 0);
}

static const struct value_field u64 = {.bit_size = 64, .kind = LAYOUT_INT};
static const struct value_field s64 = {
	.bit_size = 64, .kind = LAYOUT_INT, .is_signed = true};
/* The sum of numbers of 8 bits. */
static const struct value_field sum = {
	.bit_size = 64, .kind = LAYOUT_INT, .term_bits = 8};

static void counters_that_go_round(void **state)
{
	static const struct {
		const struct value_field *field;
		uint64_t before, now;
		double seconds;
		bool known;
		double rate;
	} rates[] = {
		{&u64, 5, 15, 2, true, 5},
		{&u64, 15, 5, 2, true, -5},
		{&u64, UINT64_MAX, 1, 1, true, 2},
		/* Begun anew. */
		{&u64, 5, 0, 1, false, 0},
		{&u64, 0, 0, 1, true, 0},
		{&s64, 5, 0, 1, true, -5},
		{&s64, UINT64_MAX, 1, 1, true, 2},
		/* Less than a sixteenth of the way round; more is a step back. */
		{&sum, 255, 14, 1, true, 15},
		{&sum, 255, 15, 1, true, -240},
		{&sum, 1000, 1, 1, true, -999},
		{&u64, 5, 15, 0, false, 0},
		{&u64, 5, 15, -1, false, 0},
		{&u64, 5, 15, NAN, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rates); i++) {
		double rate = 0;
		bool known = samples_rate(rates[i].field, &rates[i].before, &rates[i].now,
					  rates[i].seconds, &rate);

		if (known != rates[i].known || rate != rates[i].rate)
			fail_msg("row %zu: %d %g", i, known, rate);
	}
}

/* --- the fastest ----------------------------------------------------------------------- */

enum { FIELDS = 8 };

/* The rows in their order, "2 0 1". */
static void order_is(const struct samples *now, const struct samples *before,
		     const struct value_fields *fields, size_t by, size_t most,
		     const char *want)
{
	const struct sample_order order = {.fields = fields, .by = by};
	auto_strbuf text = STRBUF_INIT;
	auto_sample_top top = {.nr = 0};

	sample_top_init(&top, now, before, &order, most);
	for (size_t i = 0; i < top.nr; i++) {
		sb_add_sep(&text, " ", "");
		sb_addf(&text, "%zu", top.places[i].row);
	}
	assert_string_equal(sb_text(&text), want);
}

static void rows_that_change_most_come_first(void **state)
{
	struct value_field items[FIELDS];
	const struct value_fields fields = {
		.items = items, .nr = FIELDS, .size = FIELDS * 8};
	auto_samples before = {.key_size = 1, .value_size = FIELDS * 8, .most = 9};
	auto_samples now = {.key_size = 1, .value_size = FIELDS * 8, .most = 9};
	uint64_t value[FIELDS] = {0};

	(void)state;
	for (uint32_t i = 0; i < FIELDS; i++)
		items[i] = (struct value_field){
			.bit_offset = i * 64, .bit_size = 64, .kind = LAYOUT_INT};
	items[1].kind = LAYOUT_POINTER;
	for (uint8_t key = 0; key < 4; key++)
		samples_add(&before, &key, value);
	samples_index(&before);
	for (uint8_t key = 0; key < 5; key++) {
		value[0] = key == 2 ? 5 : 0; /* rises */
		value[1] = key;              /* where things are is no number */
		value[5] = key == 3 ? 1 : 0; /* the last that decides */
		value[6] = 10U - key;
		samples_add(&now, &key, value);
	}
	now.time = 1;
	order_is(&now, &before, &fields, SIZE_MAX, 9, "2 3 0 1 4");
	order_is(&now, &before, &fields, SIZE_MAX, 2, "2 3");
	order_is(&now, &before, &fields, SIZE_MAX, 0, "");
	order_is(&now, &before, &fields, 5, 9, "3 0 1 2 4");
	order_is(&now, &before, &fields, 6, 9, "0 1 2 3 4");
	/* Of a pointer nothing is known, so they stay as they came. */
	order_is(&now, &before, &fields, 1, 9, "0 1 2 3 4");
	/* At first nothing has changed: the highest. */
	order_is(&now, NULL, &fields, SIZE_MAX, 9, "2 3 0 1 4");
	order_is(&now, NULL, &fields, 6, 3, "0 1 2");
}

static void what_is_no_number_comes_last(void **state)
{
	struct value_field f64 = {.bit_size = 64, .kind = LAYOUT_FLOAT};
	const struct value_fields fields = {.items = &f64, .nr = 1, .size = 8};
	const double values[] = {NAN, -INFINITY, 1, NAN, 2};
	auto_samples before = {.key_size = 1, .value_size = 8, .most = 9};
	auto_samples now = {.key_size = 1, .value_size = 8, .most = 9};

	(void)state;
	for (uint8_t key = 0; key < array_size(values); key++) {
		samples_add(&before, &key, &values[2]);
		samples_add(&now, &key, &values[key]);
	}
	samples_index(&before);
	order_is(&now, NULL, &fields, 0, 9, "4 2 0 1 3");
	now.time = 1;
	/* A step to -inf is the largest, one to none is none. */
	order_is(&now, &before, &fields, 0, 9, "1 4 2 0 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_found_once_indexed),
		cmocka_unit_test(counters_that_go_round),
		cmocka_unit_test(rows_that_change_most_come_first),
		cmocka_unit_test(what_is_no_number_comes_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
