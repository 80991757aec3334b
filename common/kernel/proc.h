/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What /proc tells about other processes: which BPF objects they have open, and through
 * which of them a namespace can be reached. Processes come and go; those that are gone
 * are passed over.
 */
#ifndef KERNEL_PROC_H
#define KERNEL_PROC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel/bpf_fd.h"

struct proc_fd {
	enum bpf_fd_kind kind; /* BPF_FD_UNKNOWN: of a network namespace */
	uint32_t id;           /* of the map, program or link */
	uint32_t prog_id;      /* the program behind a link; 0: not told */
	uint32_t number;       /* /proc/PID/fd/NUMBER */
	ino_t netns;           /* the network namespace it keeps */
};

/*
 * fn for every BPF object and network namespace that some process has open, our own left
 * out. comm is the process's short name; "" with a namespace. A process whose files may
 * not be seen is counted in *hidden.
 */
int proc_each_fd(void (*fn)(uint32_t pid, const char *comm, const struct proc_fd *fd,
			    void *ctx),
		 void *ctx, size_t *hidden);

/*
 * The first process, our own left out, that has a file of this name (as /proc/PID/maps
 * writes it) mapped: *pid, 0 if none. Processes that may not be looked into are counted.
 */
int proc_find_mapping(const char *name, uint32_t *pid, size_t *hidden) must_check;

/*
 * Are we in a PID namespace of our own, where processes outside cannot be seen? -errno: it
 * cannot be told.
 */
int proc_is_contained(void) must_check;

/* What identifies a namespace, whoever is in it. */
struct proc_ns {
	dev_t dev;
	ino_t ino;
	ino_t root;   /* "mnt": of the root directory that pid sees */
	uint32_t pid; /* a process or thread in it */
};

struct proc_ns_list {
	struct proc_ns *items; /* owned */
	size_t nr;
	size_t hidden; /* processes whose namespaces may not be seen */
};

/*
 * The namespaces of a kind ("net", "mnt") in which processes and their threads are, each
 * once; a mount namespace once for each root directory, because one that is chrooted sees
 * only a part of it.
 */
int proc_namespaces(const char *kind, struct proc_ns_list *ret) must_check;
void proc_ns_list_release(struct proc_ns_list *list);
#define auto_proc_ns_list auto_release(proc_ns_list_release) struct proc_ns_list

#endif
