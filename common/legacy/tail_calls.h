/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tc's tail-call convention: a program in a section called "ID/KEY" goes into slot KEY of
 * the prog array whose bpf_elf_map.id is ID.
 */
#ifndef LEGACY_TAIL_CALLS_H
#define LEGACY_TAIL_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "elf/elf_functions.h"
#include "elf/elf_view.h"
#include "legacy/object_def.h"

/*
 * Reads "ID/KEY" as tc does: an integer in C notation on each side (10, 0x0a, 012, a
 * sign), blanks in front of each, anything behind the second: "42/0", "0x2a/1", " 42/ 3",
 * "+42/+4x".
 */
bool tail_calls_parse(const char *section, uint32_t *ret_id, uint32_t *ret_key);

/*
 * Is it no such name, though somebody meant one? Digits in front of a '/', which C reads
 * otherwise: "08/1" ends at the 8, "4294967301/0" is more than 32 bits hold.
 */
bool tail_calls_almost(const char *section);

/*
 * Fills tail_calls of ret for every code section of such a name that has a function; maps
 * of ret are read. -EINVAL for a key that the prog array has no slot for.
 */
int tail_calls_read(struct object_def *ret, const struct elf_view *view,
		    const struct elf_functions *functions, struct err *err) must_check;

#endif
