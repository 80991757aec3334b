/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Attributes of other sizes than they have, and those that are rarely there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/gen_stats.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "netlink/nl_ack.h"
#include "netlink/nl_filter.h"
#include "netlink/nl_link.h"
#include "netlink/nl_qdisc.h"

struct message {
	_Alignas(8) char bytes[1024];
};

static struct nlmsghdr *begin(struct message *m, uint16_t type, size_t extra)
{
	struct nlmsghdr *nlh;

	memset(m, 0, sizeof(*m));
	nlh = mnl_nlmsg_put_header(m);
	nlh->nlmsg_type = type;
	mnl_nlmsg_put_extra_header(nlh, extra);
	return nlh;
}

static int parse(const struct nlmsghdr *nlh)
{
	struct nl_filter f = {.ifindex = 0};
	struct nl_chain c;
	struct nl_qdisc q;
	struct nl_link l;
	int r;

	switch (nlh->nlmsg_type) {
	case RTM_NEWQDISC:
	case RTM_GETQDISC:
		return nl_qdisc_parse(&q, nlh);
	case RTM_NEWCHAIN:
		return nl_chain_parse(&c, nlh);
	case RTM_NEWLINK:
		return nl_link_parse(&l, nlh);
	default:
		r = nl_filter_parse(&f, nlh);
		if (r == 0)
			nl_filter_release(&f);
		return r;
	}
}

static size_t extra_of(uint16_t type)
{
	return type == RTM_NEWLINK ? sizeof(struct ifinfomsg) : sizeof(struct tcmsg);
}

/* With its name or kind, and one attribute of so many bytes, perhaps in another one. */
static int parse_one(uint16_t type, uint16_t nest, uint16_t attr, size_t size)
{
	static const char filled[1024];
	struct message m;
	struct nlmsghdr *nlh = begin(&m, type, extra_of(type));
	struct nlattr *start = NULL;

	mnl_attr_put_strz(nlh, type == RTM_NEWLINK ? IFLA_IFNAME : TCA_KIND, "bpf");
	if (nest)
		start = mnl_attr_nest_start(nlh, nest);
	mnl_attr_put(nlh, attr, size, filled);
	if (nest)
		mnl_attr_nest_end(nlh, start);
	return parse(nlh);
}

/* The least that each may have. */
static void attributes_have_their_sizes(void **state)
{
	static const struct {
		uint16_t type, nest, attr;
		size_t size;
	} rows[] = {
		{RTM_NEWQDISC, 0, TCA_INGRESS_BLOCK, 4},
		{RTM_NEWQDISC, 0, TCA_EGRESS_BLOCK, 4},
		{RTM_NEWQDISC, 0, TCA_HW_OFFLOAD, 1},
		{RTM_NEWQDISC, TCA_STATS2, TCA_STATS_BASIC, 12},
		{RTM_NEWQDISC, TCA_STATS2, TCA_STATS_QUEUE, 20},
		{RTM_NEWQDISC, TCA_STATS2, TCA_STATS_PKT64, 8},
		{RTM_NEWCHAIN, 0, TCA_CHAIN, 4},
		{RTM_NEWTFILTER, 0, TCA_CHAIN, 4},
		{RTM_NEWTFILTER, TCA_OPTIONS, TCA_BPF_CLASSID, 4},
		{RTM_NEWTFILTER, TCA_OPTIONS, TCA_BPF_FD, 4},
		{RTM_NEWTFILTER, TCA_OPTIONS, TCA_BPF_ID, 4},
		{RTM_NEWTFILTER, TCA_OPTIONS, TCA_BPF_NAME, 1},
		{RTM_NEWTFILTER, TCA_OPTIONS, TCA_BPF_TAG, 8},
		{RTM_NEWTFILTER, TCA_OPTIONS, TCA_BPF_FLAGS, 4},
		{RTM_NEWTFILTER, TCA_OPTIONS, TCA_BPF_FLAGS_GEN, 4},
		{RTM_NEWTFILTER, TCA_OPTIONS, TCA_BPF_OPS_LEN, 2},
		{RTM_NEWLINK, IFLA_LINKINFO, IFLA_INFO_KIND, 1},
		{RTM_NEWLINK, IFLA_XDP, IFLA_XDP_PROG_ID, 4},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++)
		for (size_t size = 0; size <= rows[i].size; size++)
			if (parse_one(rows[i].type, rows[i].nest, rows[i].attr, size) !=
			    (size < rows[i].size ? -EINVAL : 0))
				fail_msg("row %zu, %zu bytes", i, size);
}

