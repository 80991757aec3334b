/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a service tells its manager, as sd_notify(3) describes it: a datagram to the socket that
 * NOTIFY_SOCKET names. The protocol is stable and this small; libsystemd would be a dependency
 * larger than the tool.
 */
#ifndef VERBS_FOLLOW_NOTIFY_H
#define VERBS_FOLLOW_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"

struct follow_notify {
	int fd; /* -1: nobody wants to know */
	struct sockaddr_un to;
	socklen_t to_len;
	uint64_t watchdog_ms; /* how often he wants to hear of us; 0: never */
};

#define auto_follow_notify auto_release(follow_notify_release) struct follow_notify

/* Nobody is no error; a name that is none of a socket is a remark. */
void follow_notify_init(struct follow_notify *ret);
void follow_notify_release(struct follow_notify *n);

/*
 * "STATUS=...": one message, never waited for. false: the manager's queue is full, so that it
 * would be taken later; whatever else stands in the way, as a manager that is gone, is passed over.
 */
bool follow_notify_say(const struct follow_notify *n, const char *fmt, ...)
	printf_like(2, 3);
/* "READY=1": what the manager waits for. Given a second; a loss is a remark. */
void follow_notify_must(const struct follow_notify *n, const char *fmt, ...)
	printf_like(2, 3);
/* RELOADING=1, with the time that Type=notify-reload asks for. */
void follow_notify_reloading(const struct follow_notify *n);

#endif
