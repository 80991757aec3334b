/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pins in tc's tree that nobody uses any more: where they may lie, and the rows of
 * `share gc`.
 *
 *	MNT/tc/globals/...            IDLE_GLOBALS
 *	MNT/tc/SHA1/...               IDLE_OBJECT, SHA1 in 40 hex digits
 *	MNT/tc/keep/PROGRAM/NAME      IDLE_KEEP, PROGRAM a decimal id
 */
#ifndef GRAPH_IDLE_PINS_H
#define GRAPH_IDLE_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/usage.h"

enum idle_place {
	IDLE_NOWHERE,
	IDLE_GLOBALS,
	IDLE_OBJECT,
	IDLE_KEEP,
	IDLE_ROOT, /* below --pin-root; not known to idle_place_of() */
};

/*
 * Which of these directories path lies in; IDLE_NOWHERE for anything else, also for the
 * directories MNT/tc, MNT/tc/globals and MNT/tc/keep themselves. mnt and path are
 * canonical: no links, no "..", no slashes at the end. *program (may be NULL) is set for
 * IDLE_KEEP.
 */
enum idle_place idle_place_of(const char *mnt, const char *path, uint32_t *program);

/* Is name that of a directory in MNT/tc/keep? Then *ret is its program. */
bool idle_pins_program(const char *name, uint32_t *ret);

enum idle_kind {
	IDLE_MAP,
	IDLE_PROGRAM,
	IDLE_EMPTY, /* a directory of IDLE_KEEP with no pin in it */
	IDLE_LINK,  /* a severed link, in any place */
};

struct idle_pin {
	char *path; /* owned, as all strings here */
	enum idle_place place;
	enum idle_kind kind;
	uint32_t id; /* of the map or program */
	char *name;  /* the kernel's; NULL: none */
	uint32_t type, flags;
	uint32_t program; /* IDLE_KEEP: whose */
	uint64_t age;     /* seconds since it was pinned */
	uint64_t bytes;   /* memory the map or program occupies; 0: not known */
	uint32_t max_entries;
	bool counted;
	uint64_t entries;       /* elements in it now, where counted */
	struct usage_mark mark; /* USAGE_NONE, or what makes a removal wait */
};

struct idle_pins {
	struct idle_pin *items; /* owned */
	size_t nr;
	char **hidden; /* owned; what could not be seen, a sentence each */
	size_t nr_hidden;
};

/* A new row; its strings are the list's. */
struct idle_pin *idle_pins_add(struct idle_pins *pins, const struct idle_pin *pin);
/* A row with strings of its own. */
void idle_pins_copy(struct idle_pins *pins, const struct idle_pin *pin);
void idle_pins_hide(struct idle_pins *pins, const char *what);
/* Is path below dir, both canonical? */
bool idle_pins_below(const char *path, const char *dir);
/* By path. */
void idle_pins_sort(struct idle_pins *pins);
void idle_pins_release(struct idle_pins *pins);
#define auto_idle_pins auto_release(idle_pins_release) struct idle_pins

#endif
