/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include "base/alloc.h"
#include "base/log.h"
#include "format/nl_ack.h"
#include "kernel/nl_sock.h"

enum {
	READ_SIZE = 64 * 1024, /* more than one message of any dump asked for here */
	RECEIVE_BUFFER = 1024 * 1024,
	DUMP_TRIES = 16,
};

struct nl_sock {
	struct mnl_socket *mnl;
	unsigned int seq;
	char buf[READ_SIZE] __attribute__((aligned(8)));
};

int nl_sock_open(struct nl_sock **ret, struct err *err)
{
	int one = 1, size = RECEIVE_BUFFER, r;
	struct nl_sock *sock = xcalloc(1, sizeof(*sock));

	sock->mnl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!sock->mnl) {
		r = err_set(err, -errno, "open a route netlink socket");
		free(sock);
		return r;
	}
	/* Both only make answers better; kernels before 4.12 have no extended ack. */
	mnl_socket_setsockopt(sock->mnl, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(mnl_socket_get_fd(sock->mnl), SOL_SOCKET, SO_RCVBUF, &size,
		   sizeof(size));
	if (mnl_socket_bind(sock->mnl, 0, MNL_SOCKET_AUTOPID) < 0) {
		r = err_set(err, -errno, "bind a route netlink socket");
		nl_sock_close(sock);
		return r;
	}
	*ret = sock;
	return 0;
}

void nl_sock_close(struct nl_sock *sock)
{
	int saved = errno;

	if (!sock)
		return;
	mnl_socket_close(sock->mnl);
	free(sock);
	errno = saved;
}

/* One request on its way. */
struct exchange {
	struct nl_sock *sock;
	nl_sock_fn fn;
	void *ctx;
	bool interrupted; /* the dump is not one consistent picture */
};

static int finish(const struct nlmsghdr *nlh, struct err *err)
{
	struct nl_ack ack;
	int r = nl_ack_parse(&ack, nlh);

	if (r < 0)
		return err_say(err, r, "the kernel's answer cannot be read");
	if (ack.code == 0) {
		if (ack.text[0])
			log_warn("%s", ack.text);
		return 0;
	}
	if (ack.missing)
		return err_say(err, ack.code, "%s (missing attribute type %u)",
			       ack.text[0] ? ack.text : err_words(ack.code), ack.missing);
	return err_say(err, ack.code, "%s", ack.text[0] ? ack.text : err_words(ack.code));
}

/* 1: more is to come, 0: done. */
static int take_message(struct exchange *x, const struct nlmsghdr *nlh, struct err *err)
{
	int r;

	/* Late answers to an earlier request that was given up. */
	if (nlh->nlmsg_seq != x->sock->seq)
		return 1;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		x->interrupted = true;
	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE)
		return finish(nlh, err);
	if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
		return 1;
	r = x->fn ? x->fn(nlh, x->ctx) : 0;
	if (r < 0)
		return err->code ? r : err_set(err, r, "read the kernel's answer");
	return 1;
}

static int take_answer(struct exchange *x, struct err *err)
{
	struct nl_sock *sock = x->sock;

	for (;;) {
		ssize_t got =
			mnl_socket_recvfrom(sock->mnl, sock->buf, sizeof(sock->buf));
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)sock->buf;
		int len = got, r;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, -errno, "receive from the kernel");
		for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
			r = take_message(x, nlh, err);
			if (r <= 0)
				return r;
		}
	}
}

static int send_request(struct exchange *x, struct nlmsghdr *nlh, struct err *err)
{
	struct nl_sock *sock = x->sock;

	nlh->nlmsg_seq = ++sock->seq;
	nlh->nlmsg_pid = mnl_socket_get_portid(sock->mnl);
	/*
	 * RTM_GETQDISC has no answer at all, neither data nor error, where an ingress
	 * qdisc was removed: without the ACK we would wait for ever.
	 */
	if ((nlh->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		nlh->nlmsg_flags |= NLM_F_ACK;
	x->interrupted = false;
	if (mnl_socket_sendto(sock->mnl, nlh, nlh->nlmsg_len) < 0)
		return err_set(err, -errno, "send to the kernel");
	return take_answer(x, err);
}

int nl_sock_request(struct nl_sock *sock, struct nlmsghdr *nlh, nl_sock_fn fn, void *ctx,
		    struct err *err)
{
	struct exchange x = {.sock = sock, .fn = fn, .ctx = ctx};

	return send_request(&x, nlh, err);
}

int nl_sock_dump(struct nl_sock *sock, struct nlmsghdr *nlh, nl_sock_fn fn,
		 void (*restart)(void *ctx), void *ctx, struct err *err)
{
	struct exchange x = {.sock = sock, .fn = fn, .ctx = ctx};

	for (int i = 0; i < DUMP_TRIES; i++) {
		int r;

		if (i > 0 && restart)
			restart(ctx);
		r = send_request(&x, nlh, err);
		if (r < 0 || !x.interrupted)
			return r;
	}
	return err_say(err, -EINTR,
		       "the list changed during each of %d attempts to read it",
		       DUMP_TRIES);
}

/* One datagram, which may hold several messages. */
static int take_events(struct nl_sock *sock, nl_sock_fn fn, void *ctx, struct err *err)
{
	ssize_t got = mnl_socket_recvfrom(sock->mnl, sock->buf, sizeof(sock->buf));
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)sock->buf;
	int len = got, r;

	if (got < 0 && errno == EINTR)
		return 0;
	if (got < 0 && errno == ENOBUFS) {
		log_warn("events came faster than they could be read, some are lost");
		return 0;
	}
	if (got < 0)
		return err_set(err, -errno, "receive from the kernel");
	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
		r = fn(nlh, ctx);
		if (r < 0)
			return err->code ? r : err_set(err, r, "read an event");
	}
	return 0;
}

int nl_sock_listen(struct nl_sock *sock, unsigned int group, nl_sock_fn fn, void *ctx,
		   struct err *err)
{
	int number = (int)group, r;

	if (mnl_socket_setsockopt(sock->mnl, NETLINK_ADD_MEMBERSHIP, &number,
				  sizeof(number)) < 0)
		return err_set(err, -errno, "listen for events");
	do
		r = take_events(sock, fn, ctx, err);
	while (r == 0);
	return r;
}

int nl_sock_ifindex(struct nl_sock *sock, const char *name)
{
	struct ifreq req = {.ifr_ifindex = 0};

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	/* Every kind of socket answers this, so no second one is opened for it. */
	if (ioctl(mnl_socket_get_fd(sock->mnl), SIOCGIFINDEX, &req) < 0)
		return -errno;
	return req.ifr_ifindex;
}
