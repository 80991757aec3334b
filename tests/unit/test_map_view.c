/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <errno.h>
#include <json-c/json.h>
#include <linux/bpf.h>
#include <cmocka.h>

#include "view/json_out.h"
#include "view/map_view.h"

/* 01 02 03 …: keys and values of any size. */
static unsigned char bytes[256];

static int setup(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i + 1);
	return 0;
}

static struct map_row stats_row(void)
{
	return (struct map_row){
		.id = 27,
		.type = BPF_MAP_TYPE_HASH,
		.name = "stats",
		.key_size = 4,
		.value_size = 8,
		.max_entries = 16,
		.memlock = 2320,
		.owner_prog_type = -1,
	};
}

static void assert_row(const struct map_row *row, const char *text, const char *json)
{
	auto_json *root = map_view_row_json(row);
	auto_strbuf out = STRBUF_INIT;

	map_view_row(row, &out);
	assert_string_equal(sb_text(&out), text);
	sb_clear(&out);
	json_out(&out, root, JSON_COMPACT);
	assert_string_equal(sb_text(&out), json);
}

static void a_plain_row(void **state)
{
	struct map_row row = stats_row();

	(void)state;
	assert_row(&row,
		   "27: hash  name stats  flags 0x0\n"
		   "\tkey 4B  value 8B  max_entries 16  memlock 2320B\n",
		   "{\"id\":27,\"type\":\"hash\",\"name\":\"stats\",\"flags\":0,"
		   "\"bytes_key\":4,\"bytes_value\":8,\"max_entries\":16,"
		   "\"bytes_memlock\":2320,\"frozen\":0}\n");
}

static void what_is_not_known_is_left_out(void **state)
{
	struct map_row row = stats_row();

	(void)state;
	row.name = "";
	row.memlock = 0;
	row.type = 1234;
	row.flags = 0x480;
	assert_row(&row,
		   "27: type 1234  flags 0x480\n\tkey 4B  value 8B  max_entries 16\n",
		   "{\"id\":27,\"type\":1234,\"flags\":1152,\"bytes_key\":4,"
		   "\"bytes_value\":8,\"max_entries\":16,\"frozen\":0}\n");
}

static void frozen_btf_and_pins(void **state)
{
	const char *const pins[] = {"/sys/fs/bpf/a", "/sys/fs/bpf/b"};
	struct map_row row = stats_row();
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	row.frozen = true;
	row.btf_id = 5;
	row.with_pins = true;
	row.pins = pins;
	row.nr_pins = 2;
	assert_row(&row,
		   "27: hash  name stats  flags 0x0\n"
		   "\tkey 4B  value 8B  max_entries 16  memlock 2320B\n"
		   "\tpinned /sys/fs/bpf/a\n"
		   "\tpinned /sys/fs/bpf/b\n"
		   "\tbtf_id 5  frozen\n",
		   "{\"id\":27,\"type\":\"hash\",\"name\":\"stats\",\"flags\":0,"
		   "\"bytes_key\":4,\"bytes_value\":8,\"max_entries\":16,"
		   "\"bytes_memlock\":2320,\"frozen\":1,\"btf_id\":5,"
		   "\"pinned\":[\"/sys/fs/bpf/a\",\"/sys/fs/bpf/b\"]}\n");
	row.btf_id = 0;
	row.nr_pins = 0;
	assert_row(&row,
		   "27: hash  name stats  flags 0x0\n"
		   "\tkey 4B  value 8B  max_entries 16  memlock 2320B\n"
		   "\tfrozen\n",
		   "{\"id\":27,\"type\":\"hash\",\"name\":\"stats\",\"flags\":0,"
		   "\"bytes_key\":4,\"bytes_value\":8,\"max_entries\":16,"
		   "\"bytes_memlock\":2320,\"frozen\":1,\"pinned\":[]}\n");
	row.btf_id = 5;
	row.frozen = false;
	map_view_row(&row, &out);
	assert_non_null(strstr(sb_text(&out), "\tbtf_id 5\n"));
}

