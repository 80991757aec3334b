/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Does libbpf open these bytes? Asked in a child, which may crash instead of answering. */
#ifndef LOAD_OBJECT_IMAGE_H
#define LOAD_OBJECT_IMAGE_H

#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"

/*
 * 0, or -EINVAL with libbpf's reason, or the signal that ended it; also where a call leads to
 * no function, which libbpf finds out only when it loads. Members of maps that it does not
 * know are passed over. Nothing is loaded.
 */
int object_image_check(const void *image, size_t size, struct err *err) must_check;

/* The same child, but its opinion does not matter: -EINVAL only if libbpf crashes. */
int object_image_survives(const void *image, size_t size, struct err *err) must_check;

/*
 * What fn(ctx) does in that child, which computes, answers, and can do nothing else: what it
 * appends to out is appended to ret, its failure is ours. size is that of what it works on. The
 * bytes may be anything: whoever reads them is out of danger only if he does not trust them.
 */
typedef int (*object_image_fn)(void *ctx, struct strbuf *out, struct err *err);
int object_image_ask(object_image_fn fn, void *ctx, size_t size, struct strbuf *ret,
		     struct err *err) must_check;

#endif
