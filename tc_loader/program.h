/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The program a filter runs, or a prog array gets, brought into a session: loaded from an
 * object, shared with an earlier line, opened from a pin, or read as classic BPF.
 */
#ifndef TC_LOADER_PROGRAM_H
#define TC_LOADER_PROGRAM_H

#include <stdint.h>

#include "base/err.h"
#include "load/placement.h"

struct nl_filter;
struct object_program;
struct request_bpf;
struct request_filter;
struct session;
struct tc;

/* For the session: what the line says of its maps, and how much it asks to see. */
struct share_opts program_opts(const struct tc *tc, const struct request_bpf *bpf);

/*
 * What the request is about: *ret is the session's program. NULL: none, or classic BPF, which
 * is in f then. f, the place already, gets its name. -errno with err filled and, where it is a
 * refused load, tc's status in it.
 */
int program_load(struct session *s, const struct tc *tc, const struct request_filter *req,
		 struct nl_filter *f, const struct object_program **ret,
		 struct err *err) must_check;
/*
 * The two ways to an eBPF program. Without section and program: section "classifier" (a
 * classifier's), "action" or "prog"; where there is none, the only program that fits. ifindex:
 * of the device that runs it in hardware; 0: none. prog_type 0 takes a pin of any type.
 */
int program_load_object(struct session *s, const struct request_bpf *bpf,
			uint32_t prog_type, unsigned int ifindex,
			const struct object_program **ret, struct err *err) must_check;
int program_open_pin(struct session *s, const char *word, uint32_t prog_type,
		     const struct object_program **ret, struct err *err) must_check;

/* tc writes "m:globals/x" for MNT/tc/globals/x. The caller frees. */
char *program_pin_path(const char *word);

#endif
