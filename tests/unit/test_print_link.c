/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is told of a link of each kind, also of those that few kernels have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../cgroup_loader/print.h"
#include "base/alloc.h"
#include "verbs/tool.h"

static char *printed(const struct link_row *rows, size_t nr, bool list, bool pins,
		     bool json)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct tool tool = {.out = f, .json = json};

	print_links(&tool, rows, nr, list, pins);
	fclose(f);
	return text;
}

/* Of a link 7 of program 41. Lines end with two blanks, as bpftool's do. */
static const struct {
	struct link_row row;
	const char *text, *json;
} links[] = {
	{{.info = {.type = LINK_FD_RAW_TRACEPOINT},
	  .type = "raw_tracepoint",
	  .details = {.name = (char *)"sys_enter"}},
	 "7: raw_tracepoint  prog 41  \n"
	 "\ttp 'sys_enter'  ",
	 "{\"id\":7,\"type\":\"raw_tracepoint\",\"prog_id\":41,\"tp_name\":\"sys_enter\"}"},
	{{.info = {.type = LINK_FD_RAW_TRACEPOINT}, .type = "raw_tracepoint"},
	 "7: raw_tracepoint  prog 41  \n"
	 "\ttp ''  ",
	 "{\"id\":7,\"type\":\"raw_tracepoint\",\"prog_id\":41,\"tp_name\":\"\"}"},
	{{.info = {.type = LINK_FD_TRACING,
		   .attach_type = 24,
		   .target_obj_id = 3,
		   .target_btf_id = 5},
	  .type = "tracing",
	  .attach_type = "trace_fentry",
	  .prog_type = 26},
	 "7: tracing  prog 41  \n"
	 "\tprog_type tracing  attach_type trace_fentry  \n"
	 "\ttarget_obj_id 3  target_btf_id 5  ",
	 "{\"id\":7,\"type\":\"tracing\",\"prog_id\":41,\"prog_type\":\"tracing\","
	 "\"attach_type\":\"trace_fentry\",\"target_obj_id\":3,\"target_btf_id\":5}"},
	{{.info = {.type = LINK_FD_TRACING, .attach_type = 999, .target_btf_id = 5},
	  .type = "tracing",
	  .prog_type = 999},
	 "7: tracing  prog 41  \n"
	 "\tprog_type 999  attach_type 999  \n"
	 "\ttarget_obj_id 0  target_btf_id 5  ",
	 "{\"id\":7,\"type\":\"tracing\",\"prog_id\":41,\"prog_type\":999,"
	 "\"attach_type\":999,\"target_obj_id\":0,\"target_btf_id\":5}"},
	{{.info = {.type = LINK_FD_TRACING, .attach_type = 24},
	  .type = "tracing",
	  .attach_type = "trace_fentry",
	  .prog_type = 26},
	 "7: tracing  prog 41  \n"
	 "\tprog_type tracing  attach_type trace_fentry  ",
	 "{\"id\":7,\"type\":\"tracing\",\"prog_id\":41,\"prog_type\":\"tracing\","
	 "\"attach_type\":\"trace_fentry\",\"target_obj_id\":0,\"target_btf_id\":0}"},
	{{.info = {.type = LINK_FD_CGROUP, .cgroup_id = 77, .attach_type = 1},
	  .type = "cgroup",
	  .attach_type = "cgroup_inet_egress"},
	 "7: cgroup  prog 41  \n"
	 "\tcgroup_id 77  attach_type cgroup_inet_egress  ",
	 "{\"id\":7,\"type\":\"cgroup\",\"prog_id\":41,\"cgroup_id\":77,"
	 "\"attach_type\":\"cgroup_inet_egress\"}"},
	{{.info = {.type = LINK_FD_CGROUP, .cgroup_id = 77, .attach_type = 999},
	  .type = "cgroup"},
	 "7: cgroup  prog 41  \n"
	 "\tcgroup_id 77  attach_type 999  ",
	 "{\"id\":7,\"type\":\"cgroup\",\"prog_id\":41,\"cgroup_id\":77,\"attach_type\":999}"},
	{{.info = {.type = LINK_FD_ITER},
	  .type = "iter",
	  .details = {.name = (char *)"bpf_map_elem", .map_id = 27}},
	 "7: iter  prog 41  target_name bpf_map_elem  map_id 27  ",
	 "{\"id\":7,\"type\":\"iter\",\"prog_id\":41,\"target_name\":\"bpf_map_elem\","
	 "\"map_id\":27}"},
	{{.info = {.type = LINK_FD_ITER},
	  .type = "iter",
	  .details = {.name = (char *)"task"}},
	 "7: iter  prog 41  target_name task  ",
	 "{\"id\":7,\"type\":\"iter\",\"prog_id\":41,\"target_name\":\"task\"}"},
	{{.info = {.type = LINK_FD_NETNS, .netns_ino = 4026531840, .attach_type = 17},
	  .type = "netns",
	  .attach_type = "flow_dissector"},
	 "7: netns  prog 41  \n"
	 "\tnetns_ino 4026531840  attach_type flow_dissector  ",
	 "{\"id\":7,\"type\":\"netns\",\"prog_id\":41,\"netns_ino\":4026531840,"
	 "\"attach_type\":\"flow_dissector\"}"},
	{{.info = {.type = LINK_FD_XDP, .ifindex = 3},
	  .type = "xdp",
	  .devname = (char *)"v0"},
	 "7: xdp  prog 41  \n"
	 "\tifindex v0(3)  ",
	 "{\"id\":7,\"type\":\"xdp\",\"prog_id\":41,\"devname\":\"v0\",\"ifindex\":3}"},
	{{.info = {.type = LINK_FD_XDP, .ifindex = 3}, .type = "xdp"},
	 "7: xdp  prog 41  \n"
	 "\tifindex (unknown)(3)  ",
	 "{\"id\":7,\"type\":\"xdp\",\"prog_id\":41,\"devname\":\"(unknown)\",\"ifindex\":3}"},
	{{.info = {.type = LINK_FD_XDP}, .type = "xdp"},
	 "7: xdp  prog 41  \n"
	 "\tifindex (detached)  ",
	 "{\"id\":7,\"type\":\"xdp\",\"prog_id\":41,\"devname\":\"(detached)\",\"ifindex\":0}"},
	{{.info = {.type = LINK_FD_STRUCT_OPS},
	  .type = "struct_ops",
	  .details = {.map_id = 27}},
	 "7: struct_ops  prog 41  \n"
	 "\tmap_id 27  ",
	 "{\"id\":7,\"type\":\"struct_ops\",\"prog_id\":41,\"map_id\":27}"},
	{{.info = {.type = LINK_FD_NETFILTER},
	  .type = "netfilter",
	  .details = {.pf = 2, .hook = 1, .priority = -128, .flags = 1}},
	 "7: netfilter  prog 41  \n"
	 "\tpf 2  hooknum 1  prio -128  flags 0x1  ",
	 "{\"id\":7,\"type\":\"netfilter\",\"prog_id\":41,\"pf\":2,\"hooknum\":1,\"prio\":-128,"
	 "\"flags\":1}"},
	{{.info = {.type = LINK_FD_PERF_EVENT}, .type = "perf_event"},
	 "7: perf_event  prog 41  ",
	 "{\"id\":7,\"type\":\"perf_event\",\"prog_id\":41}"},
	{{.info = {.type = LINK_FD_TCX, .ifindex = 3, .attach_type = 46},
	  .type = "tcx",
	  .attach_type = "tcx_ingress",
	  .devname = (char *)"v0"},
	 "7: tcx  prog 41  \n"
	 "\tifindex v0(3)  attach_type tcx_ingress  ",
	 "{\"id\":7,\"type\":\"tcx\",\"prog_id\":41,\"devname\":\"v0\",\"ifindex\":3,"
	 "\"attach_type\":\"tcx_ingress\"}"},
	{{.info = {.type = LINK_FD_NETKIT, .ifindex = 3, .attach_type = 55},
	  .type = "netkit",
	  .attach_type = "netkit_peer",
	  .devname = (char *)"n\0330"},
	 "7: netkit  prog 41  \n"
	 "\tifindex n\\x1b0(3)  attach_type netkit_peer  ",
	 "{\"id\":7,\"type\":\"netkit\",\"prog_id\":41,\"devname\":\"n\\u001b0\",\"ifindex\":3,"
	 "\"attach_type\":\"netkit_peer\"}"},
	{{.info = {.type = LINK_FD_SOCKMAP, .map_id = 27, .attach_type = 5},
	  .type = "sockmap",
	  .attach_type = "sk_skb_stream_verdict"},
	 "7: sockmap  prog 41  \n"
	 "\tmap_id 27  attach_type sk_skb_stream_verdict  ",
	 "{\"id\":7,\"type\":\"sockmap\",\"prog_id\":41,\"map_id\":27,"
	 "\"attach_type\":\"sk_skb_stream_verdict\"}"},
	{{.info = {.type = 999}},
	 "7: type 999  prog 41  ",
	 "{\"id\":7,\"type\":999,\"prog_id\":41}"},
};

