/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

/* Hexadecimal digits up to end; *ret stays for an empty word. */
static int hex(const char *word, const char *end, uint32_t max, uint32_t *ret)
{
	uint64_t value = 0;

	for (; word < end; word++) {
		if (!isxdigit((unsigned char)*word))
			return -EINVAL;
		value = value * 16 + (isdigit((unsigned char)*word)
					      ? *word - '0'
					      : (*word | 0x20) - 'a' + 10);
		if (value > max)
			return -EINVAL;
	}
	*ret = value;
	return 0;
}

int parse_classid(const char *word, uint32_t *ret)
{
	const char *colon = strchr(word, ':'), *end = word + strlen(word);
	uint32_t major = 0, minor = 0;
	int r;

	if (strcmp(word, "root") == 0) {
		*ret = NL_PARENT_ROOT;
		return 0;
	}
	if (strcmp(word, "none") == 0) {
		*ret = 0;
		return 0;
	}
	if (!*word)
		return -EINVAL;
	if (!colon)
		return hex(word, end, UINT32_MAX, ret);
	r = hex(word, colon, 0xffff, &major);
	if (r == 0)
		r = hex(colon + 1, end, 0xffff, &minor);
	if (r < 0 || end - word == 1)
		return -EINVAL;
	*ret = major << 16 | minor;
	return 0;
}

int parse_qdisc_handle(const char *word, uint32_t *ret)
{
	size_t len = strlen(word);
	uint32_t major = 0;
	int r;

	if (strcmp(word, "none") == 0) {
		*ret = 0;
		return 0;
	}
	if (len > 0 && word[len - 1] == ':')
		len--;
	if (len == 0)
		return -EINVAL;
	r = hex(word, word + len, 0xffff, &major);
	if (r == 0)
		*ret = major << 16;
	return r;
}
