/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "base/alloc.h"
#include "kernel/nl_events.h"

enum {
	/* A message is as long as its interface has virtual functions. */
	EVENT_SIZE = 32 * 1024,
	EVENTS_AT_ONCE = 256,
	DISCARD_MAX = 1 << 20,
	/* About a thousand new interfaces until somebody reads. */
	EVENT_BUFFER = 4 * 1024 * 1024,
};

struct nl_events {
	struct mnl_socket *mnl;
};

int nl_events_open(struct nl_events **ret, struct err *err)
{
	auto_free struct nl_events *events = xcalloc(1, sizeof(*events));
	int size = EVENT_BUFFER, fd, r;

	events->mnl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!events->mnl)
		return err_set(err, -errno, "open a route netlink socket");
	fd = mnl_socket_get_fd(events->mnl);
	/* Beyond rmem_max with CAP_NET_ADMIN of the first user namespace only. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (mnl_socket_bind(events->mnl, RTMGRP_LINK, MNL_SOCKET_AUTOPID) < 0) {
		r = err_set(err, -errno, "listen for events of interfaces");
		mnl_socket_close(events->mnl);
		return r;
	}
	*ret = take_ptr(events);
	return 0;
}

void nl_events_close(struct nl_events *events)
{
	int saved = errno;

	if (!events)
		return;
	mnl_socket_close(events->mnl);
	free(events);
	errno = saved;
}

int nl_events_fd(const struct nl_events *events)
{
	return mnl_socket_get_fd(events->mnl);
}

/*
 * A bridge tells of its ports in messages of a family of its own, and that one left it as
 * RTM_DELLINK; those of wireless extensions have no alternative names. Of an interface that comes,
 * goes or changes its name each is accompanied, or is no news.
 */
static bool nl_events_is_link(const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK)
		return false;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi) || ifi->ifi_family != AF_UNSPEC)
		return false;
	mnl_attr_for_each(attr, nlh, sizeof(*ifi)) if (mnl_attr_get_type(attr) ==
						       IFLA_WIRELESS) return false;
	return true;
}

/* 1: something was lost. */
static int nl_events_take(const char *buf, ssize_t got, bool cut,
			  void (*fn)(const struct nlmsghdr *nlh, void *ctx), void *ctx)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
	int len = (int)got;

	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		if (nl_events_is_link(nlh))
			fn(nlh, ctx);
	return cut;
}

/*
 * What is left was sent before the loss: who looks now knows better, and whatever went meanwhile
 * may be among what was dropped.
 */
static int nl_events_discard(struct nl_events *events, char buf[EVENT_SIZE])
{
	for (int i = 0; i < DISCARD_MAX; i++) {
		ssize_t got = recv(nl_events_fd(events), buf, EVENT_SIZE, MSG_DONTWAIT);

		if (got < 0 && errno == EAGAIN)
			return 1;
		if (got < 0 && errno != EINTR && errno != ENOBUFS)
			return -errno;
	}
	return 1;
}

int nl_events_read(struct nl_events *events,
		   void (*fn)(const struct nlmsghdr *nlh, void *ctx), void *ctx)
{
	char buf[EVENT_SIZE] __attribute__((aligned(8)));
	int lost = 0;

	for (int i = 0; i < EVENTS_AT_ONCE; i++) {
		struct iovec io = {.iov_base = buf, .iov_len = sizeof(buf)};
		struct sockaddr_nl from = {.nl_pid = 0};
		struct msghdr msg = {.msg_name = &from,
				     .msg_namelen = sizeof(from),
				     .msg_iov = &io,
				     .msg_iovlen = 1};
		ssize_t got = recvmsg(nl_events_fd(events), &msg, MSG_DONTWAIT);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (got < 0 && errno != ENOBUFS)
			return -errno;
		if (got < 0)
			return nl_events_discard(events, buf);
		if (!from.nl_pid) /* a process may send here, too */
			lost = nl_events_take(buf, got, msg.msg_flags & MSG_TRUNC, fn,
					      ctx);
		if (lost)
			return nl_events_discard(events, buf);
	}
	return 0;
}