static struct link_row row_of(size_t i)
{
	struct link_row row = links[i].row;

	row.info.id = 7;
	row.info.prog_id = 41;
	return row;
}

static void printed_are(bool json)
{
	for (size_t i = 0; i < array_size(links); i++) {
		const struct link_row row = row_of(i);
		auto_free char *got = printed(&row, 1, false, false, json);
		auto_free char *want =
			xasprintf("%s\n", json ? links[i].json : links[i].text);

		assert_string_equal(got, want);
	}
}

static void each_kind_as_text(void **state)
{
	(void)state;
	printed_are(false);
}

static void each_kind_as_json(void **state)
{
	(void)state;
	printed_are(true);
}

/* One that was asked for is an object, those that are listed are a list, whatever their number. */
static void pins_and_lists(void **state)
{
	const char *pins[] = {"/sys/fs/bpf/a\nb", "/sys/fs/bpf/c"};
	struct link_row rows[2] = {{.info = {.id = 7, .type = 999}},
				   {.info = {.id = 8, .type = 999}}};
	const struct {
		size_t nr;
		bool list, pins, json;
		const char *want;
	} answers[] = {
		{1, false, true, false,
		 "7: type 999  prog 0  \n\tpinned /sys/fs/bpf/a\\x0ab\n\tpinned /sys/fs/bpf/c\n"},
		{2, true, false, false,
		 "7: type 999  prog 0  \n\tpinned /sys/fs/bpf/a\\x0ab\n\tpinned /sys/fs/bpf/c\n8: type 999  prog 0  \n"},
		{1, false, true, true,
		 "{\"id\":7,\"type\":999,\"prog_id\":0,\"pinned\":[\"/sys/fs/bpf/a\\nb\",\"/sys/fs/bpf/c\"]}\n"},
		{1, false, false, true, "{\"id\":7,\"type\":999,\"prog_id\":0}\n"},
		{1, true, false, true, "[{\"id\":7,\"type\":999,\"prog_id\":0}]\n"},
		{0, true, true, true, "[]\n"},
		{2, true, true, true,
		 "[{\"id\":7,\"type\":999,\"prog_id\":0,\"pinned\":[\"/sys/fs/bpf/a\\nb\",\"/sys/fs/bpf/c\"]},"
		 "{\"id\":8,\"type\":999,\"prog_id\":0,\"pinned\":[]}]\n"},
	};

	(void)state;
	rows[0].pins = pins;
	rows[0].nr_pins = 2;
	for (size_t i = 0; i < array_size(answers); i++) {
		auto_free char *got = printed(rows, answers[i].nr, answers[i].list,
					      answers[i].pins, answers[i].json);

		assert_string_equal(got, answers[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_as_text),
		cmocka_unit_test(each_kind_as_json),
		cmocka_unit_test(pins_and_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
