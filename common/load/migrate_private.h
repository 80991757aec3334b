/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For the migrate*.c files only. */
#ifndef LOAD_MIGRATE_PRIVATE_H
#define LOAD_MIGRATE_PRIVATE_H

#include <linux/bpf.h>

#include "def/mapdef.h"
#include "load/migrate.h"
#include "load/migrate_shadow.h"
#include "load/placement.h"

struct cpu_stay;
struct nl_filter;
struct nl_sock;
struct object;
struct object_map;
struct object_program;
struct pin_txn;
struct text_list;
struct value_writes;

/* One object of the command. */
struct migrate_object {
	struct share_opts opts;      /* the object borrows it */
	struct map_overrides placed; /* owned: of the map, and of prog arrays */
	struct object *obj;
	/* Of a part: what it will have attached, and its constants; owned by it. */
	struct migrate_part_program *programs;
	size_t nr_programs;
	int (*set)(void *ctx, struct object *obj, struct err *err);
	void *ctx;
};

/* A program that is to take the place of one on the old map. */
struct migrate_swap {
	struct graph_attachment at; /* strings are the graph's */
	size_t user;                /* in the report's users */
	struct object *obj;
	struct object_program *prog;
};

/* A pinned prog array that the objects would fill, and have a new one for. */
struct migrate_array {
	struct object *obj;
	const char *name; /* obj's */
	char *pin;        /* owned */
	uint32_t id;      /* of the old one */
};

/* A socket in a network namespace. */
struct migrate_sock {
	uint64_t netns_ino;
	struct nl_sock *sock;
};

struct migration {
	const struct migrate_opts *opts; /* borrowed, as report is */
	struct migrate_report *report;
	char *dir, *name; /* of the pin */
	char *aside;      /* the directory beside it; owned, as the other two are */
	char *new_pin;    /* in there */
	char *switched; /* the pin that says: the new map has all, programs are replaced */
	bool resumed;   /* switched was there, and the pin is the old map's */
	bool described; /* the objects' BTF says what a value is */
	bool swapped;   /* it was there, and only the rest has to go */
	/* Objects and txn are another's, who attaches by himself (load/migrate_part.h). */
	bool is_part;
	const char *(*stays)(void *ctx, uint32_t program,
			     const struct graph_attachment *at);
	void *ctx;
	struct pin_txn *txn; /* the objects' too */
	struct migrate_object *objects;
	size_t nr_objects;
	int old_fd, new_fd; /* new_fd is an object's */
	struct bpf_map_info old, new;
	int old_lock_at, new_lock_at; /* bpf_spin_lock in a value; -1: it has none */
	struct mapdef old_def;
	struct migrate_shadow shadow;
	struct graph graph;
	struct migrate_swap *swaps;
	size_t nr_swaps;
	struct migrate_sock *socks;
	size_t nr_socks;
	struct migrate_array *arrays;
	size_t nr_arrays;
};

/* --- migrate.c: the steps of a run, for a part of another one --- */

void migration_release(struct migration *m);
/* May it be? Fills the report. */
int migrate_look(struct migration *m, struct err *err) must_check;
/* All of the old map is in the new one, and the rows say what that was. */
int migrate_first_copy(struct migration *m, struct err *err) must_check;
/* Where every program is new, and nothing needs the way back. */
int migrate_bring_over(struct migration *m, struct err *err) must_check;
void migrate_finish(struct migration *m);

/* --- migrate_objects.c --- */

/* Opens them, and compares what they define with the old map: report->same. */
int migrate_objects_open(struct migration *m, struct err *err) must_check;
/* All directories of pins are locked, maps made, programs loaded; new_fd and new are set. */
int migrate_objects_load(struct migration *m, struct err *err) must_check;
/* new_fd and new, of objects that are loaded. */
int migrate_objects_take(struct migration *m, struct err *err) must_check;
void migrate_objects_keep(struct migration *m);
/* The map in the first of them. */
const struct object_map *migrate_objects_map(const struct migration *m);

/* --- migrate_report.c --- */

/* A program on the old map; borrowed until the next one. */
struct migrate_user *migrate_report_add(struct migration *m, uint32_t program,
					enum migrate_fate fate);

/* --- migrate_holders.c --- */

/* Rows of the holders, and all that the graph could not see. */
void migrate_holders_add(struct migration *m);

/* --- migrate_users.c --- */

/*
 * Programs on the old map with their places, and those of the objects that take over. Fills
 * the report's users and holders and the swaps. -EBUSY: one would stay behind.
 */
int migrate_users_find(struct migration *m, struct err *err) must_check;
/* Under the lock. -EBUSY: another program uses the old map by now. */
int migrate_users_check(const struct migration *m, struct err *err) must_check;
/* Once the pin is the new map's: those that came meanwhile stay on the old one. */
void migrate_users_late(struct migration *m);
/* Marks that program of obj for the load, as the type that the place takes. */
int migrate_users_select(struct object *obj, const struct graph_attachment *at,
			 const char *name, struct err *err) must_check;
/* The type again, once all are marked: each marking gives its type to the ones before. */
void migrate_users_settle(struct object *obj, const struct migration *m,
			  const struct migrate_swap *swap);

/* --- migrate_unseen.c --- */

/* Was something not seen that another look may show? */
bool migrate_unseen_any(const struct graph *g);
/* Rows for what may go on with the old map unseen, and what is on a program that goes. */
void migrate_unseen_add(struct migration *m);
/* The next program that came since, and may use the map for all anybody can read; 0: none. */
uint32_t migrate_unseen_next_late(const struct migration *m, const struct graph *now,
				  size_t *at);
