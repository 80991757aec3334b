/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/mountinfo.h"

enum { FIELD_ROOT = 3, FIELD_PATH = 4 };

char *mountinfo_decode(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		unsigned int value = 0, n = 0;

		if (*from == '\\')
			for (n = 1; n < 4 && from[n] >= '0' && from[n] <= '7'; n++)
				value = value * 8 + (unsigned int)(from[n] - '0');
		*to = n == 4 ? (char)value : *from;
		from += n == 4 ? 4 : 1;
	}
	*to = '\0';
	return text;
}

/* ID PARENT MAJOR:MINOR ROOT PATH OPTIONS [TAG]... - TYPE SOURCE OPTIONS */
static bool mountinfo_parse_line(char *line, struct mountinfo *ret)
{
	char *type = strstr(line, " - "), *rest = line;

	if (!type)
		return false;
	*type = '\0';
	type += strlen(" - ");
	for (int i = 0; rest && i <= FIELD_PATH; i++) {
		char *field = strsep(&rest, " ");

		if (i == FIELD_ROOT)
			ret->root = mountinfo_decode(field);
		if (i == FIELD_PATH)
			ret->path = mountinfo_decode(field);
	}
	ret->type = strsep(&type, " ");
	return ret->root && ret->path;
}

int mountinfo_each(const char *list, int (*fn)(const struct mountinfo *m, void *ctx),
		   void *ctx)
{
	auto_file FILE *f = fopen(list, "re");
	auto_free char *line = NULL;
	size_t cap = 0;

	if (!f)
		return -errno;
	while (getline(&line, &cap, f) > 0) {
		struct mountinfo m = {.root = NULL};
		int r = mountinfo_parse_line(line, &m) ? fn(&m, ctx) : 0;

		if (r != 0)
			return r;
	}
	return ferror(f) ? (errno ? -errno : -EIO) : 0;
}

int mountinfo_watch(void)
{
	int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}
