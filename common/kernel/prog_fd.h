/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * BPF programs as file descriptors: open, info, the maps they use, pin. Same rules as
 * map_fd.h.
 */
#ifndef KERNEL_PROG_FD_H
#define KERNEL_PROG_FD_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

/* A descriptor of the caller's, or -errno: -ENOENT where there is none. */
int prog_fd_by_id(uint32_t id) must_check;
int prog_fd_by_pin(const char *path) must_check; /* -EMEDIUMTYPE: the pin is no program */
/* Without map ids; nr_map_ids is set. */
int prog_fd_info(int fd, struct bpf_prog_info *ret) must_check;
/*
 * All map ids in *ret (the caller frees), count in *nr: asked for twice, because programs
 * can gain maps (PROG_BIND_MAP) between the two questions.
 */
int prog_fd_maps(int fd, uint32_t **ret, size_t *nr) must_check;
/* Does the program hold the map? True also where that cannot be read. */
bool prog_fd_has_map(int fd, uint32_t map);
/*
 * The instructions as the verifier left them, *nr of struct bpf_insn (the caller frees):
 * a reference to a map carries the map's id. -EACCES: the kernel does not show them (it
 * takes CAP_BPF, and net.core.bpf_jit_harden hides those of blinded programs).
 */
int prog_fd_insns(int fd, struct bpf_insn **ret, size_t *nr) must_check;
/*
 * The function's whole name where the program has BTF (the kernel cuts at 15 bytes, and
 * has none where libbpf left it out), else the kernel's. The caller frees.
 */
char *prog_fd_name(int fd, const struct bpf_prog_info *info);
/* The same in *ret, to be compared: -errno where the BTF cannot be read, which is no other name. */
int prog_fd_whole_name(int fd, const struct bpf_prog_info *info, char **ret) must_check;
/*
 * Does it have that name, of which the kernel's 15 bytes are enough? 1, 0, or -errno where its
 * BTF, which would tell, cannot be read.
 */
int prog_fd_has_name(int fd, const struct bpf_prog_info *info,
		     const char *name) must_check;
/* "program id 12 'count', program id 13": names are left out of those that cannot be opened. */
void prog_fd_say(struct strbuf *out, const uint32_t *ids, size_t nr);
int prog_fd_each(int (*fn)(uint32_t id, int fd, const struct bpf_prog_info *info,
			   void *ctx),
		 void *ctx);

/*
 * When it was loaded, in seconds of the wall clock: the kernel counts nanoseconds since the
 * machine started.
 */
int64_t prog_fd_loaded_at(const struct bpf_prog_info *info);

#endif
