/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "load/apply_places.h"
#include "load/apply_record.h"

#define IDENTITY                                           \
	{                                                  \
		.id = UINT32_MAX, .load_time = UINT64_MAX, \
		.tag = { 0,                                \
			 1,                                \
			 0xfe,                             \
			 0xff,                             \
			 5,                                \
			 6,                                \
			 7,                                \
			 8 }                               \
	}

/* Everything that a record may hold, with the bytes that names of others may have. */
static void record_fill(struct apply_record *record)
{
	struct apply_loaded_program program = {
		.function = (char *)"count", .type = 3, .is = IDENTITY};
	struct apply_loaded_map maps[] = {
		{.name = (char *)"usage", .pin = (char *)"/sys/fs/bpf/u", .id = 7},
		{.name = (char *)".rodata", .id = 8}};
	struct apply_loaded_slot slot = {.map_id = 9, .key = 1, .prog_id = 10};
	struct apply_load load = {.object = (char *)"tc",
				  .sha1 = (char *)"00",
				  .settings = (char *)"a \"b\"\n",
				  .programs = &program,
				  .nr_programs = 1,
				  .maps = maps,
				  .nr_maps = 2,
				  .slots = &slot,
				  .nr_slots = 1};
	struct apply_made tc = {.object = (char *)"tc",
				.function = (char *)"count",
				.is = IDENTITY,
				.is_tc = true,
				.netns = (char *)"",
				.netns_ino = 4026531840,
				.dev = (char *)"v\xff\x01",
				.ifindex = INT32_MAX,
				.parent = 0xfffffff2,
				.chain = 1,
				.handle = UINT32_MAX,
				.pref = UINT16_MAX,
				.protocol = 3,
				.direct_action = true};
	struct apply_made link = {.object = (char *)"cg",
				  .function = (char *)"count",
				  .is = IDENTITY,
				  .cgroup = (char *)"/sys/fs/cgroup/a\\x2d\xc3\x28",
				  .cgroup_id = UINT64_MAX,
				  .attach_type = 1,
				  .mode = APPLY_LINK,
				  .pin = (char *)"/sys/fs/bpf/l"};

	*record = (struct apply_record){.netns = 1, .bpffs = 2};
	record->name = xstrdup("acct");
	record->boot = xstrdup("b");
	apply_record_add_load(record, &load);
	apply_record_add_made(record, &tc);
	apply_record_add_made(record, &link);
}

static void what_is_written_is_read(void **state)
{
	auto_apply_record record = APPLY_RECORD_INIT, again = APPLY_RECORD_INIT;
	auto_strbuf text = STRBUF_INIT, second = STRBUF_INIT;
	auto_err err = ERR_INIT;

	(void)state;
	record_fill(&record);
	apply_record_write(&record, &text);
	assert_int_equal(apply_record_parse(&again, text.text, text.len, &err), 0);
	apply_record_write(&again, &second);
	assert_string_equal(sb_text(&text), sb_text(&second));
	assert_string_equal(again.made[0].dev, record.made[0].dev);
	assert_string_equal(again.made[1].cgroup, record.made[1].cgroup);
	assert_true(apply_identity_same(&again.made[0].is, &record.made[0].is));
	assert_null(again.loads[0].maps[1].pin);
	assert_int_equal(again.made[1].cgroup_id, UINT64_MAX);
	assert_int_equal(again.made[0].pref, UINT16_MAX);
	assert_true(again.made[0].direct_action);
}

/* Thousands of places differ in little more than where they are. */
static void what_is_the_same_is_written_once(void **state)
{
	auto_apply_record record = APPLY_RECORD_INIT, again = APPLY_RECORD_INIT;
	auto_strbuf text = STRBUF_INIT;
	auto_err err = ERR_INIT;
	struct apply_made next;

	(void)state;
	record_fill(&record);
	next = record.made[1];
	next.cgroup = (char *)"/sys/fs/cgroup/b";
	next.pin = NULL;
	next.mode = APPLY_MULTI;
	apply_record_add_made(&record, &next);
	next.function = (char *)"other";
	next.is.tag[7] ^= 1;
	next.attach_type = 0;
	apply_record_add_made(&record, &next);
	apply_record_write(&record, &text);
	assert_non_null(
		strstr(text.text, ",{\"cgroup\":\"/sys/fs/cgroup/b\",\"mode\":0},{"));
	assert_int_equal(apply_record_parse(&again, text.text, text.len, &err), 0);
	assert_int_equal(again.nr_made, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct apply_made *a = &record.made[i], *b = &again.made[i];

		assert_string_equal(a->object, b->object);
		assert_string_equal(a->function, b->function);
		assert_true(apply_identity_same(&a->is, &b->is));
		assert_int_equal(a->is_tc, b->is_tc);
		assert_int_equal(a->cgroup_id, b->cgroup_id);
		assert_int_equal(a->attach_type, b->attach_type);
		assert_int_equal(a->mode, b->mode);
		assert_int_equal(!a->pin, !b->pin);
	}
}

