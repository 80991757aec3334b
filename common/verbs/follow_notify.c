/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "base/log.h"
#include "verbs/follow_notify.h"

/* Half of what the manager waits, and only if it means this process. */
static uint64_t notify_watchdog(void)
{
	const char *usec = secure_getenv("WATCHDOG_USEC"),
		   *pid = secure_getenv("WATCHDOG_PID");
	uint64_t every = usec ? strtoull(usec, NULL, 10) / 2000 : 0;

	if (!usec || (pid && strtoull(pid, NULL, 10) != (uint64_t)getpid()))
		return 0;
	return every ? every : 1;
}

void follow_notify_init(struct follow_notify *ret)
{
	const char *path = secure_getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const size_t n = path ? strlen(path) : 0;
	auto_close int fd = -1;

	*ret = (struct follow_notify){.fd = -1};
	if (!n)
		return;
	if (n >= sizeof(to.sun_path) || (path[0] != '/' && path[0] != '@')) {
		log_warn("NOTIFY_SOCKET '%s' is not an absolute path or '@NAME'", path);
		return;
	}
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&to,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0) {
		log_warn("NOTIFY_SOCKET '%s': %s", path, strerror(errno));
		return;
	}
	ret->fd = take_fd(&fd);
	ret->watchdog_ms = notify_watchdog();
}

void follow_notify_release(struct follow_notify *n)
{
	cleanup_close(&n->fd);
	n->fd = -1;
}

void follow_notify_say(const struct follow_notify *n, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	if (n->fd < 0)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (send(n->fd, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("NOTIFY_SOCKET: %s", strerror(errno));
}

void follow_notify_reloading(const struct follow_notify *n)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	follow_notify_say(n, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
			  (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}
