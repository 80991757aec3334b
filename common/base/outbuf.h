/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bulk output: formatters write straight into a buffer, full buffers go out by write(2).
 * For results of millions of rows; anything smaller is better off with strbuf or stdio.
 *
 *	char *p = outbuf_room(o, 24);
 *	o->at = digits_u64(p, value);
 *
 * A failed write is remembered and everything after it is dropped, so formatters need
 * no checks; whoever produces the rows looks at error now and then to stop early.
 */
#ifndef BASE_OUTBUF_H
#define BASE_OUTBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

enum {
	OUTBUF_ROOM = 256, /* the most outbuf_room() may be asked for */
	OUTBUF_STEP = 16,  /* see outbuf_padded() */
};

struct outbuf {
	char *at;     /* where the next byte goes */
	char *limit;  /* behind this there are OUTBUF_ROOM more bytes */
	char *bytes;  /* owned */
	FILE *file;   /* borrowed; whatever stdio holds of it goes out first */
	int error;    /* -errno of the first write that failed */
	bool written; /* something has left already; it cannot be taken back */
};

#define auto_outbuf auto_release(outbuf_release) struct outbuf

/* Until the release nobody else may write to file. */
void outbuf_init(struct outbuf *o, FILE *file);

/* Empties the buffer into the file; returns the error there is by now. */
int outbuf_flush(struct outbuf *o);

/* Frees the buffer; what was not flushed is lost. */
void outbuf_release(struct outbuf *o);

/* Room for n bytes (at most OUTBUF_ROOM) at o->at; the caller moves o->at. */
static inline char *outbuf_room(struct outbuf *o, size_t n)
{
	if (n > (size_t)(o->limit + OUTBUF_ROOM - o->at))
		outbuf_flush(o);
	return o->at;
}

/* Any length. */
void outbuf_add(struct outbuf *o, const char *text, size_t n);
void outbuf_puts(struct outbuf *o, const char *text);

/*
 * As outbuf_add(), for fixed texts in a hot loop: they are copied in whole steps, which
 * is cheaper than a memcpy() of unknown length. OUTBUF_STEP - 1 bytes behind text are
 * read, so there must be that many.
 */
static inline void outbuf_padded(struct outbuf *o, const char *text, size_t n)
{
	char *to;

	if (n > OUTBUF_ROOM - OUTBUF_STEP) {
		outbuf_add(o, text, n);
		return;
	}
	to = outbuf_room(o, n + OUTBUF_STEP);
	for (size_t done = 0; done < n; done += OUTBUF_STEP)
		memcpy(to + done, text + done, OUTBUF_STEP);
	o->at = to + n;
}

/* One byte. */
static inline void outbuf_char(struct outbuf *o, char c)
{
	*outbuf_room(o, 1) = c;
	o->at++;
}

#endif
