/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "load/object_file.h"

enum { OBJECT_SIZE_MAX = 64 << 20 };

/* Who may write it chooses what we read; root and we ourselves do anyway. */
static bool object_file_is_foreign(const struct stat *st)
{
	return (st->st_uid != 0 && st->st_uid != geteuid()) ||
	       st->st_mode & (S_IWGRP | S_IWOTH);
}

int object_file_read(const char *path, void **ret, size_t *size, bool *foreign,
		     struct err *err)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	auto_free char *bytes = NULL;
	struct stat st;
	size_t have = 0;

	if (fd < 0) {
		err_set(err, -errno, "open");
		return err_hint_path(err, path);
	}
	if (fstat(fd, &st) < 0)
		return err_set(err, -errno, "stat");
	if (!S_ISREG(st.st_mode))
		return err_say(err, -EINVAL,
			       S_ISDIR(st.st_mode) ? "a directory; name the file in it"
						   : "not a regular file");
	if (st.st_size == 0)
		return err_say(err, -EINVAL, "the file is empty; build the object again");
	if (st.st_size > OBJECT_SIZE_MAX)
		return err_say(err, -EFBIG,
			       "%lld bytes; objects over %d bytes are refused",
			       (long long)st.st_size, OBJECT_SIZE_MAX);
	bytes = xcalloc(1, (size_t)st.st_size);
	while (have < (size_t)st.st_size) {
		ssize_t n = read(fd, bytes + have, (size_t)st.st_size - have);

		if (n < 0)
			return err_set(err, -errno, "read");
		if (n == 0)
			break;
		have += (size_t)n;
	}
	*ret = take_ptr(bytes);
	*size = have;
	*foreign = object_file_is_foreign(&st);
	return 0;
}
