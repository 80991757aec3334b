/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <json-c/json.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "view/object_view.h"
#include "view/table.h"

static const struct mapdef stats = {.name = "stats",
				    .dialect = MAPDEF_ELF,
				    .type = 1,
				    .key_size = 4,
				    .value_size = 16,
				    .max_entries = 1024,
				    .scope = PIN_SCOPE_GLOBAL,
				    .inner = -1};
static const struct mapdef jumps = {.name = "jumps",
				    .dialect = MAPDEF_ELF,
				    .type = 3,
				    .key_size = 4,
				    .value_size = 4,
				    .max_entries = 8,
				    .id = 7,
				    .scope = PIN_SCOPE_CUSTOM,
				    .pin_id = 42,
				    .inner = -1};
static const struct mapdef outer = {.name = "outer",
				    .dialect = MAPDEF_BTF,
				    .type = 12,
				    .key_size = 4,
				    .value_size = 4,
				    .max_entries = 2,
				    .map_flags = BPF_F_NUMA_NODE,
				    .numa_node = 1,
				    .map_extra = 0x10,
				    .scope = PIN_SCOPE_NAME,
				    .inner = 0};
static const struct mapdef odd = {
	.name = "odd", .dialect = MAPDEF_DEF, .type = 999, .inner = -1};
static const struct mapdef data = {.name = "x.bss",
				   .dialect = MAPDEF_DATA,
				   .type = 2,
				   .key_size = 4,
				   .value_size = 8,
				   .max_entries = 1,
				   .inner = -1};

