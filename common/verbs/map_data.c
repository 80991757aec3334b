/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <string.h>

#include "verbs/map_data.h"

#define DATA_WORDS "separate the bytes: '1 0 0 0' or 'hex 01 00 00 00'"

static int parse_byte(const char *word, int base, unsigned char *ret, struct err *err)
{
	unsigned long value;
	char *end;
	/* strtoul() would take "-1" and " 1". */
	bool digit = base == 16 ? isxdigit((unsigned char)word[0])
				: isdigit((unsigned char)word[0]);

	errno = 0;
	value = strtoul(word, &end, base);
	if (!digit || *end) {
		err_say(err, -EINVAL, "error parsing byte: %s", word);
		return err_hint(
			err,
			"a byte is 0 to 255, 0x0 to 0xff, or two digits after 'hex'");
	}
	if (errno || value > 255) {
		err_say(err, -EINVAL, "error parsing byte: %s is not from 0 to 255",
			word);
		return err_hint(err, "separate the bytes: 'hex 01 02', not 'hex 0102'");
	}
	*ret = (unsigned char)value;
	return 0;
}

bool map_data_ends(const char *word)
{
	return args_is_prefix(word, "key") || args_is_prefix(word, "value") ||
	       args_is_prefix(word, "any") || args_is_prefix(word, "exist") ||
	       args_is_prefix(word, "noexist");
}

bool map_data_is_byte(const char *word)
{
	auto_err err = ERR_INIT;
	unsigned char byte;

	return parse_byte(word, 0, &byte, &err) == 0;
}

int map_data_parse(struct args *a, const char *what, void *ret, size_t size,
		   struct err *err)
{
	const char *word = args_peek(a);
	int base = 0;

	if (word && args_is_prefix(word, "hex")) {
		base = 16;
		args_next(a);
	}
	for (size_t i = 0; i < size; i++) {
		int r;

		word = args_next(a);
		if (!word) {
			err_say(err, -EINVAL, "%s expected %zu bytes got %zu", what, size,
				i);
			return err_hint(err, DATA_WORDS);
		}
		r = parse_byte(word, base, (unsigned char *)ret + i, err);
		if (r < 0 && map_data_ends(word)) {
			err_say(err, -EINVAL, "%s expected %zu bytes got %zu before '%s'",
				what, size, i, word);
			return err_hint(err, DATA_WORDS);
		}
		if (r < 0)
			return r;
	}
	return 0;
}
