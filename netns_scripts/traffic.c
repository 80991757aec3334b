/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Traffic whose packets the sender itself can count, for demo and tests:
 *
 *	traffic serve ADDR PORT		answers TCP, swallows UDP; "ready": it listens
 *	traffic send tcp ADDR PORT N	N requests, each answered; prints the segments sent
 *	traffic send udp ADDR PORT N	N datagrams; prints how many left
 *
 * For TCP the kernel's own count of the socket is printed (handshake, acknowledgements and
 * retransmissions included): what a program on the path should have seen.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/tcp.h> /* the C library's tcp_info ends before tcpi_segs_out */
#include <netinet/in.h>

#define MESSAGE 100

static int fail(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	return 1;
}

/* A socket bound to (listen) or connected to ADDR PORT; -1 with errno. */
static int open_socket(int type, const char *addr, const char *port, int listening)
{
	struct addrinfo hints = {
		.ai_socktype = type,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	};
	struct addrinfo *ai;
	int one = 1, fd, r;

	if (getaddrinfo(addr, port, &hints, &ai)) {
		errno = EINVAL;
		return -1;
	}
	fd = socket(ai->ai_family, type | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		r = listening ? bind(fd, ai->ai_addr, ai->ai_addrlen)
			      : connect(fd, ai->ai_addr, ai->ai_addrlen);
		if (r == 0 && listening && type == SOCK_STREAM)
			r = listen(fd, 16);
		if (r) {
			r = errno;
			close(fd);
			fd = -1;
			errno = r;
		}
	}
	freeaddrinfo(ai);
	return fd;
}

/* One connection, until the peer has said all. */
static void answer(int fd)
{
	char buf[MESSAGE];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (write(fd, buf, n) != n)
			break;
	close(fd);
}

static int serve(const char *addr, const char *port)
{
	struct pollfd fds[2] = {{.events = POLLIN}, {.events = POLLIN}};
	char buf[MESSAGE];

	fds[0].fd = open_socket(SOCK_STREAM, addr, port, 1);
	fds[1].fd = open_socket(SOCK_DGRAM, addr, port, 1);
	if (fds[0].fd < 0 || fds[1].fd < 0)
		return fail("listen");
	puts("ready");
	fflush(stdout);
	while (poll(fds, 2, -1) > 0) {
		if (fds[0].revents)
			answer(accept(fds[0].fd, NULL, NULL));
		if (fds[1].revents && read(fds[1].fd, buf, sizeof(buf)) < 0)
			return fail("receive");
	}
	return fail("poll");
}

static int read_all(int fd, char *buf, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, buf + got, len - got);

		if (n <= 0)
			return -1;
		got += n;
	}
	return 0;
}

static int send_tcp(int fd, unsigned int count)
{
	char buf[MESSAGE] = "mapshare";
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	for (unsigned int i = 0; i < count; i++) {
		if (write(fd, buf, sizeof(buf)) != sizeof(buf))
			return fail("send");
		if (read_all(fd, buf, sizeof(buf)))
			return fail("receive");
	}
	/* Both sides close before the count is read, so that no segment is still to come.
	 */
	if (shutdown(fd, SHUT_WR) || read(fd, buf, sizeof(buf)) != 0)
		return fail("close");
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		return fail("TCP_INFO");
	printf("%u\n", info.tcpi_segs_out);
	return 0;
}

static int send_udp(int fd, unsigned int count)
{
	char buf[MESSAGE] = "mapshare";

	for (unsigned int i = 0; i < count; i++)
		if (send(fd, buf, sizeof(buf), 0) != sizeof(buf))
			return fail("send");
	printf("%u\n", count);
	return 0;
}

int main(int argc, char **argv)
{
	int tcp, fd;

	if (argc == 4 && !strcmp(argv[1], "serve"))
		return serve(argv[2], argv[3]);
	if (argc != 6 || strcmp(argv[1], "send")) {
		fputs("usage: traffic serve ADDR PORT | send tcp|udp ADDR PORT N\n",
		      stderr);
		return 1;
	}
	tcp = !strcmp(argv[2], "tcp");
	fd = open_socket(tcp ? SOCK_STREAM : SOCK_DGRAM, argv[3], argv[4], 0);
	if (fd < 0)
		return fail("connect");
	return tcp ? send_tcp(fd, atoi(argv[5])) : send_udp(fd, atoi(argv[5]));
}
