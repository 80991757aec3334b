/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The dumps of several maps in one answer, each below its title as bpftool has it:
 *
 *	27: hash  name stats  flags 0x0      [{"id":27,"type":"hash","name":"stats",
 *	Found 0 elements                       "flags":0,"elements":[]},{"id":28, …}]
 *
 *	28: hash  name stats  flags 0x0
 *	…
 */
#ifndef VIEW_MAP_LIST_H
#define VIEW_MAP_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outbuf.h"
#include "view/btf_form.h"
#include "view/map_view.h"

enum { MAP_LIST_DEPTH = 3 }; /* brackets open around a row below such a title */

/* listed: the rows are in brackets (map_rows_listed()); index counts the maps from 0. */
void map_list_title(const struct map_row *row, size_t index, enum btf_form form,
		    bool listed, struct outbuf *out);
void map_list_title_end(bool last, enum btf_form form, bool listed, struct outbuf *out);

#endif
