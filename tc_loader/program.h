/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The program a filter runs, or a prog array gets: loaded from an object, opened from a
 * pin, or read as classic BPF. File descriptors are this struct's until
 * program_release().
 */
#ifndef TC_LOADER_PROGRAM_H
#define TC_LOADER_PROGRAM_H

#include <stdint.h>

#include "base/err.h"
#include "program_cache.h"
#include "load/placement.h"

struct nl_filter;
struct object;
struct object_program;
struct request_bpf;
struct request_filter;
struct sock_filter;
struct tc;

struct program {
	struct object *object;
	struct share_opts opts; /* the object borrows them */
	int pin_fd;
	unsigned int ifindex; /* of the device that runs it in hardware; 0: none */
	const struct object_program *wanted; /* the object's; NULL: none was loaded */
	struct sock_filter *ops;             /* of a bytecode-file; owned */
	int fd;      /* the program's: the object's, pin_fd or the cache's */
	uint32_t id; /* of an object's program, loaded now or by an earlier line */
	struct program_cache *cache; /* where program_keep() may put it; borrowed */
	struct program_key key;      /* under which */
};

#define PROGRAM_INIT                   \
	{                              \
		.pin_fd = -1, .fd = -1 \
	}

/*
 * The program that the request is about, into its part of the filter to be sent; what that
 * points to stays prog's and the request's. f is the place already. -errno with err filled
 * and, where it is a refused load, tc's status in it.
 */
int program_load(struct program *prog, const struct tc *tc,
		 const struct request_filter *req, struct nl_filter *f,
		 struct err *err) must_check;
/*
 * The two ways to an eBPF program. Without section and program: section "classifier" (a
 * classifier's), "action" or "prog"; where there is none, the only program that fits.
 * prog_type 0 takes a pin of any type.
 */
int program_load_object(struct program *prog, const struct tc *tc,
			const struct request_bpf *bpf, uint32_t prog_type,
			struct err *err) must_check;
int program_open_pin(struct program *prog, const char *word, uint32_t prog_type,
		     struct err *err) must_check;

/* tc writes "m:globals/x" for MNT/tc/globals/x. The caller frees. */
char *program_pin_path(const char *word);

/* The filter stands: pins made by the load stay too, and later lines of a batch may share
 * it. */
void program_keep(struct program *prog);
/* Without program_keep() the pins made by the load go again. */
void program_release(struct program *prog);

#endif
