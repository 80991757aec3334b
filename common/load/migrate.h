/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a pinned map to one of another definition, and nothing that it holds is lost:
 *
 *	new map, pinned aside -> elements copied -> programs replaced in place -> nobody runs
 *	the old ones any more -> what they wrote meanwhile is brought over -> the pin is swapped
 *
 * The old pin is valid until the new one is. A run that fails takes everything back; one that
 * is killed is finished by the next run of the same migration, or taken back if no program
 * had been replaced yet: all state is in pins beside the map's own, below
 * mapshare_migrates_NAME.
 *
 * What becomes of each member is btf/element_plan.h's.
 */
#ifndef LOAD_MIGRATE_H
#define LOAD_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "btf/element_plan.h"
#include "graph/graph.h"

struct share_opts;

/* All borrowed. */
struct migrate_opts {
	const struct share_opts
		*share;             /* of every object; its overrides are not looked at */
	const char *pin;            /* of the map */
	const char *const *objects; /* files; programs are looked for in all of them */
	size_t nr_objects;
	const char *map; /* its name in the objects; NULL: the last step of pin */
	bool plan_only;
	bool drop;        /* what does not fit in the new map may go */
	bool leave;       /* programs without a counterpart may stay on the old map */
	bool copy_prefix; /* of element_options */
	const char *const *merge;
	size_t nr_merge;
	/* How far it is, for a terminal; NULL: nobody asks. what: "copied", "swept". */
	void (*progress)(void *ctx, const char *what, uint64_t count);
	void *ctx;
};

enum migrate_fate {
	MIGRATE_REPLACED, /* or will be, of a plan */
	MIGRATE_STAYS,    /* it goes on writing to the old map; why says the reason */
	MIGRATE_UNSEEN, /* it may go on writing where nobody could look; why may say more */
	MIGRATE_IDLE,   /* loaded, and attached nowhere */
};

/* One program on the old map in one place. */
struct migrate_user {
	uint32_t program; /* id */
	char *name;       /* owned, as all of it */
	const char *type; /* prog_type_name(); NULL: unknown. Not owned */
	char *place;      /* in words; NULL: none was found */
	char *why;        /* NULL: nothing to say */
	enum migrate_fate fate;
	bool beside; /* it is attached to one that is replaced, and does not use the map */
	uint32_t by; /* the program that took its place; 0: of a plan, or none did */
};

/* Who has the old map open, a link over it, or another pin of it. */
struct migrate_holder {
	uint32_t pid;  /* 0: a link or a pin */
	bool mapped;   /* the process has an array mapped, and it may be this one */
	uint32_t link; /* an iterator; 0: another one */
	char *name;    /* of the process; the path of the pin; owned */
};

struct migrate_report {
	char *pin, *map;           /* owned, as all of it; the name in the objects */
	uint32_t old_id, new_id;   /* new_id 0: of a plan */
	const char *type;          /* "hash"; not owned */
	uint32_t old_max, new_max; /* max_entries */
	bool same;        /* the map is what the objects define: nothing was done */
	bool finished;    /* an interrupted run was finished */
	bool interrupted; /* of a plan: one has to be */
	struct element_plan plan;
	bool counted; /* of a plan: elements is known */
	uint64_t elements;
	uint64_t old_bytes, new_bytes, copy_bytes; /* in the kernel; 0: not known */
	uint64_t copied, converted, added, raced, born, deleted, dropped, evicted;
	struct migrate_user *users;
	size_t nr_users;
	struct migrate_holder *holders;
	size_t nr_holders;
	char **unseen; /* sentences: what could not be looked at */
	size_t nr_unseen;
};

#define MIGRATE_REPORT_INIT \
	{                   \
		.pin = NULL \
	}
#define auto_migrate_report auto_release(migrate_report_release) struct migrate_report
void migrate_report_release(struct migrate_report *report);

/*
 * All or nothing. ret needs migrate_report_release(), whatever is returned: what a refusal is
 * about is in it. -EOPNOTSUPP: a map type or a member that cannot be migrated; -EBUSY: a
 * program would stay behind; -ENOSPC: elements do not fit, and drop was not said.
 */
int migrate_run(const struct migrate_opts *opts, struct migrate_report *ret,
		struct err *err) must_check;

#endif
