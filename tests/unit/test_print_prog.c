/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is told of programs that have much to tell, and of those that have nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "../../cgroup_loader/print.h"
#include "base/alloc.h"
#include "verbs/tool.h"

static uint32_t map_ids[] = {27, 31};
static char *pin_paths[] = {(char *)"/sys/fs/bpf/a\nb", (char *)"/sys/fs/bpf/c"};
static struct metadata_pair pairs[] = {
	{(char *)"author", (char *)"\"a\\nb\""},
	{(char *)"n", (char *)"7"},
};

static const struct program_row rows[] = {
	{.info = {.id = 41, .type = 999, .tag = {0, 1, 2, 3, 4, 5, 6, 0xff}}},
	{.info = {.id = 42,
		  .type = 3,
		  .tag = {0xab},
		  .gpl_compatible = 1,
		  .run_time_ns = 100,
		  .run_cnt = 3,
		  .recursion_misses = 2,
		  .load_time = 5,
		  .created_by_uid = 1000,
		  .xlated_prog_len = 96,
		  .jited_prog_len = 64,
		  .btf_id = 9},
	 .name = (char *)"cou\tnt",
	 .map_ids = map_ids,
	 .nr_maps = 2,
	 .memlock = 4096,
	 .loaded_at = 86400,
	 .pins = pin_paths,
	 .nr_pins = 2,
	 .metadata = {.pairs = pairs, .nr = 2}},
	{.info = {.id = 43, .type = 8, .run_time_ns = 1}, .name = (char *)""},
};

static char *printed(size_t first, size_t nr, bool list, bool pins, bool json)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct tool tool = {.out = f, .json = json};

	setenv("TZ", "UTC", 1);
	tzset();
	print_programs(&tool, &rows[first], nr, list, pins);
	fclose(f);
	return text;
}

static void printed_are(char *got, const char *want)
{
	auto_free char *mine = got;

	assert_string_equal(mine, want);
}

static void as_text(void **state)
{
	(void)state;
	printed_are(printed(0, 3, true, true, false),
		    "41: type 999  tag 00010203040506ff\n"
		    "\txlated 0B  not jited\n"
		    "42: sched_cls  name cou\\x09nt  tag ab00000000000000  gpl"
		    " run_time_ns 100 run_cnt 3 recursion_misses 2\n"
		    "\tloaded_at 1970-01-02T00:00:00+0000  uid 1000\n"
		    "\txlated 96B  jited 64B  memlock 4096B  map_ids 27,31\n"
		    "\tpinned /sys/fs/bpf/a\\x0ab\n"
		    "\tpinned /sys/fs/bpf/c\n"
		    "\tbtf_id 9\n"
		    "\tmetadata:\n"
		    "\t\tauthor = \"a\\nb\"\n"
		    "\t\tn = 7\n"
		    "43: cgroup_skb  tag 0000000000000000 run_time_ns 1 run_cnt 0\n"
		    "\txlated 0B  not jited\n");
}

#define FIRST                                                   \
	"{\"id\":41,\"type\":999,\"tag\":\"00010203040506ff\"," \
	"\"gpl_compatible\":false,\"bytes_xlated\":0,\"jited\":false"
#define SECOND                                                                 \
	"{\"id\":42,\"type\":\"sched_cls\",\"name\":\"cou\\tnt\","             \
	"\"tag\":\"ab00000000000000\",\"gpl_compatible\":true,"                \
	"\"run_time_ns\":100,\"run_cnt\":3,\"recursion_misses\":2,"            \
	"\"loaded_at\":86400,\"uid\":1000,\"bytes_xlated\":96,\"jited\":true," \
	"\"bytes_jited\":64,\"bytes_memlock\":4096,\"map_ids\":[27,31],"       \
	"\"btf_id\":9"
#define SECOND_PINS ",\"pinned\":[\"/sys/fs/bpf/a\\nb\",\"/sys/fs/bpf/c\"]"
#define SECOND_DATA ",\"metadata\":{\"author\":\"a\\nb\",\"n\":7}}"
#define THIRD                                                              \
	"{\"id\":43,\"type\":\"cgroup_skb\",\"tag\":\"0000000000000000\"," \
	"\"gpl_compatible\":false,\"run_time_ns\":1,\"run_cnt\":0,"        \
	"\"bytes_xlated\":0,\"jited\":false}"

/* One that was asked for is an object; those that are listed, or another number, are a list. */
static void as_json(void **state)
{
	(void)state;
	printed_are(printed(1, 1, false, true, true),
		    SECOND SECOND_PINS SECOND_DATA "\n");
	printed_are(printed(0, 1, false, true, true), FIRST ",\"pinned\":[]}\n");
	printed_are(printed(0, 1, true, false, true), "[" FIRST "}]\n");
	printed_are(printed(0, 3, false, false, true),
		    "[" FIRST "}," SECOND SECOND_DATA "," THIRD "]\n");
	printed_are(printed(0, 0, false, false, true), "[]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_text),
		cmocka_unit_test(as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