/* In them is no attribute, but something. */
static void nests_are_made_of_attributes(void **state)
{
	static const uint16_t nests[][2] = {{RTM_NEWQDISC, TCA_STATS2},
					    {RTM_NEWTFILTER, TCA_OPTIONS},
					    {RTM_NEWLINK, IFLA_LINKINFO},
					    {RTM_NEWLINK, IFLA_XDP}};
	static const uint16_t heads[] = {RTM_NEWQDISC, RTM_NEWTFILTER, RTM_NEWCHAIN,
					 RTM_NEWLINK};
	struct message m;

	(void)state;
	for (size_t i = 0; i < array_size(nests); i++) {
		assert_int_equal(parse_one(nests[i][0], 0, nests[i][1], 0), 0);
		assert_int_equal(parse_one(nests[i][0], 0, nests[i][1], 3), -EINVAL);
		assert_int_equal(parse_one(nests[i][0], 0, nests[i][1], 4), -EINVAL);
	}
	for (size_t i = 0; i < array_size(heads); i++) {
		struct nlmsghdr *nlh = begin(&m, heads[i], extra_of(heads[i]));

		nlh->nlmsg_len -= 4;
		assert_int_equal(parse(nlh), -EINVAL);
	}
}

static void kinds_and_names_have_an_end(void **state)
{
	static const uint16_t types[][2] = {{RTM_NEWQDISC, TCA_KIND},
					    {RTM_GETQDISC, TCA_KIND},
					    {RTM_NEWTFILTER, TCA_KIND},
					    {RTM_NEWLINK, IFLA_IFNAME}};
	struct message m;

	(void)state;
	for (size_t i = 0; i < array_size(types); i++) {
		for (size_t n = 14; n < 18; n++) {
			struct nlmsghdr *nlh =
				begin(&m, types[i][0], extra_of(types[i][0]));
			char name[32] = {0};

			memset(name, 'k', n);
			mnl_attr_put(nlh, types[i][1], sizeof(name), name);
			assert_int_equal(parse(nlh), n < 16 ? 0 : -EINVAL);
			nlh = begin(&m, types[i][0], extra_of(types[i][0]));
			mnl_attr_put(nlh, types[i][1], n, name);
			assert_int_equal(parse(nlh), -EINVAL);
		}
	}
	/* What is asked for needs no kind. */
	assert_int_equal(parse(begin(&m, RTM_GETQDISC, sizeof(struct tcmsg))), 0);
	assert_int_equal(parse(begin(&m, RTM_NEWQDISC, sizeof(struct tcmsg))), -EINVAL);
}

static int parse_ops(uint16_t nr, size_t size, enum nl_filter_prog *ret)
{
	static const char filled[64 * 8];
	struct nl_filter f = {.ifindex = 0};
	struct message m;
	struct nlmsghdr *nlh = begin(&m, RTM_NEWTFILTER, sizeof(struct tcmsg));
	struct nlattr *nest;
	int r;

	mnl_attr_put_strz(nlh, TCA_KIND, "bpf");
	nest = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	mnl_attr_put_u16(nlh, TCA_BPF_OPS_LEN, nr);
	if (size)
		mnl_attr_put(nlh, TCA_BPF_OPS, size, filled);
	mnl_attr_nest_end(nlh, nest);
	r = nl_filter_parse(&f, nlh);
	if (r < 0)
		return r;
	*ret = f.prog;
	assert_int_equal(f.nr_ops, nr);
	nl_filter_release(&f);
	return 0;
}

