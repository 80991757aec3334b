/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The functions in an object's code sections. LLVM before 8 left their symbols without
 * type and size; libbpf then finds no program at all and calls that success, so these are
 * told from labels here and measured.
 */
#ifndef ELF_ELF_FUNCTIONS_H
#define ELF_ELF_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf/elf_view.h"

struct elf_function {
	uint32_t section, symbol;
	uint64_t offset, size;
	bool repaired; /* type or size is not what the symbol says */
};

struct elf_functions {
	struct elf_function *items; /* by section and offset */
	size_t nr;
	size_t nr_repaired;
};

/* Never fails: symbols that make no sense are no functions. ret needs _release(). */
void elf_functions_read(struct elf_functions *ret, const struct elf_view *view);
void elf_functions_release(struct elf_functions *functions);

/* Name of the first function of a section, NULL: it has none. Borrowed from the view. */
const char *elf_functions_first(const struct elf_functions *functions,
				const struct elf_view *view, uint32_t section);

#endif
