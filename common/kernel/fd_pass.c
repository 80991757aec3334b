/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/alloc.h"
#include "kernel/fd_pass.h"

/* Room for the fds, aligned as the macros of cmsg(3) want it. */
union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(FD_PASS_MAX * sizeof(int))];
};

static int address(struct sockaddr_un *ret, const char *path, struct err *err)
{
	size_t n = strlen(path);

	/* An empty path would be an autobind in the abstract namespace. */
	if (n == 0)
		return err_say(err, -EINVAL, "the path of the socket is empty");
	if (n >= sizeof(ret->sun_path))
		return err_say(err, -ENAMETOOLONG,
			       "'%s': the path of a socket has at most %zu bytes", path,
			       sizeof(ret->sun_path) - 1);
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret->sun_path, path, n);
	return 0;
}

static int open_socket(struct err *err)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? err_set(err, -errno, "open a unix socket") : fd;
}

int fd_pass_send(const char *path, const void *bytes, size_t size, const int *fds,
		 size_t nr, struct err *err)
{
	struct iovec iov = {.iov_base = (void *)bytes, .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	union control control = {.bytes = ""};
	struct sockaddr_un addr;
	auto_close int sock = -1;
	struct cmsghdr *head;
	ssize_t n;
	int r = address(&addr, path, err);

	if (r < 0)
		return r;
	if (nr > FD_PASS_MAX)
		return err_say(err, -E2BIG, "%zu descriptors, more than %d", nr,
			       FD_PASS_MAX);
	sock = open_socket(err);
	if (sock < 0)
		return sock;
	if (connect(sock, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return err_set(err, -errno, "connect to '%s'", path);
	if (nr > 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(nr * sizeof(int));
		head = CMSG_FIRSTHDR(&msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(nr * sizeof(int));
		memcpy(CMSG_DATA(head), fds, nr * sizeof(int));
	}
	do {
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? err_set(err, -errno, "send to '%s'", path) : 0;
}

/*
 * The signals that usually end a waiting process, blocked and readable instead. Handed
 * back unread, they still end it, but after the socket was removed.
 */
struct hold {
	sigset_t old;
	int fd;
};

static void hold_release(struct hold *hold)
{
	cleanup_close(&hold->fd);
	sigprocmask(SIG_SETMASK, &hold->old, NULL);
}

static int hold_init(struct hold *hold, struct err *err)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < array_size(ending); i++) {
		struct sigaction now;

		/* What is ignored (nohup) stays ignored; a blocked one would not. */
		if (sigaction(ending[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(&set, ending[i]);
	}
	sigprocmask(SIG_BLOCK, &set, &hold->old);
	hold->fd = signalfd(-1, &set, SFD_CLOEXEC);
	return hold->fd < 0 ? err_set(err, -errno, "signalfd") : 0;
}

struct bound {
	const char *path; /* NULL: not bound */
};

static void bound_release(struct bound *bound)
{
	int saved = errno;

	if (bound->path)
		unlink(bound->path);
	errno = saved;
}

static int wait_for_datagram(int sock, int signals, struct err *err)
{
	struct pollfd fds[] = {{.fd = sock, .events = POLLIN},
			       {.fd = signals, .events = POLLIN}};

	for (;;) {
		if (poll(fds, array_size(fds), -1) < 0 && errno != EINTR)
			return err_set(err, -errno, "poll");
		if (fds[1].revents)
			return err_say(err, -EINTR, "interrupted");
		if (fds[0].revents)
			return 0;
	}
}

static void take_fds(struct fd_pass *ret, struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t nr;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		/* The control buffer holds FD_PASS_MAX, so there are never more. */
		nr = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(ret->fds + ret->nr_fds, CMSG_DATA(c), nr * sizeof(int));
		ret->nr_fds += nr;
	}
}

static int receive(struct fd_pass *ret, int sock, void *buf, size_t cap, struct err *err)
{
	union control control = {.bytes = ""};
	struct iovec iov = {.iov_base = buf, .iov_len = cap};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	auto_release(fd_pass_release) struct fd_pass got = {.nr_fds = 0};
	ssize_t n;

	do {
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(err, -errno, "receive");
	take_fds(&got, &msg);
	if (msg.msg_flags & MSG_TRUNC)
		return err_say(err, -EMSGSIZE, "the message is longer than %zu bytes",
			       cap);
	if (msg.msg_flags & MSG_CTRUNC)
		return err_say(err, -EMSGSIZE,
			       "not all descriptors arrived; see 'ulimit -n'");
	got.size = (size_t)n;
	*ret = got;
	got.nr_fds = 0;
	return 0;
}

int fd_pass_receive(struct fd_pass *ret, const char *path, void *buf, size_t cap,
		    struct err *err)
{
	auto_release(hold_release) struct hold hold = {.fd = -1};
	auto_release(bound_release) struct bound bound = {.path = NULL};
	auto_close int sock = -1;
	struct sockaddr_un addr;
	int r;

	/* First: hold_release() restores the mask it finds here. */
	r = hold_init(&hold, err);
	if (r == 0)
		r = address(&addr, path, err);
	if (r < 0)
		return r;
	sock = open_socket(err);
	if (sock < 0)
		return sock;
	if (bind(sock, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return errno == EADDRINUSE
			       ? err_set(err, -EEXIST, "make the socket '%s'", path)
			       : err_set(err, -errno, "make the socket '%s'", path);
	bound.path = path;
	r = wait_for_datagram(sock, hold.fd, err);
	return r < 0 ? r : receive(ret, sock, buf, cap, err);
}

void fd_pass_release(struct fd_pass *pass)
{
	for (size_t i = 0; i < pass->nr_fds; i++)
		cleanup_close(&pass->fds[i]);
	pass->nr_fds = 0;
}

int fd_pass_keep_on_exec(const struct fd_pass *pass)
{
	for (size_t i = 0; i < pass->nr_fds; i++) {
		int flags = fcntl(pass->fds[i], F_GETFD);

		if (flags < 0 || fcntl(pass->fds[i], F_SETFD, flags & ~FD_CLOEXEC) < 0)
			return -errno;
	}
	return 0;
}
