/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The answers of `feature`, a line or an object each, as bugreport has them, too. */
#ifndef VERBS_FEATURE_ROWS_H
#define VERBS_FEATURE_ROWS_H

#include "base/strbuf.h"

struct json_object;

void feature_rows_text(struct strbuf *text);
/* The caller's. */
struct json_object *feature_rows_json(void);

#endif
