/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>

#include "base/line_in.h"

int line_in_read(FILE *file, struct strbuf *line)
{
	char piece[4096];
	size_t n = 0;
	int c = EOF;

	sb_clear(line);
	errno = 0;
	do {
		c = getc_unlocked(file);
		if (c != EOF)
			piece[n++] = (char)c;
		if (n && (n == sizeof(piece) || c == '\n' || c == EOF)) {
			sb_add_mem(line, piece, n);
			n = 0;
		}
		if (line->len > LINE_IN_MAX)
			return -EFBIG;
	} while (c != EOF && c != '\n');
	if (ferror(file))
		return errno ? -errno : -EIO;
	return line->len > 0;
}
