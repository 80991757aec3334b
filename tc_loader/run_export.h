/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* "export PATH": the maps of a loaded object, handed to whoever listens there. */
#ifndef TC_LOADER_RUN_EXPORT_H
#define TC_LOADER_RUN_EXPORT_H

#include "base/err.h"

struct object;

/*
 * Sends the maps in the object's order to $TC_BPF_UDS (secure_getenv), which wins as in
 * tc, else to path; nothing happens where both are NULL. An object without maps sends a
 * message that says so, since somebody waits for it. To be called between load and
 * attach: who attaches wants the other side to have the maps. The object's locks are given
 * up first. -E2BIG: more maps than tc's message holds.
 */
int run_export(struct object *obj, const char *path, struct err *err) must_check;

#endif
