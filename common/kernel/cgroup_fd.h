/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cgroup v2 directories as file descriptors: find the mount, open, walk, query, attach,
 * detach. One function per kernel operation; every refusal comes with its reason in
 * words.
 */
#ifndef KERNEL_CGROUP_FD_H
#define KERNEL_CGROUP_FD_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct attach_type;
struct bpf_prog_info;

/*
 * Where the whole cgroup2 tree is mounted (hybrid layouts: /sys/fs/cgroup/unified); if it
 * is nowhere, the mount that begins at the root of our cgroup namespace, else any.
 * -ENOENT: none, with the note that `ip netns exec` hides it.
 */
int cgroup_root(char ret[PATH_MAX], struct err *err) must_check;

/*
 * Is this the tree from its very root, and not a bind of a subtree or what a cgroup
 * namespace shows? 1: it is, 0; -errno.
 */
int cgroup_is_whole(const char *root);

/* Is what is open of a cgroup v2 file system? 1, 0; -errno. */
int cgroup_fd_is_v2(int fd) must_check;

/*
 * Opens a cgroup v2 directory. Refused in words: missing, a file, a plain directory, a
 * directory of cgroup v1 ("… is cgroup v1; the v2 tree is at /sys/fs/cgroup/unified").
 */
int cgroup_fd_open(const char *path, struct err *err) must_check;

/*
 * Is a cgroup that cannot be found at path gone? 1: the tree is there, up to the nearest of its
 * ancestors; 0: no tree is mounted there, so that it may stand unseen; -errno.
 */
int cgroup_fd_is_gone(const char *path) must_check;

/*
 * The directory of this id, O_PATH; fd is any cgroup of the tree. -ESTALE: there is none, or
 * it was removed; -EPERM: without CAP_DAC_READ_SEARCH.
 */
int cgroup_fd_by_id(int fd, uint64_t id) must_check;

/*
 * Was the directory of this id removed? fd is any cgroup of the tree. What a removed cgroup
 * leaves behind, links with its id too, the kernel takes away some time after rmdir(2).
 * 1: it was; 0: not, or nobody may ask (without CAP_DAC_READ_SEARCH) or can; -errno.
 */
int cgroup_fd_is_removed(int fd, uint64_t id) must_check;

/*
 * fn for root and every directory below: parents first, same file system, in the order in
 * which the directories list their names (nftw(3), hence bpftool). Slashes at root's end
 * are cut. A non-zero return ends the walk and is passed on; a negative one with its
 * reason in err, if fn has it.
 */
int cgroup_each(const char *root, int (*fn)(const char *path, int depth, void *ctx),
		void *ctx, struct err *err) must_check;

struct cgroup_query {
	uint32_t *prog_ids; /* owned */
	size_t nr;
	uint32_t flags;    /* BPF_F_ALLOW_OVERRIDE, BPF_F_ALLOW_MULTI; 0 with effective */
	uint64_t revision; /* 0 where the kernel has none (before 6.17) or with effective
			    */
};

/*
 * -EINVAL: the kernel does not know the type; -ENODEV: the cgroup went away. ret needs
 * cgroup_query_release().
 */
int cgroup_fd_query(int cgroup_fd, uint32_t attach_type, bool effective,
		    struct cgroup_query *ret) must_check;
void cgroup_query_release(struct cgroup_query *q);

/* Where in a list: Linux 6.17 and later take more than NONE. */
enum cgroup_order { CGROUP_ORDER_NONE, CGROUP_BEFORE, CGROUP_AFTER };

/*
 * All zero: exclusive, at the end. Anchors and programs to swap are fds, borrowed; they
 * count only together with their flag.
 */
struct cgroup_attach_opts {
	uint32_t flags; /* BPF_F_ALLOW_OVERRIDE, BPF_F_ALLOW_MULTI or 0 */
	bool replace;   /* may go over an exclusive program that is there */
	bool swap;      /* takes the place of the program swap_fd in a multi list */
	int swap_fd;
	bool preorder; /* runs before the others, root to leaf (Linux 6.15) */
	/* Linux 6.17: before or after the anchor, or all of them. Direct entries stand by
	 * a program, links by a link. */
	enum cgroup_order order;
	bool anchored;
	int anchor_fd;
	/* Of multi lists: only if the list is still that one, else -ESTALE. 0: whatever it is,
	 * and on kernels that number none (before 6.17). */
	uint64_t revision;
};

/*
 * Attaches prog_fd directly. Over another program that holds the place alone (exclusive
 * or override) only with replace: -EEXIST naming that program's id and name, checked with
 * expected_revision where the kernel has it (6.17), else by query just before. Attaching
 * the program that is there is no eviction. EPERM is explained: mode conflict here or in
 * which ancestor, or a missing capability.
 */
int cgroup_fd_attach(int cgroup_fd, const char *path, const struct attach_type *type,
		     int prog_fd, const struct cgroup_attach_opts *opts,
		     struct err *err) must_check;
/*
 * Takes back that program only: the kernel does not compare in exclusive and override
 * lists, this does. -ENOENT in words: nothing there, another program, or attached by a
 * link.
 */
int cgroup_fd_detach(int cgroup_fd, const char *path, const struct attach_type *type,
		     int prog_fd, struct err *err) must_check;
/* The same; info: of prog_fd. */
int cgroup_fd_detach_known(int cgroup_fd, const char *path,
			   const struct attach_type *type, int prog_fd,
			   const struct bpf_prog_info *info, struct err *err) must_check;
/* A link (always multi); returns its fd. Of opts only preorder and the order count. */
int cgroup_fd_link(int cgroup_fd, const char *path, const struct attach_type *type,
		   int prog_fd, const struct cgroup_attach_opts *opts,
		   struct err *err) must_check;

#endif
