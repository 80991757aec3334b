/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Calls from one section's code to a function of another. libbpf finds the function by the
 * place that symbol and instruction name together, and only while it loads the object.
 */
#ifndef ELF_ELF_CALLS_H
#define ELF_ELF_CALLS_H

#include "base/err.h"

struct elf_functions;
struct elf_view;

/* -EINVAL: a call leads where no function begins, since its symbol was stripped. */
int elf_calls_check(const struct elf_view *view, const struct elf_functions *functions,
		    struct err *err) must_check;

#endif
