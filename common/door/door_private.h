/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What stands behind the opaque types of mapshare.h, for the door_*.c files only. Every public
 * function that works packs its arguments and goes through door_run(): there is no other way
 * for an error, a message or a lack of memory to leave the library.
 */
#ifndef DOOR_DOOR_PRIVATE_H
#define DOOR_DOOR_PRIVATE_H

#include <stdbool.h>

#include "base/err.h"
#include "load/object.h"
#include "load/session.h"
#include "mapshare.h"

struct mapshare_apply;

struct mapshare {
	char *bpffs, *pin_root;
	void (*message)(void *data, enum mapshare_level level, const char *line);
	void *data;
	unsigned int flags;
	struct err err; /* of the last call */
	struct mapshare_object *objects;
	struct mapshare_check *checks;
	struct mapshare_apply *applies;
};

/* Both are read by object_*(), which borrows opts. */
struct mapshare_object {
	struct mapshare *ms;
	struct mapshare_object *next;
	char *path;
	struct share_opts opts; /* overrides and what they point at are owned */
	struct object *obj;     /* for looking; each session opens its own */
	struct mapshare_session *sessions;
};

struct mapshare_session {
	struct mapshare_object *owner;
	struct mapshare_session *next;
	struct session *session;      /* load/session.h, which does all of it */
	struct object_program *first; /* selected */
	bool tried, loaded, committed;
};

/*
 * fn(call, err) with the context's scopes; err is the context's. Returns what fn does, and
 * -ENOMEM where memory ran out.
 */
int door_run(struct mapshare *ms, int (*fn)(void *call, struct err *err), void *call);
/* For undoing: no scope attribute is left open, a failure is a message. */
void door_run_quietly(struct mapshare *ms, int (*fn)(void *call, struct err *err),
		      void *call);

/*
 * Are these the caller's options as this library knows them? ret (known bytes) becomes a whole
 * one: what the caller's size does not reach is zero. opts NULL: all zero.
 */
int door_opts(void *ret, size_t known, const void *opts, const char *what,
	      struct err *err) must_check;
/* Writes what the caller's size has room for; -EINVAL: not even the size. */
int door_fill(void *ret, const void *info, size_t known, struct err *err) must_check;

/* The loaded program of that name, the first one for NULL; -ENOENT, -EINVAL: not loaded. */
int door_program(struct mapshare_session *s, const char *name,
		 struct object_program **ret, struct err *err) must_check;

/* The same for an attachment, which is one only between load and commit. */
int door_attaching(struct mapshare_session *s, const char *name,
		   struct object_program **ret, struct err *err) must_check;

void door_object_close(struct mapshare_object *obj);

#endif
