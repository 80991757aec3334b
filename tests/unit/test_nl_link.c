/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/netlink.h>

#include "base/alloc.h"
#include "netlink/nl_link.h"
#include "host_order.h"

static void a_link_is_number_and_name(void **state)
{
	uint8_t link[] = {
		40, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0,    0, 0, 0, 0,   0,   1,   0,
		7,  0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0x08, 0, 3, 0, 'l', 'o', '0', 0,
	};
	union {
		struct nlmsghdr nlh;
		char bytes[NL_LINK_BUF];
	} buf;
	struct nl_link got = {.ifindex = -1};

	(void)state;
	host_order(link, sizeof(link), "42244 112444 22 1111");
	for (size_t len = 0; len <= sizeof(link); len++) {
		auto_free struct nlmsghdr *nlh = xmemdup(link, len > 16 ? len : 16);

		nlh->nlmsg_len = len;
		assert_int_equal(nl_link_parse(&got, nlh),
				 len < sizeof(link) ? -EINVAL : 0);
	}
	assert_int_equal(got.ifindex, 7);
	assert_string_equal(got.name, "lo0");
	assert_int_equal(nl_link_build_dump(&buf, NL_LINK_BUF), 0);
	assert_int_equal(buf.nlh.nlmsg_flags, 0x301);
	assert_int_equal(nl_link_build_dump(&buf, NL_LINK_BUF - 1), -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_is_number_and_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
