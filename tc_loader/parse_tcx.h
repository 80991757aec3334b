/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words of filter that speak of a list of tcx or netkit, and what goes with them.
 */
#ifndef TC_LOADER_PARSE_TCX_H
#define TC_LOADER_PARSE_TCX_H

#include "base/args.h"
#include "request.h"

int tcx_set_netkit(struct args *a, void *tcx, struct err *err) must_check;
int tcx_set_before(struct args *a, void *tcx, struct err *err) must_check;
int tcx_set_after(struct args *a, void *tcx, struct err *err) must_check;
int tcx_set_link(struct args *a, void *tcx, struct err *err) must_check;
int tcx_set_id(struct args *a, void *tcx, struct err *err) must_check;

/* Rows of filter_words; line is the struct that member, a request_tcx, is in. */
#define TCX_PLACE_WORDS(line, member)                                            \
	{"tcx", KEYWORD_EXACT,        NULL,                                      \
	 NULL,  "in place of clsact", KEYWORD_BOOL(line, member.tcx)},           \
	{                                                                        \
		"netkit", KEYWORD_EXACT, tcx_set_netkit, "{primary|peer}", NULL, \
			KEYWORD_MEMBER(line, member, struct request_tcx)         \
	}

#define TCX_MEMBER KEYWORD_MEMBER(struct request_filter, tcx, struct request_tcx)

/* Rows of filter_bpf_words. */
#define TCX_WORDS                                                                  \
	TCX_PLACE_WORDS(struct request_filter, tcx),                               \
		{"clsact",                                                         \
		 KEYWORD_EXACT,                                                    \
		 NULL,                                                             \
		 NULL,                                                             \
		 "with replace: from tcx",                                         \
		 KEYWORD_BOOL(struct request_filter, tcx.clsact)},                 \
		{"before",         KEYWORD_EXACT, tcx_set_before,                  \
		 TCX_ANCHOR_USAGE, "of tcx",      TCX_MEMBER},                     \
		{"after",          KEYWORD_EXACT, tcx_set_after,                   \
		 TCX_ANCHOR_USAGE, "of tcx",      TCX_MEMBER},                     \
		{"replace",                                                        \
		 KEYWORD_EXACT,                                                    \
		 NULL,                                                             \
		 NULL,                                                             \
		 "of tcx: over a program of its name",                             \
		 KEYWORD_BOOL(struct request_filter, tcx.replace)},                \
		{"link",        KEYWORD_EXACT, tcx_set_link,                       \
		 "pinned PATH", "of tcx",      TCX_MEMBER},                        \
	{                                                                          \
		"id", KEYWORD_EXACT, tcx_set_id, "N", "of tcx, delete: a program", \
			TCX_MEMBER                                                 \
	}
#define TCX_ANCHOR_USAGE "[id N|link N|pinned PATH]"

/* After the words behind the kind: do they go with each other? */
int parse_tcx_check(const struct request_filter *req, struct err *err) must_check;
/*
 * After all words: req->tcx.attach_type, and whether everything else on the line goes with it.
 * has_pref and has_handle: those were said.
 */
int parse_tcx_place(struct request_filter *req, bool has_pref, bool has_handle,
		    struct err *err) must_check;

#endif
