/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names that libbpf and the kernel's own BTF know: program types by section, kernel
 * functions by BTF id. No state of the kernel is asked for or changed.
 */
#ifndef KERNEL_BPF_NAMES_H
#define KERNEL_BPF_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

/*
 * The type of programs in a section of that name, with or without the slash at its end
 * ("kprobe" for "kprobe/..."). Our table of cgroup types comes first, since libbpf may be
 * older than the kernel. -EINVAL: unknown.
 */
int bpf_names_prog_type(const char *section, uint32_t *prog_type,
			uint32_t *attach_type) must_check;

/* "cgroup_inet_egress", "sk_lookup" ... our table first; NULL: unknown. */
const char *bpf_names_attach_type(uint32_t value);

/* "cgroup", "raw_tracepoint" ... NULL: newer than libbpf. */
const char *bpf_names_link_type(uint32_t type);

/* "1.1" */
const char *bpf_names_libbpf_version(void);

struct kernel_btf;

/* Can the kernel's BTF be read? 1; 0: there is none; -errno. */
int kernel_btf_present(void);
/*
 * The name of a type, "" for 0 or unknown; the caller frees. *btf starts as NULL; the BTF
 * (megabytes) is read when it is first needed and stays until kernel_btf_free().
 */
char *kernel_btf_name(struct kernel_btf **btf, uint32_t type_id);
void kernel_btf_free(struct kernel_btf *btf);

#endif
