/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A key as one short word for labels and tables, such that it can be typed again behind
 * "key": 5, {ip:16777226,port:80}, BUSY; without BTF "hex 09 00 00 00".
 */
#ifndef VIEW_KEY_TEXT_H
#define VIEW_KEY_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

struct btf;
struct readable_names;
struct key_text;

/* btf NULL or type_id 0: bytes. btf is not needed afterwards; the caller's to free. */
struct key_text *key_text_new(const struct btf *btf, uint32_t type_id, size_t size);
/*
 * The same with values as people write them, which can be typed too. names NULL: as above;
 * else it outlives the text.
 */
struct key_text *key_text_new_readable(const struct btf *btf, uint32_t type_id,
				       size_t size, const struct readable_names *names);
void key_text_freep(struct key_text **text); /* for auto_release() */

/* Valid until the next call. */
const char *key_text_get(struct key_text *text, const void *key);

#endif
