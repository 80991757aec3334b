/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <string.h>

#include "base/shell_word.h"

void shell_word_add(struct strbuf *out, const char *word)
{
	const char *end = word;

	while (isalnum((unsigned char)*end) || (*end && strchr("_-+=.,:/@%", *end)))
		end++;
	if (*word && !*end) {
		sb_add(out, word);
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
