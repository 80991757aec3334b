/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pins of links that are there already, made and removed beside the directory held open
 * (kernel/pin_dir.h), so that nobody's renaming leads elsewhere. New ones join a transaction
 * of pins instead.
 */
#ifndef KERNEL_LINK_PIN_H
#define KERNEL_LINK_PIN_H

#include <stdint.h>

#include "base/err.h"

struct pin_index;

/* -ENOENT: there is none; -ESTALE: another link's, or something else, which stays. */
int link_pin_remove(const char *path, uint32_t link_id, struct err *err) must_check;
/* The pin of a link that is detached by now: what stays is said. */
void link_pin_drop(const char *path, uint32_t link_id);
/* Each of its pins; also that there may be more. */
void link_pin_drop_all(const struct pin_index *pins, uint32_t link_id);
int link_pin_make(const char *path, int link_fd, struct err *err) must_check;
/* link_fd_by_pin(), also of a link that a killed remove left beside its name. */
int link_pin_open(const char *path) must_check;

#endif