/* Rows of those. */
void migrate_unseen_add_late(struct migration *m, const struct graph *now);

/* --- migrate_jumps.c --- */

/* Once o is planned: prog arrays that it would fill, and that are pinned, are made anew. */
int migrate_jumps_place(struct migration *m, struct migrate_object *o,
			struct err *err) must_check;
void migrate_jumps_release(struct migration *m);
/* Where those are pinned. */
void migrate_jumps_dirs(const struct migration *m, struct text_list *dirs);
/* Their pins become the new ones'. */
void migrate_jumps_pin(const struct migration *m);
/*
 * For each program of the graph: it uses the old map, or tail calls lead from it to one that
 * does; of a part the former. The caller's to free.
 */
bool *migrate_jumps_callers(const struct migration *m);
/* Rows of the programs in slots, once it is known who is replaced. */
void migrate_jumps_settle(struct migration *m);

/* --- migrate_probe.c --- */

/* What the programs on the old map do to its values, and those that will take over. */
void migrate_probe_old(const struct migration *m, struct value_writes *w);
int migrate_probe_new(const struct migration *m, struct value_writes *w,
		      struct err *err) must_check;

/* --- migrate_policy.c --- */

/* What was decided for each member is pinned aside. */
int migrate_policy_save(const struct migration *m, struct err *err) must_check;
/* "MEMBER=POLICY", as the interrupted run has it. */
int migrate_policy_read(const struct migration *m, struct text_list *merge,
			struct err *err) must_check;
/* The id of the map that the interrupted run copied. */
int migrate_policy_map(const struct migration *m, uint32_t *ret,
		       struct err *err) must_check;
/* -EBUSY: what was copied from another map says nothing about this one. */
int migrate_policy_check_map(const struct migration *m, struct err *err) must_check;
/* -EBUSY: of decided, the first nr are of that run, and what follows disagrees with them. */
int migrate_policy_check(const struct migration *m, const struct text_list *decided,
			 size_t nr, struct err *err) must_check;

/* --- migrate_replace.c --- */

/* Puts the new programs in place of the old ones, each a step of the journal. */
int migrate_replace(struct migration *m, struct err *err) must_check;
/* The filter that is there; ret needs nl_filter_release(). */
int migrate_filter_get(struct migration *m, const struct graph_attachment *at,
		       struct nl_filter *ret, struct err *err) must_check;

/* --- migrate_copy.c --- */

/* Every element into the new map and the shadow; counts. -ENOSPC: some do not fit. */
int migrate_copy(struct migration *m, struct err *err) must_check;

/* --- migrate_element.c --- */

/* -EOPNOTSUPP in words: it is not one of those that hold data. */
int migrate_check_type(const struct migration *m, struct err *err) must_check;
bool migrate_is_array(uint32_t type);
bool migrate_is_lru(uint32_t type);
bool migrate_is_zero(const char *bytes, size_t n);
/* Key and all values of one element. */
void migrate_convert(const struct migration *m, const void *old_key,
		     const void *old_value, void *new_key, void *new_value);
/* A map of maps: value holds an id. -errno, -EEXIST and -E2BIG among them. */
int migrate_store_inner(const struct migration *m, const void *key, uint32_t id,
			uint64_t flags) must_check;

/* --- migrate_lru.c --- */

/* To copy on one CPU alone, where the new map forgets. */
void migrate_lru_stay(const struct migration *m, struct cpu_stay *stay);
/*
 * What came first is what is forgotten first: where all fits, a look there finds what was, as a
 * rule, and stores it once more. Whether it found all of it a count tells.
 */
int migrate_lru_store_first(struct migration *m, struct err *err) must_check;
/* What was forgotten as it was copied is stored once more; counts what has no room. */
int migrate_lru_settle(struct migration *m, struct err *err) must_check;
/*
 * Once everything is brought over: what of it is not there, and what nobody can know. left: how
 * many elements left the old map since they were copied.
 */
int migrate_lru_count(struct migration *m, uint64_t left, struct err *err) must_check;

/* --- migrate_sweep.c --- */

/* What of the old map changed since it was copied. Nothing is counted twice if repeated. */
int migrate_sweep(struct migration *m, struct err *err) must_check;

/* --- migrate_merge.c --- */

struct migrate_merge;

/* Nobody but user space writes to the new map: elements are stored as they are. */
bool migrate_is_direct(const struct migration *m);
/* Would the kernel take the programs that it needs? */
int migrate_merge_try(struct migration *m, struct err *err) must_check;
/* slots: values of an element. */
struct migrate_merge *migrate_merge_new(struct migration *m, struct err *err);
void migrate_merge_freep(struct migrate_merge **merge);
/*
 * One element that changed, in that row: what it is now; NULL: it was deleted. It is done by
 * the next flush at the latest.
 */
int migrate_merge_add(struct migrate_merge *merge, uint64_t row, const void *key,
		      const void *now, struct err *err) must_check;
int migrate_merge_flush(struct migrate_merge *merge, struct err *err) must_check;

/* --- migrate_aside.c --- */

/* Names, and what an interrupted run left. */
int migrate_aside_open(struct migration *m, struct err *err) must_check;
/* Under the lock: takes back what a run left that had not replaced a program. */
int migrate_aside_recover(struct migration *m, struct err *err) must_check;
/* From here on the next run finishes. */
int migrate_aside_mark(struct migration *m, struct err *err) must_check;
/* The pin becomes the new map's. */
int migrate_aside_swap(struct migration *m, struct err *err) must_check;
/* What is left beside it goes: nothing needs it any more. */
void migrate_aside_clean(const struct migration *m);

#endif
