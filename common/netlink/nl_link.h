/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Network interfaces as far as this project asks: number, name, kind, XDP programs.
 * struct <-> rtnetlink bytes.
 */
#ifndef NETLINK_NL_LINK_H
#define NETLINK_NL_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct nlmsghdr;
struct strbuf;

/* IFNAMSIZ, the kernel's limit of a kind, room for any request. */
enum { NL_LINK_NAME_MAX = 16, NL_LINK_KIND_MAX = 16, NL_LINK_BUF = 256 };
/* With the NUL; IFLA_ALT_IFNAME came with Linux 5.5. */
enum { NL_LINK_ALTNAME_MAX = 128 };

/* One program for each mode at most: the driver's, the generic one, the hardware's. */
enum { NL_LINK_XDP_MAX = 3 };

struct nl_link_xdp {
	uint32_t prog_id;
	uint32_t flags; /* XDP_FLAGS_DRV_MODE, _SKB_MODE or _HW_MODE */
};

struct nl_link {
	int ifindex;
	char name[NL_LINK_NAME_MAX];
	char kind[NL_LINK_KIND_MAX]; /* "veth", "netkit"; "": hardware */
	struct nl_link_xdp xdp[NL_LINK_XDP_MAX];
	size_t nr_xdp;
};

/* The request that dumps all interfaces of the namespace, without statistics. */
int nl_link_build_dump(void *buf, size_t size) must_check;

/* The request for one interface by an alternative name, which may have 127 bytes. */
int nl_link_build_get(void *buf, size_t size, const char *altname) must_check;

/* Reads RTM_NEWLINK or RTM_DELLINK. -EINVAL: another type, cut off, or without a name. */
int nl_link_parse(struct nl_link *ret, const struct nlmsghdr *nlh) must_check;

/* Each alternative name of the interface that the message is about, newline behind each. */
void nl_link_altnames(const struct nlmsghdr *nlh, struct strbuf *out);

#endif
