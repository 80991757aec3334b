/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What stands on network devices, from answers as the kernel gives them: netkit is in few
 * kernels, so both its netlink message and its answers to bpf(2) are played here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/alloc.h"
#include "scan/scan_net.h"

/* --- netlink --- */

struct message {
	struct nlmsghdr nlh;
	struct ifinfomsg ifi;
	char attrs[512];
};

static struct rtattr *put(struct message *m, uint16_t type, const void *data, size_t size)
{
	struct rtattr *a = (struct rtattr *)((char *)m + RTA_ALIGN(m->nlh.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (uint16_t)RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(a), data, size);
	m->nlh.nlmsg_len = (uint32_t)((char *)a - (char *)m) + RTA_ALIGN(a->rta_len);
	return a;
}

static void end(struct message *m, struct rtattr *nest)
{
	nest->rta_len = (uint16_t)((char *)m + m->nlh.nlmsg_len - (char *)nest);
}

static void begin(struct message *m, int ifindex, const char *name)
{
	memset(m, 0, sizeof(*m));
	m->nlh.nlmsg_type = RTM_NEWLINK;
	m->nlh.nlmsg_len = NLMSG_LENGTH(sizeof(m->ifi));
	m->ifi.ifi_index = ifindex;
	put(m, IFLA_IFNAME, name, strlen(name) + 1);
}

static void put_kind(struct message *m, const char *kind)
{
	struct rtattr *nest = put(m, IFLA_LINKINFO, NULL, 0);

	put(m, IFLA_INFO_KIND, kind, strlen(kind) + 1);
	end(m, nest);
}

static void put_xdp(struct message *m, uint32_t drv, uint32_t skb, uint32_t any)
{
	struct rtattr *nest = put(m, IFLA_XDP, NULL, 0);
	uint8_t attached = 4;

	put(m, IFLA_XDP_ATTACHED, &attached, 1);
	if (any)
		put(m, IFLA_XDP_PROG_ID, &any, 4);
	if (drv)
		put(m, IFLA_XDP_DRV_PROG_ID, &drv, 4);
	if (skb)
		put(m, IFLA_XDP_SKB_PROG_ID, &skb, 4);
	end(m, nest);
}

static void messages_tell_kind_and_xdp(void **state)
{
	struct nl_link link = {.ifindex = 0};
	struct message m;

	(void)state;
	begin(&m, 7, "nk0");
	put_kind(&m, "netkit");
	put_xdp(&m, 41, 42, 0);
	assert_int_equal(nl_link_parse(&link, &m.nlh), 0);
	assert_int_equal(link.ifindex, 7);
	assert_string_equal(link.name, "nk0");
	assert_string_equal(link.kind, "netkit");
	assert_int_equal(link.nr_xdp, 2);
	assert_int_equal(link.xdp[0].prog_id, 41);
	assert_int_equal(link.xdp[0].flags, XDP_FLAGS_DRV_MODE);
	assert_int_equal(link.xdp[1].prog_id, 42);
	assert_int_equal(link.xdp[1].flags, XDP_FLAGS_SKB_MODE);
	/* Old kernels tell one number only. */
	begin(&m, 8, "eth0");
	put_xdp(&m, 0, 0, 43);
	assert_int_equal(nl_link_parse(&link, &m.nlh), 0);
	assert_string_equal(link.kind, "");
	assert_int_equal(link.nr_xdp, 1);
	assert_int_equal(link.xdp[0].prog_id, 43);
}

static void cut_messages_are_refused_or_smaller(void **state)
{
	struct message m;

	(void)state;
	begin(&m, 7, "nk0");
	put_kind(&m, "netkit");
	put_xdp(&m, 41, 0, 0);
	for (size_t len = sizeof(struct nlmsghdr); len < m.nlh.nlmsg_len; len++) {
		struct nl_link link = {.ifindex = -1};
		auto_free struct nlmsghdr *nlh = xmemdup(&m, len);

		nlh->nlmsg_len = (uint32_t)len;
		if (nl_link_parse(&link, nlh) < 0)
			assert_int_equal(link.ifindex, -1);
		else
			assert_int_equal(link.nr_xdp, 0);
	}
}

/* --- bpf(2) --- */

/* The query part of union bpf_attr, as Linux 6.7 reads and writes it. */
struct query {
	uint32_t ifindex, attach_type, query_flags, attach_flags;
	uint64_t prog_ids;
	uint32_t count, pad;
	uint64_t prog_flags, link_ids, link_flags, revision;
};

static unsigned int asked[64]; /* by attach type */

static void answer(struct query *q, uint32_t nr, const uint32_t *progs,
		   const uint32_t *links)
{
	assert_true(q->count >= nr);
	memcpy((void *)(uintptr_t)q->prog_ids, progs, nr * sizeof(*progs));
	memcpy((void *)(uintptr_t)q->link_ids, links, nr * sizeof(*links));
	q->count = nr;
	q->revision = nr + 1;
}

/* Device 7 is a netkit pair's primary, 8 anything else; 9 vanishes meanwhile. */
static int kernel_6_7(int cmd, void *attr, size_t size)
{
	static const uint32_t progs[] = {51, 52}, links[] = {0, 5};
	struct query *q = attr;

	assert_int_equal(cmd, 16);
	assert_int_equal(size, sizeof(*q));
	asked[q->attach_type]++;
	if (q->ifindex == 9)
		return -ENODEV;
	if (q->attach_type == 54 && q->ifindex == 7)
		answer(q, 2, progs, links);
	else if (q->attach_type == 55 && q->ifindex == 7)
		answer(q, 1, progs + 1, links);
	else if (q->attach_type == 47 && q->ifindex == 8)
		answer(q, 1, progs, links + 1);
	else if (q->attach_type == 54 || q->attach_type == 55)
		return -ENXIO;
	else
		answer(q, 0, progs, links);
	return 0;
}

static int kernel_6_1(int cmd, void *attr, size_t size)
{
	(void)cmd;
	(void)size;
	asked[((struct query *)attr)->attach_type]++;
	return -EINVAL;
}

static int no_right(int cmd, void *attr, size_t size)
{
	(void)cmd;
	(void)size;
	asked[((struct query *)attr)->attach_type]++;
	return -EPERM;
}

/* As a policy of SELinux does; a netkit device that is not the primary one says so, too. */
static int denied(int cmd, void *attr, size_t size)
{
	(void)cmd;
	(void)size;
	asked[((struct query *)attr)->attach_type]++;
	return -EACCES;
}

static const struct nl_link links[] = {
	{.ifindex = 7, .name = "nk0", .kind = "netkit"},
	{.ifindex = 8,
	 .name = "eth0",
	 .xdp = {{.prog_id = 41, .flags = XDP_FLAGS_DRV_MODE}},
	 .nr_xdp = 1},
	{.ifindex = 9, .name = "gone", .kind = "netkit"},
};

static void scan(struct graph *g, dev_query_bpf bpf)
{
	const struct scan_net net = {.g = g, .netns = "a", .links = links, .nr_links = 3};

	memset(asked, 0, sizeof(asked));
	scan_dev(&net, bpf);
	graph_sort(g);
}

static void is(const struct graph_attachment *at, enum graph_attach_kind kind,
	       uint32_t program, const char *dev, enum graph_hook hook, uint32_t link)
{
	assert_int_equal(at->kind, kind);
	assert_int_equal(at->program, program);
	assert_string_equal(at->dev, dev);
	assert_string_equal(at->netns, "a");
	assert_int_equal(at->hook, hook);
	assert_int_equal(at->link_id, link);
}

static void netkit_tcx_and_xdp_become_attachments(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	scan(&g, kernel_6_7);
	assert_int_equal(g.nr_hidden, 0);
	assert_int_equal(g.nr_attachments, 5);
	is(&g.attachments[0], GRAPH_XDP, 41, "eth0", GRAPH_INGRESS, 0);
	is(&g.attachments[1], GRAPH_TCX, 51, "eth0", GRAPH_EGRESS, 5);
	is(&g.attachments[2], GRAPH_NETKIT, 51, "nk0", GRAPH_EGRESS, 0);
	is(&g.attachments[3], GRAPH_NETKIT, 52, "nk0", GRAPH_INGRESS, 0);
	is(&g.attachments[4], GRAPH_NETKIT, 52, "nk0", GRAPH_EGRESS, 5);
	assert_int_equal(g.attachments[3].attach_type, 55);
	/* Each hook of each device that can have it, once. */
	assert_int_equal(asked[46], 3);
	assert_int_equal(asked[47], 3);
	assert_int_equal(asked[54], 2);
	assert_int_equal(asked[55], 2);
}

static void a_kernel_without_them_is_asked_once(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	scan(&g, kernel_6_1);
	assert_int_equal(g.nr_attachments, 1);
	assert_int_equal(g.nr_hidden, 0);
	assert_int_equal(asked[46] + asked[47] + asked[54] + asked[55], 4);
}

static void a_missing_right_is_said_once(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	scan(&g, no_right);
	assert_int_equal(g.nr_hidden, 2);
	assert_string_equal(g.hidden[0].text, "netkit programs of all devices in network "
					      "namespace 'a': Operation not permitted");
	assert_string_equal(g.hidden[1].text, "tcx programs of all devices in network "
					      "namespace 'a': Operation not permitted");
	assert_int_equal(asked[46] + asked[47] + asked[54] + asked[55], 4);
}

static void a_policy_hides_tcx_and_no_peer_of_netkit(void **state)
{
	auto_graph g = GRAPH_INIT;

	(void)state;
	scan(&g, denied);
	assert_int_equal(g.nr_hidden, 1);
	assert_string_equal(g.hidden[0].text, "tcx programs of all devices in network "
					      "namespace 'a': Permission denied");
	assert_int_equal(asked[46] + asked[47], 2);
	assert_int_equal(asked[54] + asked[55], 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_tell_kind_and_xdp),
		cmocka_unit_test(cut_messages_are_refused_or_smaller),
		cmocka_unit_test(netkit_tcx_and_xdp_become_attachments),
		cmocka_unit_test(a_kernel_without_them_is_asked_once),
		cmocka_unit_test(a_missing_right_is_said_once),
		cmocka_unit_test(a_policy_hides_tcx_and_no_peer_of_netkit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
