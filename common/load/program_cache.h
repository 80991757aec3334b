/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Programs that later commands of the same process may share: the load-once rule. One
 * that asks for the same bytes, section, program and maps gets the program that an
 * earlier one loaded, if a second load would have no state of its own: none of its maps
 * is private (frozen data sections aside), every pin it found or made is still that map,
 * and every slot it filled in a prog array still holds what it put there.
 *
 * An entry holds one file descriptor, and entries are few: descriptors do not grow with
 * the lines of a batch.
 */
#ifndef LOAD_PROGRAM_CACHE_H
#define LOAD_PROGRAM_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

struct constants;
struct map_overrides;
struct nl_filter;
struct object;
struct object_program;
struct program_cache;

/* Empty, the caller's to free. */
struct program_cache *program_cache_new(void);
void program_cache_free(struct program_cache *cache);

/* What a command asks for; all borrowed. */
struct program_want {
	const char *path;
	const char *section, *program; /* NULL: not said */
	uint32_t prog_type;
	const struct map_overrides *maps;
	const struct constants *constants;
};

/* What must be equal for two commands to share: words, and the file itself. */
struct program_key {
	struct strbuf text; /* owned */
	size_t file_at;     /* where the bytes of the file begin */
};

/* Reads the file; false: it cannot be read, which the load will say. */
bool program_cache_key(struct program_key *key, const struct program_want *want);

/* fd and section are the cache's. */
struct program_cached {
	int fd;
	uint32_t id;
	const char *section;
};

/* false: nothing to share. */
bool program_cache_find(struct program_cache *cache, const struct program_key *key,
			struct program_cached *ret);

/* Remembers a loaded program, if it may be shared. */
void program_cache_add(struct program_cache *cache, const struct program_key *key,
		       struct object *obj, const struct object_program *prog);

/*
 * Where a filter with a program of this cache was made (interface or block, parent, chain),
 * and whether one was. Programs that are not in the cache are passed over; of them the
 * answer is false.
 */
void program_cache_put(struct program_cache *cache, uint32_t id,
		       const struct nl_filter *place);
bool program_cache_was_put(const struct program_cache *cache, uint32_t id,
			   const struct nl_filter *place);

/* What was loaded did not last. Of a program that is not here nothing. */
void program_cache_forget(struct program_cache *cache, uint32_t id);
/* Other commands may have changed what programs share: forget all. */
void program_cache_clear(struct program_cache *cache);

#endif