static void owners_of_prog_arrays(void **state)
{
	struct map_row row = stats_row();

	(void)state;
	row.type = BPF_MAP_TYPE_PROG_ARRAY;
	row.owner_prog_type = BPF_PROG_TYPE_CGROUP_SKB;
	row.owner_jited = true;
	assert_row(&row,
		   "27: prog_array  name stats  flags 0x0\n"
		   "\tkey 4B  value 8B  max_entries 16  memlock 2320B\n"
		   "\towner_prog_type cgroup_skb  owner jited\n",
		   "{\"id\":27,\"type\":\"prog_array\",\"name\":\"stats\",\"flags\":0,"
		   "\"bytes_key\":4,\"bytes_value\":8,\"max_entries\":16,"
		   "\"bytes_memlock\":2320,\"owner_prog_type\":\"cgroup_skb\","
		   "\"owner_jited\":true,\"frozen\":0}\n");
}

static void titles_are_the_first_line(void **state)
{
	struct map_row row = stats_row();
	auto_json *root = map_view_dump_json(&row, json_out_list());
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	map_view_title(&row, &out);
	assert_string_equal(sb_text(&out), "27: hash  name stats  flags 0x0\n");
	sb_clear(&out);
	json_out(&out, root, JSON_COMPACT);
	assert_string_equal(sb_text(&out),
			    "{\"id\":27,\"type\":\"hash\",\"name\":\"stats\",\"flags\":0,"
			    "\"elements\":[]}\n");
}

static void assert_element(struct map_shape shape, int error, const char *text)
{
	auto_strbuf out = STRBUF_INIT;

	map_view_element(&shape, bytes, error ? NULL : bytes, error, &out);
	assert_string_equal(sb_text(&out), text);
}

/* The limits at which keys and values go to lines of their own. */
static void hex_layouts(void **state)
{
	static const struct {
		uint32_t key_size, value_size;
		const char *text;
	} rows[] = {
		{4, 8, "key: 01 02 03 04  value: 01 02 03 04 05 06 07 08\n"},
		{16, 8,
		 "key: 01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10  "
		 "value: 01 02 03 04 05 06 07 08\n"},
		{9, 16,
		 "key: 01 02 03 04 05 06 07 08  09\n"
		 "value: 01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10\n"},
		{4, 17,
		 "key:\n01 02 03 04\n"
		 "value:\n01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10\n11\n"},
		{17, 1,
		 "key:\n01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10\n11\n"
		 "value:\n01\n"},
		{0, 4, "value: 01 02 03 04\n"},
		{4, 32,
		 "key:\n01 02 03 04\n"
		 "value:\n01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10\n"
		 "11 12 13 14 15 16 17 18  19 1a 1b 1c 1d 1e 1f 20\n"},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++)
		assert_element((struct map_shape){.type = BPF_MAP_TYPE_HASH,
						  .key_size = rows[i].key_size,
						  .value_size = rows[i].value_size},
			       0, rows[i].text);
}

static void slots_that_cannot_be_read(void **state)
{
	struct map_shape shape = {
		.type = BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, .key_size = 4, .value_size = 8};
	auto_json *root = map_view_element_json(&shape, bytes, NULL, -ENOENT);
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	assert_element(shape, -ENOENT, "key: 01 02 03 04  value: <no entry>\n");
	assert_element(shape, -ENOSPC, "key: 01 02 03 04  value: <cannot read>\n");
	shape.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY;
	assert_element(shape, -ENOSPC,
		       "key:\n01 02 03 04\nvalue:\nNo space left on device\n");
	assert_element(shape, -524, "key:\n01 02 03 04\nvalue:\nUnknown error 524\n");
	json_out(&out, root, JSON_COMPACT);
	assert_string_equal(sb_text(&out),
			    "{\"key\":[\"0x01\",\"0x02\",\"0x03\",\"0x04\"],"
			    "\"value\":{\"error\":\"No such file or directory\"}}\n");
}

