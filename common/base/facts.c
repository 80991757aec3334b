/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/facts.h"

static struct fact *facts_add(struct facts *f, const char *name)
{
	array_grow(f->items, f->nr);
	f->items[f->nr] = (struct fact){
		.list = f->list, .element = f->list ? f->element : 0, .name = name};
	return &f->items[f->nr++];
}

void facts_text(struct facts *f, const char *name, const char *text)
{
	struct fact *added = facts_add(f, name);

	added->text = xstrdup(text);
}

void facts_number(struct facts *f, const char *name, uint64_t number)
{
	facts_add(f, name)->number = number;
}

void facts_list(struct facts *f, const char *name)
{
	f->list = name;
	f->element = 0;
	facts_add(f, name);
}

void facts_next(struct facts *f)
{
	f->element++;
}

void facts_end(struct facts *f)
{
	f->list = NULL;
}

void facts_copy(struct facts *dst, const struct facts *src)
{
	facts_release(dst);
	for (size_t i = 0; i < src->nr; i++) {
		const struct fact *from = &src->items[i];
		struct fact *to = facts_add(dst, from->name);

		to->list = from->list;
		to->element = from->element;
		to->number = from->number;
		to->text = from->text ? xstrdup(from->text) : NULL;
	}
}

void facts_release(struct facts *f)
{
	for (size_t i = 0; i < f->nr; i++)
		free(f->items[i].text);
	free(f->items);
	*f = (struct facts){.nr = 0};
}
