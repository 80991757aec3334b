/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "load/value_writes.h"

void value_writes_release(struct value_writes *w)
{
	free(w->items);
	free(w->doubt);
	*w = (struct value_writes){.nr = 0};
}

void value_writes_add(struct value_writes *w, const struct value_write *write)
{
	for (size_t i = 0; i < w->nr; i++)
		if (memcmp(&w->items[i], write, sizeof(*write)) == 0)
			return;
	array_grow(w->items, w->nr);
	w->items[w->nr++] = *write;
}

/* Does the write touch [offset, offset + size), and is it of that very number? */
static bool write_touches(const struct value_write *at, uint64_t offset, uint32_t size,
			  bool *ret_exact)
{
	uint64_t first = at->offset, step = at->step ? at->step : 1, before;

	*ret_exact = false;
	if (first >= offset + size || first + at->span + at->size <= offset)
		return false;
	/* The last place that begins in front of its end. */
	before = (offset + size - 1 - first) / step * step;
	if (before > at->span)
		before = at->span / step * step;
	if (first + before + at->size <= offset)
		return false;
	*ret_exact = first + before == offset && at->size == size &&
		     (!at->span || step >= size);
	return true;
}

bool value_writes_adds(void *writes, uint32_t offset, uint32_t size)
{
	const struct value_writes *w = writes;
	bool adds = false, exact;

	for (size_t i = 0; i < w->nr; i++) {
		if (!write_touches(&w->items[i], offset, size, &exact))
			continue;
		if (w->items[i].sum == VALUE_OVERWRITTEN || !exact)
			return false;
		adds = true;
	}
	return adds && !w->doubt;
}

bool value_writes_plain(void *writes, uint32_t offset, uint32_t size)
{
	const struct value_writes *w = writes;
	bool exact;

	for (size_t i = 0; i < w->nr; i++)
		if (w->items[i].sum == VALUE_PLAIN &&
		    write_touches(&w->items[i], offset, size, &exact))
			return true;
	return false;
}
