/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a BPF program returns, as far as its instructions say it in so many words. */
#ifndef DEF_RETURNED_H
#define DEF_RETURNED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_insn;

/*
 * Does the first function of these instructions return a constant that fn says yes to? False
 * also where what it returns is computed. Instructions as written, or as the kernel shows
 * them.
 */
bool returned_constant(const struct bpf_insn *insns, size_t nr,
		       bool (*fn)(int32_t value));

#endif
