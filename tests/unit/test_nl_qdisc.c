/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/netlink.h>

#include "base/alloc.h"
#include "netlink/nl_qdisc.h"
#include "host_order.h"

static union {
	struct nlmsghdr nlh;
	char bytes[NL_QDISC_BUF];
} buf;

static struct nl_qdisc clsact(void)
{
	return (struct nl_qdisc){
		.ifindex = 3,
		.handle = NL_QDISC_HANDLE,
		.parent = NL_PARENT_QDISC,
		.kind = "clsact",
	};
}

static void build_gives_the_bytes_of_tc(void **state)
{
	/* qdisc add dev D ingress_block 10 egress_block 11 clsact */
	uint8_t want[] = {
		0x40, 0x00, 0x00, 0x00, 0x24, 0x00, 0x05, 0x06, 0,    0,    0,
		0,    0,    0,    0,    0,    0,    0,    0,    0,    3,    0,
		0,    0,    0x00, 0x00, 0xff, 0xff, 0xf1, 0xff, 0xff, 0xff, 0,
		0,    0,    0,    0x0b, 0x00, 0x01, 0x00, 'c',  'l',  's',  'a',
		'c',  't',  0,    0,    0x08, 0x00, 0x0d, 0x00, 10,   0,    0,
		0,    0x08, 0x00, 0x0e, 0x00, 11,   0,    0,    0,
	};
	struct nl_qdisc q = clsact();

	(void)state;
	host_order(want, sizeof(want), "42244 1124444 22 11111111 22 4 22 4");
	q.ingress_block = 10;
	q.egress_block = 11;
	assert_int_equal(nl_qdisc_build(&buf, sizeof(buf), &q, NL_QDISC_ADD), 0);
	assert_int_equal(buf.nlh.nlmsg_len, sizeof(want));
	assert_memory_equal(&buf, want, sizeof(want));
}

static void each_operation_has_the_flags_of_tc(void **state)
{
	static const struct {
		enum nl_qdisc_op op;
		uint16_t type, flags;
	} rows[] = {
		{NL_QDISC_ADD, 36, 0x605},  {NL_QDISC_REPLACE, 36, 0x505},
		{NL_QDISC_CHANGE, 36, 0x5}, {NL_QDISC_LINK, 36, 0x105},
		{NL_QDISC_DEL, 37, 0x5},    {NL_QDISC_SHOW, 38, 0x301},
	};
	struct nl_qdisc q = clsact();

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		assert_int_equal(nl_qdisc_build(&buf, sizeof(buf), &q, rows[i].op), 0);
		assert_int_equal(buf.nlh.nlmsg_type, rows[i].type);
		assert_int_equal(buf.nlh.nlmsg_flags, rows[i].flags);
	}
}

static int parse_exact(struct nl_qdisc *ret, size_t len)
{
	auto_free struct nlmsghdr *nlh = xmemdup(&buf, len > 16 ? len : 16);

	nlh->nlmsg_len = len;
	return nl_qdisc_parse(ret, nlh);
}

/* By member: what stands between them is nobody's. */
static void assert_same_qdisc(const struct nl_qdisc *a, const struct nl_qdisc *b)
{
	assert_int_equal(a->ifindex, b->ifindex);
	assert_int_equal(a->handle, b->handle);
	assert_int_equal(a->parent, b->parent);
	assert_int_equal(a->refcnt, b->refcnt);
	assert_memory_equal(a->kind, b->kind, sizeof(a->kind));
	assert_int_equal(a->ingress_block, b->ingress_block);
	assert_int_equal(a->egress_block, b->egress_block);
	assert_int_equal(a->offloaded, b->offloaded);
	assert_int_equal(a->has_options, b->has_options);
	assert_int_equal(a->invisible, b->invisible);
	assert_int_equal(a->has_stats, b->has_stats);
	assert_int_equal(a->bytes, b->bytes);
	assert_int_equal(a->packets, b->packets);
	assert_int_equal(a->drops, b->drops);
	assert_int_equal(a->overlimits, b->overlimits);
	assert_int_equal(a->requeues, b->requeues);
	assert_int_equal(a->backlog, b->backlog);
	assert_int_equal(a->qlen, b->qlen);
}

