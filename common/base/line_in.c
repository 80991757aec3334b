/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/line_in.h"

enum { PIECE = 512 };

/*
 * How much fgets() wrote to what held newlines alone, which it does not say, and a NUL need not be
 * the end. Behind a newline that was read is its NUL; in front of one that was there before is it.
 */
static size_t line_in_piece(const char piece[static PIECE], bool *whole)
{
	const char *newline = memchr(piece, '\n', PIECE);
	size_t at = newline ? (size_t)(newline - piece) : PIECE;

	*whole = at + 1 < PIECE && piece[at + 1] == '\0';
	return *whole ? at + 1 : at - 1;
}

int line_in_read(FILE *file, struct strbuf *line)
{
	char piece[PIECE];
	bool whole = false;

	sb_clear(line);
	errno = 0;
	while (!whole && !feof_unlocked(file)) {
		memset(piece, '\n', sizeof(piece));
		if (!fgets_unlocked(piece, sizeof(piece), file))
			break;
		sb_add_mem(line, piece, line_in_piece(piece, &whole));
		if (line->len > LINE_IN_MAX)
			return -EFBIG;
	}
	if (ferror_unlocked(file))
		return errno ? -errno : -EIO;
	return line->len > 0;
}
