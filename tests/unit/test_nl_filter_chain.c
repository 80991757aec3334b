/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Chains of filters, in messages of filters and in messages of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "netlink/nl_filter.h"
#include "host_order.h"

static union {
	struct nlmsghdr nlh;
	char bytes[NL_FILTER_BUF];
} buf;

static void chain_stands_before_kind_and_a_block_in_parent(void **state)
{
	uint8_t want[] = {
		0xff, 0xff, 0xff, 0xff, 0x10, 0,   0,   0,
		0x0a, 0,    0,    0,                       /* -1, handle, block */
		0x08, 0x00, 0x05, 0x00,                    /* ip, pref 5 */
		0x08, 0x00, 0x0b, 0x00, 0x03, 0,   0,   0, /* TCA_CHAIN 3 */
		0x08, 0x00, 0x01, 0x00, 'b',  'p', 'f', 0,
	};
	struct nl_filter f = {
		.block = 10,
		.handle = 16,
		.pref = 5,
		.protocol = 0x0800,
		.has_chain = true,
		.chain = 3,
		.kind = "bpf",
	};

	(void)state;
	host_order(want, sizeof(want), "444t 22 4 22");
	assert_int_equal(nl_filter_build(&buf, sizeof(buf), &f, NL_FILTER_ADD), 0);
	assert_int_equal(buf.nlh.nlmsg_len, 20 + sizeof(want));
	assert_memory_equal(buf.bytes + 20, want, sizeof(want));
}

static void a_chain_is_of_an_interface_or_a_block(void **state)
{
	struct nl_filter f;
	struct nl_chain c;
	uint32_t len;

	(void)state;
	f = (struct nl_filter){
		.ifindex = 3, .parent = 0xffff0000, .has_chain = true, .chain = 7};
	assert_int_equal(nl_filter_build(&buf, sizeof(buf), &f, NL_FILTER_ADD), 0);
	assert_int_equal(nl_chain_parse(&c, (struct nlmsghdr *)&buf), -EINVAL);
	((struct nlmsghdr *)&buf)->nlmsg_type = RTM_DELCHAIN;
	assert_int_equal(nl_chain_parse(&c, (struct nlmsghdr *)&buf), 0);
	assert_int_equal(c.ifindex, 3);
	assert_int_equal(c.parent, 0xffff0000);
	assert_int_equal(c.block, 0);
	assert_int_equal(c.chain, 7);
	len = ((struct nlmsghdr *)&buf)->nlmsg_len;
	for (uint32_t cut = sizeof(struct nlmsghdr); cut < len; cut++) {
		((struct nlmsghdr *)&buf)->nlmsg_len = cut;
		/* Without the attribute it is chain 0, in the middle of one an error. */
		assert_int_equal(nl_chain_parse(&c, (struct nlmsghdr *)&buf),
				 cut == len - 8 ? 0 : -EINVAL);
	}
	f.block = 21;
	assert_int_equal(nl_filter_build(&buf, sizeof(buf), &f, NL_FILTER_ADD), 0);
	((struct nlmsghdr *)&buf)->nlmsg_type = RTM_NEWCHAIN;
	assert_int_equal(nl_chain_parse(&c, (struct nlmsghdr *)&buf), 0);
	assert_int_equal(c.block, 21);
	assert_int_equal(c.ifindex, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chain_stands_before_kind_and_a_block_in_parent),
		cmocka_unit_test(a_chain_is_of_an_interface_or_a_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
