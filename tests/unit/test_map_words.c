/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The words of map commands: MAP, DATA, and the options both tools share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "verbs/map_data.h"
#include "verbs/map_ref.h"
#include "verbs/tool.h"
#include "skip.h"

#define WORDS(...)                                                        \
	(struct args)                                                     \
	{                                                                 \
		.argv = (char **)(const char *[]){__VA_ARGS__, NULL},     \
		.argc = (int)array_size(((const char *[]){__VA_ARGS__})), \
	}

static void refs_are_two_words(void **state)
{
	struct args id = WORDS("id", "0x1b", "rest"), pin = WORDS("p", "/sys/fs/bpf/x");
	struct args name = WORDS("name", "fifteen_bytes_x");
	auto_err err = ERR_INIT;
	struct map_ref ref;

	(void)state;
	assert_int_equal(map_ref_parse(&ref, &id, &err), 0);
	assert_int_equal(ref.kind, MAP_REF_ID);
	assert_int_equal(ref.id, 27);
	assert_string_equal(args_peek(&id), "rest");
	assert_int_equal(map_ref_parse(&ref, &pin, &err), 0);
	assert_int_equal(ref.kind, MAP_REF_PINNED);
	assert_string_equal(ref.what, "/sys/fs/bpf/x");
	assert_int_equal(map_ref_parse(&ref, &name, &err), 0);
	assert_int_equal(ref.kind, MAP_REF_NAME);
	assert_string_equal(ref.what, "fifteen_bytes_x");
}

static void other_refs_are_refused(void **state)
{
	struct {
		struct args args;
		const char *text;
	} bad[] = {
		{WORDS("foo", "1"), "expected 'id', 'name' or 'pinned', got: 'foo'?"},
		{{.argc = 0}, "expected 'id', 'name' or 'pinned', got: ''?"},
		{WORDS("", "1"), "expected 'id', 'name' or 'pinned', got: ''?"},
		{WORDS("id", "x"), "can't parse x as ID"},
		{WORDS("id", "-1"), "can't parse -1 as ID"},
		{WORDS("id", "4294967296"), "can't parse 4294967296 as ID"},
		{WORDS("id"), "'id' needs a value: which map"},
		{WORDS("name", "sixteen_bytes_xy"),
		 "can't parse name 'sixteen_bytes_xy': the kernel keeps 15 bytes of a "
		 "map's "
		 "name"},
	};
	auto_err err = ERR_INIT;
	struct map_ref ref;

	(void)state;
	for (size_t i = 0; i < array_size(bad); i++) {
		assert_int_equal(map_ref_parse(&ref, &bad[i].args, &err), -EINVAL);
		assert_string_equal(err.text, bad[i].text);
	}
}

static void bytes_in_c_notation_or_hex(void **state)
{
	static const unsigned char want[] = {0x0a, 8, 255, 10};
	struct args plain = WORDS("0x0a", "010", "255", "10", "value");
	struct args hex = WORDS("hex", "0a", "0x8", "FF", "a");
	unsigned char got[4];
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(map_data_parse(&plain, "key", got, sizeof(got), &err), 0);
	assert_memory_equal(got, want, sizeof(want));
	assert_string_equal(args_peek(&plain), "value");
	assert_int_equal(map_data_parse(&hex, "key", got, sizeof(got), &err), 0);
	assert_memory_equal(got, want, sizeof(want));
	assert_false(args_more(&hex));
}

static void bytes_are_from_0_to_255(void **state)
{
	struct {
		struct args args;
		const char *text;
	} bad[] = {
		{WORDS("1", "256"), "error parsing byte: 256 is not from 0 to 255"},
		{WORDS("300", "1"), "error parsing byte: 300 is not from 0 to 255"},
		{WORDS("99999999999999999999", "1"),
		 "error parsing byte: 99999999999999999999 is not from 0 to 255"},
		{WORDS("-1", "1"), "error parsing byte: -1"},
		{WORDS("+1", "1"), "error parsing byte: +1"},
		{WORDS("zz", "1"), "error parsing byte: zz"},
		{WORDS("1x", "1"), "error parsing byte: 1x"},
		{WORDS("", "1"), "error parsing byte: "},
		{WORDS("hex", "1", "100"),
		 "error parsing byte: 100 is not from 0 to 255"},
		{WORDS("hex", "1", "g"), "error parsing byte: g"},
		{WORDS("hex", "1"), "key expected 2 bytes got 1"},
		{WORDS("1"), "key expected 2 bytes got 1"},
		{{.argc = 0}, "key expected 2 bytes got 0"},
	};
	unsigned char got[2];
	auto_err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < array_size(bad); i++) {
		assert_int_equal(map_data_parse(&bad[i].args, "key", got, sizeof(got),
						&err),
				 -EINVAL);
		assert_string_equal(err.text, bad[i].text);
	}
}

