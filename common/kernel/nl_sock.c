/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/sockios.h>

#include "base/alloc.h"
#include "base/log.h"
#include "netlink/nl_ack.h"
#include "kernel/netns.h"
#include "kernel/nl_sock.h"

enum {
	READ_SIZE = 64 * 1024, /* more than one message of any dump asked for here */
	RECEIVE_BUFFER = 1024 * 1024,
	DUMP_TRIES = 16,
	READ_TRIES = 4, /* of one answer, after errors */
};

struct nl_sock {
	struct mnl_socket *mnl;
	unsigned int seq;
	bool answered; /* the last request, in full */
	bool sent;     /* it reached the kernel */
	char buf[READ_SIZE] __attribute__((aligned(8)));
};

static int open_bound(struct mnl_socket **ret, struct err *err)
{
	struct mnl_socket *mnl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int one = 1, size = RECEIVE_BUFFER, r;

	if (!mnl)
		return err_set(err, -errno, "open a route netlink socket");
	/* Both only make answers better; kernels before 4.12 have no extended ack. */
	mnl_socket_setsockopt(mnl, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(mnl_socket_get_fd(mnl), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (mnl_socket_bind(mnl, 0, MNL_SOCKET_AUTOPID) < 0) {
		r = err_set(err, -errno, "bind a route netlink socket");
		mnl_socket_close(mnl);
		return r;
	}
	*ret = mnl;
	return 0;
}

int nl_sock_open(struct nl_sock **ret, struct err *err)
{
	/* The buffer, which is most of it, needs no zeros. */
	struct nl_sock *sock = xrealloc(NULL, 1, sizeof(*sock));
	int r;

	memset(sock, 0, offsetof(struct nl_sock, buf));
	r = open_bound(&sock->mnl, err);
	if (r < 0) {
		free(sock);
		return r;
	}
	*ret = sock;
	return 0;
}

struct nl_sock_again {
	struct mnl_socket *mnl;
	struct err *err;
};

static int nl_sock_open_there(void *ctx)
{
	struct nl_sock_again *again = ctx;

	return open_bound(&again->mnl, again->err);
}

/* Nobody tells it: the kernel before 4.9, who may not be anywhere else, or no /proc. */
static bool nl_sock_ns_is_untold(int error)
{
	return error == ENOTTY || error == EINVAL || error == EOPNOTSUPP ||
	       error == EPERM || error == ENOENT;
}

/* *ret: the namespace of a socket, where it is told and is not the thread's; else -1. */
static int nl_sock_foreign_ns(const struct nl_sock *sock, int *ret)
{
	auto_close int ns = ioctl(mnl_socket_get_fd(sock->mnl), SIOCGSKNS);
	struct stat its, ours;

	*ret = -1;
	if (ns < 0 || fstat(ns, &its) < 0 || stat("/proc/thread-self/ns/net", &ours) < 0)
		return nl_sock_ns_is_untold(errno) ? 0 : -errno;
	if (its.st_ino != ours.st_ino || its.st_dev != ours.st_dev)
		*ret = take_fd(&ns);
	return 0;
}

/* What is left of an answer that was given up, a dump above all, stays behind. */
static int nl_sock_renew(struct nl_sock *sock, struct err *err)
{
	auto_close int ns = -1;
	struct nl_sock_again again = {.err = err};
	auto_free char *path = NULL;
	int opened = 0, r = nl_sock_foreign_ns(sock, &ns);
	struct mnl_socket *mnl;

	if (r < 0)
		return err_set(err, r, "the network namespace of a route netlink socket");
	if (ns >= 0)
		path = xasprintf("/proc/self/fd/%d", ns);
	r = path ? netns_visit(path, nl_sock_open_there, &again, &opened, err)
		 : nl_sock_open_there(&again);
	if (r == 0)
		r = opened;
	mnl = again.mnl;
	if (r < 0)
		return r;
	mnl_socket_close(sock->mnl);
	sock->mnl = mnl;
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
	bool gap;         /* something that was sent could not be read */
	size_t nr;        /* messages handed to fn */
};

static int nl_sock_finish(struct nl_sock *sock, const struct nlmsghdr *nlh,
			  struct err *err)
{
	struct nl_ack ack;
	int r = nl_ack_parse(&ack, nlh);

	if (r < 0)
		return err_say(err, r, "the kernel's answer cannot be read");
	sock->answered = true;
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
		return nl_sock_finish(x->sock, nlh, err);
	if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
		return 1;
	x->nr++;
	r = x->fn ? x->fn(nlh, x->ctx) : 0;
	if (r < 0)
		return err->code ? r : err_set(err, r, "read the kernel's answer");
	return 1;
}

/*
 * The kernel answers while the request is sent: what can be read at all is there by now.
 * ENOBUFS tells that something was dropped, and says nothing of what still waits.
 */
static bool nl_sock_has_more(const struct nl_sock *sock)
{
	struct pollfd fd = {.fd = mnl_socket_get_fd(sock->mnl), .events = POLLIN};

	return poll(&fd, 1, 0) == 1 && fd.revents & POLLIN;
}

static ssize_t read_datagram(struct exchange *x)
{
	struct nl_sock *sock = x->sock;
	int tries = 0;

	for (;;) {
		ssize_t got =
			mnl_socket_recvfrom(sock->mnl, sock->buf, sizeof(sock->buf));

		if (got >= 0)
			return got;
		if (errno == EINTR)
			continue;
		got = -errno;
		x->gap = true;
		if (++tries == READ_TRIES || !nl_sock_has_more(sock))
			return got;
	}
}

static int take_answer(struct exchange *x, struct err *err)
{
	struct nl_sock *sock = x->sock;

	for (;;) {
		ssize_t got = read_datagram(x);
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)sock->buf;
		int len = got, r;

		if (got < 0)
			return err_set(err, (int)got, "receive from the kernel");
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

	if (sock->sent && !sock->answered) {
		int r = nl_sock_renew(sock, err);

		if (r < 0)
			return r;
	}
	sock->sent = sock->answered = false;
	nlh->nlmsg_seq = ++sock->seq;
	nlh->nlmsg_pid = mnl_socket_get_portid(sock->mnl);
	/*
	 * RTM_GETQDISC has no answer at all, neither data nor error, where an ingress
	 * qdisc was removed: without the ACK we would wait for ever.
	 */
	if ((nlh->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		nlh->nlmsg_flags |= NLM_F_ACK;
	x->interrupted = x->gap = false;
	x->nr = 0;
	if (mnl_socket_sendto(sock->mnl, nlh, nlh->nlmsg_len) < 0)
		return err_set(err, -errno, "send to the kernel");
	sock->sent = true;
	return take_answer(x, err);
}

int nl_sock_request(struct nl_sock *sock, struct nlmsghdr *nlh, nl_sock_fn fn, void *ctx,
		    struct err *err)
{
	struct exchange x = {.sock = sock, .fn = fn, .ctx = ctx};
	int r = send_request(&x, nlh, err);

	/* An ACK alone does not tell what was wanted to be told. */
	if (r == 0 && fn && x.gap && !x.nr) {
		sock->answered = false;
		return err_set(err, -ENOBUFS, "receive from the kernel");
	}
	return r;
}

bool nl_sock_lost(const struct nl_sock *sock)
{
	return sock->sent && !sock->answered;
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
		if (r < 0 || !(x.interrupted || x.gap))
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

static int altname_take(const struct nlmsghdr *nlh, void *ctx)
{
	return nl_link_parse(ctx, nlh);
}

/* The ioctl has room for 15 bytes, and what a cut name names is another interface. */
static int ifindex_by_altname(struct nl_sock *sock, const char *name)
{
	char buf[NL_LINK_BUF] __attribute__((aligned(8)));
	struct nl_link link = {.ifindex = 0};
	auto_err unused = ERR_INIT;
	int r = nl_link_build_get(buf, sizeof(buf), name);

	if (r == 0)
		r = nl_sock_request(sock, (struct nlmsghdr *)buf, altname_take, &link,
				    &unused);
	/* Linux before 5.5 knows no such names: EINVAL. */
	if (r == -ENAMETOOLONG || r == -EINVAL)
		return -ENODEV;
	return r < 0 ? r : link.ifindex;
}

int nl_sock_ifindex(struct nl_sock *sock, const char *name)
{
	struct ifreq req = {.ifr_ifindex = 0};

	if (strlen(name) >= sizeof(req.ifr_name))
		return ifindex_by_altname(sock, name);
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	/* Every kind of socket answers this, so no second one is opened for it. */
	if (ioctl(mnl_socket_get_fd(sock->mnl), SIOCGIFINDEX, &req) < 0)
		return -errno;
	return req.ifr_ifindex;
}

int nl_sock_ifname(struct nl_sock *sock, int ifindex, char name[static NL_LINK_NAME_MAX])
{
	struct ifreq req = {.ifr_ifindex = ifindex};

	/* if_indextoname() takes another descriptor, and says ENOENT where there is none. */
	if (ioctl(mnl_socket_get_fd(sock->mnl), SIOCGIFNAME, &req) < 0)
		return -errno;
	snprintf(name, NL_LINK_NAME_MAX, "%s", req.ifr_name);
	return 0;
}
