/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of kernel functions by their addresses, from /proc/kallsyms. */
#ifndef KERNEL_KERNEL_SYMBOLS_H
#define KERNEL_KERNEL_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct kernel_symbol {
	uint64_t address; /* 0: hidden from us */
	char *name;       /* owned; NULL: there is none at the address, or it is hidden */
	char *module;     /* owned; NULL: of the kernel itself */
};

/*
 * Fills in the names of list, whose addresses are given; the first symbol of an address
 * counts. Without the file (or with zeros in it, see kptr_restrict in proc(5)) all stay NULL.
 */
void kernel_symbols_name(struct kernel_symbol *const *list, size_t nr);
void kernel_symbol_release(struct kernel_symbol *s);

#endif
