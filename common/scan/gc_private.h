/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For the gc*.c files only. */
#ifndef SCAN_GC_PRIVATE_H
#define SCAN_GC_PRIVATE_H

#include <linux/limits.h>

#include "kernel/pin_at.h"
#include "scan/gc.h"

/* Where pins may be removed, without links. */
struct gc_places {
	char mnt[PATH_MAX];
	char root[PATH_MAX]; /* --pin-root; "": none was named */
};

/* -ENOENT: no bpffs is there, or no directory of --pin-root. */
int gc_find_places(struct gc_places *ret, const struct gc_opts *opts,
		   struct err *err) must_check;

/* As idle_place_of(), --pin-root included. */
enum idle_place gc_place_of(const struct gc_places *places, const char *path,
			    uint32_t *program);

/*
 * Rows for the pins below MNT/tc/WHERE (NULL: everything in all places), used or not, mark
 * not filled. Pinned links are left out: each is an attachment, or gc_add_dead_links()'s.
 */
void gc_collect(struct idle_pins *ret, const struct gc_places *places, const char *where);

/* Walks the map, so only where somebody is going to read the number. */
void gc_count_entries(struct idle_pin *pin);

/* Rows for the pins, anywhere in our mount namespace, of links that are severed. */
void gc_add_dead_links(struct idle_pins *ret, const struct gc_places *places,
		       const struct graph *g);

struct gc_ask {
	bool each; /* each row alone: pins of the other rows count */
	/*
	 * Programs that this process detached a moment ago: what it has open does not
	 * count, and what is kept for them explains them. NULL: none.
	 */
	const uint32_t *detached;
	size_t nr_detached;
};

/*
 * Fills the marks of all rows; kept ones are used also while their program is. A program
 * that was detached is still there for a moment: it is waited for. On success *g, empty
 * before, needs graph_release().
 */
int gc_judge(struct idle_pins *pins, struct graph *g, const struct gc_ask *ask,
	     struct err *err) must_check;

/* What holds maps beside programs, slots, pins and open files. */
struct gc_ties {
	struct usage_tie *items; /* owned */
	size_t nr;
};

/* For the maps among pins; what could not be seen is added to g->hidden. */
void gc_ties_find(struct gc_ties *ret, const struct idle_pins *pins, struct graph *g);
void gc_ties_release(struct gc_ties *t);
#define auto_gc_ties auto_release(gc_ties_release) struct gc_ties

/*
 * "its users cannot be determined, not seen: WHAT": -EPERM with what g hides, 0 when it hides
 * nothing, the open files of processes left out if they are to be ignored.
 */
int gc_check_hidden(const struct graph *g, bool ignore_open, struct err *err) must_check;

/* One pin of a removal. */
struct gc_aside_pin {
	const char *path; /* borrowed */
	int dir;          /* O_PATH, owned: where it is, by name */
	char name[NAME_MAX + 1];
	struct pin_mark mark; /* what was judged */
	bool aside;
	struct pin_aside at; /* if aside */
};

struct gc_aside {
	struct gc_aside_pin *pins; /* owned */
	size_t nr;
};

/* Remembers what is at path now; path outlives a. */
int gc_aside_add(struct gc_aside *a, const char *path, struct err *err) must_check;
/* All of them, or -errno: then the caller puts back. -EBUSY: one is another pin by now. */
int gc_aside_set(struct gc_aside *a, struct err *err) must_check;
void gc_aside_put_back(struct gc_aside *a);
int gc_aside_remove(struct gc_aside *a, struct err *err) must_check;
void gc_aside_release(struct gc_aside *a);
#define auto_gc_aside auto_release(gc_aside_release) struct gc_aside
/* Puts back what a killed process set aside in this directory. */
void gc_aside_recover(const char *dir);
/*
 * The name that a path in a directory of pins set aside had before; the caller's; NULL: it is
 * none, or in use by another pin.
 */
char *gc_aside_name(const char *path);

/* Does a process have one of these maps open, or has a program come with it since g? */
bool gc_is_taken(const struct idle_pins *rows, const struct graph *g, uint32_t *map,
		 struct strbuf *words);

/* Removes MNT/tc/SHA1, or MNT/tc/keep/PROGRAM and MNT/tc/keep, where empty. */
void gc_remove_dir(const char *mnt, const struct idle_pin *pin);

/* No program has this id any more. */
bool gc_is_gone(uint32_t program);

/* For auto_txn. */

#endif
