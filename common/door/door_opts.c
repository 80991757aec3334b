/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Structs of the caller's, which may be older or newer than ours. */
#include <errno.h>
#include <string.h>

#include "door/door_private.h"

/* Structs of all versions end where a pointer could begin: nothing is cut in two. */
static bool is_struct_size(size_t size)
{
	return size >= sizeof(size) && size % sizeof(size) == 0;
}

int door_opts(void *ret, size_t known, const void *opts, const char *what,
	      struct err *err)
{
	size_t size = known;

	memset(ret, 0, known);
	if (!opts)
		return 0;
	memcpy(&size, opts, sizeof(size));
	if (!is_struct_size(size))
		return err_say(err, -EINVAL, "%s: size is %zu; use MAPSHARE_OPTS()", what,
			       size);
	for (size_t i = known; i < size; i++)
		if (((const char *)opts)[i])
			return err_say(
				err, -EINVAL,
				"%s: has options that this version of the library (%s) does not know",
				what, MAPSHARE_VERSION);
	memcpy(ret, opts, size < known ? size : known);
	return 0;
}

int door_fill(void *ret, const void *info, size_t known, struct err *err)
{
	size_t size;

	memcpy(&size, ret, sizeof(size));
	if (!is_struct_size(size))
		return err_say(err, -EINVAL, "size is %zu; use MAPSHARE_OPTS()", size);
	memset(ret, 0, size);
	memcpy(ret, info, size < known ? size : known);
	memcpy(ret, &size, sizeof(size));
	return 0;
}
