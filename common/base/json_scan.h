/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * JSON as a flat list of what is in it: for files of ours that are too large to be made a
 * tree of. Nothing is copied, so the text has to outlive the list.
 *
 * An object's items are its keys and values in turn, each value followed by all that is in
 * it. Strings may hold bytes that are no UTF-8; that a number is one is for whoever reads it.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

enum json_scan_kind {
	JSON_SCAN_OBJECT,
	JSON_SCAN_ARRAY,
	JSON_SCAN_TEXT,
	JSON_SCAN_NUMBER,
	JSON_SCAN_WORD, /* true, false, null */
};

struct json_scan_item {
	const char *at; /* of a string: behind its quote */
	size_t size;    /* likewise: without quotes */
	size_t end;     /* index of what follows all that is in it */
	enum json_scan_kind kind;
	bool escaped; /* a string with a backslash in it */
};

struct json_scan {
	struct json_scan_item *items; /* owned; the first is the whole */
	size_t nr;
};

#define JSON_SCAN_INIT        \
	{                     \
		.items = NULL \
	}
#define auto_json_scan auto_release(json_scan_release) struct json_scan
void json_scan_release(struct json_scan *scan);

/* -EBADMSG in words; deeper than depth is one. text need not end with a NUL. */
int json_scan_init(struct json_scan *ret, const char *text, size_t size,
		   unsigned int depth, struct err *err) must_check;

/*
 * The value with that key in the object at index, or 0: there is none. Members are looked for
 * from *next on, and around, so that those which come as expected cost one look each; *next, 0 at
 * first, is moved on.
 */
size_t json_scan_member(const struct json_scan *scan, size_t object, const char *key,
			size_t *next);

/* Without its escapes; the caller's. NULL: not a string, or one with a NUL in it. */
char *json_scan_text(const struct json_scan_item *item);
/* false: not a whole number from 0 to most. */
bool json_scan_number(const struct json_scan_item *item, uint64_t most, uint64_t *ret);
/* Is it that word? */
bool json_scan_is(const struct json_scan_item *item, const char *word);

#endif
