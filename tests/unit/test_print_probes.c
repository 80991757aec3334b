/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Links over kernel functions, which few test kernels have (CONFIG_FPROBE, CONFIG_KPROBES). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <json-c/json.h>
#include <string.h>

#include "../../cgroup_loader/print.h"
#include "base/alloc.h"
#include "skip.h"
#include "view/json_out.h"

static void assert_printed(uint32_t type, const struct link_probes *p, const char *text,
			   const char *json)
{
	auto_strbuf out = STRBUF_INIT;
	auto_json *o = json_object_new_object();

	print_probes_add(&out, type, p);
	assert_string_equal(sb_text(&out), text);
	print_probes_json(o, type, p);
	assert_string_equal(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN),
			    json);
}

static void unknown_says_nothing(void **state)
{
	struct link_probes p = {.known = false};

	(void)state;
	assert_printed(LINK_FD_KPROBE_MULTI, &p, "", "{}");
	assert_printed(LINK_FD_PERF_EVENT, &p, "", "{}");
}

static void kernel_functions(void **state)
{
	struct link_probe list[] = {
		{.symbol = {0xffffffff82b370c0, (char *)"first", NULL}, .cookie = 3},
		{.symbol = {0xffffffffc0001000, (char *)"second", (char *)"mod"}},
		{.symbol = {0, NULL, NULL}, .cookie = 0x10},
	};
	struct link_probes p = {
		.known = true, .retprobe = true, .missed = 5, .list = list, .nr = 3};

	(void)state;
	assert_printed(
		LINK_FD_KPROBE_MULTI, &p,
		"\n\tkretprobe.multi  func_cnt 3  missed 5  "
		"\n\taddr             cookie           func [module]"
		"\n\tffffffff82b370c0 3                first  "
		"\n\tffffffffc0001000 0                second [mod]  "
		"\n\t(hidden)         10               (unknown)  ",
		"{\"retprobe\":true,\"func_cnt\":3,\"missed\":5,\"funcs\":["
		"{\"addr\":18446744071607382208,\"func\":\"first\",\"module\":null,\"cookie\":3},"
		"{\"addr\":18446744072635813888,\"func\":\"second\",\"module\":\"mod\",\"cookie\":0},"
		"{\"addr\":null,\"func\":null,\"module\":null,\"cookie\":16}]}");
}

static void one_function(void **state)
{
	struct link_probe one = {.symbol = {0xffffffff82b370c0, (char *)"first", NULL},
				 .offset = 0x10,
				 .cookie = 7};
	struct link_probes p = {
		.known = true, .event = LINK_PROBES_KPROBE, .list = &one, .nr = 1};

	(void)state;
	assert_printed(
		LINK_FD_PERF_EVENT, &p,
		"\n\tkprobe ffffffff82b370c0 first+0x10  cookie 7  ",
		"{\"retprobe\":false,\"addr\":18446744071607382208,\"func\":\"first\","
		"\"offset\":16,\"missed\":0,\"cookie\":7}");
	one.symbol = (struct kernel_symbol){.address = 0};
	one.cookie = 0;
	one.offset = 0;
	p.event = LINK_PROBES_KRETPROBE;
	p.retprobe = true;
	assert_printed(LINK_FD_PERF_EVENT, &p, "\n\tkretprobe (hidden) (unknown)+0x0  ",
		       "{\"retprobe\":true,\"addr\":null,\"func\":null,\"offset\":0,"
		       "\"missed\":0,\"cookie\":0}");
}

static void numbers_without_names(void **state)
{
	struct link_probe one = {.cookie = 0};
	struct link_probes p = {.known = true,
				.event = LINK_PROBES_EVENT,
				.event_type = 99,
				.event_config = 0x1a8,
				.list = &one,
				.nr = 1};

	(void)state;
	assert_printed(LINK_FD_PERF_EVENT, &p, "\n\tevent 99:0x1a8  ",
		       "{\"event_type\":99,\"event_config\":424,\"cookie\":0}");
	p.event_type = 0;
	p.event_config = 1;
	assert_printed(LINK_FD_PERF_EVENT, &p, "\n\tevent hardware:instructions  ",
		       "{\"event_type\":\"hardware\",\"event_config\":\"instructions\","
		       "\"cookie\":0}");
}

/* Whatever this kernel shows us: names by address, or none at all. */
static void symbols_by_address(void **state)
{
	struct kernel_symbol wanted = {.address = 0}, again, none = {.address = 1};
	struct kernel_symbol *list[] = {&wanted, &none, &again};
	auto_file FILE *f = fopen("/proc/kallsyms", "re");
	unsigned long long address = 0;
	char name[256] = "";

	(void)state;
	if (!f || fscanf(f, "%llx %*c %255s", &address, name) != 2 || !address)
		skip_for("kallsyms", "the kernel does not show its addresses");
	wanted.address = address;
	again = wanted;
	kernel_symbols_name(list, array_size(list));
	assert_string_equal(wanted.name, name);
	assert_string_equal(again.name, name);
	assert_null(wanted.module);
	assert_null(none.name);
	kernel_symbol_release(&wanted);
	kernel_symbol_release(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_says_nothing),
		cmocka_unit_test(kernel_functions),
		cmocka_unit_test(one_function),
		cmocka_unit_test(numbers_without_names),
		cmocka_unit_test(symbols_by_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
