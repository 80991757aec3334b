/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a map is pinned: scope, mount point and names in, path out. Text only: nothing is
 * opened, made or mounted here.
 */
#ifndef DEF_PIN_PATH_H
#define DEF_PIN_PATH_H

#include <stddef.h>

#include "base/err.h"
#include "def/pin_names.h"

struct mapdef;

enum { OBJECT_HASH_LEN = 40 }; /* hex digits of a SHA-1 */

struct pin_path_opts {
	const char *mnt;         /* bpffs mount point, no slash at the end */
	const char *pin_root;    /* --pin-root; NULL: MNT/tc/globals; never "none" */
	const char *object_hash; /* OBJECT_HASH_LEN hex digits, for PIN_SCOPE_OBJECT */
	const struct pin_names *names; /* for PIN_SCOPE_CUSTOM; may be NULL */
};

/*
 * The same path without doubled slashes, "." steps and slashes at its end, in place: paths of
 * pins are compared as text. ".." stays, it may lead over a link.
 */
void pin_path_tidy(char *path);

/*
 * Writes the path for def's scope; PIN_SCOPE_NONE is the caller's mistake (-EINVAL).
 *   OBJECT  MNT/tc/HASH/NAME      GLOBAL  MNT/tc/globals/NAME
 *   CUSTOM  MNT/SUBPATH/NAME      NAME    ROOT/NAME
 * -ENAMETOOLONG rather than a cut path; -ENOENT for an id that the database lacks, naming
 * the id and the files that were read; -EINVAL for a sub path with "..", and for a name
 * with a dot, which bpffs refuses (EPERM).
 */
int pin_path(char *ret, size_t cap, const struct mapdef *def,
	     const struct pin_path_opts *opts, struct err *err) must_check;
/*
 * ROOT/NAME for a root given by the caller (pinmaps DIR, bpf_map_def). Dots in NAME
 * become '_' as in bpftool, where pinmaps also takes "obj.rodata".
 */
int pin_path_in(char *ret, size_t cap, const char *root, const char *name,
		struct err *err) must_check;

/* SHA-1 of the file's bytes as given, in lower-case hex: the same as sha1sum(1). */
void object_hash(char ret[OBJECT_HASH_LEN + 1], const void *bytes, size_t size);

#endif
