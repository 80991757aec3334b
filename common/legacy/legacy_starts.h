/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the definitions of legacy map sections begin. Mostly a symbol says so; where
 * symbols were stripped, a static variable in BTF, else an instruction that refers to the
 * place, else the section having been made for one map alone.
 */
#ifndef LEGACY_LEGACY_STARTS_H
#define LEGACY_LEGACY_STARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/btf_vars.h"
#include "elf/elf_btf.h"
#include "elf/elf_view.h"
#include "legacy/legacy_refs.h"

struct btf;

/* Of one object; more is refused. */
enum { LEGACY_STARTS_MAX = ELF_MAPS_MAX };

/* Best first. */
enum legacy_witness {
	LEGACY_WITNESS_SYMBOL,
	LEGACY_WITNESS_VARIABLE,
	LEGACY_WITNESS_REFERENCE,
	LEGACY_WITNESS_SECTION,
};

struct legacy_start {
	enum legacy_witness witness;
	uint32_t section;
	uint32_t symbol;                /* SYMBOL; else 0 */
	uint64_t offset;                /* maybe behind the section's end */
	uint64_t size;                  /* 0: not known */
	const struct btf_variable *var; /* VARIABLE; else NULL */
	const struct legacy_ref *ref;   /* REFERENCE; else NULL */
};

struct legacy_starts {
	struct legacy_start *items; /* by section and offset, no two at one place */
	size_t nr;
	/* What BTF says about the legacy sections, by section index. */
	struct legacy_variables {
		struct btf_variable *items;
		size_t nr;
	} * variables;
	uint32_t nr_sections;
};

/*
 * sections[i]: is section i a legacy one? btf may be NULL. view and refs are borrowed
 * until legacy_starts_release(), which takes a zeroed struct, too. -EINVAL: two symbols
 * at one place, or a reference to the middle of a definition.
 */
int legacy_starts_find(struct legacy_starts *ret, const struct elf_view *view,
		       const bool *sections, const struct legacy_refs *refs,
		       const struct btf *btf, struct err *err) must_check;
void legacy_starts_release(struct legacy_starts *starts);

/* The variable of this name, else the static one at this offset; NULL: none. */
const struct btf_variable *legacy_starts_variable(const struct legacy_starts *starts,
						  uint32_t section, const char *name,
						  uint64_t offset);

#endif
