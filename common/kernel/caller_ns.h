/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The mount namespace we were called from. `ip netns exec` and `unshare -m` put their
 * command into a new one, the former with a fresh /sys, which hides bpffs and cgroup2: pins
 * made there would go with the command. Where they are hidden, those of the first ancestor
 * that is in another mount namespace and has them stand in, if it is in our user namespace.
 *
 * Paths keep the caller's form, /sys/fs/bpf/...: what is printed is right where we were
 * called from. Only the functions of kernel/ turn them into one that leads there, through a
 * descriptor, so that the ancestor may end and its id be used again. Which process called
 * us is a fact of this process, like its working directory; hence no context here.
 */
#ifndef KERNEL_CALLER_NS_H
#define KERNEL_CALLER_NS_H

#include <linux/limits.h>
#include <stdbool.h>

/* Off until a tool allows it; a library must not. An explicit TC_BPF_MNT forbids it too. */
void caller_ns_allow(bool allow);

/*
 * path, or in buf one that leads to the same below the caller's /sys/fs/bpf or
 * /sys/fs/cgroup, where ours is hidden. The first time it says which process stands in. One that
 * gets too long that way is no path of ours: every call answers ENAMETOOLONG to what is returned.
 */
const char *caller_ns_path(const char *path, char buf[PATH_MAX]);

/* Does the caller's bpffs, or cgroup tree, stand in for ours? */
bool caller_ns_has_bpffs(void);
bool caller_ns_has_cgroups(void);

/* The mountinfo of the process whose cgroup tree stands in; valid until the end. */
void caller_ns_mounts(char ret[PATH_MAX]);

/* "process 12: missing CAP_SYS_PTRACE": whose namespace could not be seen; NULL: none. */
const char *caller_ns_unseen(void);

#endif
