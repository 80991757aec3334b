/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libmapshare: a pinned map of another definition under its running programs, and nothing that
 * it holds is lost, as `map migrate` of tc_loader and cgroup_loader does it.
 *
 *	const char *objects[] = {"acct.o", NULL};
 *	MAPSHARE_OPTS(mapshare_migrate_info, info);
 *
 *	r = mapshare_migrate(ms, "/sys/fs/bpf/tc/globals/stats", objects, NULL, &info);
 *
 * Contexts, errors and option structs are those of mapshare.h.
 */
#ifndef MAPSHARE_MIGRATE_H
#define MAPSHARE_MIGRATE_H

#include "mapshare.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

enum mapshare_migrate_flags {
	MAPSHARE_MIGRATE_PLAN = 1 << 0, /* change nothing, and say what would be */
	MAPSHARE_MIGRATE_DROP = 1 << 1, /* leave out elements that do not fit */
	MAPSHARE_MIGRATE_LEAVE_BEHIND = 1 << 2, /* though programs stay on the old map */
	MAPSHARE_MIGRATE_COPY_PREFIX = 1
				       << 3 /* without BTF: as many bytes as both have */
};

/* How a map is migrated. */
struct mapshare_migrate_opts {
	size_t size;
	const char *map;    /* its name in the objects; NULL: that of the pin */
	unsigned int flags; /* MAPSHARE_MIGRATE_... */
	const char *const
		*merge; /* "MEMBER=add|keep-new|overwrite", NULL ends; NULL: none */
};

/* What was done, or of a plan would be; of elements a plan knows elements only. */
struct mapshare_migrate_info {
	size_t size;
	uint32_t old_id, new_id; /* new_id 0: of a plan, or nothing was to be done */
	int same;                /* the map is what the objects define */
	int finished;            /* a run that was killed was, or would be, finished */
	uint64_t elements, copied, converted;
	uint64_t added, born,
		deleted; /* changed, made, deleted in the old map meanwhile */
	uint64_t raced;  /* elements of which both sides wrote the same member */
	uint64_t dropped, evicted;
	uint32_t programs_replaced, programs_staying, holders;
};

/*
 * All or nothing; objects ends with NULL, opts and ret may be NULL. -EOPNOTSUPP: a type or a
 * member that cannot be migrated; -EBUSY: a program would stay on the old map; -ENOSPC:
 * elements do not fit.
 */
int mapshare_migrate(struct mapshare *ms, const char *pin, const char *const *objects,
		     const struct mapshare_migrate_opts *opts,
		     struct mapshare_migrate_info *ret);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
