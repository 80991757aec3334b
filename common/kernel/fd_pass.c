/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/alloc.h"
#include "kernel/fd_pass.h"
#include "kernel/stop_hold.h"

enum { SEND_WAIT_MS = 5000, SEND_STEP_MS = 100 };

/* Room for the fds, aligned as the macros of cmsg(3) want it. */
union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(FD_PASS_MAX * sizeof(int))];
};

static int fd_pass_address(struct sockaddr_un *ret, const char *path, struct err *err)
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

#define FD_PASS_LISTENER "'tc_loader exec bpf import' with that path makes the socket"

static int open_socket(struct err *err)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? err_set(err, -errno, "open a unix socket") : fd;
}

/*
 * Descriptors are rights, so not everybody gets them who can make a file in a directory that
 * is open to all. SO_PEERCRED knows nothing of datagram sockets (before and with Linux 6.18):
 * the file's owner is who bound it. It is opened first, so that what is looked at is what is
 * connected to.
 */
static int open_receiver(const char *path, struct err *err)
{
	auto_close int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		err_set(err, -errno, "connect to '%s'", path);
		return err_hint(err, FD_PASS_LISTENER);
	}
	if (!S_ISSOCK(st.st_mode)) {
		err_set(err, -ECONNREFUSED, "connect to '%s'", path);
		return err_hint(err, FD_PASS_LISTENER);
	}
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_say(
			err, -EACCES,
			"connect to '%s': the socket belongs to uid %u; maps are handed to root or to ourselves (uid %u) only",
			path, st.st_uid, geteuid());
	return take_fd(&fd);
}

static int connect_to(int sock, const char *path, struct err *err)
{
	auto_close int file = open_receiver(path, err);
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	if (file < 0)
		return file;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d", file);
	if (connect(sock, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return errno == ENOENT
			       ? err_say(err, -ENOENT,
					 "connect to '%s': /proc is not mounted", path)
			       : err_set(err, -errno, "connect to '%s'", path);
	return 0;
}

/* A full queue waits for a receiver that may never read: in steps, so that Ctrl-C is seen. */
static int send_bounded(int sock, const struct msghdr *msg, const char *path,
			struct err *err)
{
	const struct timeval step = {.tv_usec = SEND_STEP_MS * 1000L};

	if (setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &step, sizeof(step)) < 0)
		return err_set(err, -errno, "send to '%s'", path);
	for (int waited = 0; sendmsg(sock, msg, MSG_NOSIGNAL) < 0;
	     waited += SEND_STEP_MS) {
		if (errno != EAGAIN && errno != EINTR)
			return err_set(err, -errno, "send to '%s'", path);
		if (stop_hold_check(err) < 0)
			return err_context(err, "send to '%s'", path);
		if (waited >= SEND_WAIT_MS)
			return err_say(err, -ETIMEDOUT, "send to '%s': not read for %d s",
				       path, SEND_WAIT_MS / 1000);
	}
	return 0;
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
	int r = fd_pass_address(&addr, path, err);

	if (r < 0)
		return r;
	if (nr > FD_PASS_MAX)
		return err_say(err, -E2BIG, "%zu descriptors, more than %d", nr,
			       FD_PASS_MAX);
	sock = open_socket(err);
	r = sock < 0 ? sock : connect_to(sock, path, err);
	if (r < 0)
		return r;
	if (nr > 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(nr * sizeof(int));
		head = CMSG_FIRSTHDR(&msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(nr * sizeof(int));
		memcpy(CMSG_DATA(head), fds, nr * sizeof(int));
	}
	return send_bounded(sock, &msg, path, err);
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

/* The file that we made; its number is not given away again while the socket is open. */
struct bound {
	const char *path; /* NULL: not bound */
	dev_t dev;
	ino_t ino;
};

/* By then another importer's socket may have taken the name. */
static void bound_release(struct bound *bound)
{
	int saved = errno;
	struct stat st;

	if (bound->path && lstat(bound->path, &st) == 0 && st.st_dev == bound->dev &&
	    st.st_ino == bound->ino)
		unlink(bound->path);
	errno = saved;
}

static int bind_to(int sock, const char *path, struct bound *bound, struct err *err)
{
	struct sockaddr_un addr;
	struct stat st;
	int r = fd_pass_address(&addr, path, err);

	if (r < 0)
		return r;
	if (bind(sock, (const struct sockaddr *)&addr, sizeof(addr)) < 0) {
		r = errno == EADDRINUSE ? -EEXIST : -errno;
		err_set(err, r, "make the socket '%s'", path);
		return r == -ENOENT ? err_hint(err, "its directory has to be there") : r;
	}
	if (lstat(path, &st) == 0)
		*bound = (struct bound){.path = path, .dev = st.st_dev, .ino = st.st_ino};
	return 0;
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
	/* Closed after the file is removed: its inode's number is ours until then. */
	auto_close int sock = -1;
	auto_release(bound_release) struct bound bound = {.path = NULL};
	/* First: hold_release() restores the mask it finds here. */
	int r = hold_init(&hold, err);

	if (r < 0)
		return r;
	sock = open_socket(err);
	r = sock < 0 ? sock : bind_to(sock, path, &bound, err);
	if (r < 0)
		return r;
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
