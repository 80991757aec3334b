/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Instructions of BPF programs, as the kernel shows them. */
#ifndef UNIT_INSNS_H
#define UNIT_INSNS_H

#include <linux/bpf.h>

#define LD_MAP(dst, id)                     \
	{.code = BPF_LD | BPF_DW | BPF_IMM, \
	 .dst_reg = (dst),                  \
	 .src_reg = BPF_PSEUDO_MAP_FD,      \
	 .imm = (id)},                      \
	{                                   \
		.code = 0                   \
	}
#define CALL                                         \
	{                                            \
		.code = BPF_JMP | BPF_CALL, .imm = 1 \
	}
#define EXIT                               \
	{                                  \
		.code = BPF_JMP | BPF_EXIT \
	}
#define IF_NULL(jump)                                            \
	{                                                        \
		.code = BPF_JMP | BPF_JEQ | BPF_K, .off = (jump) \
	}
#define ADD_IMM(d, i)                                                           \
	{                                                                       \
		.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = (d), .imm = (i) \
	}
#define MOV_IMM(d, i)                                                           \
	{                                                                       \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (d), .imm = (i) \
	}
#define MOV(d, s)                                                                   \
	{                                                                           \
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (d), .src_reg = (s) \
	}
#define LDX(d, s, o)                                                                \
	{                                                                           \
		.code = BPF_LDX | BPF_DW | BPF_MEM, .dst_reg = (d), .src_reg = (s), \
		.off = (o)                                                          \
	}
#define STX(d, s, o)                                                                \
	{                                                                           \
		.code = BPF_STX | BPF_DW | BPF_MEM, .dst_reg = (d), .src_reg = (s), \
		.off = (o)                                                          \
	}
#define STW(d, s, o)                                                               \
	{                                                                          \
		.code = BPF_STX | BPF_W | BPF_MEM, .dst_reg = (d), .src_reg = (s), \
		.off = (o)                                                         \
	}
#define XADD(d, s, o)                                                                  \
	{                                                                              \
		.code = BPF_STX | BPF_DW | BPF_ATOMIC, .dst_reg = (d), .src_reg = (s), \
		.off = (o), .imm = BPF_ADD                                             \
	}
/* OP: BPF_AND, …; a class: BPF_ALU is of 32 bits. */
#define ALU_IMM(class, op, d, i)                                           \
	{                                                                  \
		.code = (class) | (op) | BPF_K, .dst_reg = (d), .imm = (i) \
	}
#define ALU_REG(class, op, d, s)                                               \
	{                                                                      \
		.code = (class) | (op) | BPF_X, .dst_reg = (d), .src_reg = (s) \
	}
#define LOAD(width, d, s, o)                                                         \
	{                                                                            \
		.code = BPF_LDX | (width) | BPF_MEM, .dst_reg = (d), .src_reg = (s), \
		.off = (o)                                                           \
	}
#define ATOMIC(d, s, o, i)                                                             \
	{                                                                              \
		.code = BPF_STX | BPF_DW | BPF_ATOMIC, .dst_reg = (d), .src_reg = (s), \
		.off = (o), .imm = (i)                                                 \
	}
#define JUMP_IMM(op, d, i, o)                                                          \
	{                                                                              \
		.code = BPF_JMP | (op) | BPF_K, .dst_reg = (d), .off = (o), .imm = (i) \
	}
#define LD_PSEUDO(dst, kind, id, at)        \
	{.code = BPF_LD | BPF_DW | BPF_IMM, \
	 .dst_reg = (dst),                  \
	 .src_reg = (kind),                 \
	 .imm = (id)},                      \
	{                                   \
		.code = 0, .imm = (at)      \
	}
/* Of a function of the program, so many instructions on. */
#define CALL_PROG(o)                                                               \
	{                                                                          \
		.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = (o) \
	}

#endif
