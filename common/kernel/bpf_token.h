/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * BPF tokens (Linux 6.9): what lets the root of a user namespace call bpf(2). Who mounted the
 * bpffs for it delegated commands, map types, program types and attach types to it. A token is
 * derived from the bpffs that pins go to, and only after the kernel refused a call with EPERM.
 */
#ifndef KERNEL_BPF_TOKEN_H
#define KERNEL_BPF_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A token of the caller's; -errno: -ENOENT where nothing is delegated or no bpffs is, -EINVAL
 * before Linux 6.9, -EOPNOTSUPP in the initial user namespace or of a bpffs from there, -EPERM
 * without CAP_BPF.
 */
int bpf_token_open(void) must_check;

/* Does the libbpf that runs load objects with one? */
bool bpf_token_libbpf(void);

struct bpf_map_create_opts;
struct bpf_object;
struct bpf_object_open_opts;

/*
 * bpf_map_create() of libbpf, and once more with a token where that is refused with EPERM. A
 * descriptor or -errno.
 */
int bpf_token_map_create(uint32_t type, const char *name, uint32_t key_size,
			 uint32_t value_size, uint32_t entries,
			 const struct bpf_map_create_opts *opts) must_check;
/* bpf_btf_load(), the same way. */
int bpf_token_btf_load(const void *bytes, uint32_t size) must_check;

/*
 * bpf_object__open_mem(); in a user namespace with a token of the bpffs that pins go to, where
 * the libbpf that runs is one that uses tokens (1.5).
 */
struct bpf_object *bpf_token_object_open(const void *image, size_t size,
					 const struct bpf_object_open_opts *opts);

/* What a call needs of a token; TOKEN_NOTHING: nothing of that kind. */
enum { TOKEN_NOTHING = -1 };
struct token_need {
	int cmd; /* enum bpf_cmd */
	int map_type, prog_type, attach_type;
};

/*
 * After an EPERM or EACCES: adds to err's text what the token lacks, or why there is none;
 * outside of user namespaces as caps_explain(CAPS_LOAD). Returns err->code.
 */
int bpf_token_explain(struct err *err, const struct token_need *needs, size_t nr);

#endif
