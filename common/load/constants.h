/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a command says about the constants of an object: set NAME=VALUE. Text only; object.h
 * gives them their types and writes them.
 */
#ifndef LOAD_CONSTANTS_H
#define LOAD_CONSTANTS_H

#include <stddef.h>

#include "base/args.h"

struct constant {
	char *name; /* "limit", "cfg.port", "ports[2]"; owned, as is the next */
	char *value;
};

struct constants {
	struct constant *items; /* owned; in the order they are written */
	size_t nr;
};

#define CONSTANTS_USAGE "NAME=VALUE"

/* Copies both. -EINVAL: name is empty, or was added before. */
int constants_add(struct constants *c, const char *name, const char *value,
		  struct err *err) must_check;
/* The same, in the place of an earlier value of that very name; it is written last. */
int constants_put(struct constants *c, const char *name, const char *value,
		  struct err *err) must_check;
/* One word NAME=VALUE, "set" already consumed; fits a row of a grammar. */
int constants_set(struct args *a, void *constants, struct err *err) must_check;
void constants_release(struct constants *c);

#endif
