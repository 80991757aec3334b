/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/dir_in.h"
#include "kernel/caller_ns.h"
#include "kernel/pin_at.h"
#include "kernel/pin_taken.h"

void pin_taken_release(struct pin_taken *p)
{
	text_set_release(&p->set);
	text_list_release(&p->names);
	free(p->dir);
	*p = (struct pin_taken){.dir = NULL};
}

/* 1 with all names, 0 if some may be missing. */
static int pin_taken_read(struct pin_taken *p, DIR *dir)
{
	const struct dirent *entry;
	int r;

	while ((entry = dir_in_next(dir, &r))) {
		/* It may hold any name of this directory. */
		if (strncmp(entry->d_name, PIN_ASIDE_PREFIX, strlen(PIN_ASIDE_PREFIX)) ==
		    0)
			return 0;
		text_list_add(&p->names, entry->d_name);
	}
	for (size_t i = 0; i < p->names.nr; i++)
		text_set_add(&p->set, p->names.items[i]);
	return r == 0;
}

static void pin_taken_enter(struct pin_taken *p, const char *path, size_t n)
{
	char real[PATH_MAX];
	auto_dir DIR *dir = NULL;

	pin_taken_release(p);
	p->dir = xstrndup(path, n);
	dir = opendir(caller_ns_path(n ? p->dir : "/", real));
	p->known = dir ? pin_taken_read(p, dir) : errno == ENOENT;
}

bool pin_taken_may_have(struct pin_taken *p, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (!slash)
		return true;
	if (!p->dir || strncmp(p->dir, path, n) != 0 || p->dir[n])
		pin_taken_enter(p, path, n);
	return !p->known || text_set_has(&p->set, slash + 1);
}
