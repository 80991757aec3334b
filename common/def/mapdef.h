/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * THE neutral map definition: what an object file, a BTF variable or a map in the kernel
 * says about one map. A plain value, the same on every machine; what depends on the
 * running kernel (fds, pins) is decided in share/.
 */
#ifndef DEF_MAPDEF_H
#define DEF_MAPDEF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "def/layout.h"

/* The name becomes a file name below bpffs, so NAME_MAX bounds it. */
enum { MAPDEF_NAME_MAX = 255 };

enum mapdef_dialect {
	MAPDEF_BTF,    /* BTF-defined, section .maps */
	MAPDEF_ELF,    /* struct bpf_elf_map of iproute2 */
	MAPDEF_DEF,    /* struct bpf_map_def of libbpf < 1.0 and the kernel samples */
	MAPDEF_DATA,   /* .data, .rodata, .bss: made by the loader, always private */
	MAPDEF_KERNEL, /* read back from a map that exists */
};

/* Where the object wants the map to live; the command line may say otherwise. */
enum pin_scope {
	PIN_SCOPE_NONE,   /* private */
	PIN_SCOPE_OBJECT, /* bpf_elf_map.pinning 1: MNT/tc/SHA1/NAME */
	PIN_SCOPE_GLOBAL, /* bpf_elf_map.pinning 2: MNT/tc/globals/NAME */
	PIN_SCOPE_CUSTOM, /* any other number: pin_id, looked up in the pin database */
	PIN_SCOPE_NAME,   /* LIBBPF_PIN_BY_NAME */
};

struct mapdef {
	char name[MAPDEF_NAME_MAX + 1]; /* whole, never cut to the kernel's 15 bytes */
	enum mapdef_dialect dialect;
	uint32_t type;        /* enum bpf_map_type */
	uint32_t key_size;    /* bytes */
	uint32_t value_size;  /* bytes; per CPU for per-CPU maps */
	uint32_t max_entries; /* entries; bytes for ring buffers */
	uint32_t map_flags;
	uint64_t map_extra;
	uint32_t numa_node; /* means something only with BPF_F_NUMA_NODE in map_flags */
	enum pin_scope scope;
	uint32_t pin_id;    /* PIN_SCOPE_CUSTOM */
	bool scope_guessed; /* from 28 bytes without names, which may mean another thing */

	/* bpf_elf_map only, 0 elsewhere. */
	uint32_t id, inner_id;
	int32_t inner_idx; /* slot of the outer map that this map goes into; -1: none */

	/*
	 * Outer maps: index of the inner template in the array this definition stands in,
	 * -1 without one (inner_map_idx of the samples layout and inner_id end up here).
	 */
	int inner;

	/* Key and value as BTF describes them; NULL where nobody knows. Owned. */
	struct layout *key_layout, *value_layout;
	bool layout_hidden; /* MAPDEF_KERNEL: the map has BTF, which could not be read */
};

#define MAPDEF_INIT                          \
	{                                    \
		.inner = -1, .inner_idx = -1 \
	}

void mapdef_release(struct mapdef *def);
int mapdef_copy(struct mapdef *dst, const struct mapdef *src); /* deep; returns 0 */

/* "hash", "lru_hash" … as bpftool writes them; NULL for a number it does not know. */
const char *mapdef_type_name(uint32_t type);
/* enum bpf_map_type, -ENOENT. Whole words only. */
int mapdef_type_by_name(const char *name);

bool mapdef_is_outer(const struct mapdef *def); /* array_of_maps, hash_of_maps */
bool mapdef_is_percpu(const struct mapdef *def);
bool mapdef_type_is_percpu(uint32_t type);
/* Both sides read and write it: no prog array, perf array, ring buffer, queue … */
bool mapdef_is_data(const struct mapdef *def);
/* Types whose elements `map migrate` can bring into another map of the type. */
bool mapdef_can_migrate(const struct mapdef *def);

/*
 * May name be a map's pin? -EINVAL and the reason: empty, over MAPDEF_NAME_MAX bytes, '/',
 * "." or "..", control bytes.
 */
int mapdef_check_name(const char *name, struct err *err) must_check;

enum mapdef_diff_flags {
	MAPDEF_DIFF_SHAPE = 1 << 0,    /* only type and sizes (user-chosen maps) */
	MAPDEF_DIFF_NO_LAYOUT = 1 << 1 /* --no-layout-check */
};

/*
 * Names every field in which two definitions differ, with both values:
 * "value_size 16/8, max_entries 1/16, value layout: member 'rx' (bit 0) u32/u64": pinned
 * before the slash, wanted behind it; which is what, the caller says. Known kernel
 * adjustments are no difference: BPF_F_RDONLY_PROG (0x80) on DEVMAP types, BPF_F_RDONLY
 * and BPF_F_WRONLY (never stored), ring buffer size rounding, LRU rounding with
 * BPF_F_NO_COMMON_LRU (up to a multiple of ncpus), value_size of outer maps (always 4 in
 * the kernel), a perf event array with max_entries 0 (the kernel side then has ncpus).
 * numa_node is compared where both sides know it (the kernel does not tell). Layouts are
 * compared when both sides have one and the sizes agree; names alone are no difference.
 * Returns the number of differing fields. ncpus: possible CPUs, from the caller.
 */
int mapdef_diff(const struct mapdef *pinned, const struct mapdef *wanted,
		unsigned int flags, unsigned int ncpus, struct strbuf *out);

/* One number of a definition, wherever it is shown or compared. */
struct mapdef_property {
	const char *name; /* the kernel's and JSON's */
	bool hex;
	bool rare; /* most maps do not have it */
};

/*
 * Property i (NULL after the last, the type first), its value in def, and whether it says
 * anything there: a rare one that is 0 does not.
 */
const struct mapdef_property *mapdef_property(unsigned int i, const struct mapdef *def,
					      uint64_t *value, bool *present);

/*
 * Field i of both, for tables: its name (static; NULL behind the last), both values as text,
 * and whether mapdef_diff() counts them as different.
 */
const char *mapdef_field(unsigned int i, const struct mapdef *pinned,
			 const struct mapdef *wanted, unsigned int ncpus,
			 struct strbuf *has, struct strbuf *wants, bool *differ);

/*
 * max_entries as a loader asks the kernel for it: ring buffers rounded up to a power of
 * two of pages, ncpus for a perf event array that says 0.
 */
uint32_t mapdef_create_entries(const struct mapdef *def, unsigned int ncpus);

/* "hash, key 4 B, value 16 B, 1024 entries, flags 0x1": for messages and object show. */
void mapdef_describe(const struct mapdef *def, struct strbuf *out);

#endif
