/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <string.h>

#include "base/alloc.h"
#include "netlink/nl_ack.h"
#include "host_order.h"

static int parse_ack(struct nl_ack *ret, const void *bytes, size_t len)
{
	auto_free struct nlmsghdr *nlh = xmemdup(bytes, len > 16 ? len : 16);

	nlh->nlmsg_len = len;
	return nl_ack_parse(ret, nlh);
}

/* The refusal of a request of 20 bytes, which the kernel sends back whole. */
static uint8_t refusal[] = {
	60,  0,   0,    0,    2,    0,    0,    0x02, 0, 0, 0,   0,   0,   0,
	0,   0,   0xef, 0xff, 0xff, 0xff, /* -EEXIST */
	20,  0,   0,    0,    44,   0,    5,    6,    0, 0, 0,   0,   0,   0,
	0,   0,   9,    9,    9,    9,    0x0b, 0,    1, 0, 'T', 'a', 'k', 'e',
	'n', '.', 0,    0,    0x08, 0,    5,    0,    7, 0, 0,   0,
};

static int setup(void **state)
{
	(void)state;
	host_order(refusal, sizeof(refusal), "42244 4 42244 4 22 11111111 22 4");
	return 0;
}

static void a_refusal_brings_the_words_of_the_kernel(void **state)
{
	struct nl_ack ack;

	(void)state;
	assert_int_equal(parse_ack(&ack, refusal, sizeof(refusal)), 0);
	assert_int_equal(ack.code, -EEXIST);
	assert_string_equal(ack.text, "Taken");
	assert_int_equal(ack.missing, 7);
}

static void a_refusal_cut_short_is_an_error(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(refusal); len++) {
		struct nl_ack ack = {.code = 1};
		int r = parse_ack(&ack, refusal, len);

		/* 40: no attribute; 51: only padding is gone; 52: one attribute */
		if (len == 40 || len == 51 || len == 52)
			assert_int_equal(r, 0);
		else
			assert_int_equal(r, -EINVAL);
	}
}

static void a_bare_acknowledgement_is_zero(void **state)
{
	uint8_t bytes[36] = {36, 0, 0, 0, 2};
	struct nl_ack ack = {.code = 1};

	(void)state;
	host_order(bytes, sizeof(bytes), "42244");
	assert_int_equal(parse_ack(&ack, bytes, sizeof(bytes)), 0);
	assert_int_equal(ack.code, 0);
	assert_string_equal(ack.text, "");
	bytes[4 + HOST_IS_BIG] = 3; /* NLMSG_DONE without payload */
	assert_int_equal(parse_ack(&ack, bytes, 16), 0);
	bytes[4 + HOST_IS_BIG] = 44;
	assert_int_equal(parse_ack(&ack, bytes, sizeof(bytes)), -EINVAL);
}

/* Capped, the request is left out; done, there is none. Longer than expected is cut. */
static void what_came_without_the_request(void **state)
{
	union {
		struct nlmsghdr nlh;
		char bytes[2048];
	} buf = {.bytes = {0}};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(&buf);
	struct nlmsgerr *answer;
	struct nl_ack ack;
	char text[1024];

	(void)state;
	memset(text, 'x', sizeof(text) - 2);
	text[sizeof(text) - 2] = '\n';
	text[sizeof(text) - 1] = '\0';
	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
	answer = mnl_nlmsg_put_extra_header(nlh, sizeof(*answer));
	answer->error = 5;
	answer->msg.nlmsg_len = 500;
	mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, "Line.\n");
	assert_int_equal(nl_ack_parse(&ack, nlh), 0);
	assert_int_equal(ack.code, 0);
	assert_string_equal(ack.text, "Line");
	/* Not capped, the request would reach beyond the message, or be none. */
	nlh->nlmsg_flags = NLM_F_ACK_TLVS;
	assert_int_equal(nl_ack_parse(&ack, nlh), -EINVAL);
	answer->msg.nlmsg_len = 4;
	assert_int_equal(nl_ack_parse(&ack, nlh), -EINVAL);

	nlh = mnl_nlmsg_put_header(&buf);
	nlh->nlmsg_type = NLMSG_DONE;
	nlh->nlmsg_flags = NLM_F_ACK_TLVS;
	*(int *)mnl_nlmsg_put_extra_header(nlh, sizeof(int)) = -EEXIST;
	mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, text);
	assert_int_equal(nl_ack_parse(&ack, nlh), 0);
	assert_int_equal(ack.code, -EEXIST);
	assert_int_equal(strlen(ack.text), sizeof(ack.text) - 1);
	mnl_attr_put_u16(nlh, 5, 1);
	assert_int_equal(nl_ack_parse(&ack, nlh), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_brings_the_words_of_the_kernel),
		cmocka_unit_test(a_refusal_cut_short_is_an_error),
		cmocka_unit_test(a_bare_acknowledgement_is_zero),
		cmocka_unit_test(what_came_without_the_request),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
