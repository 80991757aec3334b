/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The count is no part of what the kernel says about a map: a function of the kernel that
 * programs may call has it (bpf_map_sum_elem_count()), so a program of ours does.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>

#include "kernel/map_count.h"

/* 0 of a type that has none: nobody could tell that from an empty one. */
static bool is_counted(uint32_t type)
{
	return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_LRU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static int find_function(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int id =
		btf ? btf__find_by_name_kind(btf, "bpf_map_sum_elem_count", BTF_KIND_FUNC)
		    : -ENOENT;

	btf__free(btf);
	return id;
}

static int load_program(int fd, int function)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_SLEEPABLE);
	const struct bpf_insn insns[] = {
		{
			.code = BPF_LD | BPF_IMM | BPF_DW,
			.dst_reg = BPF_REG_1,
			.src_reg = BPF_PSEUDO_MAP_FD,
			.imm = fd,
		},
		{.code = 0},
		{
			.code = BPF_JMP | BPF_CALL,
			.src_reg = BPF_PSEUDO_KFUNC_CALL,
			.imm = function,
		},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf_prog_load(BPF_PROG_TYPE_SYSCALL, "mapshare_count", "GPL", insns,
			     sizeof(insns) / sizeof(insns[0]), &opts);
}

int map_count(int fd, const struct bpf_map_info *info, uint64_t *ret)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	auto_close int prog = -1;
	int function = is_counted(info->type) ? find_function() : -1;

	prog = function < 0 ? -1 : load_program(fd, function);
	if (prog < 0 || bpf_prog_test_run_opts(prog, &opts) < 0)
		return -EOPNOTSUPP;
	/* A number that no map has: below 0, or more than the register's half that is returned. */
	if (opts.retval > info->max_entries)
		return -EOPNOTSUPP;
	*ret = opts.retval;
	return 0;
}
