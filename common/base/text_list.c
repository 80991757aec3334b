/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text_list.h"

void text_list_add(struct text_list *list, const char *text)
{
	array_grow(list->items, list->nr);
	list->items[list->nr] = xstrdup(text);
	list->nr++; /* now: running out of memory unwinds from the line above */
}

void text_list_release(struct text_list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct text_list)TEXT_LIST_INIT;
}