static void classic_programs(void **state)
{
	enum nl_filter_prog prog;

	(void)state;
	assert_int_equal(parse_ops(0, 0, &prog), 0);
	assert_int_not_equal(prog, NL_FILTER_CBPF);
	assert_int_equal(parse_ops(2, 16, &prog), 0);
	assert_int_equal(prog, NL_FILTER_CBPF);
	assert_int_equal(parse_ops(2, 0, &prog), -EINVAL);
	assert_int_equal(parse_ops(2, 15, &prog), -EINVAL);
	assert_int_equal(parse_ops(NL_FILTER_OPS_MAX, 16, &prog), -EINVAL);
	assert_int_equal(parse_ops(NL_FILTER_OPS_MAX + 1, 16, &prog), -EINVAL);
	assert_int_equal(parse_ops(UINT16_MAX, 16, &prog), -EINVAL);
}

/* Each of them is one of what makes it so. */
static void one_attribute_is_enough(void **state)
{
	static const struct {
		uint16_t attr;
		bool actions, extended;
	} rows[] = {
		{TCA_BPF_ACT, true, false},  {TCA_BPF_POLICE, true, false},
		{TCA_BPF_FD, false, true},   {TCA_BPF_ID, false, true},
		{TCA_BPF_NAME, false, true}, {TCA_BPF_FLAGS, false, false},
	};

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		struct nl_filter f = {.ifindex = 0};
		struct message m;
		struct nlmsghdr *nlh = begin(&m, RTM_NEWTFILTER, sizeof(struct tcmsg));
		struct nlattr *nest;

		mnl_attr_put_strz(nlh, TCA_KIND, "bpf");
		nest = mnl_attr_nest_start(nlh, TCA_OPTIONS);
		mnl_attr_put_u32(nlh, rows[i].attr, 0);
		mnl_attr_nest_end(nlh, nest);
		assert_int_equal(nl_filter_parse(&f, nlh), 0);
		assert_int_equal(f.has_actions, rows[i].actions);
		assert_int_equal(f.prog == NL_FILTER_EBPF, rows[i].extended);
		nl_filter_release(&f);
	}
}

/* --- what the kernel says -------------------------------------------------------------- */

static void text_is(const char *said, const char *want)
{
	struct message m;
	struct nlmsghdr *nlh = begin(&m, NLMSG_ERROR, sizeof(struct nlmsgerr));
	struct nl_ack ack;

	nlh->nlmsg_flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
	((struct nlmsgerr *)mnl_nlmsg_get_payload(nlh))->error = -EEXIST;
	mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, said);
	assert_int_equal(nl_ack_parse(&ack, nlh), 0);
	assert_string_equal(ack.text, want);
}

static void texts_end_without_full_stop(void **state)
{
	struct message m;
	struct nlmsghdr *nlh = begin(&m, NLMSG_DONE, 2);
	struct nl_ack ack;

	(void)state;
	text_is("Taken.\n", "Taken");
	text_is("Taken\n.", "Taken");
	text_is("v0.1", "v0.1");
	text_is("...", "");
	text_is("", "");
	nlh->nlmsg_len = MNL_NLMSG_HDRLEN + 2;
	assert_int_equal(nl_ack_parse(&ack, nlh), -EINVAL);
}

static void other_names_of_an_interface(void **state)
{
	struct message m;
	struct nlmsghdr *nlh = begin(&m, RTM_NEWLINK, sizeof(struct ifinfomsg));
	struct nlattr *nest;
	char most[NL_LINK_ALTNAME_MAX + 1];
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	memset(most, 'n', sizeof(most) - 1);
	most[sizeof(most) - 1] = '\0';
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "v0");
	nest = mnl_attr_nest_start(nlh, IFLA_PROP_LIST);
	mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, "uplink");
	mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, most);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "other");
	mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, "second");
	mnl_attr_nest_end(nlh, nest);
	nl_link_altnames(nlh, &out);
	assert_string_equal(sb_text(&out), "uplink\nsecond\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_have_their_sizes),
		cmocka_unit_test(nests_are_made_of_attributes),
		cmocka_unit_test(kinds_and_names_have_an_end),
		cmocka_unit_test(classic_programs),
		cmocka_unit_test(one_attribute_is_enough),
		cmocka_unit_test(texts_end_without_full_stop),
		cmocka_unit_test(other_names_of_an_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