static void one_value_per_cpu(void **state)
{
	struct map_shape shape = {.type = BPF_MAP_TYPE_PERCPU_HASH,
				  .key_size = 2,
				  .value_size = 3,
				  .ncpus = 2,
				  .stride = 8};
	auto_json *root = map_view_element_json(&shape, bytes, bytes, 0);
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	assert_element(shape, 0,
		       "key:\n01 02\n"
		       "value (CPU 00): 01 02 03\n"
		       "value (CPU 01): 09 0a 0b\n");
	json_out(&out, root, JSON_COMPACT);
	assert_string_equal(sb_text(&out),
			    "{\"key\":[\"0x01\",\"0x02\"],\"values\":["
			    "{\"cpu\":0,\"value\":[\"0x01\",\"0x02\",\"0x03\"]},"
			    "{\"cpu\":1,\"value\":[\"0x09\",\"0x0a\",\"0x0b\"]}]}\n");
	shape.value_size = 17;
	shape.stride = 24;
	shape.ncpus = 1;
	assert_element(shape, 0,
		       "key:\n01 02\nvalue (CPU 00):\n"
		       "01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10\n11\n");
}

static void elements_as_json(void **state)
{
	struct map_shape shape = {
		.type = BPF_MAP_TYPE_HASH, .key_size = 1, .value_size = 2};
	auto_json *root = map_view_element_json(&shape, bytes, bytes + 253, 0);
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	json_out(&out, root, JSON_BPFTOOL);
	assert_string_equal(sb_text(&out), "{\n"
					   "    \"key\": [\"0x01\"\n"
					   "    ],\n"
					   "    \"value\": [\"0xfe\",\"0xff\"\n"
					   "    ]\n"
					   "}\n");
}

/* Two writers, one text. */
static void compact_elements_are_what_the_tree_says(void **state)
{
	static const struct map_shape shapes[] = {
		{.type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 20},
		{.type = BPF_MAP_TYPE_QUEUE, .key_size = 0, .value_size = 1},
		{.type = BPF_MAP_TYPE_PERCPU_ARRAY,
		 .key_size = 4,
		 .value_size = 5,
		 .ncpus = 3,
		 .stride = 8},
	};

	(void)state;
	for (size_t i = 0; i < 2 * array_size(shapes); i++) {
		const struct map_shape *shape = &shapes[i / 2];
		const void *value = i % 2 ? NULL : bytes + 100;
		auto_json *root = map_view_element_json(shape, bytes, value, -ENOENT);
		auto_strbuf tree = STRBUF_INIT, text = STRBUF_INIT;

		json_out(&tree, root, JSON_COMPACT);
		map_view_element_compact(shape, bytes, value, -ENOENT, &text);
		sb_add_char(&text, '\n');
		assert_string_equal(sb_text(&text), sb_text(&tree));
	}
}

static void absent_keys_and_counts(void **state)
{
	struct map_shape shape = {.key_size = 4, .value_size = 8};
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	map_view_not_found(&shape, bytes, &out);
	assert_string_equal(sb_text(&out), "key:\n01 02 03 04\n\nNot found\n");
	sb_clear(&out);
	map_view_count(0, &out);
	map_view_count(1, &out);
	map_view_count(2, &out);
	assert_string_equal(sb_text(&out),
			    "Found 0 elements\nFound 1 element\nFound 2 elements\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_row),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(frozen_btf_and_pins),
		cmocka_unit_test(owners_of_prog_arrays),
		cmocka_unit_test(titles_are_the_first_line),
		cmocka_unit_test(hex_layouts),
		cmocka_unit_test(slots_that_cannot_be_read),
		cmocka_unit_test(one_value_per_cpu),
		cmocka_unit_test(elements_as_json),
		cmocka_unit_test(compact_elements_are_what_the_tree_says),
		cmocka_unit_test(absent_keys_and_counts),
	};

	return cmocka_run_group_tests_name("map_view", tests, setup, NULL);
}
