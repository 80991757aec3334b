/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Code sections under a name that means nothing to any loader. .BTF.ext finds the code it is
 * about by the names of sections, so it is told the new ones.
 */
#ifndef ELF_ELF_RENAME_H
#define ELF_ELF_RENAME_H

#include <stdbool.h>
#include <stddef.h>

#include "elf/elf_view.h"

/*
 * sections: by index, true for those to rename. The image is the caller's to free(). -EINVAL:
 * no symbol table, or BTF that cannot be read.
 */
int elf_rename(void **ret, size_t *ret_size, const struct elf_view *view,
	       const bool *sections, struct err *err) must_check;

#endif
