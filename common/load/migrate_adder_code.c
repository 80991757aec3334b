/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "btf/element_plan.h"
#include "load/migrate_adder_code.h"

/* What stays in which register: the parameters, the row's value, the new map's value. */
enum {
	PARAMS = BPF_REG_6,
	ROW = BPF_REG_7,
	VALUE = BPF_REG_8,
	SCRATCH = BPF_REG_5,
	OFFSET_MAX = 32760,
};

struct code {
	struct bpf_insn *insns;
	size_t nr;
};

static uint32_t padded(uint32_t n)
{
	return (n + 7) / 8 * 8;
}

struct migrate_adder_layout migrate_adder_layout(const struct element_plan *plan,
						 uint32_t slots)
{
	struct migrate_adder_layout at = {.row = 0, .slot = 4, .key = 8};

	(void)slots;
	at.add = at.key + padded(plan->new_key_size);
	at.set = at.add + (uint32_t)(plan->nr_deltas * sizeof(uint64_t));
	at.mask = at.set + padded(plan->new_value_size);
	at.now = at.mask + padded(plan->new_value_size);
	at.bytes = at.now + padded(plan->old_value_size);
	return at;
}

static void emit(struct code *c, struct bpf_insn insn)
{
	array_grow(c->insns, c->nr);
	c->insns[c->nr++] = insn;
}

static void emit_alu(struct code *c, uint8_t op, uint8_t dst, uint8_t src)
{
	emit(c, (struct bpf_insn){
			.code = BPF_ALU64 | op | BPF_X, .dst_reg = dst, .src_reg = src});
}

static void emit_alu_imm(struct code *c, uint8_t op, uint8_t dst, int32_t imm)
{
	emit(c, (struct bpf_insn){
			.code = BPF_ALU64 | op | BPF_K, .dst_reg = dst, .imm = imm});
}

static uint8_t size_bits(uint32_t bytes)
{
	return bytes == 8 ? BPF_DW : bytes == 4 ? BPF_W : bytes == 2 ? BPF_H : BPF_B;
}

static void emit_load(struct code *c, uint8_t dst, uint8_t base, uint32_t bytes,
		      uint32_t offset)
{
	emit(c, (struct bpf_insn){.code = BPF_LDX | size_bits(bytes) | BPF_MEM,
				  .dst_reg = dst,
				  .src_reg = base,
				  .off = (int16_t)offset});
}

/* A parameter, wherever it is: what is far away is reached from a register of its own. */
static void emit_param(struct code *c, uint8_t dst, uint32_t bytes, uint32_t offset)
{
	uint8_t base = PARAMS;

	if (offset > OFFSET_MAX) {
		emit_alu(c, BPF_MOV, SCRATCH, PARAMS);
		emit_alu_imm(c, BPF_ADD, SCRATCH, (int32_t)offset);
		base = SCRATCH;
		offset = 0;
	}
	emit_load(c, dst, base, bytes, offset);
}

static void emit_store(struct code *c, uint8_t base, uint8_t src, uint32_t bytes,
		       uint32_t offset)
{
	emit(c, (struct bpf_insn){.code = BPF_STX | size_bits(bytes) | BPF_MEM,
				  .dst_reg = base,
				  .src_reg = src,
				  .off = (int16_t)offset});
}

static void emit_map(struct code *c, uint8_t dst, int fd, bool value)
{
	emit(c, (struct bpf_insn){.code = BPF_LD | BPF_IMM | BPF_DW,
				  .dst_reg = dst,
				  .src_reg = value ? BPF_PSEUDO_MAP_VALUE
						   : BPF_PSEUDO_MAP_FD,
				  .imm = fd});
	emit(c, (struct bpf_insn){.code = 0});
}

static void emit_call(struct code *c, int32_t helper)
{
	emit(c, (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = helper});
}

static void emit_return(struct code *c, int32_t verdict)
{
	emit_alu_imm(c, BPF_MOV, BPF_REG_0, verdict);
	emit(c, (struct bpf_insn){.code = BPF_JMP | BPF_EXIT});
}

/* dst = lookup(map, r2), or the program ends. */
static void emit_lookup(struct code *c, uint8_t dst, int fd, int32_t verdict)
{
	emit_map(c, BPF_REG_1, fd, false);
	emit_call(c, BPF_FUNC_map_lookup_elem);
	emit(c, (struct bpf_insn){.code = BPF_JMP | BPF_JNE | BPF_K,
				  .dst_reg = BPF_REG_0,
				  .off = 2});
	emit_return(c, verdict);
	emit_alu(c, BPF_MOV, dst, BPF_REG_0);
}

/* --- the steps --- */

