/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "def/pin_names.h"

/* 0 none, 1 object, 2 global: bpf_elf_map.pinning gives them a meaning of their own. */
enum { PIN_ID_FIRST_CUSTOM = 3 };

static const char blanks[] = " \t\r\v\f";

static void pin_names_remember(struct pin_names *names, uint32_t id, const char *word,
			       size_t n)
{
	for (size_t i = 0; i < names->nr; i++) {
		if (names->names[i].id != id)
			continue;
		free(names->names[i].subpath);
		names->names[i].subpath = xstrndup(word, n);
		return;
	}
	array_grow(names->names, names->nr);
	names->names[names->nr++] = (struct pin_name){
		.id = id,
		.subpath = xstrndup(word, n),
	};
}

/* -EINVAL: not "ID WORD"; -ERANGE: a reserved id, *id is set. */
static int pin_names_parse_line(struct pin_names *names, const char *line, uint32_t *id)
{
	char *end;
	intmax_t value;
	size_t n;

	line += strspn(line, blanks);
	if (*line == '\0' || *line == '#')
		return 0;
	errno = 0;
	value = strtoimax(line, &end, 0);
	/* Read as an int there, kept in 32 bits without sign here: -1 is the last id. */
	if (end == line || errno || value < INT32_MIN || value > UINT32_MAX)
		return -EINVAL;
	line = end + strspn(end, blanks);
	n = strcspn(line, blanks);
	if (n == 0)
		return -EINVAL;
	*id = (uint32_t)value;
	if (*id < PIN_ID_FIRST_CUSTOM)
		return -ERANGE;
	pin_names_remember(names, *id, line, n);
	return 0;
}

void pin_names_parse(struct pin_names *ret, const char *text, size_t size,
		     const char *source)
{
	const char *end = text + size;
	unsigned int nr = 0;

	*ret = (struct pin_names){.source = source ? xstrdup(source) : NULL};
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((newline ? newline : end) - text);
		auto_free char *line = xstrndup(text, n);
		uint32_t id;
		int r;

		nr++;
		r = pin_names_parse_line(ret, line, &id);
		if (r == -ERANGE)
			log_warn("%s, line %u: id %" PRIu32 " is reserved, line ignored",
				 source ? source : "pin database", nr, id);
		if (r == -EINVAL) {
			log_warn("%s, line %u: not \"ID PATH\", rest of the file ignored",
				 source ? source : "pin database", nr);
			return;
		}
		text += n + 1;
	}
}

const char *pin_names_find(const struct pin_names *names, uint32_t id)
{
	for (size_t i = 0; names && i < names->nr; i++)
		if (names->names[i].id == id)
			return names->names[i].subpath;
	return NULL;
}

void pin_names_release(struct pin_names *names)
{
	if (!names)
		return;
	for (size_t i = 0; i < names->nr; i++)
		free(names->names[i].subpath);
	free(names->names);
	free(names->source);
	*names = (struct pin_names){.nr = 0};
}
