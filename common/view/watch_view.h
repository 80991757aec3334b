/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One look at a map that is being watched:
 *
 *	12:30:05 {ip:1,port:80}  packets 5 (+2.0/s)  bytes 640 (+256.0/s)      a pipe
 *
 *	map 27 stats: hash, 2 of 32 elements, 12:30:05                  a terminal
 *	KEY             packets    /s  bytes     /s
 *	{ip:1,port:80}        5  +2.0    640  +256.0
 *	and 1 elements more; by packets/s; q quits
 *
 *	{"time":"12:30:05","sorted_by":"packets","elements":[{"key":"5","values":{"packets":5},
 *	 "rates":{"packets":2.0}}]}                                     -j
 */
#ifndef VIEW_WATCH_VIEW_H
#define VIEW_WATCH_VIEW_H

#include <stdbool.h>

#include "btf/sample_top.h"
#include "view/key_text.h"

struct json_object;

struct watch_look {
	uint32_t id;
	const char *name, *type, *clock; /* borrowed */
	uint32_t max_entries;
	const struct value_fields *fields;
	struct key_text *keys;
	const struct samples *now, *before; /* before NULL: the first look */
	const struct sample_top *top; /* what is shown of it; NULL: all, as it came */
	const char *by;               /* of top: the field that decides first */
	bool q_quits;                 /* and the screen may say so */
};

/* The first field that is shown, which decides first if none is named; NULL: there is none. */
const char *watch_view_first(const struct value_fields *fields);
/* Is it shown? Pointers are not. */
bool watch_view_shown(const struct value_field *field);

/* One look as lines, each ended with a newline. */
void watch_view_lines(const struct watch_look *look, struct strbuf *out);
/* At most that many lines of that many columns. */
void watch_view_screen(const struct watch_look *look, unsigned int lines,
		       unsigned int columns, struct strbuf *out);
struct json_object *watch_view_json(const struct watch_look *look);

#endif
