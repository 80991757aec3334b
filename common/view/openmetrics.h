/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pieces of the OpenMetrics text format, in the subset that node_exporter's textfile
 * collector reads too:
 *
 *	# TYPE bpf_map_entries gauge
 *	# HELP bpf_map_entries Elements in the map.
 *	bpf_map_entries{map="stats",type="hash"} 3
 *	# EOF
 */
#ifndef VIEW_OPENMETRICS_H
#define VIEW_OPENMETRICS_H

#include <stdbool.h>

#include "base/strbuf.h"

/*
 * PREFIX_PART_PART from texts of any bytes: what a metric's name may not have becomes
 * '_'. Brackets with what is in them go to index, "2" or "2,1" ("at[2].y[1]": at_y).
 */
void openmetrics_name(const char *prefix, const char *map, const char *field,
		      struct strbuf *name, struct strbuf *index);

/* The lines in front of a metric's samples. */
void openmetrics_family(const char *name, const char *help, struct strbuf *out);

/* A label, with the bracket or comma in front; text of any bytes. */
void openmetrics_label(const char *name, const char *text, bool first,
		       struct strbuf *out);

#endif
