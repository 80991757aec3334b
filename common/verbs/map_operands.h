/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words behind MAP: [key DATA] [value VALUE] [any|exist|noexist], in any order, made
 * into what the kernel takes. DATA is bytes or, where the map has BTF, text in its terms:
 * key {ip:16777226,port:80}. VALUE of an outer map is a MAP, of a prog array a PROG.
 */
#ifndef VERBS_MAP_OPERANDS_H
#define VERBS_MAP_OPERANDS_H

#include <linux/bpf.h>
#include <stdint.h>

#include "base/args.h"

#define MAP_DATA_USAGE  "{[hex] BYTES|{MEMBER:VALUE,...}|VALUE}"
#define MAP_VALUE_USAGE "{" MAP_DATA_USAGE "|MAP|PROG}"

enum map_operands_want {
	MAP_OPERAND_KEY = 1 << 0,
	MAP_OPERAND_KEY_OPTIONAL = 1 << 1, /* without one is the first */
	MAP_OPERAND_VALUE = 1 << 2,
	MAP_OPERAND_FLAGS = 1 << 3,
};

struct map_operands {
	void *key;   /* key_size bytes; NULL: the map has none, or none was said */
	void *value; /* map_io_value_bytes(); per-CPU maps: the same for every CPU */
	uint64_t flags;
	int fd; /* what value refers to; -1: nothing */
};

/*
 * Everything that is left of the line. A map without keys takes none, even where one is
 * wanted; that one is missing is for the caller to say. ret needs map_operands_release(),
 * whatever is returned.
 */
int map_operands_parse(struct args *a, const struct bpf_map_info *info, unsigned int want,
		       struct map_operands *ret, struct err *err) must_check;
void map_operands_release(struct map_operands *operands);

#define MAP_OPERANDS_INIT \
	{                 \
		.fd = -1  \
	}
#define auto_map_operands auto_release(map_operands_release) struct map_operands

#endif
