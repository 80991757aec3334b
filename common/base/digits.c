/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/digits.h"

#define TEN(d)     d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9"
#define SIXTEEN(d) TEN(d) d "a" d "b" d "c" d "d" d "e" d "f"

const char digits_decimal_pairs[] = TEN("0") TEN("1") TEN("2") TEN("3") TEN("4") TEN("5")
	TEN("6") TEN("7") TEN("8") TEN("9");
const char digits_hex_pairs[] =
	SIXTEEN("0") SIXTEEN("1") SIXTEEN("2") SIXTEEN("3") SIXTEEN("4") SIXTEEN("5")
		SIXTEEN("6") SIXTEEN("7") SIXTEEN("8") SIXTEEN("9") SIXTEEN("a")
			SIXTEEN("b") SIXTEEN("c") SIXTEEN("d") SIXTEEN("e") SIXTEEN("f");

/* 10^n; the first is never reached, 0 has a digit too. */
static const uint64_t powers[] = {
	0,
	10,
	100,
	1000,
	10000,
	100000,
	1000000,
	10000000,
	100000000,
	1000000000,
	10000000000,
	100000000000,
	1000000000000,
	10000000000000,
	100000000000000,
	1000000000000000,
	10000000000000000,
	100000000000000000,
	1000000000000000000,
	10000000000000000000u,
};

/* log10(2) is a little more than 1233 / 4096. */
static unsigned int count_digits(uint64_t value)
{
	unsigned int bits = 64 - (unsigned int)__builtin_clzll(value | 1);
	unsigned int n = bits * 1233 >> 12;

	return n + (value >= powers[n]);
}

char *digits_u64(char *p, uint64_t value)
{
	char *end = p + count_digits(value);
	char *at = end;

	while (value >= 100) {
		at -= 2;
		memcpy(at, digits_decimal_pairs + 2 * (value % 100), 2);
		value /= 100;
	}
	if (value >= 10)
		memcpy(at - 2, digits_decimal_pairs + 2 * value, 2);
	else
		at[-1] = (char)('0' + value);
	return end;
}

char *digits_i64(char *p, int64_t value)
{
	if (value >= 0)
		return digits_u64(p, (uint64_t)value);
	*p = '-';
	return digits_u64(p + 1, 0 - (uint64_t)value);
}

/* All 16 digits, or as many as the number needs. */
static char *digits_hex64(char *p, uint64_t value, int padded)
{
	int shift = 60;

	while (!padded && shift && !(value >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[value >> shift & 15];
	return p;
}

char *digits_hex(char *p, uint64_t high, uint64_t low)
{
	*p++ = '0';
	*p++ = 'x';
	if (high)
		p = digits_hex64(p, high, 0);
	return digits_hex64(p, low, high != 0);
}
