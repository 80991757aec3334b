/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a wanted map and its pin to the one fd everybody shares: open what is pinned and
 * compare it, or create and pin. Order of loaders does not matter, and a lost race is not
 * an error.
 */
#ifndef LOAD_RESOLVER_H
#define LOAD_RESOLVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "kernel/map_fd.h"

struct pin_txn;
struct verdict_scan;
struct mapdef;

/* All borrowed. */
struct resolver_want {
	const struct mapdef *def;
	const struct mapdef *inner;    /* template of an outer map; NULL */
	const char *path;              /* the pin */
	struct map_create_opts create; /* inner_fd is the resolver's to fill */
	bool no_layout_check, strict_names;
	bool require_shared;       /* refuse where layouts cannot be compared */
	struct verdict_scan *scan; /* one for all maps of a load */
	const char *tool, *line;   /* the command as typed, for advice; NULL: not known */
	const char *object;        /* the file of the definition, for the same; NULL */
};

/*
 * Compares what is pinned at path. Returns 1 and the map's id when it fits, 0 when
 * nothing is pinned there, -EEXIST with every difference and both values in err's line,
 * and everything that verdict.h has to say in err->log. What of a map that fits could not be
 * compared is appended to unchecked, without the map's name.
 */
int resolver_check(const struct resolver_want *want, uint32_t *ret_id,
		   struct strbuf *unchecked, struct err *err) must_check;

/*
 * The fd is the caller's; *created tells whether this call made and pinned the map. The
 * directory of path is locked by txn, yet stock loaders do not ask: hence the loop.
 */
int resolver_get(struct pin_txn *txn, const struct resolver_want *want, int *ret_fd,
		 bool *created, struct err *err) must_check;

/*
 * A map the user chose (map name X id N): type, key_size and value_size must agree, and
 * for an outer map the template as far as a filled slot shows it (inner; NULL for others):
 * else -EEXIST. Other differences are a warning, so that a larger map of one's own stays
 * usable.
 */
int resolver_check_given(const struct mapdef *def, const struct mapdef *inner, int fd,
			 const char *what, struct err *err) must_check;

#endif
