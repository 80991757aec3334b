/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Makes happen what each cgroup attach type is called for; run inside a cgroup by
 * cgroup_events.sh:
 *
 *	events NAME DIR     the event of attach type NAME; unix sockets live in DIR
 *	events list         the names, one a line, with the attach type's number
 *	events query CGROUP N   ids of the programs attached there as type N, by bpf(2)
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "base/cleanup.h"

#define check(condition)                                                           \
	do {                                                                       \
		if (!(condition)) {                                                \
			printf("FAIL: %s:%d: %s (errno %d)\n", __FILE__, __LINE__, \
			       #condition, errno);                                 \
			exit(1);                                                   \
		}                                                                  \
	} while (0)

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
};

struct end {
	union address name;
	socklen_t len;
	int fd;
};

static const char *dir;

static void loopback(struct end *e, int family)
{
	memset(&e->name, 0, sizeof(e->name));
	e->name.any.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		e->name.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		e->len = sizeof(e->name.v4);
	} else {
		e->name.v6.sin6_addr = in6addr_loopback;
		e->len = sizeof(e->name.v6);
	}
}

static void unix_name(struct end *e, const char *name)
{
	memset(&e->name, 0, sizeof(e->name));
	e->name.un.sun_family = AF_UNIX;
	snprintf(e->name.un.sun_path, sizeof(e->name.un.sun_path), "%s/%s", dir, name);
	unlink(e->name.un.sun_path);
	e->len = sizeof(e->name.un);
}

/* A socket that is bound, and knows to what. */
static void open_end(struct end *e, int family, int type, const char *name)
{
	e->fd = socket(family, type | SOCK_CLOEXEC, 0);
	check(e->fd >= 0);
	if (family == AF_UNIX)
		unix_name(e, name);
	else
		loopback(e, family);
	check(bind(e->fd, &e->name.any, e->len) == 0);
	check(getsockname(e->fd, &e->name.any, &e->len) == 0);
}

/* A datagram from one unconnected socket to another, and where it came from. */
static void datagram(int family)
{
	union address from;
	socklen_t len = sizeof(from);
	struct end a, b;
	char c = 'x';

	open_end(&a, family, SOCK_DGRAM, "a");
	open_end(&b, family, SOCK_DGRAM, "b");
	check(sendto(a.fd, &c, 1, 0, &b.name.any, b.len) == 1);
	check(recvfrom(b.fd, &c, 1, 0, &from.any, &len) == 1);
	close(a.fd);
	close(b.fd);
}

/* A connected socket, asked for both its names. */
static void connection(int family, int type)
{
	union address name;
	socklen_t len;
	struct end a, b;

	open_end(&a, family, type, "a");
	open_end(&b, family, type, "b");
	if (type == SOCK_STREAM)
		check(listen(b.fd, 1) == 0);
	check(connect(a.fd, &b.name.any, b.len) == 0);
	len = sizeof(name);
	check(getpeername(a.fd, &name.any, &len) == 0);
	len = sizeof(name);
	check(getsockname(a.fd, &name.any, &len) == 0);
	close(a.fd);
	close(b.fd);
}

static void udp4(void)
{
	datagram(AF_INET);
}

static void udp6(void)
{
	datagram(AF_INET6);
}

static void connected4(void)
{
	connection(AF_INET, SOCK_DGRAM);
}

static void connected6(void)
{
	connection(AF_INET6, SOCK_DGRAM);
}

static void tcp(void)
{
	connection(AF_INET, SOCK_STREAM);
}

static void unix_datagram(void)
{
	datagram(AF_UNIX);
}

static void unix_connected(void)
{
	connection(AF_UNIX, SOCK_STREAM);
}

static void options(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
	socklen_t len = sizeof(on);

	check(fd >= 0);
	check(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
	on = 0;
	check(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, &len) == 0 && on);
	close(fd);
}

static void device(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	check(fd >= 0);
	close(fd);
}

/* The value that is there, so that nothing changes. */
static void sysctl_write(void)
{
	int fd = open("/proc/sys/net/ipv4/ip_default_ttl", O_RDWR | O_CLOEXEC);
	char text[32];
	ssize_t n;

	check(fd >= 0);
	n = read(fd, text, sizeof(text));
	check(n > 0);
	check(pwrite(fd, text, (size_t)n, 0) == n);
	close(fd);
}

static const struct event {
	const char *name;
	unsigned int value; /* enum bpf_attach_type; kernel ABI */
	void (*happen)(void);
} events[] = {
	{"cgroup_inet_ingress", 0, udp4},
	{"cgroup_inet_egress", 1, udp4},
	{"cgroup_inet_sock_create", 2, udp4},
	{"cgroup_sock_ops", 3, tcp},
	{"cgroup_device", 6, device},
	{"cgroup_inet4_bind", 8, udp4},
	{"cgroup_inet6_bind", 9, udp6},
	{"cgroup_inet4_connect", 10, connected4},
	{"cgroup_inet6_connect", 11, connected6},
	{"cgroup_inet4_post_bind", 12, udp4},
	{"cgroup_inet6_post_bind", 13, udp6},
	{"cgroup_udp4_sendmsg", 14, udp4},
	{"cgroup_udp6_sendmsg", 15, udp6},
	{"cgroup_sysctl", 18, sysctl_write},
	{"cgroup_udp4_recvmsg", 19, udp4},
	{"cgroup_udp6_recvmsg", 20, udp6},
	{"cgroup_getsockopt", 21, options},
	{"cgroup_setsockopt", 22, options},
	{"cgroup_inet4_getpeername", 29, connected4},
	{"cgroup_inet6_getpeername", 30, connected6},
	{"cgroup_inet4_getsockname", 31, connected4},
	{"cgroup_inet6_getsockname", 32, connected6},
	{"cgroup_inet_sock_release", 34, udp4},
	{"cgroup_unix_connect", 49, unix_connected},
	{"cgroup_unix_sendmsg", 50, unix_datagram},
	{"cgroup_unix_recvmsg", 51, unix_datagram},
	{"cgroup_unix_getpeername", 52, unix_connected},
	{"cgroup_unix_getsockname", 53, unix_connected},
};

static int query(const char *cgroup, unsigned int type)
{
	int fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned int ids[64];
	union bpf_attr attr;

	check(fd >= 0);
	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (unsigned int)fd;
	attr.query.attach_type = type;
	attr.query.prog_ids = (uintptr_t)ids;
	attr.query.prog_cnt = array_size(ids);
	check(syscall(__NR_bpf, BPF_PROG_QUERY, &attr, sizeof(attr)) == 0);
	close(fd);
	for (unsigned int i = 0; i < attr.query.prog_cnt; i++)
		printf("%u\n", ids[i]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "list") == 0) {
		for (size_t i = 0; i < array_size(events); i++)
			printf("%s %u\n", events[i].name, events[i].value);
		return 0;
	}
	if (argc == 4 && strcmp(argv[1], "query") == 0)
		return query(argv[2], (unsigned int)atoi(argv[3]));
	for (size_t i = 0; argc == 3 && i < array_size(events); i++) {
		if (strcmp(argv[1], events[i].name) != 0)
			continue;
		dir = argv[2];
		events[i].happen();
		return 0;
	}
	fprintf(stderr, "events list | events NAME DIR | events query CGROUP N\n");
	return 2;
}
