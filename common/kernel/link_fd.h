/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * BPF links as the kernel lists them. Only what says which program is attached where;
 * the layouts are kernel ABI, repeated here because installed headers may be older than
 * the running kernel.
 */
#ifndef KERNEL_LINK_FD_H
#define KERNEL_LINK_FD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

/* enum bpf_link_type */
enum link_fd_type {
	LINK_FD_RAW_TRACEPOINT = 1,
	LINK_FD_TRACING = 2,
	LINK_FD_CGROUP = 3,
	LINK_FD_ITER = 4,
	LINK_FD_NETNS = 5,
	LINK_FD_XDP = 6,
	LINK_FD_PERF_EVENT = 7,
	LINK_FD_KPROBE_MULTI = 8,
	LINK_FD_STRUCT_OPS = 9,
	LINK_FD_NETFILTER = 10,
	LINK_FD_TCX = 11,
	LINK_FD_UPROBE_MULTI = 12,
	LINK_FD_NETKIT = 13,
	LINK_FD_SOCKMAP = 14,
};

struct link_fd_info {
	uint32_t id, type, prog_id;
	bool has_attach_type;
	uint32_t attach_type; /* the kernel's, or the one its type stands for */
	uint32_t ifindex;     /* LINK_FD_XDP, _TCX, _NETKIT; 0: the device is gone */
	uint64_t cgroup_id;   /* LINK_FD_CGROUP; 0: detached, or the cgroup is gone */
	uint32_t netns_ino;   /* LINK_FD_NETNS; 0: the namespace is gone */
	/* LINK_FD_SOCKMAP, 0: detached; LINK_FD_ITER, 0: not over a map; LINK_FD_STRUCT_OPS */
	uint32_t map_id;
	uint32_t target_obj_id, target_btf_id; /* LINK_FD_TRACING */
};

/* enum bpf_attach_type of what an interface has; kernel ABI. */
enum {
	LINK_FD_ATTACH_XDP = 37,
	LINK_FD_ATTACH_TCX_INGRESS = 46,
	LINK_FD_ATTACH_TCX_EGRESS = 47,
};

/* Attaches a program to an interface; the link's fd is the caller's. */
int link_fd_on_dev(int prog_fd, int ifindex, uint32_t attach_type) must_check;

/* A descriptor of the caller's, or -errno: -ENOENT where there is none. */
int link_fd_by_id(uint32_t id) must_check;
/* -EMEDIUMTYPE: the pin is no link. */
int link_fd_by_pin(const char *path) must_check;
int link_fd_info(int fd, struct link_fd_info *ret) must_check;
/*
 * Severed from what it was attached to, by the end of that or by BPF_LINK_DETACH: the
 * kernel then writes zero in the target's place. Links of other kinds are never dead.
 */
bool link_fd_is_dead(const struct link_fd_info *info);

/*
 * LINK_FD_TRACING: the program that it extends or watches; 0: it is on a function of the kernel,
 * or, before Linux 5.13, nobody tells. Where the kernel leaves open which of the two it is, it is
 * taken for a program.
 */
uint32_t link_fd_target(const struct link_fd_info *info);

/*
 * Ends the attachment; the link itself stays until its last fd and pin are gone.
 * -EOPNOTSUPP: this kind of link cannot (or the kernel is older than 5.9).
 */
int link_fd_detach(int fd) must_check;
/*
 * Puts another program in the link's place. With old_prog_fd >= 0 only if that is the one
 * it has (-EPERM). -EINVAL: of another type; -ENOLINK: detached.
 */
int link_fd_update(int fd, int prog_fd, int old_prog_fd) must_check;

/* fn for every link id, ascending; what vanishes meanwhile is passed over. */
int link_fd_each(int (*fn)(int fd, const struct link_fd_info *info, void *ctx),
		 void *ctx) must_check;

/*
 * What a refused update means; the kernel has one word for several reasons. old_prog_fd as it was
 * given to link_fd_update(). Returns code.
 */
int link_fd_explain_update(int code, int link_fd, int prog_fd, int old_prog_fd,
			   struct err *err);

#endif
