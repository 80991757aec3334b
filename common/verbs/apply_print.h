/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reports of apply as people and programs read them. Pure. */
#ifndef VERBS_APPLY_PRINT_H
#define VERBS_APPLY_PRINT_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "view/json_out.h"

struct apply_conf;
struct apply_report;
struct apply_step;

enum apply_print_verb {
	APPLY_PRINT_PLAN,
	APPLY_PRINT_APPLY,
	APPLY_PRINT_CHECK,
	APPLY_PRINT_REMOVE,
};

/*
 * A line for each step, its place in one column, then what it comes to: "acct: 2 attached, 1
 * kept". A check shows what differs only. Bytes chosen by others come out as base/utf8.h
 * says.
 */
void apply_print_text(struct strbuf *out, enum apply_print_verb verb,
		      const struct apply_conf *conf, const struct apply_report *report,
		      bool color);

/* One step by itself: "+ attach  dev v0 ingress pref 10 handle 0x1  count id 12". */
void apply_print_step(struct strbuf *out, const struct apply_conf *conf,
		      const struct apply_step *step);

/* {"name":...,"file":...,"in_sync":...,"steps":[...]}; the caller's. */
struct json_object *apply_print_json(enum apply_print_verb verb,
				     const struct apply_conf *conf,
				     const struct apply_report *report);

/* {"files":[...]} and a newline; takes what *files has. */
void apply_print_document(struct strbuf *out, struct json_object **files,
			  enum json_layout layout);

#endif
