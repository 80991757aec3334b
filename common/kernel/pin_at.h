/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One pin in a directory that is held open: pinned, opened, removed by its name in there,
 * so that nothing that happens to the path meanwhile leads elsewhere. dir may be O_PATH.
 */
#ifndef KERNEL_PIN_AT_H
#define KERNEL_PIN_AT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "kernel/bpf_fd.h"

/*
 * BPF_OBJ_PIN and BPF_OBJ_GET beside dir: with BPF_F_PATH_FD since Linux 6.5, before
 * through /proc/self/fd. -ENOTSUP: neither the one nor the other. -EEXIST of a pin and
 * -EMEDIUMTYPE as in bpf_fd_by_pin().
 */
int pin_at_make(int dir, const char *name, int fd) must_check;
int pin_at_get(int dir, const char *name, enum bpf_fd_kind want) must_check;

/* What was judged: the pin itself, not its name. ino 0: nothing. */
struct pin_mark {
	dev_t dev;
	ino_t ino;
};

/* Of what is at name, which may be a link; -errno. */
int pin_at_mark(int dir, const char *name, struct pin_mark *ret) must_check;

/*
 * Removes name if it is still the pin (or link) of that mark. Between a look and an
 * unlink(2) somebody may have put another pin there, so it is renamed into a directory of
 * our own first, looked at there, and renamed back if it is another's. -ENOENT: nothing is
 * there; -ESTALE: something else is, and is left. A pin of another's that cannot be put
 * back because the name is taken again stays beside it, and a warning says where.
 */
int pin_at_remove(int dir, const char *name, const struct pin_mark *mark) must_check;

/*
 * A remove that was killed in between leaves the pin beside its name, still alive: all such pins
 * in dir go back to their names, where those are free. One that is going on has its directory
 * locked, and is left alone.
 */
void pin_at_recover(int dir);
/* The links of a directory of pins without others in it, as bpffs counts. */
enum { PIN_DIR_EMPTY = 2 };

/*
 * pin_at_remove() in two steps, for a last look between: set aside in MNT/.../PIN_ASIDE_PREFIX our
 * pid and a number, then removed or put back, the very pin with its owner and mode. It needs
 * pin_aside_release() after that. beside: one of ours that is set aside, whose directory it
 * shares if it comes from the same place; NULL: none.
 */
#define PIN_ASIDE_PREFIX "mapshare_removes_"
/* What names of directories begin with in which an apply keeps pins until it is done. */
#define PIN_FRESH_PREFIX "mapshare_fresh_"
/* The same of a migration. */
#define PIN_MIGRATE_PREFIX "mapshare_migrates_"

/* Beside the pin at path is what a migration of its map needs that has not ended: 1, 0; -errno. */
int pin_at_migrates(const char *path);

struct pin_aside {
	int dir, aside; /* owned; -1: none */
	char name[256], aside_name[256];
};

int pin_at_set_aside(int dir, const char *name, const struct pin_mark *mark,
		     const struct pin_aside *beside, struct pin_aside *ret) must_check;
/* In a directory of that name, for who has to find it again. -EEXIST: it is in use. */
int pin_at_set_aside_as(int dir, const char *name, const struct pin_mark *mark,
			const char *aside, struct pin_aside *ret) must_check;
/* -EEXIST: the name is taken again; the pin stays where it is. */
int pin_aside_put_back(const struct pin_aside *a) must_check;
int pin_aside_remove(const struct pin_aside *a) must_check;
/* The directory goes once it is empty. */
void pin_aside_release(struct pin_aside *a);

#endif
