/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Command line -> request. No system calls, safe on any words. Errors are -EINVAL with
 * the exit status of tc in err->status (0 stands for the usual 255).
 */
#ifndef TC_LOADER_PARSE_H
#define TC_LOADER_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/args.h"
#include "request.h"

struct sock_filter;

/* The words behind "qdisc VERB". */
int parse_qdisc(struct request_qdisc *ret, enum nl_qdisc_op op, struct args *a,
		struct err *err) must_check;
/*
 * Is it about another kind of qdisc than clsact and ingress? Looks no further than it must:
 * values are not read. A line that is no show.
 */
bool parse_qdisc_is_other(enum nl_qdisc_op op, const struct args *a);
void parse_qdisc_usage(struct strbuf *out);

/* The words behind "filter VERB". ret needs request_filter_release() also after an error.
 */
int parse_filter(struct request_filter *ret, enum nl_filter_op op, struct args *a,
		 struct err *err) must_check;
/* Is a kind of filter named, and it is not bpf? */
bool parse_filter_is_other(const struct args *a);
void request_filter_release(struct request_filter *req);
void parse_filter_usage(struct strbuf *out);

/* The words behind the kind "bpf", into req. */
int parse_bpf(struct request_filter *req, struct args *a, struct err *err) must_check;
/* Is it, in full, one of those words? */
bool parse_bpf_knows(const char *word);
void parse_bpf_usage(struct strbuf *out);

/*
 * The words behind "exec". ret needs request_exec_release() also after an error.
 */
int parse_exec(struct request_exec *ret, struct args *a, struct err *err) must_check;
void request_exec_release(struct request_exec *req);
void parse_exec_usage(struct strbuf *out);
void parse_exec_bpf_usage(struct strbuf *out);

/*
 * Classic BPF as text, "N,c t f k,c t f k,…" with decimals: as tc and `tcpdump -ddd | tr`
 * write it. Newlines stand for commas (files). *ret is the caller's to free().
 */
int parse_bytecode(const char *text, struct sock_filter **ret, size_t *nr,
		   struct err *err) must_check;

/*
 * Numbers of qdiscs and classes, hexadecimal: "root", "none", "MAJ:", "MAJ:MIN", ":MIN",
 * ":" or a bare 32-bit number; -EINVAL. A qdisc's handle: "MAJ" or "MAJ:", and whatever
 * follows the colon. Each number may have a sign and "0x" as in tc.
 */
int parse_classid(const char *word, uint32_t *ret) must_check;
int parse_qdisc_handle(const char *word, uint32_t *ret) must_check;

/*
 * The words of each command; filter_object_words stand directly behind the file. The test
 * of this tool's words walks them all.
 */
extern const struct keyword qdisc_change_words[], qdisc_show_words[], filter_words[],
	filter_bpf_words[], filter_object_words[], exec_words[], exec_graft_words[];

#endif
