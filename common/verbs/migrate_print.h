/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a migration did, or would do, as text and as JSON. Pure. */
#ifndef VERBS_MIGRATE_PRINT_H
#define VERBS_MIGRATE_PRINT_H

#include <stdbool.h>

#include "base/strbuf.h"

struct json_object;
struct migrate_report;

/* plan: nothing was done. */
void migrate_print_text(const struct migrate_report *report, bool plan,
			struct strbuf *out);
/* The caller's to put. */
struct json_object *migrate_print_json(const struct migrate_report *report, bool plan);

#endif
