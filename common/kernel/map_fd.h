/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * BPF maps as file descriptors: open, create, pin, read back as a mapdef. fds returned
 * are the caller's, all O_CLOEXEC; fds passed in are borrowed. -errno on failure.
 */
#ifndef KERNEL_MAP_FD_H
#define KERNEL_MAP_FD_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "def/mapdef.h"
#include "kernel/cpus.h"

struct btf;

/* A descriptor of the caller's, or -errno: -ENOENT where there is none. */
int map_fd_by_id(uint32_t id) must_check;
/* -EMEDIUMTYPE: the pin is no map. */
int map_fd_by_pin(const char *path) must_check;

/* Info as the kernel gives it; shorter kernels leave the tail zero. */
int map_fd_info(int fd, struct bpf_map_info *ret) must_check;
/*
 * As a definition (MAPDEF_KERNEL), name = the kernel's up to 15 bytes, layouts from the
 * map's BTF where it has one and may be read (CAP_SYS_ADMIN), else layout_hidden. ret
 * needs mapdef_release().
 */
int map_fd_def(int fd, struct mapdef *ret) must_check;
/* The same of info alone, without layouts: nothing to release. */
void map_fd_info_def(const struct bpf_map_info *info, struct mapdef *ret);

/*
 * The map's name: whole where the kernel's 15 bytes are cut and the map's BTF has exactly
 * one variable that continues them; *whole says that nothing is missing. The caller
 * frees.
 */
char *map_fd_name(const struct bpf_map_info *info, bool *whole);

/* What only /proc/self/fdinfo tells; without /proc nothing is known. */
struct map_details {
	int64_t memlock; /* bytes; an empty trie has 0; -1: unknown */
	bool frozen;
	int owner_prog_type; /* of prog arrays that hold or held a program; -1: none */
	bool owner_jited;
};
/* -errno: some of it, or all, is unknown. map_fd_details() says that as a warning. */
int map_fd_details_read(int fd, struct map_details *ret) must_check;
void map_fd_details(int fd, struct map_details *ret);

/*
 * The map's BTF; NULL: it has none, or it may not be read. map_fd_btf_put() takes NULL
 * behind the pointer.
 */
struct btf *map_fd_btf(const struct bpf_map_info *info);
/*
 * What the value of a struct_ops map is: *type of the kernel's BTF. NULL: no struct_ops map,
 * one whose type is a module's (Linux 6.9), or that BTF may not be read.
 */
struct btf *map_fd_kernel_btf(const struct bpf_map_info *info, uint32_t *type);
void map_fd_btf_put(struct btf **btf); /* for auto_release() */

/* fn for every map id, ascending; ids that vanish meanwhile are passed over. */
int map_fd_each(int (*fn)(uint32_t id, int fd, const struct bpf_map_info *info,
			  void *ctx),
		void *ctx);

struct map_create_opts {
	int btf_fd; /* -1: none */
	uint32_t key_type_id, value_type_id;
	int inner_fd; /* template of outer maps; -1: none */
};

/*
 * What libbpf would create from def: kernel name cut to 15 bytes, perf event arrays with
 * max_entries 0 get the CPU count, ring buffers are rounded up to a power of two of
 * pages, BTF is dropped for types that cannot carry it and where the kernel refuses it.
 */
int map_fd_create(const struct mapdef *def,
		  const struct map_create_opts *opts) must_check;
int map_fd_pin(int fd, const char *path) must_check;

#endif
