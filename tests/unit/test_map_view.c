/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <json-c/json.h>
#include <linux/bpf.h>
#include <cmocka.h>

#include "base/outbuf.h"
#include "view/json_out.h"
#include "view/map_list.h"
#include "view/map_view.h"

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
	row.memlock = -1;
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

static void owners_of_unknown_types(void **state)
{
	struct map_row row = stats_row();

	(void)state;
	row.type = BPF_MAP_TYPE_PROG_ARRAY;
	row.owner_prog_type = 999;
	row.memlock = -1;
	assert_row(&row,
		   "27: prog_array  name stats  flags 0x0\n"
		   "\tkey 4B  value 8B  max_entries 16\n"
		   "\towner_prog_type 999  owner not jited\n",
		   "{\"id\":27,\"type\":\"prog_array\",\"name\":\"stats\",\"flags\":0,"
		   "\"bytes_key\":4,\"bytes_value\":8,\"max_entries\":16,"
		   "\"owner_prog_type\":999,\"owner_jited\":false,\"frozen\":0}\n");
}

/* In front of the elements of each map, where several are dumped. */
static void titles_of_a_list(void **state)
{
	struct map_row row = stats_row(), odd = stats_row();
	auto_free char *text = NULL;
	auto_outbuf out;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	odd.type = 999;
	odd.name = "";
	outbuf_init(&out, f);
	map_list_title(&row, 0, BTF_JSON, true, &out);
	map_list_title_end(false, BTF_JSON, true, &out);
	map_list_title(&odd, 1, BTF_JSON, true, &out);
	map_list_title_end(true, BTF_JSON, true, &out);
	map_list_title(&row, 0, BTF_TEXT, false, &out);
	map_list_title_end(false, BTF_TEXT, false, &out);
	map_list_title(&odd, 1, BTF_TEXT, false, &out);
	assert_int_equal(outbuf_flush(&out), 0);
	fclose(f);
	assert_string_equal(
		text,
		"[{\"id\":27,\"type\":\"hash\",\"name\":\"stats\",\"flags\":0,\"elements\":}"
		",{\"id\":27,\"type\":999,\"flags\":0,\"elements\":}]"
		"27: hash  name stats  flags 0x0\n"
		"\n27: type 999  flags 0x0\n");
}

static void titles_are_the_first_line(void **state)
{
	struct map_row row = stats_row();
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	map_view_title(&row, &out);
	assert_string_equal(sb_text(&out), "27: hash  name stats  flags 0x0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_row),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(frozen_btf_and_pins),
		cmocka_unit_test(owners_of_prog_arrays),
		cmocka_unit_test(owners_of_unknown_types),
		cmocka_unit_test(titles_of_a_list),
		cmocka_unit_test(titles_are_the_first_line),
	};

	return cmocka_run_group_tests_name("map_view", tests, NULL, NULL);
}
