/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What object_view.c (text) and object_view_json.c both say. */
#ifndef VIEW_OBJECT_VIEW_PRIVATE_H
#define VIEW_OBJECT_VIEW_PRIVATE_H

#include "view/object_view.h"

extern const char *const object_view_dialects[];    /* by mapdef.dialect */
extern const char *const object_view_pinnings[];    /* by mapdef.scope */
extern const char *const object_view_would_words[]; /* by enum object_view_would */

/* The type's name, else its number. */
void object_view_add_map_type(struct strbuf *out, uint32_t type);
void object_view_add_prog_type(struct strbuf *out, uint32_t type);
/* fn for every name of a hook the program fits. */
void object_view_each_attach(const struct object_view_program *p,
			     void (*fn)(const char *name, void *ctx), void *ctx);

#endif