static void parse_reads_what_build_wrote(void **state)
{
	struct nl_qdisc back, q = clsact();

	(void)state;
	q.ingress_block = UINT32_MAX;
	q.egress_block = 1;
	assert_int_equal(nl_qdisc_build(&buf, sizeof(buf), &q, NL_QDISC_REPLACE), 0);
	assert_int_equal(parse_exact(&back, buf.nlh.nlmsg_len), 0);
	assert_same_qdisc(&back, &q);

	q = (struct nl_qdisc){.ifindex = 9, .invisible = true};
	assert_int_equal(nl_qdisc_build(&buf, sizeof(buf), &q, NL_QDISC_SHOW), 0);
	assert_int_equal(parse_exact(&back, buf.nlh.nlmsg_len), 0);
	assert_same_qdisc(&back, &q);
	assert_int_equal(nl_qdisc_build(&buf, sizeof(buf) - 1, &q, NL_QDISC_SHOW),
			 -EMSGSIZE);
}

static void cut_between_attributes_only(void **state)
{
	struct nl_qdisc q = clsact();

	(void)state;
	q.ingress_block = 10;
	assert_int_equal(nl_qdisc_build(&buf, sizeof(buf), &q, NL_QDISC_ADD), 0);
	assert_int_equal(buf.nlh.nlmsg_len, 56);
	for (size_t len = 0; len < 56; len++) {
		struct nl_qdisc back = {.ifindex = -1};
		int r = parse_exact(&back, len);

		/* 47 is the kind without its padding, 48 with it. */
		if (len == 47 || len == 48) {
			assert_int_equal(r, 0);
			assert_int_equal(back.ingress_block, 0);
			continue;
		}
		assert_int_equal(r, -EINVAL);
		assert_int_equal(back.ifindex, -1);
	}
}

/* TCA_STATS2 as the kernel sends it: basic counters of 12 bytes, then the queue. */
static uint8_t stats[] = {
	0x40, 0x00, 0x07, 0x00, 0x10, 0x00, 0x01, 0x00, 0x4c, 0,    0, 0, 0, 0,
	0,    1,    0x02, 0,    0,    0,    0x18, 0x00, 0x03, 0x00, 1, 0, 0, 0,
	2,    0,    0,    0,    3,    0,    0,    0,    4,    0,    0, 0, 5, 0,
	0,    0,    0x0c, 0x00, 0x08, 0x00, 7,    0,    0,    0,    1, 0, 0, 0,
};

static void counters_are_read_in_their_places(void **state)
{
	struct nl_qdisc back, q = clsact();

	(void)state;
	assert_int_equal(nl_qdisc_build(&buf, sizeof(buf), &q, NL_QDISC_ADD), 0);
	host_order(stats, sizeof(stats), "22 22 8 4 22 44444 22 8");
	memcpy(buf.bytes + 48, stats, sizeof(stats));
	memcpy(buf.bytes + 48, &(uint16_t){sizeof(stats)}, 2);
	assert_int_equal(parse_exact(&back, 48 + sizeof(stats)), 0);
	assert_true(back.has_stats);
	assert_true(back.bytes == 0x010000000000004cULL);
	assert_true(back.packets == 0x100000007ULL);
	assert_int_equal(back.qlen, 1);
	assert_int_equal(back.backlog, 2);
	assert_int_equal(back.drops, 3);
	assert_int_equal(back.requeues, 4);
	assert_int_equal(back.overlimits, 5);
	for (size_t len = 49; len < 48 + sizeof(stats); len++)
		assert_int_equal(parse_exact(&back, len), -EINVAL);
}

static void other_messages_are_refused(void **state)
{
	struct nl_qdisc back, q = clsact();

	(void)state;
	assert_int_equal(nl_qdisc_build(&buf, sizeof(buf), &q, NL_QDISC_ADD), 0);
	buf.nlh.nlmsg_type = 44;
	assert_int_equal(parse_exact(&back, buf.nlh.nlmsg_len), -EINVAL);
	buf.nlh.nlmsg_type = 36;
	memset(buf.bytes + 40, 'x', 8); /* a kind without end */
	assert_int_equal(parse_exact(&back, buf.nlh.nlmsg_len), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(build_gives_the_bytes_of_tc),
		cmocka_unit_test(each_operation_has_the_flags_of_tc),
		cmocka_unit_test(parse_reads_what_build_wrote),
		cmocka_unit_test(cut_between_attributes_only),
		cmocka_unit_test(counters_are_read_in_their_places),
		cmocka_unit_test(other_messages_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
