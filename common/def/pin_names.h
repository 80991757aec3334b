/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pin database of iproute2 (bpf_pinning): lines of "ID SUBPATH" that give custom
 * values of bpf_elf_map.pinning a directory below the bpffs mount point. Text in, table
 * out.
 */
#ifndef DEF_PIN_NAMES_H
#define DEF_PIN_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct pin_name {
	uint32_t id;
	char *subpath; /* owned */
};

struct pin_names {
	struct pin_name *names;
	size_t nr;
	char *source; /* file it was read from, NULL: none found; owned */
};

/*
 * As tc reads it: leading blanks skipped, empty lines and lines starting with '#'
 * ignored, ids in C notation, anything behind the word ignored, the last line of an id
 * wins, ids 0-2 reserved (warned about, ignored), a line without both fields ends the
 * reading with a warning. source is for those warnings. ret needs pin_names_release().
 */
void pin_names_parse(struct pin_names *ret, const char *text, size_t size,
		     const char *source);
/* NULL: no such id. Borrowed from names, which may be NULL. */
const char *pin_names_find(const struct pin_names *names, uint32_t id);
void pin_names_release(struct pin_names *names);

#endif
