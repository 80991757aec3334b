/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Events of a perf event array as bpftool prints them:
 *
 *	== @5378.787666838 CPU: 1 index: 1 =====
 *	30 31 32 33 34 35 36 37  38 39 00 00
 *
 *	[{"type":9,"cpu":0,"index":0,"timestamp":5379594670025,"data":[48,49]}, …]
 */
#ifndef VIEW_EVENT_VIEW_H
#define VIEW_EVENT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view/btf_form.h"

struct event_row {
	uint32_t type;
	int cpu, index;
	uint64_t time;             /* nanoseconds */
	const unsigned char *data; /* NULL: lost events */
	size_t size;
	uint64_t lost, lost_id; /* how many, by which perf event's count */
};

/* first: no comma in front. BTF_TEXT is bpftool's plain text. */
void event_view(const struct event_row *row, enum btf_form form, bool first,
		struct strbuf *out);
/* "]" behind nr rows, in JSON. */
void event_view_end(enum btf_form form, bool any, struct strbuf *out);

#endif
