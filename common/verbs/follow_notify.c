/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "base/log.h"
#include "verbs/follow_notify.h"

/* Half of what the manager waits, and only if it means this process. */
static uint64_t notify_watchdog(void)
{
	const char *usec = secure_getenv("WATCHDOG_USEC"),
		   *pid = secure_getenv("WATCHDOG_PID");
	uint64_t every = usec ? strtoull(usec, NULL, 10) : 0;

	if (!every || (pid && strtoull(pid, NULL, 10) != (uint64_t)getpid()))
		return 0;
	return every > 2000 ? every / 2000 : 1;
}

void follow_notify_init(struct follow_notify *ret)
{
	const struct timeval second = {.tv_sec = 1};
	const char *path = secure_getenv("NOTIFY_SOCKET");
	const size_t n = path ? strlen(path) : 0;

	*ret = (struct follow_notify){.fd = -1, .to = {.sun_family = AF_UNIX}};
	if (!n)
		return;
	if (n >= sizeof(ret->to.sun_path) || (path[0] != '/' && path[0] != '@')) {
		log_warn("NOTIFY_SOCKET '%s' is not an absolute path or '@NAME'", path);
		return;
	}
	memcpy(ret->to.sun_path, path, n);
	if (path[0] == '@')
		ret->to.sun_path[0] = '\0';
	ret->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	ret->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (ret->fd < 0 ||
	    setsockopt(ret->fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof(second)) < 0)
		log_warn("NOTIFY_SOCKET '%s': %s", path, strerror(errno));
	ret->watchdog_ms = notify_watchdog();
}

void follow_notify_release(struct follow_notify *n)
{
	cleanup_close(&n->fd);
	n->fd = -1;
}

/* To its name each time: a manager that was started anew has another socket there. */
static bool notify_send(const struct follow_notify *n, int flags, const char *fmt,
			va_list ap)
{
	char line[1024];

	vsnprintf(line, sizeof(line), fmt, ap);
	return sendto(n->fd, line, strlen(line), MSG_NOSIGNAL | flags,
		      (const struct sockaddr *)&n->to, n->to_len) >= 0;
}

bool follow_notify_say(const struct follow_notify *n, const char *fmt, ...)
{
	bool later = false;
	va_list ap;

	if (n->fd < 0)
		return true;
	va_start(ap, fmt);
	if (!notify_send(n, MSG_DONTWAIT, fmt, ap)) {
		later = errno == EAGAIN;
		log_debug("NOTIFY_SOCKET: %s", strerror(errno));
	}
	va_end(ap);
	return !later;
}

void follow_notify_must(const struct follow_notify *n, const char *fmt, ...)
{
	va_list ap;

	if (n->fd < 0)
		return;
	va_start(ap, fmt);
	if (!notify_send(n, 0, fmt, ap))
		log_warn("NOTIFY_SOCKET: %s", strerror(errno));
	va_end(ap);
}

void follow_notify_reloading(const struct follow_notify *n)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	follow_notify_must(n, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
			   (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}
