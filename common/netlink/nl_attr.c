/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "netlink/nl_attr.h"

static int fill_table(const struct nlattr **tb, size_t nr, const char *pos, size_t left)
{
	memset(tb, 0, nr * sizeof(*tb));
	while (left > 0) {
		const struct nlattr *attr = (const struct nlattr *)pos;
		size_t step;

		if (left < sizeof(*attr) || attr->nla_len < sizeof(*attr) ||
		    attr->nla_len > left)
			return -EINVAL;
		if (mnl_attr_get_type(attr) < nr)
			tb[mnl_attr_get_type(attr)] = attr;
		/* The last attribute may come without its padding. */
		step = MNL_ALIGN(attr->nla_len);
		if (step > left)
			step = left;
		pos += step;
		left -= step;
	}
	return 0;
}

int nl_attr_table(const struct nlattr **tb, size_t nr, const struct nlmsghdr *nlh,
		  size_t offset)
{
	size_t head = MNL_NLMSG_HDRLEN + MNL_ALIGN(offset);

	if (nlh->nlmsg_len < head)
		return -EINVAL;
	return fill_table(tb, nr, (const char *)nlh + head, nlh->nlmsg_len - head);
}

int nl_attr_nest(const struct nlattr **tb, size_t nr, const struct nlattr *nest)
{
	return fill_table(tb, nr, mnl_attr_get_payload(nest),
			  mnl_attr_get_payload_len(nest));
}

int nl_attr_u32(const struct nlattr *attr, unsigned int *ret)
{
	return nl_attr_copy(attr, ret, sizeof(*ret), sizeof(*ret));
}

int nl_attr_text(const struct nlattr *attr, char *ret, size_t size)
{
	const char *text;
	size_t len;

	if (!attr)
		return 0;
	text = mnl_attr_get_payload(attr);
	len = strnlen(text, mnl_attr_get_payload_len(attr));
	if (len == mnl_attr_get_payload_len(attr) || len >= size)
		return -EINVAL;
	memcpy(ret, text, len + 1);
	return 0;
}

int nl_attr_copy(const struct nlattr *attr, void *ret, size_t size, size_t min)
{
	size_t len;

	if (!attr)
		return 0;
	len = mnl_attr_get_payload_len(attr);
	if (len < min)
		return -EINVAL;
	memcpy(ret, mnl_attr_get_payload(attr), len < size ? len : size);
	return 0;
}
