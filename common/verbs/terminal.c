/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "verbs/terminal.h"

struct graph_view_terminal terminal_of(FILE *out)
{
	struct graph_view_terminal t = {.width = 0};
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size;

	if (!isatty(fileno(out)))
		return t;
	t.width = ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col
									    : 80;
	t.color = !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
	/* libsmartcols measures text by the locale. */
	t.unicode = setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	return t;
}
