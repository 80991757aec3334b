/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One datagram with file descriptors beside it, through a socket in the file system:
 * AF_UNIX, SOCK_DGRAM, SCM_RIGHTS. What the bytes say is the caller's.
 */
#ifndef KERNEL_FD_PASS_H
#define KERNEL_FD_PASS_H

#include <stddef.h>

#include "base/err.h"

enum { FD_PASS_MAX = 253 }; /* SCM_MAX_FD of the kernel */

/*
 * Sends size bytes and nr fds (borrowed; at most FD_PASS_MAX, may be none) to whoever
 * listens at path, if root or we made that socket; -EACCES otherwise. Waits 5 s at most where
 * the receiver's queue is full (-ETIMEDOUT), less if a held-back signal waits (-EINTR).
 * Errors: "connect to 'PATH'", "send to 'PATH'"; -ENAMETOOLONG for a path that no socket
 * address holds.
 */
int fd_pass_send(const char *path, const void *bytes, size_t size, const int *fds,
		 size_t nr, struct err *err) must_check;

struct fd_pass {
	size_t size;          /* bytes written to the buffer */
	int fds[FD_PASS_MAX]; /* owned, O_CLOEXEC */
	size_t nr_fds;
};

/*
 * Makes the socket path (which must not exist), waits for one datagram of at most cap
 * bytes, removes its own socket again: also when it fails, and when SIGINT, SIGTERM or SIGHUP
 * ends the process while it waits. -EMSGSIZE, without a descriptor left open, if bytes or
 * descriptors did not fit. ret needs fd_pass_release() after success.
 */
int fd_pass_receive(struct fd_pass *ret, const char *path, void *buf, size_t cap,
		    struct err *err) must_check;

/* Closes what is still there. */
void fd_pass_release(struct fd_pass *pass);

/* The fds outlive execve(). */
int fd_pass_keep_on_exec(const struct fd_pass *pass) must_check;

#endif
