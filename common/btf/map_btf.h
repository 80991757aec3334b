/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Map definitions -> BTF that libbpf >= 1.0 takes for BTF-defined maps. Types and strings
 * are only appended, so what refers to the old ones (.BTF.ext, CO-RE) stays valid.
 *
 * Each map gets a variable of an anonymous struct of MAP_BTF_SLOT bytes with every member
 * at offset 0, whatever the size of the legacy definition: libbpf reads the members'
 * types, never their bytes, and refuses a struct that is larger than its variable.
 */
#ifndef BTF_MAP_BTF_H
#define BTF_MAP_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "def/mapdef.h"

struct btf;

/* Bytes that a map's variable takes in the image that is written. */
enum { MAP_BTF_SLOT = 8 };

/* Where a variable really stands, from the symbol table. */
struct map_btf_place {
	const char *name;
	uint32_t offset;
};

/* New, empty BTF; the caller's to close with btf_vars_close(). */
struct btf *map_btf_new(void);

/*
 * Every DATASEC called `section`: gets its real size and offsets, so that libbpf does not
 * look for an ELF section of its name any more, and the name `renamed`.
 */
struct map_btf_freeze {
	const char *section, *renamed;
	uint32_t size;  /* of the section, as it was */
	uint32_t shift; /* its content begins here now */
	const struct map_btf_place
		*places; /* as they were; variables without keep their offset */
	size_t nr;
	bool hide; /* variables become static: libbpf looks for no symbols of theirs */
};

/* Renames the section and moves its variables as how says; -E2BIG: too many of them. */
int map_btf_freeze(struct btf *btf, const struct map_btf_freeze *how,
		   struct err *err) must_check;

/*
 * Appends a variable for each definition and a DATASEC ".maps" of `size` bytes with them,
 * at 0, MAP_BTF_SLOT, …; the variables of DATASEC `kept` (frozen, may be missing) follow.
 * keep_pinning: PIN_SCOPE_GLOBAL and _NAME become LIBBPF_PIN_BY_NAME.
 */
int map_btf_add(struct btf *btf, const struct mapdef *defs, size_t nr, uint32_t size,
		const char *kept, bool keep_pinning, struct err *err) must_check;

/* The whole as bytes for section .BTF; borrowed from btf until it changes. */
int map_btf_bytes(const struct btf *btf, const void **ret, size_t *ret_size,
		  struct err *err) must_check;

#endif
