/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Asks the kernel, through bpf(2) alone, whether programs of two expected attach types may use
 * one prog array: prints `any`, or `one` where it takes those of the first type only.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TYPE_TCX_INGRESS = 46 };

static int bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

static int make_array(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_PROG_ARRAY;
	attr.key_size = attr.value_size = sizeof(uint32_t);
	attr.max_entries = 1;
	return bpf(BPF_MAP_CREATE, &attr);
}

/* A classifier that jumps through the array; 0, or -errno. */
static int load_jump(int array, uint32_t attach_type)
{
	const struct bpf_insn code[] = {
		{.code = BPF_LD | BPF_DW | BPF_IMM,
		 .dst_reg = BPF_REG_2,
		 .src_reg = BPF_PSEUDO_MAP_FD,
		 .imm = array},
		{.code = 0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 0},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
	attr.expected_attach_type = attach_type;
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = sizeof(code) / sizeof(code[0]);
	attr.license = (uintptr_t) "GPL";
	return bpf(BPF_PROG_LOAD, &attr) < 0 ? -errno : 0;
}

int main(void)
{
	int array = make_array();
	int first = array < 0 ? -errno : load_jump(array, 0);
	int second = first < 0 ? first : load_jump(array, TYPE_TCX_INGRESS);

	if (first < 0 || (second < 0 && second != -EINVAL)) {
		fprintf(stderr, "prog_array_types: %s\n", strerror(-second));
		return 1;
	}
	puts(second < 0 ? "one" : "any");
	return 0;
}
