/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include "netlink/nl_ack.h"
#include "netlink/nl_attr.h"

/* linux/netlink.h of 6.1 and later names it; older headers do not. */
enum { ACK_ATTR_MISS_TYPE = 5 };

/*
 * NLMSG_ERROR: [error:4][header of the request:16][its payload, unless
 * capped][attributes] NLMSG_DONE:  [error:4][attributes]
 */
static int attributes_offset(const struct nlmsghdr *nlh, size_t *ret)
{
	const struct nlmsgerr *answer = mnl_nlmsg_get_payload(nlh);
	size_t left = nlh->nlmsg_len - MNL_NLMSG_HDRLEN;

	if (nlh->nlmsg_type == NLMSG_DONE) {
		*ret = sizeof(answer->error);
		return 0;
	}
	if (left < sizeof(*answer))
		return -EINVAL;
	*ret = sizeof(*answer);
	if (nlh->nlmsg_flags & NLM_F_CAPPED)
		return 0;
	if (answer->msg.nlmsg_len < MNL_NLMSG_HDRLEN ||
	    answer->msg.nlmsg_len - MNL_NLMSG_HDRLEN > left - sizeof(*answer))
		return -EINVAL;
	*ret += answer->msg.nlmsg_len - MNL_NLMSG_HDRLEN;
	return 0;
}

static int nl_ack_parse_attributes(struct nl_ack *ack, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[ACK_ATTR_MISS_TYPE + 1];
	const struct nlattr *text;
	size_t offset, len;
	int r;

	r = attributes_offset(nlh, &offset);
	if (r < 0)
		return r;
	r = nl_attr_table(tb, array_size(tb), nlh, offset);
	if (r < 0)
		return r;
	r = nl_attr_u32(tb[ACK_ATTR_MISS_TYPE], &ack->missing);
	if (r < 0)
		return r;
	text = tb[NLMSGERR_ATTR_MSG];
	if (!text)
		return 0;
	/* Longer than expected is cut: better a part of the reason than none. */
	len = strnlen(mnl_attr_get_payload(text), mnl_attr_get_payload_len(text));
	if (len >= sizeof(ack->text))
		len = sizeof(ack->text) - 1;
	memcpy(ack->text, mnl_attr_get_payload(text), len);
	while (len > 0 && (ack->text[len - 1] == '.' || ack->text[len - 1] == '\n'))
		ack->text[--len] = '\0';
	return 0;
}

int nl_ack_parse(struct nl_ack *ret, const struct nlmsghdr *nlh)
{
	struct nl_ack ack = {.code = 0};
	int r;

	if (nlh->nlmsg_type != NLMSG_ERROR && nlh->nlmsg_type != NLMSG_DONE)
		return -EINVAL;
	if (nlh->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(ack.code)) {
		/* NLMSG_DONE of old kernels and of some families has no payload. */
		if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_len != MNL_NLMSG_HDRLEN)
			return -EINVAL;
		*ret = ack;
		return 0;
	}
	memcpy(&ack.code, mnl_nlmsg_get_payload(nlh), sizeof(ack.code));
	if (ack.code > 0)
		ack.code = 0;
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS) {
		r = nl_ack_parse_attributes(&ack, nlh);
		if (r < 0)
			return r;
	}
	*ret = ack;
	return 0;
}
