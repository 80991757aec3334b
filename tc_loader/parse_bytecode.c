/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include <linux/filter.h>

#include "base/alloc.h"
#include "parse.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_comma(char c)
{
	return c == ',' || c == '\n';
}

/* One decimal, blanks before it; k may be negative. Moves *pos behind it. */
static int number(const char **pos, int64_t min, int64_t max, int64_t *ret)
{
	intmax_t value;
	char *end;

	while (is_blank(**pos))
		++*pos;
	if (!isdigit((unsigned char)**pos) && !(**pos == '-' && min < 0))
		return -EINVAL;
	errno = 0;
	value = strtoimax(*pos, &end, 10);
	if (errno || end == *pos || value < min || value > max)
		return -EINVAL;
	*pos = end;
	*ret = value;
	return 0;
}

static int instruction(const char **pos, struct sock_filter *ret)
{
	int64_t code, jt, jf, k;

	if (number(pos, 0, UINT16_MAX, &code) < 0 || number(pos, 0, UINT8_MAX, &jt) < 0 ||
	    number(pos, 0, UINT8_MAX, &jf) < 0 ||
	    number(pos, INT32_MIN, UINT32_MAX, &k) < 0)
		return -EINVAL;
	*ret = (struct sock_filter){.code = code, .jt = jt, .jf = jf, .k = (uint32_t)k};
	return 0;
}

static void skip_end(const char **pos)
{
	while (is_blank(**pos) || is_comma(**pos))
		++*pos;
}

int parse_bytecode(const char *text, struct sock_filter **ret, size_t *nr,
		   struct err *err)
{
	const char *pos = text;
	auto_free struct sock_filter *ops = NULL;
	int64_t n;

	if (number(&pos, 1, NL_FILTER_OPS_MAX, &n) < 0 || !is_comma(*pos))
		return err_say(err, -EINVAL,
			       "bytecode begins with its length, 1 to %d, and a comma",
			       NL_FILTER_OPS_MAX);
	ops = xcalloc(n, sizeof(*ops));
	for (int64_t i = 0; i < n; i++) {
		if (!is_comma(*pos))
			return err_say(err, -EINVAL,
				       "bytecode: length %" PRId64 ", but only %" PRId64
				       " instructions",
				       n, i);
		pos++;
		if (instruction(&pos, &ops[i]) < 0)
			return err_say(err, -EINVAL,
				       "bytecode: instruction %" PRId64
				       " is not 'code jt jf k' in decimals",
				       i);
		while (is_blank(*pos))
			pos++;
	}
	skip_end(&pos);
	if (*pos)
		return err_say(err, -EINVAL, "bytecode: more behind instruction %" PRId64,
			       n - 1);
	*ret = take_ptr(ops);
	*nr = n;
	return 0;
}
