/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The program a filter runs: loaded from an object, opened from a pin, or read as classic
 * BPF. Fills the program's part of the request's nl_filter; the file descriptor in there
 * is this struct's until program_release().
 */
#ifndef TC_LOADER_PROGRAM_H
#define TC_LOADER_PROGRAM_H

#include "base/err.h"
#include "share/placement.h"

struct object;
struct request_filter;
struct tc;

struct program {
	struct object *object;
	struct share_opts opts; /* the object borrows them */
	int pin_fd;
};

#define PROGRAM_INIT         \
	{                    \
		.pin_fd = -1 \
	}

/* -errno with err filled and, where it is a refused load, tc's status in it. */
int program_load(struct program *prog, const struct tc *tc, struct request_filter *req,
		 struct err *err) must_check;
/* The filter stands: pins made by the load stay too. */
void program_keep(struct program *prog);
/* Without program_keep() the pins made by the load go again. */
void program_release(struct program *prog);

#endif
