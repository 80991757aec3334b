/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers that begin at any bit of a value. */
#ifndef BTF_BITS_H
#define BTF_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* Whether this machine has the highest byte of a number first. */
enum { MACHINE_IS_BIG = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ };

/*
 * Numbers of up to 64 bits at any bit, as a compiler of that byte order places them: from the
 * lowest bit of the first byte, or from the highest.
 */
uint64_t bits_get(const void *bytes, uint64_t bit, uint32_t bits, bool big_endian);
void bits_put(void *bytes, uint64_t bit, uint32_t bits, uint64_t number, bool big_endian);

/* The bit of the byte that holds bit, counted as BTF of this machine counts them. */
static inline unsigned char bits_mask(uint64_t bit)
{
	return (unsigned char)(MACHINE_IS_BIG ? 0x80 >> bit % 8 : 1 << bit % 8);
}

#endif