static const struct object_view_map maps[] = {
	{.def = &stats,
	 .would = OBJECT_VIEW_REUSE,
	 .id = 27,
	 .path = "/sys/fs/bpf/tc/globals/stats"},
	{.def = &jumps,
	 .would = OBJECT_VIEW_BLOCKED,
	 .reason = "map 'jumps': pin id 42 is not in the database"},
	{.def = &outer,
	 .inner = "stats",
	 .would = OBJECT_VIEW_CREATE,
	 .path = "/sys/fs/bpf/tc/globals/outer"},
	{.def = &odd,
	 .would = OBJECT_VIEW_CONFLICT,
	 .id = 31,
	 .path = "/sys/fs/bpf/odd",
	 .reason = "key_size 8 in the pin, 0 here"},
	{.def = &data, .would = OBJECT_VIEW_PRIVATE},
	{.def = &stats, .would = OBJECT_VIEW_USE, .id = 33},
};
static const struct object_view_program programs[] = {
	{"count_in", "classifier", BPF_PROG_TYPE_SCHED_CLS, false},
	{"count_out", "cgroup/skb", BPF_PROG_TYPE_CGROUP_SKB, false},
	{"later", "cgroup/connect4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, true},
	{"target", "7/0", 0, false},
};
static const struct object_view_slot slots[] = {
	{.map = "jumps", .map_id = 7, .key = 0, .program = "target", .section = "7/0"},
	{.map_id = 9, .key = 1, .program = "target", .section = "9/1"},
	{.map = "outer", .key = 1, .inner = "stats"},
};
static const struct object_view_constant constants[] = {
	{"limit", ".rodata", "unsigned int", "1000", "1000", true},
	{"banner", ".rodata.text", "char[80]",
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	 "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
	 false},
	{.name = "odd", .section = ".rodata", .is_volatile = true},
};
static const struct object_view whole = {.path = "x.o",
					 .maps = maps,
					 .nr_maps = 6,
					 .programs = programs,
					 .nr_programs = 4,
					 .slots = slots,
					 .nr_slots = 3,
					 .constants = constants,
					 .nr_constants = 3};
static const struct object_view empty = {.path = "empty.o"};

/* As they stand in a terminal, hence not laid out anew. */
/* clang-format off */
static const char whole_text[] =
	"x.o: 6 maps, 4 programs\n"
	"MAP   DIALECT     TYPE          KEY VALUE ENTRIES FLAGS PINNING   MORE                                     A LOAD WOULD\n"
	"stats bpf_elf_map hash            4    16    1024   0x0 global    -                                        reuse id 27 at /sys/fs/bpf/tc/globals/stats\n"
	"jumps bpf_elf_map prog_array      4     4       8   0x0 custom 42 id 7                                     blocked: pin id 42 is not in the database\n"
	"outer btf         array_of_maps   4     4       2   0x4 name      inner stats, map_extra 0x10, numa_node 1 create and pin /sys/fs/bpf/tc/globals/outer\n"
	"odd   bpf_map_def type 999        0     0       0   0x0 none      -                                        conflict: key_size 8 in the pin, 0 here\n"
	"x.bss data        array           4     8       1   0x0 none      -                                        private\n"
	"stats bpf_elf_map hash            4    16    1024   0x0 global    -                                        use id 33\n"
	"\n"
	"PROGRAM   SECTION         TYPE             ATTACHES TO\n"
	"count_in  classifier      sched_cls        tc\n"
	"count_out cgroup/skb      cgroup_skb       cgroup_inet_ingress, cgroup_inet_egress\n"
	"later     cgroup/connect4 cgroup_sock_addr cgroup_inet4_connect, loaded only when asked for\n"
	"target    7/0             unknown          -\n"
	"\n"
	"SLOT OF              KEY HOLDS          FROM\n"
	"map jumps              0 program target section 7/0\n"
	"no map here has id 9   1 program target section 9/1\n"
	"map outer              1 map stats      the map's definition\n"
	"\n"
	"CONSTANT SECTION      TYPE         DEFAULT                                                             REMARK\n"
	"limit    .rodata      unsigned int 1000                                                                -\n"
	"banner   .rodata.text char[80]     xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... not volatile: may be in the code\n"
	"odd      .rodata      -            -                                                                   -\n";

static const char whole_json[] =
	"[{\"file\":\"x.o\",\"maps\":[{\"name\":\"stats\",\"dialect\":\"bpf_elf_map\","
	"\"type\":\"hash\",\"key_size\":4,\"value_size\":16,\"max_entries\":1024,"
	"\"map_flags\":0,\"pinning\":\"global\",\"would\":\"reuse\",\"id\":27,"
	"\"path\":\"/sys/fs/bpf/tc/globals/stats\"},{\"name\":\"jumps\","
	"\"dialect\":\"bpf_elf_map\",\"type\":\"prog_array\",\"key_size\":4,"
	"\"value_size\":4,\"max_entries\":8,\"map_flags\":0,\"pinning\":\"custom\","
	"\"pin_id\":42,\"elf_id\":7,\"would\":\"blocked\","
	"\"reason\":\"map 'jumps': pin id 42 is not in the database\"},"
	"{\"name\":\"outer\",\"dialect\":\"btf\",\"type\":\"array_of_maps\","
	"\"key_size\":4,\"value_size\":4,\"max_entries\":2,\"map_flags\":4,"
	"\"map_extra\":16,\"numa_node\":1,\"pinning\":\"name\",\"inner\":\"stats\","
	"\"would\":\"create\",\"path\":\"/sys/fs/bpf/tc/globals/outer\"},"
	"{\"name\":\"odd\",\"dialect\":\"bpf_map_def\",\"type\":\"type 999\","
	"\"key_size\":0,\"value_size\":0,\"max_entries\":0,\"map_flags\":0,"
	"\"pinning\":\"none\",\"would\":\"conflict\",\"id\":31,"
	"\"path\":\"/sys/fs/bpf/odd\",\"reason\":\"key_size 8 in the pin, 0 here\"},"
	"{\"name\":\"x.bss\",\"dialect\":\"data\",\"type\":\"array\",\"key_size\":4,"
	"\"value_size\":8,\"max_entries\":1,\"map_flags\":0,\"pinning\":\"none\","
	"\"would\":\"private\"},{\"name\":\"stats\",\"dialect\":\"bpf_elf_map\","
	"\"type\":\"hash\",\"key_size\":4,\"value_size\":16,\"max_entries\":1024,"
	"\"map_flags\":0,\"pinning\":\"global\",\"would\":\"use\",\"id\":33}],"
	"\"programs\":[{\"name\":\"count_in\",\"section\":\"classifier\","
	"\"type\":\"sched_cls\",\"attach\":[\"tc\"],\"optional\":false},"
	"{\"name\":\"count_out\",\"section\":\"cgroup/skb\",\"type\":\"cgroup_skb\","
	"\"attach\":[\"cgroup_inet_ingress\",\"cgroup_inet_egress\"],"
	"\"optional\":false},{\"name\":\"later\",\"section\":\"cgroup/connect4\","
	"\"type\":\"cgroup_sock_addr\",\"attach\":[\"cgroup_inet4_connect\"],"
	"\"optional\":true},{\"name\":\"target\",\"section\":\"7/0\",\"type\":\"unknown\","
	"\"attach\":[],\"optional\":false}],\"slots\":[{\"map\":\"jumps\",\"elf_id\":7,"
	"\"key\":0,\"program\":\"target\",\"section\":\"7/0\"},{\"elf_id\":9,\"key\":1,"
	"\"program\":\"target\",\"section\":\"9/1\"},{\"map\":\"outer\",\"key\":1,"
	"\"inner\":\"stats\"}],\"constants\":[{\"name\":\"limit\",\"section\":\".rodata\","
	"\"type\":\"unsigned int\",\"default\":1000,\"volatile\":true},{\"name\":\"banner\","
	"\"section\":\".rodata.text\",\"type\":\"char[80]\",\"default\":\"xxxxxxxxxxxxxxxxxxxxxxxxx"
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\",\"volatile\":false},"
	"{\"name\":\"odd\",\"section\":\".rodata\",\"volatile\":true}]}]\n";
/* clang-format on */

static void all_of_it_as_text(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	object_view_text(&out, &whole, 0);
	assert_string_equal(sb_text(&out), whole_text);
}

static void nothing_in_it(void **state)
{
	auto_strbuf out = STRBUF_INIT, json = STRBUF_INIT;

	(void)state;
	object_view_text(&out, &empty, 0);
	assert_string_equal(sb_text(&out), "empty.o: 0 maps, 0 programs\n");
	object_view_json(&json, &empty, 1, JSON_COMPACT);
	assert_string_equal(sb_text(&json),
			    "[{\"file\":\"empty.o\",\"maps\":[],"
			    "\"programs\":[],\"slots\":[],\"constants\":[]}]\n");
}

/* A type newer than this program, a conflict that nobody gave a reason for, one of each. */
static void what_is_not_known(void **state)
{
	static const struct object_view_map one[] = {
		{.def = &stats, .would = OBJECT_VIEW_CONFLICT}};
	static const struct object_view_program newer[] = {{"p", "new", 999, false}};
	const struct object_view v = {.path = "x.o",
				      .maps = one,
				      .nr_maps = 1,
				      .programs = newer,
				      .nr_programs = 1};
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	object_view_text(&out, &v, 0);
	assert_non_null(strstr(sb_text(&out), "x.o: 1 map, 1 program\n"));
	assert_non_null(strstr(sb_text(&out), " conflict:\n"));
	assert_non_null(strstr(sb_text(&out), " type 999 "));
}

static void all_of_it_as_json(void **state)
{
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	object_view_json(&out, &whole, 1, JSON_COMPACT);
	assert_string_equal(sb_text(&out), whole_json);
}

static void what_was_lost_is_a_list(void **state)
{
	auto_strbuf none = STRBUF_INIT, some = STRBUF_INIT;

	(void)state;
	object_view_lost_json(&none, "new.o", "", JSON_COMPACT);
	assert_string_equal(sb_text(&none), "{\"file\":\"new.o\",\"lost\":[]}\n");
	object_view_lost_json(&some, "new.o", "one\ntwo \"x\"\n", JSON_COMPACT);
	assert_string_equal(
		sb_text(&some),
		"{\"file\":\"new.o\",\"lost\":[\"one\",\"two \\\"x\\\"\"]}\n");
}

/* Two classifiers that their sections give different attach types; one of cgroups has no say. */
static void attach_types_that_differ_are_told(void **state)
{
	static const struct mapdef array = {.name = "jumps", .type = 3, .inner = -1};
	static const struct object_view_map both[] = {{.def = &stats}, {.def = &array}};
	struct object_view_program two[] = {
		{"one", "tc", BPF_PROG_TYPE_SCHED_CLS, false},
		{"out", "cgroup/skb", BPF_PROG_TYPE_CGROUP_SKB, false},
		{"two", "tcx/ingress", BPF_PROG_TYPE_SCHED_CLS, false},
	};
	const struct object_view v = {.path = "x.o",
				      .maps = both,
				      .nr_maps = 2,
				      .programs = two,
				      .nr_programs = 3};
	auto_strbuf out = STRBUF_INIT, json = STRBUF_INIT, same = STRBUF_INIT;

	(void)state;
	object_view_text(&out, &v, 0);
	assert_non_null(strstr(
		sb_text(&out),
		"\nprog array 'jumps' takes programs of one attach type only (Linux 6.18), and 'prog load' gives these several: 'one' none, 'two' tcx_ingress; "));
	object_view_json(&json, &v, 1, JSON_COMPACT);
	assert_non_null(strstr(sb_text(&json),
			       "\"attach_types\":[{\"program\":\"one\","
			       "\"attach_type\":\"none\"},{\"program\":\"two\","
			       "\"attach_type\":\"tcx_ingress\"}]"));
	two[2].section = "classifier/two";
	object_view_text(&same, &v, 0);
	assert_null(strstr(sb_text(&same), "prog array '"));
}

static void fill_wide(struct table *t)
{
	char wide[600];

	memset(wide, 'w', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	table_add(t, "a\x1b[31m\nb");
	table_addf(t, "%d", 7);
	table_add(t, wide);
	table_add(t, NULL);
	table_add(t, "12345");
	table_add(t, "end");
}

static const struct table_column columns[] = {
	{"NAME", false}, {"N", true}, {"TEXT", false}};

static void a_pipe_is_never_cut(void **state)
{
	auto_release(table_release) struct table t = {.columns = columns,
						      .nr_columns = 3};
	auto_strbuf out = STRBUF_INIT;
	const char *lines;

	(void)state;
	/* Neither by the width of some terminal. */
	setenv("COLUMNS", "40", 1);
	fill_wide(&t);
	table_out(&t, &out, 0);
	lines = sb_text(&out);
	assert_int_equal(strspn(strstr(lines, "www"), "w"), 599);
	assert_non_null(strstr(lines, "\n-"));
	assert_non_null(strstr(lines, "12345 end\n"));
	/* No control byte reaches a terminal. */
	assert_null(strchr(lines, '\x1b'));
	assert_non_null(strstr(lines, "a\\x1b[31m\\x0ab"));
}

static void a_terminal_wraps_and_loses_nothing(void **state)
{
	auto_release(table_release) struct table t = {.columns = columns,
						      .nr_columns = 3};
	auto_strbuf out = STRBUF_INIT;
	size_t w = 0;

	(void)state;
	fill_wide(&t);
	table_out(&t, &out, 80);
	for (const char *line = sb_text(&out); *line;) {
		size_t n = strcspn(line, "\n");

		assert_in_range(n, 1, 80);
		for (size_t i = 0; i < n; i++)
			w += line[i] == 'w';
		line += n + 1;
	}
	assert_int_equal(w, 599);
}

static void no_rows_no_table(void **state)
{
	auto_release(table_release) struct table t = {.columns = columns,
						      .nr_columns = 3};
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	table_out(&t, &out, 0);
	assert_string_equal(sb_text(&out), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_as_text),
		cmocka_unit_test(nothing_in_it),
		cmocka_unit_test(what_is_not_known),
		cmocka_unit_test(all_of_it_as_json),
		cmocka_unit_test(what_was_lost_is_a_list),
		cmocka_unit_test(attach_types_that_differ_are_told),
		cmocka_unit_test(a_pipe_is_never_cut),
		cmocka_unit_test(a_terminal_wraps_and_loses_nothing),
		cmocka_unit_test(no_rows_no_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
