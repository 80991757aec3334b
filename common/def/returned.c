/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>

#include "def/returned.h"

/* From a constant to the exit that returns it, over jumps and what leaves r0 alone. */
enum { RETURNED_STEPS = 64 };

static uint8_t insn_class(const struct bpf_insn *i)
{
	return i->code & 0x07;
}

static bool is_jump(const struct bpf_insn *i)
{
	return (insn_class(i) == BPF_JMP || insn_class(i) == BPF_JMP32) &&
	       i->code != (BPF_JMP | BPF_CALL);
}

static bool insn_is_call(const struct bpf_insn *i)
{
	return i->code == (BPF_JMP | BPF_CALL);
}

/* Subprograms stand behind the function that calls them. */
static size_t end_of_first(const struct bpf_insn *insns, size_t nr)
{
	size_t end = nr;

	for (size_t i = 0; i < end; i++)
		if (insn_is_call(&insns[i]) && insns[i].src_reg == BPF_PSEUDO_CALL &&
		    insns[i].imm >= 0 && (size_t)insns[i].imm < nr - i - 1 &&
		    i + 1 + (size_t)insns[i].imm < end)
			end = i + 1 + (size_t)insns[i].imm;
	return end;
}

static bool writes_r0(const struct bpf_insn *i)
{
	uint8_t class = insn_class(i);

	if (insn_is_call(i))
		return true;
	return (class == BPF_ALU || class == BPF_ALU64 || class == BPF_LDX ||
		class == BPF_LD) &&
	       (i->dst_reg == BPF_REG_0 || class == BPF_LD);
}

static bool is_exit_at(const struct bpf_insn *insns, size_t end, size_t at)
{
	return at < end && insns[at].code == (BPF_JMP | BPF_EXIT);
}

static bool reaches_exit(const struct bpf_insn *insns, size_t end, size_t at)
{
	for (unsigned int step = 0; step < RETURNED_STEPS && at < end; step++) {
		const struct bpf_insn *i = &insns[at];
		/* Where it leads to; negative offsets wrap to what is past the end. */
		size_t target = at + 1 + (size_t)(ptrdiff_t)i->off;

		if (is_exit_at(insns, end, at) ||
		    (is_jump(i) && is_exit_at(insns, end, target)))
			return true;
		if (writes_r0(i))
			return false;
		at = i->code == (BPF_JMP | BPF_JA) ? target : at + 1;
	}
	return false;
}

bool returned_constant(const struct bpf_insn *insns, size_t nr, bool (*fn)(int32_t value))
{
	size_t end = end_of_first(insns, nr);

	for (size_t i = 0; i + 1 < end; i++) {
		bool moved = insns[i].code == (BPF_ALU | BPF_MOV | BPF_K) ||
			     insns[i].code == (BPF_ALU64 | BPF_MOV | BPF_K);

		if (moved && insns[i].dst_reg == BPF_REG_0 && fn(insns[i].imm) &&
		    reaches_exit(insns, end, i + 1))
			return true;
	}
	return false;
}
