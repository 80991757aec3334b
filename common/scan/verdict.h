/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Everything there is to say about a pinned map that does not fit an object: every field side
 * by side, both layouts with the first differing member marked, who uses the old map and since
 * when, and the ways out as commands. The same text from object show and from a load.
 */
#ifndef SCAN_VERDICT_H
#define SCAN_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/facts.h"
#include "base/strbuf.h"
#include "graph/graph.h"

struct mapdef;

/* The running kernel as all verdicts of one load see it: read once, by the first. */
struct verdict_scan {
	struct graph g; /* owned, as failed is */
	bool asked;
	char *failed; /* why it could not be read; NULL: it was */
};

void verdict_scan_release(struct verdict_scan *scan);

/* All borrowed. */
struct verdict {
	const struct mapdef *pinned, *wanted;
	const char *path;          /* the pin */
	uint32_t id;               /* of the pinned map */
	const char *tool, *line;   /* the load as typed; NULL: no load */
	const char *object;        /* the file with the wanted definition; NULL: none */
	bool layout_only;          /* --no-layout-check would let it pass */
	bool names_only;           /* it would pass without --strict-names */
	const char *inner, *names; /* how inner maps and members' names differ; "" */
	struct verdict_scan *scan; /* who uses the pinned map */
};

/* Adds lines to out. Looks at the kernel only to name users; what it may not see it says. */
void verdict_explain(const struct verdict *v, struct strbuf *out);

/*
 * The same for a program; path and scan may be NULL. "map", "pin", "id"; "differs": "field"
 * with "pinned" and "wanted", or with "difference" in words; "users": "program", "name",
 * "type" and "place", one for each attachment and without place where none was found;
 * "unseen": "why".
 */
void verdict_facts(const struct verdict *v, struct facts *out);

#endif
