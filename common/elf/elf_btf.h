/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The types of an object as bytes, before libbpf sees them: whether maps, types and members in
 * members are of a sane number, so that time and memory have a bound.
 */
#ifndef ELF_ELF_BTF_H
#define ELF_ELF_BTF_H

#include "base/err.h"

struct elf_view;

/* Of one object; more is refused. */
enum {
	ELF_MAPS_MAX = 16384,
	ELF_TYPES_MAX = 1 << 20, /* the kernel's own limit */
	ELF_DEPTH_MAX = 64,      /* members of members; the kernel resolves 32 */
};

/* -E2BIG and one line. What is damaged is left to libbpf. */
int elf_btf_check(const struct elf_view *view, struct err *err) must_check;

#endif
