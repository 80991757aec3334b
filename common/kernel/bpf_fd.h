/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the fds of bpf(2) have in common, whatever object they stand for.
 */
#ifndef KERNEL_BPF_FD_H
#define KERNEL_BPF_FD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

/* UNKNOWN: a descriptor of something else, or of a kind that is newer than this. */
enum bpf_fd_kind { BPF_FD_UNKNOWN, BPF_FD_MAP, BPF_FD_PROG, BPF_FD_LINK };

/* A link is told from /proc/self/fd, and whatever an old kernel does not tell itself. */
enum bpf_fd_kind bpf_fd_kind(int fd);
/* The same; -errno: it could not be seen, and *ret is UNKNOWN. -EIO: there is no /proc. */
int bpf_fd_kind_read(int fd, enum bpf_fd_kind *ret) must_check;
/* The same for what such a link of /proc/PID/fd says: "anon_inode:bpf-map". */
enum bpf_fd_kind bpf_fd_kind_of_link(const char *target);
/* "map", "program", "link", "object". */
const char *bpf_fd_kind_name(enum bpf_fd_kind kind);

/*
 * fd again if it is what is wanted; else it is closed: -EMEDIUMTYPE, or why it cannot be told.
 * Passes -errno on.
 */
int bpf_fd_expect(int fd, enum bpf_fd_kind want) must_check;

/*
 * Opens a pin. -EMEDIUMTYPE: it is something else than want (BPF_FD_UNKNOWN: take anything).
 * O_CLOEXEC.
 */
int bpf_fd_by_pin(const char *path, enum bpf_fd_kind want) must_check;
/*
 * The same, but a map that may be read and not written is opened to read: lookups and info
 * work, updates fail with -EPERM.
 */
int bpf_fd_by_pin_to_read(const char *path, enum bpf_fd_kind want) must_check;
/*
 * The kernel says -EACCES (result) also of what is no pin at all, a directory or a file
 * elsewhere: is that it? A pin that a policy does not allow is one.
 */
bool bpf_fd_is_no_pin(const char *path, int result);

/* The id of the object, whatever its kind; -errno. */
int bpf_fd_id(int fd, uint32_t *ret) must_check;

/*
 * Warns where what was made under a name has none: libbpf leaves it out if its probe for names
 * fails. kernel_name: of its info.
 */
void bpf_fd_say_lost_name(const char *kind, const char *name, const char *kernel_name);

/*
 * Walks ids upwards: next is bpf_map_get_next_id or one of its like, by_id the function
 * that opens one. Objects that vanish between the two are passed over. fn borrows fd; its
 * non-zero return ends the walk and is returned.
 */
int bpf_fd_each(int (*next)(uint32_t start, uint32_t *id), int (*by_id)(uint32_t id),
		int (*fn)(uint32_t id, int fd, void *ctx), void *ctx) must_check;

#endif
