/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "btf/bits.h"

uint64_t bits_get(const void *bytes, uint64_t bit, uint32_t bits, bool big_endian)
{
	const unsigned char *at = (const unsigned char *)bytes + bit / 8;
	uint32_t shift = bit % 8, nr = (shift + bits + 7) / 8;
	unsigned __int128 word = 0;

	for (uint32_t i = 0; i < nr; i++)
		word |= (unsigned __int128)at[i] << 8 * (big_endian ? nr - 1 - i : i);
	word >>= big_endian ? nr * 8 - shift - bits : shift;
	return (uint64_t)(word & (((unsigned __int128)1 << bits) - 1));
}

void bits_put(void *bytes, uint64_t bit, uint32_t bits, uint64_t number, bool big_endian)
{
	unsigned char *at = (unsigned char *)bytes + bit / 8;
	uint32_t shift = bit % 8, nr = (shift + bits + 7) / 8;
	uint32_t up = big_endian ? nr * 8 - shift - bits : shift;
	unsigned __int128 mask = (((unsigned __int128)1 << bits) - 1) << up;
	unsigned __int128 word = (unsigned __int128)number << up & mask;

	for (uint32_t i = 0; i < nr; i++) {
		uint32_t down = 8 * (big_endian ? nr - 1 - i : i);
		unsigned char keep = (unsigned char)~(mask >> down);

		at[i] = (unsigned char)((at[i] & keep) | (word >> down));
	}
}
