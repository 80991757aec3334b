/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

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

/* A message of one interface, to which attributes are added. */
static struct nlmsghdr *begin(void *buf, int type)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;

	nlh->nlmsg_type = (uint16_t)type;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = 7;
	return nlh;
}

struct message {
	_Alignas(8) char bytes[1024];
};

static void xdp_programs_by_the_mode_they_run_in(void **state)
{
	struct message buf = {{0}};
	struct nlmsghdr *nlh = begin(&buf, RTM_NEWLINK);
	struct nlattr *nest;
	struct nl_link got;

	(void)state;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "v0");
	nest = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, IFLA_XDP);
	mnl_attr_put_u32(nlh, IFLA_XDP_PROG_ID, 5);
	mnl_attr_put_u32(nlh, IFLA_XDP_DRV_PROG_ID, 5);
	mnl_attr_put_u32(nlh, IFLA_XDP_SKB_PROG_ID, 0);
	mnl_attr_put_u32(nlh, IFLA_XDP_HW_PROG_ID, 6);
	mnl_attr_nest_end(nlh, nest);
	assert_int_equal(nl_link_parse(&got, nlh), 0);
	assert_string_equal(got.kind, "veth");
	assert_int_equal(got.nr_xdp, 2);
	assert_int_equal(got.xdp[0].prog_id, 5);
	assert_int_equal(got.xdp[0].flags, XDP_FLAGS_DRV_MODE);
	assert_int_equal(got.xdp[1].prog_id, 6);
	assert_int_equal(got.xdp[1].flags, XDP_FLAGS_HW_MODE);
}

/* Linux before 4.19. */
static void xdp_without_modes(void **state)
{
	struct message buf = {{0}};
	struct nlmsghdr *nlh = begin(&buf, RTM_DELLINK);
	struct nlattr *nest;
	struct nl_link got;

	(void)state;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "v0");
	nest = mnl_attr_nest_start(nlh, IFLA_XDP);
	mnl_attr_put_u32(nlh, IFLA_XDP_PROG_ID, 5);
	mnl_attr_nest_end(nlh, nest);
	assert_int_equal(nl_link_parse(&got, nlh), 0);
	assert_int_equal(got.nr_xdp, 1);
	assert_int_equal(got.xdp[0].prog_id, 5);
	assert_int_equal(got.xdp[0].flags, 0);
}

/* An attribute of another size than it has. */
static int parse_odd(int nested, int type, size_t size)
{
	char filled[64];
	struct message buf = {{0}};
	struct nlmsghdr *nlh = begin(&buf, RTM_NEWLINK);
	struct nlattr *nest = NULL;
	struct nl_link got;

	memset(filled, 'x', sizeof(filled));
	if (nested)
		nest = mnl_attr_nest_start(nlh, (uint16_t)nested);
	mnl_attr_put(nlh, (uint16_t)type, size, filled);
	if (nested)
		mnl_attr_nest_end(nlh, nest);
	mnl_attr_put_strz(nlh, nested ? IFLA_IFNAME : IFLA_MTU, "v0");
	return nl_link_parse(&got, nlh);
}

static void what_no_kernel_sends_is_refused(void **state)
{
	struct message buf = {{0}};
	struct nl_link got;

	(void)state;
	assert_int_equal(nl_link_parse(&got, begin(&buf, RTM_NEWADDR)), -EINVAL);
	assert_int_equal(nl_link_parse(&got, begin(&buf, RTM_NEWLINK)), -EINVAL);
	assert_int_equal(parse_odd(0, IFLA_IFNAME, 64), -EINVAL);
	assert_int_equal(parse_odd(0, IFLA_IFNAME, 1), -EINVAL);
	assert_int_equal(parse_odd(IFLA_XDP, IFLA_XDP_SKB_PROG_ID, 3), -EINVAL);
	assert_int_equal(parse_odd(IFLA_XDP, IFLA_XDP_PROG_ID, 3), -EINVAL);
	assert_int_equal(parse_odd(IFLA_LINKINFO, IFLA_INFO_KIND, 64), -EINVAL);
	assert_int_equal(parse_odd(IFLA_XDP, IFLA_XDP_SKB_PROG_ID, 4), 0);
}

static void the_request_for_another_name(void **state)
{
	struct message buf = {{0}};
	char name[NL_LINK_ALTNAME_MAX + 1];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(nl_link_build_get(&buf, NL_LINK_BUF, name), -ENAMETOOLONG);
	assert_int_equal(nl_link_build_get(&buf, NL_LINK_BUF - 1, "n"), -EMSGSIZE);
	assert_int_equal(nl_link_build_get(&buf, NL_LINK_BUF, name + 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_is_number_and_name),
		cmocka_unit_test(xdp_programs_by_the_mode_they_run_in),
		cmocka_unit_test(xdp_without_modes),
		cmocka_unit_test(what_no_kernel_sends_is_refused),
		cmocka_unit_test(the_request_for_another_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
