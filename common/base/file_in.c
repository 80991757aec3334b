/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <unistd.h>

#include "base/file_in.h"
#include "base/strbuf.h"

int file_in_read(int fd, size_t max, char **ret, size_t *size)
{
	auto_strbuf text = STRBUF_INIT;
	char chunk[16384];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		if ((size_t)n > max - text.len)
			return -EFBIG;
		sb_add_mem(&text, chunk, (size_t)n);
	}
	if (n < 0)
		return -errno;
	*size = text.len;
	*ret = sb_take(&text);
	return 0;
}
