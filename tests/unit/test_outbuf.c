/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Bulk output: every byte once and in order, or an error that stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/outbuf.h"

enum { LONG = 200000 };

/* LONG bytes that are not all the same. */
static char *long_text(void)
{
	char *text = xcalloc(1, LONG + 1);

	for (size_t i = 0; i < LONG; i++)
		text[i] = (char)('a' + i % 23);
	return text;
}

/* In pieces of every length around those that the buffer is made of. */
static void write_pieces(struct outbuf *o, const char *text)
{
	static const size_t sizes[] = {1, 255, 256, 257, 0, 511, 513, 4096, 17};
	size_t at = 0;

	for (size_t i = 0; at < LONG; i++) {
		size_t n = sizes[i % array_size(sizes)];

		n = n < LONG - at ? n : LONG - at;
		outbuf_add(o, text + at, n);
		at += n;
	}
}

static void all_of_it_arrives_in_order(void **state)
{
	auto_free char *text = long_text();
	auto_free char *again = xcalloc(1, LONG + 2);
	FILE *file = tmpfile();
	auto_outbuf o = {.bytes = NULL};

	(void)state;
	assert_non_null(file);
	/* What stdio holds goes out first. */
	fputs("<", file);
	outbuf_init(&o, file);
	assert_false(o.written);
	write_pieces(&o, text);
	assert_true(o.written);
	outbuf_char(&o, '>');
	assert_int_equal(outbuf_flush(&o), 0);
	assert_int_equal(outbuf_flush(&o), 0);
	rewind(file);
	assert_int_equal(fgetc(file), '<');
	assert_int_equal(fread(again, 1, LONG, file), LONG);
	assert_memory_equal(again, text, LONG);
	assert_int_equal(fgetc(file), '>');
	assert_int_equal(fgetc(file), EOF);
	fclose(file);
}

static void a_stream_in_memory_takes_it_too(void **state)
{
	auto_free char *text = long_text();
	auto_outbuf o = {.bytes = NULL};
	char *out = NULL;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	(void)state;
	outbuf_init(&o, file);
	write_pieces(&o, text);
	outbuf_puts(&o, "end");
	assert_int_equal(outbuf_flush(&o), 0);
	fclose(file);
	assert_int_equal(size, LONG + 3);
	assert_memory_equal(out, text, LONG);
	assert_string_equal(out + LONG, "end");
	free(out);
}

/* The first error is the one that is told, and nothing is tried after it. */
static void a_full_disk_is_told_to_the_end(void **state)
{
	auto_free char *text = long_text();
	FILE *file = fopen("/dev/full", "we");
	auto_outbuf o = {.bytes = NULL};

	(void)state;
	assert_non_null(file);
	outbuf_init(&o, file);
	outbuf_puts(&o, "a");
	assert_int_equal(o.error, 0);
	assert_int_equal(outbuf_flush(&o), -ENOSPC);
	close(fileno(file));
	write_pieces(&o, text);
	assert_int_equal(outbuf_flush(&o), -ENOSPC);
	fclose(file);
}

static void what_stdio_could_not_write_is_an_error(void **state)
{
	FILE *file = fopen("/dev/full", "we");
	auto_outbuf o = {.bytes = NULL};

	(void)state;
	assert_non_null(file);
	fputs("a", file);
	outbuf_init(&o, file);
	assert_int_equal(o.error, -ENOSPC);
	outbuf_puts(&o, "b");
	assert_int_equal(outbuf_flush(&o), -ENOSPC);
	assert_false(o.written);
	fclose(file);
}

static void memory_that_is_full_is_an_error(void **state)
{
	char room[8];
	FILE *file = fmemopen(room, sizeof(room), "w");
	auto_outbuf o = {.bytes = NULL};

	(void)state;
	outbuf_init(&o, file);
	outbuf_puts(&o, "more than eight");
	assert_true(outbuf_flush(&o) < 0);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_arrives_in_order),
		cmocka_unit_test(a_stream_in_memory_takes_it_too),
		cmocka_unit_test(a_full_disk_is_told_to_the_end),
		cmocka_unit_test(what_stdio_could_not_write_is_an_error),
		cmocka_unit_test(memory_that_is_full_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
