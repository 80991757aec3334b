/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The state of what is followed, as text and JSON. */
#ifndef VERBS_FOLLOW_PRINT_H
#define VERBS_FOLLOW_PRINT_H

#include "base/strbuf.h"

struct follow;
struct json_object;

/* A line: "acct: 12 filters, ..." */
void follow_print_text(struct strbuf *out, const struct follow *f);
/* {"name","filters",...}; the caller's. */
struct json_object *follow_print_json(const struct follow *f);
/* What the process has in memory, in KiB. */
unsigned long follow_print_memory(void);

#endif
