/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What should be, as one file says it: objects, the maps that matter, places at tc's hooks
 * and at cgroups. A plain value, complete and checked in itself by its reader
 * (load/apply_yaml.h); nothing here has looked at the machine. What the file left out has
 * its default, so zero and NULL mean what they say here.
 *
 * Every node knows where it stands, for errors that only show later:
 *
 *	err_say(err, -ENOENT, "interfaces: ...");
	return apply_conf_context(err, conf, tc->at);       "acct.yaml:12:5: interfaces: ..."
 */
#ifndef LOAD_APPLY_CONF_H
#define LOAD_APPLY_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct attach_type;

/* Line and column, both from 1; line 0: the file does not say it, a default. */
struct apply_at {
	unsigned int line, column;
};

/* A text; NULL: not said. Owned, without control bytes, never empty. */
struct apply_word {
	char *text;
	struct apply_at at;
};

struct apply_words {
	struct apply_word *items; /* owned */
	size_t nr;
	struct apply_at at;
};

/* constants: { quota: 1000000 }: value is read with the variable's type at load. */
struct apply_constant {
	struct apply_word name, value;
};

struct apply_object {
	struct apply_word key;            /* what tc and cgroups entries call it */
	struct apply_word file;           /* absolute */
	struct apply_constant *constants; /* owned */
	size_t nr_constants;
};

enum apply_pin {
	APPLY_PIN_DEFAULT, /* where placement puts it: shared makes that ROOT/NAME */
	APPLY_PIN_NONE,    /* private; never together with shared */
	APPLY_PIN_PATH,    /* pin_path, absolute */
};

/* What becomes of a map that exists with another definition. */
enum apply_change {
	APPLY_CHANGE_REFUSE,
	APPLY_CHANGE_FRESH, /* a new one takes the pin; its elements are lost, and it is said */
	APPLY_CHANGE_MIGRATE, /* a new one takes the pin, with all that is in it */
};

/* A map of any of the objects: of all that define the name. */
struct apply_map {
	struct apply_word name;
	bool shared; /* all programs at the file's places hold one id: the postcondition */
	enum apply_pin pin;
	struct apply_word pin_path;
	uint32_t max_entries; /* 0: as the object says */
	enum apply_change on_change;
	struct apply_at on_change_at;
};

/* One entry of tc: a program at one hook of the interfaces that fit. */
struct apply_tc {
	struct apply_at at;
	size_t object; /* in conf->objects */
	struct apply_at object_at;
	struct apply_word program, section; /* as select_for_tc() */
	struct apply_words interfaces; /* names and patterns (fnmatch); at least one */
	struct apply_words
		netns;       /* names and patterns of /run/netns; nr 0: the caller's */
	uint32_t parent;     /* NL_PARENT_INGRESS, NL_PARENT_EGRESS */
	uint16_t preference; /* 0: chosen once, then of the record */
	uint32_t handle;     /* 0: the same */
	uint16_t protocol;   /* host order; ETH_P_ALL unless said */
	uint32_t chain;      /* 0 is the kernel's own default */
	bool direct_action;  /* yes unless said */
	bool clsact;         /* make a missing one; yes unless said */
	bool tcx;            /* a list in place of clsact: none of the five above */
	bool optional; /* an interface without a match is no pending one, and not said */
	bool adopt;    /* a filter without record there: ours from now on */
};

enum apply_mode { APPLY_MULTI, APPLY_OVERRIDE, APPLY_EXCLUSIVE, APPLY_LINK };

enum apply_cgroup_place {
	APPLY_CGROUPS, /* paths and patterns; relative ones below the cgroup2 root */
	APPLY_UNITS,   /* names of systemd's units, patterns too */
	APPLY_EACH,    /* one path: every cgroup directly below it */
};

/* One entry of cgroups. */
struct apply_cgroup {
	struct apply_at at;
	size_t object; /* in conf->objects */
	struct apply_at object_at;
	const struct attach_type *type; /* def/attach_types.h */
	enum apply_cgroup_place place;
	struct apply_words where; /* at least one; exactly one for APPLY_EACH */
	enum apply_mode mode;
	struct apply_word program, section; /* as select_for_type() */
	bool adopt;
	uint32_t limit; /* most cgroups a pattern may name; 4096 unless said */
};

struct apply_conf {
	char *file; /* as messages call it */
	struct apply_word name;
	struct apply_object *objects;
	size_t nr_objects;
	struct apply_map *maps;
	size_t nr_maps;
	struct apply_tc *tc;
	size_t nr_tc;
	struct apply_cgroup *cgroups;
	size_t nr_cgroups;
};

#define APPLY_CONF_INIT      \
	{                    \
		.file = NULL \
	}
#define auto_apply_conf auto_release(apply_conf_release) struct apply_conf

/* Frees what it owns; the struct is empty afterwards. */
void apply_conf_release(struct apply_conf *conf);

/* One file each, in the order of their reading; no two have one name. */
struct apply_confs {
	struct apply_conf *items; /* owned */
	size_t nr;
};

#define auto_apply_confs auto_release(apply_confs_release) struct apply_confs
void apply_confs_release(struct apply_confs *all);

/* "refuse", "fresh"; "multi" ...; the words of the file, for plans and JSON. */
const char *apply_change_word(enum apply_change change);
const char *apply_mode_word(enum apply_mode mode);

/*
 * Puts "FILE:LINE:COLUMN: " in front of an error about what stands at at. Returns
 * err->code.
 */
int apply_conf_context(struct err *err, const struct apply_conf *conf,
		       struct apply_at at);

#endif
