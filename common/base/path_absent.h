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

/*
 * Nobody reaches anything through what is no directory, links that lead round, or a name that is
 * too long. Where links are not followed -ELOOP is a link, which is not what is looked for.
 */
static inline bool path_is_absent(int code)
{
	return code == -ENOENT || code == -ENOTDIR || code == -ELOOP ||
	       code == -ENAMETOOLONG;
}

#endif
