/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The element that is being read, for element_*.c only: its bytes come through here, and so
 * does what is wrong with it.
 */
#ifndef BTF_ELEMENT_H
#define BTF_ELEMENT_H

#include "btf/element_reader.h"

struct element {
	struct element_reader *from;
	unsigned char *key, *value;
	bool has_key, has_value;
	bool unreadable; /* the dump had no value for it */
	struct err *err;
};

/* -EINVAL, and where; -errno if the file could not be read. */
int element_wrong(struct element *e, const char *fmt, ...) printf_like(2, 3);

int element_char(struct element_reader *r); /* EOF at the end */
void element_char_back(struct element_reader *r, int c);

/* As element_reader_next(), but an element may be unreadable. */
int element_next_json(struct element *e) must_check;
int element_next_hex(struct element *e) must_check;

#endif
