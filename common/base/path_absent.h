/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a look at a path failed with, -errno: is nothing there, so that what was made there is gone?
 * Everything else (no descriptor, no memory, no right, a broken disk) did not tell, and may not be
 * taken for that.
 */
#ifndef BASE_PATH_ABSENT_H
#define BASE_PATH_ABSENT_H

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

/*
 * Nobody reaches anything through what is no directory, links that lead round, or a name that is
 * too long. Where links are not followed -ELOOP is a link, which is not what is looked for.
 */
static inline bool path_is_absent(int code)
{
	return code == -ENOENT || code == -ENOTDIR || code == -ELOOP ||
	       code == -ENAMETOOLONG;
}

/* access(2): 1; 0: nothing is there; -errno: nobody knows, or it is not allowed. */
static inline int path_there(const char *path, int mode)
{
	if (access(path, mode) == 0)
		return 1;
	return path_is_absent(-errno) ? 0 : -errno;
}

#endif
