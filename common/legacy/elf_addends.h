/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What instructions hold beside a relocation. binutils before 2.41, which gcc uses, write
 * the value of a named symbol there as well; libbpf adds the two and reads or calls another
 * place. For maps libbpf looks at the symbol alone, so those are left to legacy_refs.
 */
#ifndef LEGACY_ELF_ADDENDS_H
#define LEGACY_ELF_ADDENDS_H

#include "base/err.h"

struct elf_view;

/* -EINVAL: a variable or function is referred to in that way. */
int elf_addends_check(const struct elf_view *view, struct err *err) must_check;

#endif
