/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which of many texts are there: each is asked for in about the same time, however many. */
#ifndef BASE_TEXT_SET_H
#define BASE_TEXT_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct text_set {
	const char **slots; /* owned, the texts are borrowed; NULL: free */
	size_t nr, size;    /* texts; slots, a power of two */
};

#define auto_text_set auto_release(text_set_release) struct text_set

/* Keeps the pointer. One that is there already stays. */
void text_set_add(struct text_set *set, const char *text);
bool text_set_has(const struct text_set *set, const char *text);
void text_set_release(struct text_set *set);

#endif
