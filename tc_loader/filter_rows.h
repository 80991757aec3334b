/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Filters as the kernel tells them, in a dump, an answer or an event, on their way to the
 * printer: what tc shows of a program is asked of the program itself.
 */
#ifndef TC_LOADER_FILTER_ROWS_H
#define TC_LOADER_FILTER_ROWS_H

#include <stdbool.h>
#include <stddef.h>

struct nl_filter;
struct nlmsghdr;
struct print_filter_row;
struct tc;

struct filter_rows {
	struct print_filter_row *rows; /* owned */
	size_t nr;
	size_t nr_unread; /* programs that could not be asked */
	int unread;       /* why, of the first: -errno */
	/* Whose socket, once it is open, is asked for names of interfaces; NULL: "ifN". */
	const struct tc *tc;
};

/* Adds one message's filter; ctx is a filter_rows. For nl_sock_request() and _dump(). */
int filter_rows_take(const struct nlmsghdr *nlh, void *ctx);
/* The same with what an event has besides: the interface, what happened. */
int filter_rows_take_event(const struct nlmsghdr *nlh, void *ctx);
/* What was just made, as if its event had come; takes what f owns. */
void filter_rows_add_new(void *ctx, struct nl_filter *f, bool replaced);
/* What tc shows of the program whose id is in the row, which becomes one of l. */
void filter_rows_look(struct filter_rows *l, struct print_filter_row *row);
/* Warns if a program could not be asked: what is not shown is said. */
void filter_rows_remark(const struct filter_rows *l);
/* Forgets the rows, for a dump that starts again. */
void filter_rows_clear(void *ctx);
void filter_rows_release(struct filter_rows *l);

#endif
