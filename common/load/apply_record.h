/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What applying a name has made, and is ours therefore: programs with their identity, and the
 * places where they were attached. One file for each name and network namespace,
 *
 *	/run/mapshare/NAME@NETNS.json		NETNS: the namespace's inode
 *
 * and it is believed only where the kernel agrees: an attachment is ours if a program of that
 * id, load time and tag still stands there.
 *
 * A record of another boot says nothing about programs: they are gone; what was chosen
 * (preference, handle) is chosen again. One that was made beside another BPF file system
 * (another mount namespace, or one that was unmounted since) is refused, since its pins are
 * not the ones that would be seen. One that cannot be read is refused with its path.
 */
#ifndef LOAD_APPLY_RECORD_H
#define LOAD_APPLY_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "load/apply_conf.h"

enum { APPLY_TAG_LEN = 8 };

/* A loaded program: ids are used again, so the id alone says nothing. */
struct apply_identity {
	uint32_t id; /* 0: none */
	uint64_t load_time;
	uint8_t tag[APPLY_TAG_LEN];
};

struct apply_loaded_program {
	char *function;
	uint32_t type; /* enum bpf_prog_type */
	struct apply_identity is;
};

struct apply_loaded_map {
	char *name;
	char *pin; /* NULL: private */
	uint32_t id;
};

/* One slot of a prog array, filled by the load. */
struct apply_loaded_slot {
	uint32_t map_id, key, prog_id;
};

/* One load of an object: what its file and its settings were, and what became of it. */
struct apply_load {
	char *object;   /* the key in the file */
	char *sha1;     /* of the object file */
	char *settings; /* whatever else decided what was loaded, in one text */
	struct apply_loaded_program *programs;
	size_t nr_programs;
	struct apply_loaded_map *maps;
	size_t nr_maps;
	struct apply_loaded_slot *slots;
	size_t nr_slots;
};

/* One attachment. */
struct apply_made {
	char *object, *function;
	struct apply_identity is;
	bool is_tc;

	/* Of tc's: */
	char *netns; /* its name then; "": the caller's */
	uint64_t netns_ino;
	char *dev;
	int ifindex;
	uint32_t parent, chain, handle;
	uint16_t pref, protocol;
	bool direct_action;
	bool tcx; /* in the list of tcx, which has none of chain to protocol */

	/* Of cgroups: */
	char *cgroup;
	uint64_t cgroup_id;
	uint32_t attach_type;
	enum apply_mode mode;
	char *pin; /* of the link; NULL: none */

	bool claimed; /* not stored: something that is wanted stands for it */
	bool held;    /* nor this: it could not be looked at, and stays in the record */
};

struct apply_record {
	char *name;
	char *boot;     /* /proc/sys/kernel/random/boot_id */
	uint64_t netns; /* inode of the network namespace */
	uint64_t bpffs; /* device of the BPF file system; 0: there was none */
	struct apply_load *loads;
	size_t nr_loads;
	struct apply_made *made;
	size_t nr_made;
	bool other_boot; /* not stored: of the made only what was chosen counts */
};

#define APPLY_RECORD_INIT    \
	{                    \
		.name = NULL \
	}
#define auto_apply_record auto_release(apply_record_release) struct apply_record
void apply_record_release(struct apply_record *record);
void apply_load_release(struct apply_load *load);
void apply_made_release(struct apply_made *made);
/* Do two name one place, whatever runs there? */
bool apply_made_same_place(const struct apply_made *a, const struct apply_made *b);

/* Deep copies, appended; the result is the record's until the next one is. */
struct apply_load *apply_record_add_load(struct apply_record *to,
					 const struct apply_load *load);
struct apply_made *apply_record_add_made(struct apply_record *to,
					 const struct apply_made *made);

bool apply_identity_same(const struct apply_identity *a, const struct apply_identity *b);

/* --- as JSON: apply_record_json.c, apply_record_read.c --- */

void apply_record_write(const struct apply_record *record, struct strbuf *out);
/* -EBADMSG in words: what is wrong with it; anything may be in text. */
int apply_record_parse(struct apply_record *ret, const char *text, size_t size,
		       struct err *err) must_check;

#endif
