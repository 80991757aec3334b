/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of run_tcx(), for the files that share them. */
#ifndef TC_LOADER_RUN_TCX_H
#define TC_LOADER_RUN_TCX_H

#include "base/err.h"

struct devices;
struct object_program;
struct request_filter;
struct session;
struct tc;

/* `dev`, or each of `devs`. */
int run_tcx_devices(struct tc *tc, const struct request_filter *req, struct devices *ret,
		    struct err *err) must_check;
/* The program of the line, loaded or opened; the session's. */
int run_tcx_program(struct session *s, const struct request_filter *req,
		    const struct object_program **ret, struct err *err) must_check;

/* After a list of filters: what runs before them at the hook, and is not in it. */
void run_tcx_remark(struct tc *tc, const struct request_filter *req);

#endif
