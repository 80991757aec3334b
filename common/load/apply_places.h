/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The names and patterns of a file as the places that the machine has for them now.
 *
 * A word without *, ? and [ is a name and nothing else; in a pattern '*' does not cross '/', a
 * backslash is a character (systemd's \x2d), and a name that is spelled like the pattern fits
 * too. What nothing fits is pending. Only looks.
 */
#ifndef LOAD_APPLY_PLACES_H
#define LOAD_APPLY_PLACES_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "load/apply_conf.h"

struct apply_record;
struct apply_want;
struct nl_sock;

enum apply_qdisc { APPLY_QDISC_NONE, APPLY_QDISC_CLSACT, APPLY_QDISC_INGRESS };

/* A filter, or the place where the plan is going to put one. */
struct apply_filter {
	uint32_t chain, handle;
	uint16_t pref, protocol;
	bool is_bpf, direct_action;
	bool has_classid, has_actions, is_skipping; /* in software, or in hardware */
	uint32_t prog_id;
	char kind[IFNAMSIZ];
	bool planned; /* an entry of the file has it: it is there, or will be */
	const struct apply_want *want; /* of that entry */
	bool open;                     /* which left preference or handle to us */
	bool ours;                     /* the record has it, and it is unchanged */
};

/* What is at a hook; apply_state.h reads it. */
struct apply_hook {
	bool read;
	struct apply_filter *items; /* owned */
	size_t nr;
};

struct apply_dev {
	int ifindex;
	char name[IFNAMSIZ];
	enum apply_qdisc qdisc;
	bool qdisc_planned;
	bool assumed; /* qdisc is not what the kernel said, but most likely */
	struct apply_hook hooks[2]; /* ingress, egress */
};

/* A network namespace that was looked into. */
struct apply_ns {
	char *name; /* "": the caller's; owned, as all of it */
	bool owns_fd;
	int fd; /* of one without a name here, which name leads through */
	uint64_t ino;
	struct nl_sock *sock; /* opened in there, and used from anywhere */
	bool borrowed;        /* the socket is somebody else's */
	struct apply_dev *devs;
	size_t nr_devs;
};

/* One place of one entry. */
struct apply_place {
	bool is_tc;
	size_t entry;   /* in conf->tc or conf->cgroups */
	size_t ns, dev; /* of tc's: in places->ns, and its devs */
	char *cgroup;   /* of cgroups: absolute; owned */
	uint64_t cgroup_id;
	/* That cgroup, if it is open: who has many of them at once opens each when it is needed. */
	bool is_open, owns_fd;
	int fd;
};

/* A word of an entry that nothing fits, or that cannot be used, which why says then. */
struct apply_pending {
	bool is_tc;
	size_t entry;
	const struct apply_word *word; /* the conf's */
	const char *what; /* "interface", "network namespace", "cgroup", "unit" */
	char *netns;      /* where an interface was looked for; "": the caller's; owned */
	char *why;        /* refused; NULL: pending; owned */
};

struct apply_places {
	struct apply_ns *ns; /* owned; the caller's is the first, if tc was asked for */
	size_t nr_ns;
	struct apply_place *items; /* owned; in the order of the file, tc first */
	size_t nr;
	struct apply_pending *pending; /* owned */
	size_t nr_pending;
	/* A cgroup that could not be looked at, and may be any: -errno, and where (owned). */
	int unseen;
	char *unseen_at;
};

#define APPLY_PLACES_INIT  \
	{                  \
		.ns = NULL \
	}
#define auto_apply_places auto_release(apply_places_release) struct apply_places
void apply_places_release(struct apply_places *places);

/*
 * was: what earlier runs made, which no limit turns into places that nobody wants. each: a cgroup
 * that cannot be looked at is passed over, and no error: ret->unseen.
 */
int apply_places_find(struct apply_places *ret, const struct apply_conf *conf,
		      const struct apply_record *was, bool each,
		      struct err *err) must_check;

/*
 * The namespace of that inode, found by the name that it had ("": the caller's) or by whoever
 * keeps it, and looked into. -ENOENT: it is gone; err says what may be true instead, if anything.
 */
int apply_places_ns(struct apply_places *places, const char *name, uint64_t ino,
		    size_t *ret, struct err *err) must_check;

/* --- apply_place.c: below the files that find places --- */

/* Is it a pattern, or a name and nothing else? */
bool apply_word_is_pattern(const char *word);
/* Does the word name it? As for interfaces: no part of a path. */
bool apply_word_fits(const char *word, const char *name);

void apply_places_add(struct apply_places *places, const struct apply_place *place);
void apply_places_add_pending(struct apply_places *places,
			      const struct apply_pending *pending);

/* --- apply_places_cgroup.c --- */

int apply_places_cgroups(struct apply_places *places, const struct apply_conf *conf,
			 const struct apply_record *was, bool each,
			 struct err *err) must_check;

#endif
