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

/*
 * One decimal, blanks before it. Moves *pos behind it. Signs and numbers that are too
 * long are as scanf() takes them: the caller keeps as many bits as its field has.
 */
static int bytecode_number(const char **pos, uint64_t *ret)
{
	const char *digits;
	char *end;

	while (is_blank(**pos))
		++*pos;
	digits = **pos == '-' || **pos == '+' ? *pos + 1 : *pos;
	if (!isdigit((unsigned char)*digits))
		return -EINVAL;
	*ret = strtoull(*pos, &end, 10);
	*pos = end;
	return 0;
}

/* Each number wraps into its field, as in tc: "-1" is the largest. */
static int bytecode_instruction(const char **pos, struct sock_filter *ret)
{
	uint64_t code, jt, jf, k;

	if (bytecode_number(pos, &code) < 0 || bytecode_number(pos, &jt) < 0 ||
	    bytecode_number(pos, &jf) < 0 || bytecode_number(pos, &k) < 0)
		return -EINVAL;
	*ret = (struct sock_filter){
		.code = (uint16_t)code,
		.jt = (uint8_t)jt,
		.jf = (uint8_t)jf,
		.k = (uint32_t)k,
	};
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
	uint64_t n;

	if (bytecode_number(&pos, &n) < 0 || n < 1 || n > NL_FILTER_OPS_MAX ||
	    !is_comma(*pos))
		return err_say(err, -EINVAL,
			       "bytecode begins with its length, 1 to %d, and a comma",
			       NL_FILTER_OPS_MAX);
	ops = xcalloc(n, sizeof(*ops));
	for (uint64_t i = 0; i < n; i++) {
		if (!is_comma(*pos))
			return err_say(err, -EINVAL,
				       "bytecode: length %" PRIu64 ", but only %" PRIu64
				       " instructions",
				       n, i);
		pos++;
		if (bytecode_instruction(&pos, &ops[i]) < 0)
			return err_say(err, -EINVAL,
				       "bytecode: instruction %" PRIu64
				       " is not 'code jt jf k' in decimals",
				       i);
		while (is_blank(*pos))
			pos++;
	}
	skip_end(&pos);
	if (*pos)
		return err_say(err, -EINVAL, "bytecode: more after instruction %" PRIu64,
			       n - 1);
	*ret = take_ptr(ops);
	*nr = n;
	return 0;
}
