/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Idle pins for people and for programs. Pure.
 *
 *	PATH                          ID  TYPE  AGE  BYTES  ENTRIES  NOTE
 *	/sys/fs/bpf/tc/globals/stats  27  hash  3d   4096   12/1024  -
 *
 *	{"idle":[{"path","place":"globals|object|keep","kind":"map|program|empty","id",
 *	  "name","type","age","bytes_memlock","max_entries","entries","program",
 *	  "in_use"}],"hidden":[...]}
 *
 * Scalar keys that do not apply are absent; "deleted" in place of "idle" after --delete.
 */
#ifndef VIEW_GC_VIEW_H
#define VIEW_GC_VIEW_H

#include "base/strbuf.h"
#include "graph/idle_pins.h"
#include "view/json_out.h"

/* A table, a row for each pin. */
void gc_view_text(struct strbuf *out, const struct idle_pins *pins);
/* "removed '/sys/fs/bpf/tc/keep/7/jumps'", a line each. */
void gc_view_removed(struct strbuf *out, const struct idle_pins *pins);
/* key: "idle" or "deleted". */
void gc_view_json(struct strbuf *out, const struct idle_pins *pins, const char *key,
		  enum json_layout layout);

#endif
