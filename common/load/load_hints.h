/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Refusals that no loader can help, and what to rebuild: rules of the kernel that are
 * newer than the object, or facts that were stripped from it.
 */
#ifndef LOAD_LOAD_HINTS_H
#define LOAD_LOAD_HINTS_H

/* A hint for a verifier log or libbpf's words; NULL: none fits. Static text. */
const char *load_hint(const char *words);

#endif
