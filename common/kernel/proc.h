/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What /proc tells about other processes: which BPF objects they have open, and through
 * which of them a namespace can be reached. Processes come and go; those that are gone
 * are passed over.
 */
#ifndef KERNEL_PROC_H
#define KERNEL_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel/bpf_fd.h"

/* Processes that could not be looked into. */
struct proc_unseen {
	size_t nr;
	int why; /* -EACCES or -EPERM, unless one failed for another reason */
};

struct proc_fd {
	enum bpf_fd_kind kind; /* BPF_FD_UNKNOWN: of a network namespace */
	uint32_t id;           /* of the map, program or link */
	uint32_t prog_id;      /* the program behind a link; 0: not told */
	uint32_t tid;          /* a thread, which may have a table of its own */
	uint32_t number;       /* /proc/TID/fd/NUMBER */
	ino_t netns;           /* the network namespace it keeps */
};

/* One more, for which the kernel said why. */
void proc_unseen_add(struct proc_unseen *unseen, int why);
/* 0 of a process or thread that is gone; else why, -errno, it could not be looked into. */
int proc_gone_or(uint32_t pid, int why) must_check;
/* All of them were refused; false: something failed, so that another look may see them. */
bool proc_unseen_is_refused(const struct proc_unseen *unseen);

/*
 * fn for every BPF object and network namespace that some process has open, our own left
 * out. comm is the process's short name; "" with a namespace.
 */
int proc_each_fd(void (*fn)(uint32_t pid, const char *comm, const struct proc_fd *fd,
			    void *ctx),
		 void *ctx, struct proc_unseen *unseen) must_check;

/*
 * The first process, our own left out, that has a file of this name (as /proc/PID/maps
 * writes it) mapped: *pid, 0 if none.
 */
int proc_find_mapping(const char *name, uint32_t *pid,
		      struct proc_unseen *unseen) must_check;

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
	const char *kind;
	struct proc_ns *items; /* owned */
	size_t nr;
	struct proc_unseen unseen;
};

/*
 * The namespaces of a kind ("net", "mnt") in which processes and their threads are, each
 * once; a mount namespace once for each root directory, because one that is chrooted sees
 * only a part of it.
 */
int proc_namespaces(const char *kind, struct proc_ns_list *ret) must_check;
/*
 * fn for each of them; again, through another process, where the one that stood for it has left
 * meanwhile, since nobody can tell how much fn still saw. What nobody is in any more is passed
 * over; a namespace that all leave before it can be looked at counts as unseen.
 */
void proc_ns_list_each(struct proc_ns_list *list,
		       void (*fn)(const struct proc_ns *ns, void *ctx), void *ctx);
/* The process that stands for it, one of the list's, has ended or is elsewhere. */
bool proc_ns_is_left(const struct proc_ns_list *list, const struct proc_ns *ns);
void proc_ns_list_release(struct proc_ns_list *list);
#define auto_proc_ns_list auto_release(proc_ns_list_release) struct proc_ns_list

#endif
