/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which names are taken in directories of pins, for who has to ask for many: a directory is
 * listed once, as it was then. Who makes a pin is told of one that came meanwhile.
 */
#ifndef KERNEL_PIN_TAKEN_H
#define KERNEL_PIN_TAKEN_H

#include <stdbool.h>

#include "base/text_list.h"
#include "base/text_set.h"

struct pin_taken {
	char *dir; /* owned: the directory asked for last; NULL: none */
	bool known;
	struct text_list names;
	struct text_set set;
};

#define auto_pin_taken auto_release(pin_taken_release) struct pin_taken

/*
 * False: nothing was at path, nor had a killed remove left a pin beside it. True also where that
 * could not be seen.
 */
bool pin_taken_may_have(struct pin_taken *p, const char *path);
void pin_taken_release(struct pin_taken *p);

#endif
