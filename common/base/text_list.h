/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Texts in the order they were added: names of a directory, paths. */
#ifndef BASE_TEXT_LIST_H
#define BASE_TEXT_LIST_H

#include <stddef.h>

#include "base/cleanup.h"

struct text_list {
	char **items; /* owned, each of them too */
	size_t nr;
};

#define TEXT_LIST_INIT         \
	{                      \
		.items = NULL, \
	}
#define auto_text_list auto_release(text_list_release) struct text_list

/* Copies text. */
void text_list_add(struct text_list *list, const char *text);
void text_list_release(struct text_list *list);

#endif