static void refuses_record(const char *text, size_t size, const char *why)
{
	auto_apply_record record = APPLY_RECORD_INIT;
	auto_err err = ERR_INIT;

	assert_int_equal(apply_record_parse(&record, text, size, &err), -EBADMSG);
	assert_null(record.name);
	if (!strstr(err.text, why))
		fail_msg("'%s' lacks '%s'", err.text, why);
}

static void a_part_is_no_record(void **state)
{
	auto_apply_record record = APPLY_RECORD_INIT;
	auto_strbuf text = STRBUF_INIT;

	(void)state;
	record_fill(&record);
	apply_record_write(&record, &text);
	/* The last byte is the newline, which may be missing. */
	for (size_t n = 0; n < text.len - 1; n++) {
		auto_free char *part = xmemdup(text.text, n + 1);

		part[n] = '\0';
		refuses_record(part, n, "");
	}
}

/* The record with one text in it exchanged. */
static void refuses_changed(const char *from, const char *to, const char *why)
{
	auto_apply_record record = APPLY_RECORD_INIT;
	auto_strbuf text = STRBUF_INIT, changed = STRBUF_INIT;
	const char *at;

	record_fill(&record);
	apply_record_write(&record, &text);
	at = strstr(sb_text(&text), from);
	assert_non_null(at);
	sb_add_mem(&changed, text.text, (size_t)(at - text.text));
	sb_add(&changed, to);
	sb_add(&changed, at + strlen(from));
	refuses_record(changed.text, changed.len, why);
}

