/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/netlink.h>

#include "base/alloc.h"
#include "dev_names.h"
#include "kernel/nl_sock.h"

struct dev_name {
	int ifindex;
	char name[NL_LINK_NAME_MAX];
};

static struct dev_name *dev_names_find(struct dev_names *names, int ifindex)
{
	for (size_t i = 0; i < names->nr; i++)
		if (names->items[i].ifindex == ifindex)
			return &names->items[i];
	return NULL;
}

static void dev_names_set(struct dev_names *names, int ifindex, const char *name)
{
	struct dev_name *item = dev_names_find(names, ifindex);

	if (!item) {
		array_grow(names->items, names->nr);
		item = &names->items[names->nr++];
		item->ifindex = ifindex;
	}
	snprintf(item->name, sizeof(item->name), "%s", name);
}

static int dev_names_take(const struct nlmsghdr *nlh, void *ctx)
{
	struct nl_link link;
	int r = nl_link_parse(&link, nlh);

	if (r == 0)
		dev_names_set(ctx, link.ifindex, link.name);
	return r;
}

int dev_names_fill(struct dev_names *names, struct nl_sock *sock, struct err *err)
{
	char buf[NL_LINK_BUF] __attribute__((aligned(8)));
	int r = nl_link_build_dump(buf, sizeof(buf));

	if (r < 0)
		return err_set(err, r, "interface request");
	return nl_sock_dump(sock, (struct nlmsghdr *)buf, dev_names_take, NULL, names,
			    err);
}

void dev_names_release(struct dev_names *names)
{
	free(names->items);
	*names = (struct dev_names){.nr = 0};
}

void dev_names_get(struct dev_names *names, struct nl_sock *sock, int ifindex,
		   char name[static NL_LINK_NAME_MAX])
{
	const struct dev_name *item;

	if (nl_sock_ifname(sock, ifindex, name) == 0) {
		dev_names_set(names, ifindex, name);
		return;
	}
	item = dev_names_find(names, ifindex);
	if (item)
		memcpy(name, item->name, NL_LINK_NAME_MAX);
	else
		snprintf(name, NL_LINK_NAME_MAX, "if%d", ifindex);
}
