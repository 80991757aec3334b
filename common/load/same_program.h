/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Is the program that is attached there the one this object would attach? The object is
 * loaded once more and the two programs are compared as the kernel holds them, so that a
 * start script can run twice. Tag and name are not enough: the tag leaves out the maps, and
 * constants live in maps.
 *
 * The same are: type, function name, attach target in the kernel, instructions after the
 * verifier, and each map they refer to:
 *	pinned or given maps	by id
 *	.rodata and its like	by content (read-only to programs, one element)
 *	prog arrays		by the programs in their slots, compared likewise
 *	outer maps		by definition and the inner maps that the object puts there
 *	other private maps	by definition; one that is pinned by now is no private map
 * Nothing in the kernel is changed. What may not be read makes the answer unknown, never
 * "the same" and never "another one".
 */
#ifndef LOAD_SAME_PROGRAM_H
#define LOAD_SAME_PROGRAM_H

#include <stdint.h>

#include "base/strbuf.h"

struct object;

enum same_answer {
	SAME_NO,
	SAME_YES,
	SAME_UNKNOWN,
};

/*
 * ours is the fd of a program of obj, after object_load(). why is appended to unless the
 * answer is SAME_YES: what differs ("map 'stats' is id 12 there, id 15 here"), or what
 * could not be read.
 */
enum same_answer same_program(struct object *obj, int ours, int theirs,
			      struct strbuf *why) must_check;
/* The same for a program that is known by id: SAME_UNKNOWN where it may not be opened. */
enum same_answer same_program_id(struct object *obj, int ours, uint32_t theirs,
				 struct strbuf *why) must_check;

/* Of a program that was not read: SAME_UNKNOWN, and why, with what right is missing. */
enum same_answer same_program_unread(uint32_t id, int code, struct strbuf *why);

/*
 * Type and whole function name agree: the program that a newer build of the object would
 * replace. -errno: it cannot be told.
 */
int same_function(int ours, int theirs) must_check;

#endif
