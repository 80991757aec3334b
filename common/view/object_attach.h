/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Classifiers of an object that their sections load with different expected attach types
 * (tc: none; tcx/ingress, netkit/peer, …). Since Linux 6.18 a prog array takes programs of one
 * such type alone, as owners and in its slots; data maps do not care.
 */
#ifndef VIEW_OBJECT_ATTACH_H
#define VIEW_OBJECT_ATTACH_H

#include <stdbool.h>

#include "base/strbuf.h"

struct json_object;
struct object_view;

/* Are there two of different ones? */
bool object_attach_differs(const struct object_view *v);
/* Then, a line for each prog array. */
void object_attach_text(struct strbuf *out, const struct object_view *v);
/* [{"program","attach_type"}], the caller's. */
struct json_object *object_attach_json(const struct object_view *v);

#endif
