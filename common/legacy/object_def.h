/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What an object file defines, and an image of it that libbpf >= 1.0 opens. Bytes in,
 * values out: no syscalls, no root, safe on arbitrary bytes. The one door to the readers
 * and writers beneath (elf_view, legacy_maps, tail_calls, map_btf, elf_rewrite).
 */
#ifndef LEGACY_OBJECT_DEF_H
#define LEGACY_OBJECT_DEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "def/mapdef.h"

/* How the bytes of a definition without BTF are read; --maps-layout. */
enum maps_layout {
	MAPS_LAYOUT_AUTO,    /* sizes that could be two things follow the reader, or are
				refused */
	MAPS_LAYOUT_ELF,     /* struct bpf_elf_map and its ancestors */
	MAPS_LAYOUT_DEF,     /* struct bpf_map_def */
	MAPS_LAYOUT_SAMPLES, /* kernel samples: bpf_map_def + inner_map_idx, numa_node */
};

/* Which tool asks: settles 20 bytes, and 28 with a zero tail, in MAPS_LAYOUT_AUTO. */
enum maps_reader {
	MAPS_READER_TC,     /* an unpinned bpf_elf_map */
	MAPS_READER_CGROUP, /* a bpf_map_def */
};

/* "elf", "def", "samples" -> layout; -EINVAL names the words. */
int maps_layout_by_name(const char *name, enum maps_layout *ret,
			struct err *err) must_check;

/* A program found in section "ID/KEY" (tc's tail-call convention). */
struct tail_call {
	char *section;   /* as it stands in the file; owned */
	char *program;   /* function name = libbpf's program name; owned */
	uint32_t map_id; /* bpf_elf_map.id of the prog array */
	uint32_t key;    /* slot */
	int map; /* index in maps[], -1: no prog array with this id in the object */
};

/* An inner map that belongs into a slot of an outer map once both exist. */
struct map_slot {
	char *outer, *inner; /* names; owned (legacy or BTF-defined maps alike) */
	uint32_t key;
};

struct object_def {
	/* Legacy definitions only, by section and offset; BTF-defined maps are libbpf's
	 * to list. */
	struct mapdef *maps;
	size_t nr_maps;
	struct tail_call *tail_calls; /* every section ID/KEY with a program in it */
	size_t nr_tail_calls;
	/*
	 * From inner_id/inner_idx, and from the relocations of .maps that fill `values`
	 * of BTF-defined outer maps.
	 */
	struct map_slot *slots;
	size_t nr_slots;
	/* BTF-defined prog arrays with `values`: which programs must be loaded for them.
	 */
	struct prog_slot {
		char *map, *program; /* owned */
		uint32_t key;
	} * prog_slots;
	size_t nr_prog_slots;
	char *license;   /* what its section says, "" without one; owned */
	bool translated; /* image differs from the input */
	/* What libbpf opens. Owned, except that it is the borrowed input if !translated.
	 */
	const void *image;
	size_t image_size;
	void *owned_image;
};

struct object_def_opts {
	enum maps_layout layout;
	enum maps_reader reader;
	/*
	 * object convert: PIN_GLOBAL becomes LIBBPF_PIN_BY_NAME in the image. Else no
	 * pinning is written: the resolver places maps itself.
	 */
	bool keep_pinning;
	/* And so do data maps of bpf_map_def, which cgroup_loader shares. */
	bool pin_shared;
};

/* A data map of bpf_map_def: shared by name although that has no field to say so. */
bool object_def_is_shared(const struct mapdef *def);

/*
 * bytes are borrowed until object_def_release(). Errors, one line each, without the
 * file's name (the caller puts it in front): not an ELF file, 32-bit, big-endian, not for
 * BPF, truncated, a section size that does not divide, duplicate or unusable names,
 * unknown non-zero bytes behind a definition, a size that needs --maps-layout.
 */
int object_def_read(struct object_def *ret, const void *bytes, size_t size,
		    const struct object_def_opts *opts, struct err *err) must_check;
void object_def_release(struct object_def *def);

#endif
