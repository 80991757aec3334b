/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers as text, for places where printf() would be most of the work. Each function
 * writes at p without a NUL and returns where the text ends.
 */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <stdint.h>
#include <string.h>

enum {
	DIGITS_MAX = 20,         /* digits_u64(), digits_i64() */
	DIGITS_HEX_MAX = 2 + 32, /* digits_hex() */
};

/* "00" to "99", "00" to "ff": two characters each. */
extern const char digits_decimal_pairs[];
extern const char digits_hex_pairs[];

/* Decimal digits from p on, DIGITS_MAX at most, without NUL; returns where they end. */
char *digits_u64(char *p, uint64_t value);
char *digits_i64(char *p, int64_t value);

/* "0x" and no leading zeros; the number is high * 2^64 + low. */
char *digits_hex(char *p, uint64_t high, uint64_t low);

/* Exactly two digits. */
static inline char *digits_hex_byte(char *p, unsigned char byte)
{
	memcpy(p, digits_hex_pairs + (size_t)2 * byte, 2);
	return p + 2;
}

#endif
