/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is at a place already, before a program goes there, so that a start script can run
 * twice: nothing, the same program, another build of it, a link that lost its cgroup.
 * Only looks; attach_cgroup.h acts on what was found.
 */
#ifndef LOAD_ATTACH_AGAIN_H
#define LOAD_ATTACH_AGAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct attach_type;
struct cgroup_links;
struct object;

enum again_kind {
	AGAIN_ATTACH, /* nothing of it is there */
	AGAIN_SAME,   /* nothing to do */
	AGAIN_SWAP,   /* another program, and 'replace' was said: takes its place */
	AGAIN_REVIVE, /* the pin holds a link whose cgroup is gone */
};

/* What is to be attached; all borrowed. */
struct again_want {
	const struct attach_type *type;
	struct object
		*obj; /* loaded; NULL: only the program of the same id is the same */
	int prog_fd;
	uint32_t flags; /* the mode */
	bool replace;
	struct cgroup_links *links; /* read when first needed */
};

struct again {
	enum again_kind kind;
	uint32_t prog_id;  /* what is there; 0: nothing */
	uint32_t link_id;  /* of a pinned link that is there */
	uint64_t revision; /* of the list that was looked at; 0: not known */
};

/*
 * A direct entry. -EEXIST in words: another program of the same function name, without
 * 'replace', or several. Where what is there cannot be read, a list that others may share
 * is refused with the reason.
 */
int again_look(const struct again_want *want, int cgroup_fd, const char *path,
	       struct again *ret, struct err *err) must_check;

/* The pin of a link; -EEXIST in words: it is something else, or of another place. */
int again_look_link(const struct again_want *want, int cgroup_fd, const char *pin,
		    struct again *ret, struct err *err) must_check;

/* Could the link at pin serve this cgroup: it does, it is dead, nothing is there, it cannot. */
enum again_pin { AGAIN_PIN_HERE, AGAIN_PIN_DEAD, AGAIN_PIN_NONE, AGAIN_PIN_TAKEN };
/* Which of them, or -errno where that cannot be told. */
int again_probe_pin(const struct again_want *want, int cgroup_fd, const char *pin,
		    struct err *err) must_check;

#endif
