/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bytes as a little-endian machine has them, which is how they are written down in tests, and
 * how a machine of either order has the same numbers.
 */
#ifndef UNIT_HOST_ORDER_H
#define UNIT_HOST_ORDER_H

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BY_ORDER(little, big) little
enum { HOST_IS_BIG = 0, HOST_ELFDATA = ELFDATA2LSB };
#else
#define BY_ORDER(little, big) big
enum { HOST_IS_BIG = 1, HOST_ELFDATA = ELFDATA2MSB };
#endif

static inline void host_order_swap(uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size / 2; i++) {
		uint8_t byte = bytes[i];

		bytes[i] = bytes[size - 1 - i];
		bytes[size - 1 - i] = byte;
	}
}

/*
 * shape has a character for each number that stands there: 1, 2, 4 or 8 bytes, 'f' for 16, 't'
 * for a tcm_info (4 bytes, the lower half in the network's order), and blanks. What it does
 * not reach is bytes.
 */
static inline void host_order(void *bytes, size_t size, const char *shape)
{
	uint8_t *at = bytes;

	for (; *shape; shape++) {
		size_t width = *shape == 'f'   ? 16
			       : *shape == 't' ? 4
			       : *shape == ' ' ? 0
					       : (size_t)(*shape - '0');

		assert_true(width <= size);
		if (HOST_IS_BIG)
			host_order_swap(at, width);
		if (HOST_IS_BIG && *shape == 't')
			host_order_swap(at + 2, 2);
		at += width;
		size -= width;
	}
}

#endif
