/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "held_pin.h"
#include "kernel/caller_ns.h"
#include "kernel/prog_fd.h"
#include "run.h"

static bool held_pin_stat(const char *path, struct stat *ret)
{
	char real[PATH_MAX];

	return stat(caller_ns_path(path, real), ret) == 0;
}

/*
 * An inode of bpffs is of one object for as long as it is there, and its number is not given
 * again before 2^32 others were. Whatever changes who may open it is compared too.
 */
static bool held_pin_is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_mode == b->st_mode && a->st_uid == b->st_uid &&
	       a->st_gid == b->st_gid && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

void held_pin_drop(struct held_pin *h)
{
	if (!h || !h->path)
		return;
	cleanup_close(&h->fd);
	free(take_ptr(h->path));
	if (h->going.nr)
		keep_watch_drop(&h->going);
}

void held_pin_end(struct held_pin *h)
{
	held_pin_drop(h);
	if (h->lent && keep_is_used())
		keep_watch_drop(&h->going);
	keep_watch_release(&h->going);
}

static int held_pin_ask(const struct prog_ref *ref, struct held_program *ret,
			struct err *err)
{
	auto_close int fd = -1;
	int r = run_open_program(ref, &fd, err);

	if (r < 0)
		return r;
	r = prog_fd_info(fd, &ret->info);
	if (r < 0)
		return err_set(err, r, "read the program's info");
	ret->owned = true;
	ret->fd = take_fd(&fd);
	return 0;
}

int held_pin_open(struct held_pin *h, const struct prog_ref *ref,
		  struct held_program *ret, struct err *err)
{
	bool may = h && ref->kind == PROG_REF_PINNED;
	struct stat before, after;
	int r;

	may = may && held_pin_stat(ref->what, &before);
	if (may && h->path && strcmp(h->path, ref->what) == 0 &&
	    held_pin_is_same(&before, &h->seen)) {
		*ret = (struct held_program){.fd = h->fd, .info = h->info};
		return 0;
	}
	held_pin_drop(h);
	r = held_pin_ask(ref, ret, err);
	if (r < 0 || !may || !held_pin_stat(ref->what, &after) ||
	    !held_pin_is_same(&before, &after))
		return r;
	h->path = xstrdup(ref->what);
	h->seen = before;
	h->fd = ret->fd;
	h->info = ret->info;
	h->lent = true;
	keep_watch_add(&h->going, h->info.id);
	ret->owned = false;
	return 0;
}
