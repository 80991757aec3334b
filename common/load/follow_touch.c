/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is to be looked at, and what is tried again later. */
#include <stdlib.h>

#include "base/alloc.h"
#include "load/follow_private.h"

enum { TOUCHED_MAX = 65536 }; /* beyond that everything is looked at */

void follow_touches_drop(struct follow_touch **list, size_t *nr)
{
	for (size_t i = 0; i < *nr; i++)
		free((*list)[i].name);
	free(*list);
	*list = NULL;
	*nr = 0;
}

void follow_touch(struct follow *f, enum follow_touch_kind kind, uint64_t netns,
		  uint64_t id, const char *name)
{
	if (f->nr_touched >= TOUCHED_MAX) {
		f->look_nets = f->look_dirs = f->flooded = true;
		return;
	}
	array_grow(f->touched, f->nr_touched);
	f->touched[f->nr_touched] =
		(struct follow_touch){.kind = kind, .netns = netns, .id = id};
	f->nr_touched++;
	if (name)
		f->touched[f->nr_touched - 1].name = xstrdup(name);
}

/* later: after a while, which grows. Takes what is in touch. */
void follow_again(struct follow *f, struct follow_touch *touch, bool later)
{
	struct follow_touch again = *touch;

	*touch = (struct follow_touch){.kind = FOLLOW_SWEEP};
	if (again.kind == FOLLOW_SWEEP || (f->nr_touched + f->nr_owed >= TOUCHED_MAX)) {
		free(again.name);
		return;
	}
	if (again.kind == FOLLOW_DEV && later && !again.name)
		again.name = xstrdup("look");
	if (again.kind == FOLLOW_CGROUP)
		follow_dir_forget(f, (int)again.id, again.name);
	if (later) {
		array_grow(f->owed, f->nr_owed);
		f->owed[f->nr_owed++] = again;
	} else {
		array_grow(f->touched, f->nr_touched);
		f->touched[f->nr_touched++] = again;
	}
}
