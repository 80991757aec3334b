/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lists the interfaces twice over one socket, and refuses the first message of the first
 * list; prints how many the second one has.
 */
#include <errno.h>
#include <stdio.h>

#include "netlink/nl_link.h"
#include "kernel/nl_sock.h"

struct listing {
	int result; /* of every call */
	int calls;
};

static int take_link(const struct nlmsghdr *nlh, void *ctx)
{
	struct listing *l = ctx;

	(void)nlh;
	l->calls++;
	return l->result;
}

static int list_links(struct nl_sock *sock, struct listing *l)
{
	char buf[NL_LINK_BUF] __attribute__((aligned(8)));
	auto_err err = ERR_INIT;
	int r = nl_link_build_dump(buf, sizeof(buf));

	return r < 0 ? r
		     : nl_sock_dump(sock, (struct nlmsghdr *)buf, take_link, NULL, l,
				    &err);
}

int main(void)
{
	struct listing refused = {.result = -EDOM}, again = {.result = 0};
	auto_err err = ERR_INIT;
	struct nl_sock *sock;
	int r = nl_sock_open(&sock, &err), first, second;

	if (r < 0)
		return 2;
	first = list_links(sock, &refused);
	second = list_links(sock, &again);
	printf("%d %d, %d %d\n", first == -EDOM, refused.calls, second, again.calls);
	nl_sock_close(sock);
	return 0;
}
