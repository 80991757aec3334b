/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way to a pin. Whoever may rename in a directory of pins decides which map a loader
 * gets, so paths are walked by descriptors, one step at a time: below the root of a bpffs
 * every directory must belong to root or to us and be writable by nobody else, and links,
 * wherever they are, must belong to root or to us. The root itself may be sticky and open
 * to all (the kernel's default, mode 1777): there nobody can rename what is not theirs.
 *
 * What is refused has the code PIN_DIR_REFUSED and its owner, mode and the way out in err.
 * Any other failure is -errno, and err is untouched.
 */
#ifndef KERNEL_PIN_DIR_H
#define KERNEL_PIN_DIR_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>

#include "base/err.h"
#include "kernel/bpf_fd.h"

/* No call on the way fails with this one, so it tells a refusal of ours. */
enum { PIN_DIR_REFUSED = -EKEYREJECTED };

/* An O_PATH descriptor of dir, the caller's. */
int pin_dir_open(const char *dir, struct err *err) must_check;

/* Is told of each directory that is missing, outermost first. */
struct pin_dir_watch {
	/* It is about to be made; what remembering it takes is allocated here. */
	void (*before)(const char *path, void *ctx);
	/* It was, as name in dir. Allocates nothing: it would be forgotten (base/alloc.h). */
	void (*made)(int dir, const char *name, void *ctx);
	void *ctx;
};

/* The same, and what is missing is made (mode 0700). */
int pin_dir_make(const char *dir, const struct pin_dir_watch *watch,
		 struct err *err) must_check;

/* May something be pinned as path? Walks as far as there is something: 0. */
int pin_dir_check(const char *path, struct err *err) must_check;

/* The directory that path names a pin in, whatever is at path; name: its last step. */
int pin_dir_parent(const char *path, char ret_name[NAME_MAX + 1],
		   struct err *err) must_check;

/*
 * As bpf_fd_by_pin(), and nobody but root or us can have put the pin there, nor the links
 * that lead to it.
 */
int pin_dir_get(const char *path, enum bpf_fd_kind want, struct err *err) must_check;

/* What killed removes left beside path, back to it: pin_at_recover(). False: there is nothing. */
bool pin_dir_recover(const char *path);

#endif
