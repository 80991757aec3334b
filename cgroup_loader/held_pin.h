/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The program behind the pin that the last line of a batch named, kept open for the next:
 * lines that name the same pin ask once. Nothing is taken for granted: the pin is looked at
 * each time, and what another command put there is opened anew.
 *
 * A program that is open is in use, so whatever judges that lets go of it before.
 */
#ifndef CGROUP_LOADER_HELD_PIN_H
#define CGROUP_LOADER_HELD_PIN_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"
#include "load/keep_watch.h"

struct prog_ref;

struct held_pin {
	char *path; /* owned; NULL: nothing is held */
	int fd;     /* owned */
	struct bpf_prog_info info;
	struct stat seen;
	struct keep_watch going; /* what was held, where arrays are kept for it */
	bool lent;               /* something ever was */
};

/* One program, open. */
struct held_program {
	int fd;
	bool owned; /* the caller closes it; false: held, for as long as the next line */
	struct bpf_prog_info info; /* as it was opened; without arrays */
};

/*
 * The one program that ref names. It is held if h is given, ref is a pin, and nobody changed
 * that pin meanwhile.
 */
int held_pin_open(struct held_pin *h, const struct prog_ref *ref,
		  struct held_program *ret, struct err *err) must_check;

/*
 * Closes what is held, if anything, and drops what load/keep.h kept for it, if nobody else
 * uses it. h is NULL or can be used again.
 */
void held_pin_drop(struct held_pin *h);
/* Behind the last line: that, and what is kept for programs that are gone. */
void held_pin_end(struct held_pin *h);

#endif