static void shared_options_are_consumed(void **state)
{
	struct tool tool = {.name = "t"};
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(tool_option(&tool, "--pin-root", "/x", &err), 2);
	assert_string_equal(tool.share.pin_root, "/x");
	assert_int_equal(tool_option(&tool, "--pin-root=none", "next", &err), 1);
	assert_string_equal(tool.share.pin_root, "none");
	assert_int_equal(tool_option(&tool, "--maps-layout", "samples", &err), 2);
	assert_int_equal(tool.share.layout, MAPS_LAYOUT_SAMPLES);
	assert_int_equal(tool_option(&tool, "--mount-bpffs", "next", &err), 1);
	assert_true(tool.share.mount_bpffs);
	assert_int_equal(tool_option(&tool, "--no-layout-check", NULL, &err), 1);
	assert_true(tool.share.no_layout_check);
}

static void other_options_are_left_or_refused(void **state)
{
	static const char *const others[] = {"-p",     "--pin", "--pin-roots",
					     "--json", "",      "--"};
	struct tool tool = {.name = "t"};
	auto_err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < array_size(others); i++)
		assert_int_equal(tool_option(&tool, others[i], "x", &err), 0);
	assert_int_equal(tool_option(&tool, "--pin-root", NULL, &err), -EINVAL);
	assert_string_equal(err.text, "'--pin-root' needs a value: DIR|none");
	assert_int_equal(tool_option(&tool, "--pin-root=", "x", &err), -EINVAL);
	assert_int_equal(tool_option(&tool, "--mount-bpffs=yes", NULL, &err), -EINVAL);
	assert_string_equal(err.text, "'--mount-bpffs' takes no value");
	assert_int_equal(tool_option(&tool, "--maps-layout", "bogus", &err), -EINVAL);
	assert_null(tool.share.pin_root);
	assert_false(tool.share.mount_bpffs);
}

/* What main prints at the end; out is read back. */
static char *finish(bool json, int result, struct err *err, int usual, int *status)
{
	char *text = NULL;
	size_t size = 0;
	struct tool tool = {.name = "t", .json = json};

	tool.out = open_memstream(&text, &size);
	*status = tool_finish(&tool, result, err, usual);
	fclose(tool.out);
	return text;
}

static void results_become_exit_statuses(void **state)
{
	auto_err err = ERR_INIT;
	int status;

	(void)state;
	free(finish(false, 0, &err, 255, &status));
	assert_int_equal(status, 0);
	free(finish(false, 1, &err, 255, &status));
	assert_int_equal(status, 1);
	err_say(&err, -EINVAL, "bad \"thing\"\n");
	{
		auto_free char *text = finish(true, -EINVAL, &err, 255, &status);

		assert_string_equal(text, "{\"error\":\"bad \\\"thing\\\"\\\\x0a\"}\n");
		assert_int_equal(status, 255);
	}
	err_status(&err, 2);
	free(finish(true, -EINVAL, &err, 255, &status));
	assert_int_equal(status, 2);
}

static void an_answer_that_cannot_be_written_is_an_error(void **state)
{
	struct tool tool = {.name = "t", .out = fopen("/dev/full", "w")};
	auto_err err = ERR_INIT;

	(void)state;
	if (!tool.out)
		skip_for("full", "there is no /dev/full");
	fputs("[]\n", tool.out);
	assert_int_equal(tool_finish(&tool, 0, &err, 255), 255);
	fclose(tool.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refs_are_two_words),
		cmocka_unit_test(other_refs_are_refused),
		cmocka_unit_test(bytes_in_c_notation_or_hex),
		cmocka_unit_test(bytes_are_from_0_to_255),
		cmocka_unit_test(shared_options_are_consumed),
		cmocka_unit_test(other_options_are_left_or_refused),
		cmocka_unit_test(results_become_exit_statuses),
		cmocka_unit_test(an_answer_that_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests_name("map_words", tests, NULL, NULL);
}
