/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A json-c tree as text: compact, or in one of the two `-p` layouts that people's scripts
 * and eyes know. Pure: no output but out.
 *
 *	compact        {"a":1,"l":[1,2],"o":[{"b":2}]}
 *
 *	bpftool -p     {                        tc -p -j       {
 *	                   "a": 1,                                 "a": 1,
 *	                   "l": [1,2                               "l": [ 1,2 ],
 *	                   ],                                      "o": [ {
 *	                   "o": [{                                         "b": 2
 *	                           "b": 2                              } ]
 *	                       }                               }
 *	                   ]
 *	               }
 */
#ifndef VIEW_JSON_OUT_H
#define VIEW_JSON_OUT_H

#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

struct json_object;

/* One line; as bpftool breaks lines, or as tc does. */
enum json_layout { JSON_COMPACT, JSON_BPFTOOL, JSON_TC };

/* Appends root (NULL: "null") and a newline. root stays the caller's. */
void json_out(struct strbuf *out, struct json_object *root, enum json_layout layout);

/*
 * A string that makes valid JSON: bytes that are no UTF-8 (a path may hold any) become
 * U+FFFD. NULL gives NULL, json-c's null.
 */
struct json_object *json_out_string(const char *text);

/* Lists, for callers that compose trees of a view's. What is added belongs to the list.
 */
struct json_object *json_out_list(void);
void json_out_list_add(struct json_object *list, struct json_object *item);
/* Borrowed; NULL: the list is empty. */
struct json_object *json_out_list_first(struct json_object *list);

/* Adds them to object, in their order. */
void json_out_facts(struct json_object *object, const struct facts *facts);

/*
 * How a refusal looks to somebody who asked for JSON: {"error":TEXT}, and for our own
 * commands {"error":TEXT,"errno":N,"kind":KIND,...} with the facts of a conflict.
 */
void json_out_error(struct strbuf *out, const struct err *err, enum json_layout layout);

/* Drops the caller's reference where the scope ends. */
#define auto_json auto_release(json_out_put) struct json_object
void json_out_put(struct json_object **root);

#endif
