/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a definition and the command line to the place of the one map. First hit decides:
 *
 *  1  map {idx N|name M} {id|pinned|name} X   that existing map
 *  2  map {idx N|name M} private              a fresh map without pin
 *     map {idx N|name M} shared               ROOT/NAME, whatever the dialect
 *  3  bpf_elf_map.pinning                     MNT/tc/SHA1 · MNT/tc/globals · MNT/SUBPATH
 *  4  LIBBPF_PIN_BY_NAME                      ROOT/NAME
 *  5  bpf_map_def, cgroup_loader, data maps   ROOT/NAME
 *  6  anything else                           private
 *
 * ROOT is --pin-root DIR, else MNT/tc/globals; "none" makes rule 5 private. pinmaps DIR
 * takes the maps of rules 5 and 6 to DIR/NAME. Nothing is created or mounted here.
 */
#ifndef LOAD_PLACEMENT_H
#define LOAD_PLACEMENT_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/args.h"
#include "legacy/object_def.h"
#include "def/pin_names.h"
#include "load/constants.h"

enum override_target {
	OVERRIDE_ID,
	OVERRIDE_PINNED,
	OVERRIDE_NAME,
	OVERRIDE_PRIVATE,
	OVERRIDE_SHARED,
	OVERRIDE_FD, /* of a library's caller; no word says it */
	OVERRIDE_AT, /* pinned at what, made if it is missing; of `apply`, no word says it */
};

struct map_override {
	int idx;         /* map {idx N}; -1: by name */
	const char *map; /* map {name M}; borrowed from argv */
	enum override_target target;
	uint32_t id;
	int fd;           /* OVERRIDE_FD; borrowed */
	const char *what; /* path or name; borrowed */
	bool aside; /* OVERRIDE_AT: it is to take another map's place, and no split */
};

struct map_overrides {
	struct map_override *items; /* owned */
	size_t nr;
};

/*
 * One override, the word "map" already consumed: {idx N|name M} {id N|pinned PATH|name
 * NAME|private|shared}. Same words and prefixes as bpftool. -EINVAL also when a map is named
 * twice.
 */
int map_overrides_parse(struct map_overrides *o, struct args *a,
			struct err *err) must_check;
/* The same for a row of a grammar, KEYWORD_MEMBER(REQUEST, MEMBER, struct map_overrides). */
int map_overrides_set(struct args *a, void *overrides, struct err *err) must_check;
void map_overrides_release(struct map_overrides *o);
#define MAP_OVERRIDE_USAGE "{idx N|name MAP} {id N|pinned PATH|name NAME|private|shared}"

/* What a command says about maps, all borrowed: the --options both tools share, and
 * words. */
struct share_opts {
	enum maps_reader reader;
	enum maps_layout layout; /* --maps-layout */
	const char *pin_root;    /* --pin-root DIR|none; NULL: MNT/tc/globals */
	bool mount_bpffs;        /* --mount-bpffs */
	bool no_mount;           /* cgroup_loader -n: never mount bpffs */
	bool require_shared;     /* --require-shared: a split is an error */
	bool no_layout_check;    /* --no-layout-check */
	bool strict_names;       /* --strict-names: renamed members are a difference */
	const char *tool, *line; /* the command as typed, for advice; NULL: not known */
	bool verifier_log;       /* verbose: keep the log of what loads, too */
	bool log_buffer; /* a refusal's log comes in a buffer, not through libbpf's hook */
	bool relaxed_maps; /* -m: unknown members of BTF-defined maps are ignored */
	bool guard_foreign; /* libbpf may crash in a child first, where others may write the file */
	const char *pinmaps; /* pinmaps DIR */
	struct map_overrides overrides;
	struct constants constants; /* set NAME=VALUE */
};

/* GIVEN: an existing map that the command line names. */
enum place_kind { PLACE_PRIVATE, PLACE_GIVEN, PLACE_PIN };

struct place {
	enum place_kind kind;
	const struct map_override *given; /* what the command line says; NULL: nothing */
	const char *path;                 /* PLACE_PIN: owned; else "" */
	bool must_be_new;                 /* pinmaps: an existing file is an error */
	bool announce;                    /* rule 5, 'shared': say where it is shared */
	bool by_root;                     /* ROOT/NAME */
	bool new_root;                    /* and ROOT is a directory yet to be made */
};
#define PLACE_INIT         \
	{                  \
		.path = "" \
	}
void place_release(struct place *place);

struct placement {
	const struct share_opts *opts;
	const char *mnt; /* bpffs mount point */
	const char *
		object_hash; /* SHA-1 of the file as given; NULL: no map is of the object */
	const struct pin_names *names;
};

/*
 * idx is the map's place in the object's order (bpftool's idx). *ret is a place already: what it
 * had is released on success. Errors as in pin_path().
 */
int place_map(struct place *ret, const struct mapdef *def, size_t idx,
	      const struct placement *p, struct err *err) must_check;

/*
 * Every override must name a map of the object ("map 'X' is not in the object, which has:
 * a, b"), and no other override the same map.
 */
int map_overrides_check(const struct map_overrides *o, const char *const *names,
			size_t nr, struct err *err) must_check;

/* "/etc/iproute2/bpf_pinning", else "/usr/share/iproute2/bpf_pinning", else an empty
 * table. */
int placement_read_pin_names(struct pin_names *ret, struct err *err) must_check;

#endif
