/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers of the kernel's ABI that the graph knows, against the headers'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#include "base/cleanup.h"
#include "graph/graph_explain.h"
#include "graph/graph_words.h"

/* Attached in ways that nobody lists: what is loaded may be at work. */
static void types_that_may_work_unseen(void **state)
{
	static const enum bpf_prog_type hide[] = {
		BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_KPROBE,
		BPF_PROG_TYPE_SCHED_ACT,     BPF_PROG_TYPE_TRACEPOINT,
		BPF_PROG_TYPE_PERF_EVENT,    BPF_PROG_TYPE_LWT_IN,
		BPF_PROG_TYPE_LWT_OUT,       BPF_PROG_TYPE_LWT_XMIT,
		BPF_PROG_TYPE_SK_SKB,        BPF_PROG_TYPE_SK_MSG,
		BPF_PROG_TYPE_LWT_SEG6LOCAL, BPF_PROG_TYPE_LIRC_MODE2,
		BPF_PROG_TYPE_SK_REUSEPORT,  BPF_PROG_TYPE_FLOW_DISSECTOR,
	};

	(void)state;
	for (uint32_t type = 0; type < 64; type++) {
		bool hides = false;

		for (size_t i = 0; i < array_size(hide); i++)
			hides |= hide[i] == type;
		assert_int_equal(graph_type_may_hide(type), hides);
		assert_int_equal(graph_type_is_netlink(type),
				 type == BPF_PROG_TYPE_SCHED_CLS ||
					 type == BPF_PROG_TYPE_XDP);
	}
}

static void flags_have_the_names_of_their_kind(void **state)
{
	static const struct {
		enum graph_attach_kind kind;
		uint32_t flags;
		const char *words;
	} rows[] = {
		{GRAPH_CGROUP, BPF_F_ALLOW_OVERRIDE, "override"},
		{GRAPH_CGROUP, BPF_F_ALLOW_MULTI, "multi"},
		{GRAPH_CGROUP, 0, NULL},
		{GRAPH_XDP, XDP_FLAGS_DRV_MODE, "drv"},
		{GRAPH_XDP, XDP_FLAGS_SKB_MODE, "skb"},
		{GRAPH_XDP, XDP_FLAGS_HW_MODE, "hw"},
		{GRAPH_XDP, XDP_FLAGS_UPDATE_IF_NOEXIST, NULL},
		{GRAPH_TCX, BPF_F_ALLOW_MULTI | BPF_F_ALLOW_OVERRIDE, NULL},
		{GRAPH_TC, XDP_FLAGS_DRV_MODE, NULL},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		const struct graph_attachment at = {.kind = rows[i].kind,
						    .flags = rows[i].flags};
		const char *words = graph_words_flags(&at);

		if (rows[i].words) {
			assert_non_null(words);
			assert_string_equal(words, rows[i].words);
		} else {
			assert_null(words);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_that_may_work_unseen),
		cmocka_unit_test(flags_have_the_names_of_their_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
