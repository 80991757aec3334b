/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Results and events as tc words them, text or JSON, byte for byte as tc 6.1 prints them (blanks at
 * line ends included), but for control bytes in names (base/utf8.h). Pure: rows and options in,
 * text out.
 */
#ifndef TC_LOADER_PRINT_H
#define TC_LOADER_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "netlink/nl_filter.h"
#include "netlink/nl_qdisc.h"

struct tc;
struct json_object;

/* What a notification says has happened; rows of lists have none. */
enum print_event { EVENT_NONE, EVENT_ADDED, EVENT_REPLACED, EVENT_DELETED };
/* From the message: is it one of removal, and its nlmsg_flags. */
enum print_event print_event(bool removal, unsigned int nlmsg_flags);
/* "added", "replaced", "deleted"; NULL for none. */
const char *print_event_word(enum print_event event);

/* What the command line selected is not repeated in the rows. */
struct print_qdisc_row {
	struct nl_qdisc q;
	const char *dev; /* NULL: not printed */
	enum print_event event;
};

/* A list or, in monitor, one event, as tc writes it. */
void print_qdiscs(const struct tc *tc, const struct print_qdisc_row *rows, size_t nr,
		  struct strbuf *out);

/* The program of a filter as the kernel knows it now. */
struct print_prog {
	bool known; /* false: gone, or not ours to look at */
	char name[16];
	uint8_t tag[8];
	bool jited;
	uint64_t load_time;
	uint32_t uid, btf_id;
};

struct print_filter_row {
	struct nl_filter f; /* owned */
	struct print_prog prog;
	enum print_event event;
	char dev[NL_KIND_MAX]; /* "": not printed */
	/* Kind tcx or netkit: it runs as the order-th of so many, from 1; its link, or 0. */
	uint32_t order, of, link_id;
	const char *hook; /* of netkit; NULL: parent says it */
};

struct print_filter_skip {
	uint32_t block; /* 0: none was named */
	bool parent, pref, protocol, chain;
	uint32_t parent_value;
};

/* A chain that came or went, in tc's words. */
struct print_chain_row {
	enum print_event event;
	const char *dev;
	uint32_t block, parent, chain;
};

/* When an event came, as -t or -ts says; nothing without either. */
struct timeval;
/* Only with -timestamp or -tshort. */
void print_time(const struct tc *tc, const struct timeval *now, struct strbuf *out);
void print_chain(const struct tc *tc, const struct print_chain_row *row,
		 struct strbuf *out);

/* skip is what the line said already, so that it is not repeated. */
void print_filters(const struct tc *tc, const struct print_filter_row *rows, size_t nr,
		   const struct print_filter_skip *skip, struct strbuf *out);

/*
 * What verbose tells of a loaded object, in the blocks of tc's own loader: its maps, its
 * programs, the verifier's log. For stderr.
 */
struct object;
/* What `verbose` tells of a loaded object. */
void print_loaded(struct object *obj, struct strbuf *out);

/* Shared by the two: "1:2", "root", "none"; and one array as tc's -j or -j -p writes it.
 */
enum { PRINT_CLASSID_MAX = 16 };
const char *print_classid(uint32_t id, char buf[static PRINT_CLASSID_MAX]);
void print_rows(const struct tc *tc, struct json_object *array, struct strbuf *out);
/* "dev NAME ", in colour if asked for. */
void print_dev(const struct tc *tc, const char *dev, struct strbuf *out);
/* The end of a text line: a newline, with -o a backslash. */
const char *print_newline(const struct tc *tc);

#endif
