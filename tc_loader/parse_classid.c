/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

/*
 * Hexadecimal, as strtoll() reads it and so tc: blanks, a sign and "0x" may stand in front,
 * and negative numbers wrap. Moves *pos past it; -EINVAL: no digit, or out of range.
 */
static int classid_hex(const char **pos, int64_t min, int64_t max, uint32_t *ret)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(*pos, &end, 16);
	/* Of "0x" alone strtoll() takes the 0. */
	if (end == *pos || errno || value < min || value > max || tolower(*end) == 'x')
		return -EINVAL;
	*pos = end;
	*ret = (uint32_t)value;
	return 0;
}

int parse_classid(const char *word, uint32_t *ret)
{
	uint32_t major = 0, minor = 0;
	int r = 0;

	if (strcmp(word, "root") == 0) {
		*ret = NL_PARENT_ROOT;
		return 0;
	}
	if (strcmp(word, "none") == 0) {
		*ret = 0;
		return 0;
	}
	if (!strchr(word, ':')) {
		r = classid_hex(&word, -(int64_t)UINT32_MAX, UINT32_MAX, &minor);
		if (r < 0 || *word)
			return -EINVAL;
		*ret = minor;
		return 0;
	}
	if (*word != ':')
		r = classid_hex(&word, 0, 0xffff, &major);
	if (r < 0 || *word++ != ':')
		return -EINVAL;
	if (*word)
		r = classid_hex(&word, 0, 0xffff, &minor);
	if (r < 0 || *word)
		return -EINVAL;
	*ret = major << 16 | minor;
	return 0;
}

int parse_qdisc_handle(const char *word, uint32_t *ret)
{
	uint32_t major = 0;

	if (strcmp(word, "none") == 0) {
		*ret = 0;
		return 0;
	}
	/* A qdisc has no minor number; tc does not look at what is said as one. */
	if (classid_hex(&word, 0, 0xffff, &major) < 0 || (*word && *word != ':'))
		return -EINVAL;
	*ret = major << 16;
	return 0;
}
