/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * "exec bpf": maps received from another tc, a program put into a slot of a pinned prog
 * array, the kernel's trace. Request, parser and run of this one verb.
 */
#ifndef TC_LOADER_EXEC_H
#define TC_LOADER_EXEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/args.h"
#include "request.h"

struct tc;

enum exec_op {
	EXEC_NOTHING,
	EXEC_HELP,
	EXEC_BPF_HELP,
	EXEC_IMPORT,
	EXEC_DEBUG,
	EXEC_GRAFT
};

/* All words are borrowed from the command line. */
struct request_exec {
	enum exec_op op;
	const char *path; /* import: socket to make; graft: pin of the prog array */
	/* import: what runs with the maps, not NULL terminated; none: a shell */
	char **command;
	int nr_command;
	/* graft */
	bool has_key; /* else: the number behind the slash of the section's name */
	uint32_t key;
	bool has_type;
	uint32_t prog_type;
	struct request_bpf bpf; /* SOURCE_OBJECT or SOURCE_PINNED */
};

/*
 * The words behind "exec". No system calls. ret needs request_exec_release() also after
 * an error.
 */
int parse_exec(struct request_exec *ret, struct args *a, struct err *err) must_check;
void request_exec_release(struct request_exec *req);
void parse_exec_usage(struct strbuf *out);
void parse_exec_bpf_usage(struct strbuf *out);

/*
 * import does not return when its command could be started. debug ends when the trace
 * does, with tc's exit status for that.
 */
int run_exec(struct tc *tc, const struct request_exec *req, struct err *err) must_check;

#endif
