/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The protocol names of `tc filter … protocol P`: Ethernet protocol numbers (host order)
 * and the short names tc prints for them.
 */
#ifndef DEF_ETHERTYPE_H
#define DEF_ETHERTYPE_H

#include <stdbool.h>
#include <stdint.h>

/* NULL: the number has no name (tc prints "[4660]"). */
const char *ethertype_name(uint16_t protocol);

/* In upper or lower case; also the names that are only read, such as "ipv4". */
bool ethertype_by_name(const char *name, uint16_t *ret);

#endif
