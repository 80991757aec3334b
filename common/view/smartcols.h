/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libsmartcols, loaded when the first table or tree is drawn: most commands draw none, and a
 * library more is paid for at every start. Only the functions named here.
 */
#ifndef VIEW_SMARTCOLS_H
#define VIEW_SMARTCOLS_H

#include <libsmartcols/libsmartcols.h>

#define SMARTCOLS_EACH(fn)                                                             \
	fn(new_table) fn(unref_table) fn(table_new_column) fn(table_new_line)          \
		fn(table_enable_colors) fn(table_enable_ascii) fn(table_set_termforce) \
			fn(table_set_termwidth) fn(line_set_data) fn(line_set_color)   \
				fn(print_table_to_string)

struct smartcols {
#define SMARTCOLS_MEMBER(name) __typeof__(&scols_##name) name;
	SMARTCOLS_EACH(SMARTCOLS_MEMBER)
#undef SMARTCOLS_MEMBER
};

/* Never NULL: where it cannot be loaded, that is said and the process ends with status 1. */
const struct smartcols *smartcols(void);

#endif
