/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every pin of one kind on every bpffs that this mount namespace shows, by object id: the
 * kernel does not tell an object's pins, so they are all opened once.
 */
#ifndef KERNEL_PIN_INDEX_H
#define KERNEL_PIN_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/bpf_fd.h"

struct pin_entry {
	uint32_t id;
	char *path; /* owned */
};

/* Several pins of one object in the order in which bpftool shows them. */
struct pin_index {
	struct pin_entry *pins;
	size_t nr;
	int unseen; /* why there may be others: the first -errno; 0: there are none */
};

/*
 * Pins that cannot be opened are passed over, as directories that cannot be read, with a
 * warning for each mount. ret needs pin_index_release().
 */
void pin_index_read(struct pin_index *ret, enum bpf_fd_kind kind);
void pin_index_release(struct pin_index *index);
#define auto_pin_index auto_release(pin_index_release) struct pin_index

#endif