static void emit_row(struct code *c, const struct migrate_adder_code *code)
{
	uint32_t stride = padded(code->plan->old_value_size);

	/* The key of the rows is their number, at the beginning of the parameters. */
	emit_alu(c, BPF_MOV, BPF_REG_2, PARAMS);
	emit_lookup(c, ROW, code->rows_fd, 0);
	emit_alu_imm(c, BPF_ADD, ROW, (int32_t)code->value_offset);
	if (code->slots < 2)
		return;
	emit_param(c, BPF_REG_1, sizeof(uint32_t), code->at.slot);
	emit(c, (struct bpf_insn){.code = BPF_JMP | BPF_JLT | BPF_K,
				  .dst_reg = BPF_REG_1,
				  .off = 2,
				  .imm = (int32_t)code->slots});
	emit_return(c, 0);
	emit_alu_imm(c, BPF_MUL, BPF_REG_1, (int32_t)stride);
	emit_alu(c, BPF_ADD, ROW, BPF_REG_1);
}

static void emit_value(struct code *c, const struct migrate_adder_code *code)
{
	emit_alu(c, BPF_MOV, BPF_REG_2, PARAMS);
	emit_alu_imm(c, BPF_ADD, BPF_REG_2, (int32_t)code->at.key);
	emit_lookup(c, VALUE, code->new_fd, MIGRATE_ADDER_MISSING);
}

static void emit_lock(struct code *c, const struct migrate_adder_code *code,
		      int32_t helper)
{
	if (code->lock_at < 0)
		return;
	emit_alu(c, BPF_MOV, BPF_REG_1, VALUE);
	emit_alu_imm(c, BPF_ADD, BPF_REG_1, code->lock_at);
	emit_call(c, helper);
}

static void emit_adds(struct code *c, const struct migrate_adder_code *code)
{
	for (size_t i = 0; i < code->plan->nr_deltas; i++) {
		const struct element_delta *d = &code->plan->deltas[i];

		emit_param(c, BPF_REG_1, d->size,
			   code->at.add + (uint32_t)(i * sizeof(uint64_t)) +
				   (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
					    ? (uint32_t)sizeof(uint64_t) - d->size
					    : 0));
		emit(c,
		     (struct bpf_insn){.code = BPF_STX | BPF_ATOMIC | size_bits(d->size),
				       .dst_reg = VALUE,
				       .src_reg = BPF_REG_1,
				       .off = (int16_t)d->offset,
				       .imm = BPF_ADD});
	}
}

/* Does something that is added, or the lock, begin within? */
static bool is_added(const struct migrate_adder_code *code, uint32_t offset,
		     uint32_t bytes)
{
	if (code->lock_at >= 0 && (uint32_t)code->lock_at < offset + bytes &&
	    (uint32_t)code->lock_at + 4 > offset)
		return true;
	for (size_t i = 0; i < code->plan->nr_deltas; i++) {
		const struct element_delta *d = &code->plan->deltas[i];

		if (d->offset < offset + bytes && d->offset + d->size > offset)
			return true;
	}
	return false;
}

/* value = (value & ~mask) | set, where the mask has a bit at all. */
static void emit_set(struct code *c, const struct migrate_adder_code *code,
		     uint32_t offset, uint32_t bytes)
{
	size_t jump;

	emit_param(c, BPF_REG_1, bytes, code->at.mask + offset);
	jump = c->nr;
	emit(c,
	     (struct bpf_insn){.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_1});
	emit_param(c, BPF_REG_2, bytes, code->at.set + offset);
	emit_alu(c, BPF_AND, BPF_REG_2, BPF_REG_1);
	emit_alu_imm(c, BPF_XOR, BPF_REG_1, -1);
	emit_load(c, BPF_REG_3, VALUE, bytes, offset);
	emit_alu(c, BPF_AND, BPF_REG_3, BPF_REG_1);
	emit_alu(c, BPF_OR, BPF_REG_3, BPF_REG_2);
	emit_store(c, VALUE, BPF_REG_3, bytes, offset);
	c->insns[jump].off = (int16_t)(c->nr - jump - 1);
}

static void emit_sets(struct code *c, const struct migrate_adder_code *code)
{
	uint32_t size = code->plan->new_value_size, offset = 0;

	while (offset < size) {
		uint32_t bytes = 8;

		/* What is added is not written over: a store takes its neighbours only. */
		while (bytes > 1 && (offset % bytes || offset + bytes > size ||
				     is_added(code, offset, bytes)))
			bytes /= 2;
		if (!is_added(code, offset, bytes))
			emit_set(c, code, offset, bytes);
		offset += bytes;
	}
}

static void emit_advance(struct code *c, const struct migrate_adder_code *code)
{
	uint32_t size = padded(code->plan->old_value_size);

	for (uint32_t offset = 0; offset < size; offset += 8) {
		emit_param(c, BPF_REG_1, 8, code->at.now + offset);
		emit_store(c, ROW, BPF_REG_1, 8, offset);
	}
}

size_t migrate_adder_code(const struct migrate_adder_code *code, struct bpf_insn **ret)
{
	struct code c = {.nr = 0};

	emit_map(&c, PARAMS, code->params_fd, true);
	emit_row(&c, code);
	emit_value(&c, code);
	emit_lock(&c, code, BPF_FUNC_spin_lock);
	emit_adds(&c, code);
	if (code->sets)
		emit_sets(&c, code);
	emit_lock(&c, code, BPF_FUNC_spin_unlock);
	emit_advance(&c, code);
	emit_return(&c, MIGRATE_ADDER_DONE);
	*ret = c.insns;
	return c.nr;
}
