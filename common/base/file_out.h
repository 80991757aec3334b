/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The only writer of output files. Whoever reads PATH meanwhile finds the old file or the
 * new one, never a part; a failure, a full disk or a kill leaves the old one.
 *
 * - A regular file, or none yet: written without a name in the same directory, synced and
 *   renamed. An existing file's mode and owner are kept, and it must be writable; other
 *   hard links to it keep the old content. A new one has 0666 less the umask.
 * - A symbolic link is followed and stays; one that leads nowhere is refused, as by cp.
 * - Anything else, and /dev/stdout and its like whatever is behind them: written to
 *   directly, as the shell's ">>" would.
 *
 *	auto_file_out out = FILE_OUT_INIT;
 *	r = file_out_open(&out, path, err);
 *	if (r == 0)
 *		r = file_out_write(&out, bytes, size, err);
 *	return r == 0 ? file_out_commit(&out, err) : r;
 */
#ifndef BASE_FILE_OUT_H
#define BASE_FILE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

struct file_out {
	char *path;    /* as it was given; owned, as everything here */
	FILE *file;    /* where to write, until the commit */
	bool direct;   /* neither a name nor a directory */
	int dir;       /* of the file behind all links */
	char *name;    /* its name there */
	char *aside;   /* the name on the way to it */
	bool is_named; /* aside exists */
	bool is_ready; /* prepared, and nothing was written since */
};

#define FILE_OUT_INIT     \
	{                 \
		.dir = -1 \
	}
#define auto_file_out auto_release(file_out_release) struct file_out

/* Names left beside PATH by killed writers go, unless a living one has them. */
int file_out_open(struct file_out *ret, const char *path, struct err *err) must_check;
int file_out_write(struct file_out *out, const void *bytes, size_t size,
		   struct err *err) must_check;
/*
 * Everything written, also to out->file, is on the disk, without a name; the commit only gives it
 * one. For who has something to say before PATH is another file. What is direct is written out.
 */
int file_out_prepare(struct file_out *out, struct err *err) must_check;
/* Everything written, also to out->file, is in PATH when this returns 0. */
int file_out_commit(struct file_out *out, struct err *err) must_check;
/* What was not committed is dropped. */
void file_out_release(struct file_out *out);

/* Removes what writers of path that were killed left beside it; opening it does, too. */
void file_out_tidy(const char *path);

/* The three in one. */
int file_out_put(const char *path, const void *bytes, size_t size,
		 struct err *err) must_check;

#endif