static void wrong_values_are_named(void **state)
{
	(void)state;
	refuses_changed("\"version\":1", "\"version\":2", "'version'");
	refuses_changed("\"pref\":65535", "\"pref\":65536", "'pref'");
	refuses_changed("\"pref\":65535", "\"pref\":-1", "'pref'");
	refuses_changed("\"pref\":65535", "\"pref\":\"1\"", "'pref'");
	refuses_changed("\"id\":4294967295", "\"id\":4294967296", "'id'");
	refuses_changed("\"ifindex\":2147483647", "\"ifindex\":2147483648", "'ifindex'");
	refuses_changed("\"tag\":\"0001fe", "\"tag\":\"0001fg", "'tag'");
	refuses_changed("\"tag\":\"00", "\"tag\":\"", "'tag'");
	refuses_changed("\"direct_action\":true", "\"direct_action\":1",
			"'direct_action'");
	refuses_changed("\"mode\":3", "\"mode\":4", "'mode'");
	refuses_changed("\"version\":1", "\"version\":\"1\"", "'version'");
	refuses_changed("\"version\":1", "\"version\":null", "'version'");
	/* Deletes with these would be of other filters, too. */
	refuses_changed("\"pref\":65535", "\"pref\":0", "'pref' is 0");
	refuses_changed("\"handle\":4294967295", "\"handle\":0", "'handle' is 0");
	refuses_changed("\"protocol\":3", "\"protocol\":0", "'protocol' is 0");
	refuses_changed("\"ifindex\":2147483647", "\"ifindex\":0", "'ifindex' is 0");
	refuses_changed("\"parent\":4294967282", "\"parent\":4294967295",
			"'parent' is 4294967295");
	refuses_changed("\"parent\":4294967282", "\"parent\":4294967284",
			"'parent' is 4294967284");
	refuses_changed("\"netns\":\"\"", "\"netns\":\"../x\"", "'netns'");
	refuses_changed("\"dev\":\"v", "\"dev\":\"0123456789abcdev", "'dev'");
	refuses_changed("\"attach_type\":1", "\"attach_type\":4000",
			"'attach_type' is 4000");
	refuses_changed("\"pin\":\"/sys/fs/bpf/l", "\"pin\":\"l",
			"'pin' is not an absolute path");
	refuses_changed("\"pin\":\"/sys/fs/bpf/u", "\"pin\":\"/a/../u",
			"'pin' is not an absolute path");
	refuses_changed(",\"pin\":\"/sys/fs/bpf/l\"", "", "'pin'");
	refuses_changed("\"name\":\"acct\"", "\"name\":\"ac\\u0000ct\"", "'name'");
	refuses_changed("\"made\":[", "\"made\":[1,", "'made'");
	refuses_changed("\"made\":[", "\"made\":{}, \"x\":[", "'made'");
	refuses_changed("\"boot\":\"b\",", "", "'boot'");
	refuses_changed("\"cgroup\":\"/sys/fs/cgroup/a", "\"x\":\"", "'cgroup'");
	refuses_changed("\"handle\":4294967295,", "", "'handle'");
	refuses_changed("}]}\n", "}]} {}\n", "follows its JSON");
	refuses_changed("\"version\":1", "\"version\":0", "'version' is not 1");
	refuses_changed("\"version\":1,", "", "'version' is not 1");
	refuses_changed("\"loads\":", "\"x\":", "'loads' is not a list");
	refuses_changed("\"slots\":[", "\"slots\":[{},", "'map_id' is missing");
	refuses_changed("\"slots\":[", "\"slots\":0,\"x\":[", "'slots' is not a list");
	refuses_changed("\"maps\":[", "\"maps\":[{},", "'name' is missing");
	refuses_changed("\"programs\":[", "\"programs\":[{},", "'function' is missing");
	refuses_changed("\"sha1\":\"00\"", "\"sha1\":null",
			"'sha1' has no such value: null");
	refuses_changed("\"tag\":\"0001fe", "\"tag\":1,\"x\":\"",
			"'tag' has no such value: 1");
	refuses_changed("\"made\":[{", "\"made\":[{},{", "'object' is missing");
	/* Where it is cannot be as in the one before it. */
	refuses_changed("}]}\n", "},{\"mode\":0}]}\n", "'cgroup' is missing");
	refuses_changed("\"cgroup\":\"/sys", "\"cgroup\":\"sys",
			"'cgroup' is not an absolute path");
	refuses_changed("\"dev\":\"v", "\"dev\":\"\",\"x\":\"", "'dev'");
	refuses_changed("\"dev\":\"v", "\"dev\":\"a/",
			"'dev' cannot be an interface: a/");
	refuses_record("[]", 2, "it is not an object");
}

static void a_word_is_a_name_or_a_pattern(void **state)
{
	(void)state;
	assert_true(apply_word_fits("eth0", "eth0"));
	assert_false(apply_word_fits("eth0", "eth00"));
	assert_true(apply_word_fits("eth*", "eth0"));
	assert_true(apply_word_fits("v[ab]?", "va1"));
	assert_false(apply_word_fits("v[ab]?", "vc1"));
	/* systemd's escapes are characters. */
	assert_true(apply_word_fits("a\\x2d*", "a\\x2db"));
	assert_true(apply_word_fits("a\\x2db", "a\\x2db"));
	assert_false(apply_word_fits("*", "a/b"));
	assert_false(apply_word_fits("*", ".hidden"));
	assert_true(apply_word_fits("x[", "x["));
	assert_true(apply_word_fits("x*", "x*"));
}

static void another_program_of_that_id_is_another(void **state)
{
	const struct apply_identity a = IDENTITY;
	struct apply_identity b = a, none = {.id = 0};

	(void)state;
	assert_true(apply_identity_same(&a, &b));
	b.load_time--;
	assert_false(apply_identity_same(&a, &b));
	b = a;
	b.tag[7]++;
	assert_false(apply_identity_same(&a, &b));
	assert_false(apply_identity_same(&none, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_is_the_same_is_written_once),
		cmocka_unit_test(a_part_is_no_record),
		cmocka_unit_test(wrong_values_are_named),
		cmocka_unit_test(a_word_is_a_name_or_a_pattern),
		cmocka_unit_test(another_program_of_that_id_is_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
