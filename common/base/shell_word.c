/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <limits.h>
#include <stdbool.h>

#include "base/shell_word.h"

/* What means itself to a shell, in any locale; NUL does not. */
static const bool shell_word_plain[UCHAR_MAX + 1] = {
	['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['_'] = true,
	['-'] = true,         ['+'] = true,         ['='] = true,         ['.'] = true,
	[','] = true,         [':'] = true,         ['/'] = true,         ['@'] = true,
	['%'] = true,
};

void shell_word_add(struct strbuf *out, const char *word)
{
	const char *end = word;

	while (shell_word_plain[(unsigned char)*end])
		end++;
	if (*word && !*end) {
		sb_add_mem(out, word, (size_t)(end - word));
		return;
	}
	sb_add_char(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			sb_add(out, "'\\''");
		else
			sb_add_char(out, *word);
	}
	sb_add_char(out, '\'');
}
