/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "btf/element_plan.h"
#include "load/migrate_adder_code.h"
#include "load/migrate_shadow.h"

/* What stays in which register: the parameters, the row's value, the new map's value, a CPU. */
enum {
	PARAMS = BPF_REG_6,
	ROW = BPF_REG_7,
	VALUE = BPF_REG_8,
	CPU = BPF_REG_9,
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

	at.add = at.key + padded(plan->new_key_size);
	at.set = at.add + (uint32_t)(plan->nr_deltas * sizeof(uint64_t));
	at.mask = at.set + padded(plan->new_value_size);
	at.keep = at.mask + padded(plan->new_value_size);
	at.now = at.keep + padded(plan->new_value_size);
	at.same = at.now + padded(plan->old_value_size);
	at.bytes = at.same + slots * padded(plan->new_value_size);
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

/* The program ends here, unless R0 and 0 are what the jump asks for. */
static void emit_return_unless(struct code *c, uint8_t jump, int32_t verdict)
{
	emit(c, (struct bpf_insn){
			.code = BPF_JMP | jump | BPF_K, .dst_reg = BPF_REG_0, .off = 2});
	emit_return(c, verdict);
}

/* dst = lookup(map, r2), or the program ends. */
static void emit_lookup(struct code *c, uint8_t dst, int fd, int32_t verdict)
{
	emit_map(c, BPF_REG_1, fd, false);
	emit_call(c, BPF_FUNC_map_lookup_elem);
	emit_return_unless(c, BPF_JNE, verdict);
	emit_alu(c, BPF_MOV, dst, BPF_REG_0);
}

/* --- the steps --- */

static void emit_row(struct code *c, const struct migrate_adder_code *code)
{
	uint32_t stride = padded(code->plan->old_value_size);

	/* The key of the rows is their number, at the beginning of the parameters. */
	emit_alu(c, BPF_MOV, BPF_REG_2, PARAMS);
	emit_lookup(c, ROW, code->rows_fd, 0);
	if (code->act == MIGRATE_ADDER_DELETES)
		return;
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

static void emit_key(struct code *c, const struct migrate_adder_code *code)
{
	emit_alu(c, BPF_MOV, BPF_REG_2, PARAMS);
	emit_alu_imm(c, BPF_ADD, BPF_REG_2, (int32_t)code->at.key);
}

static void emit_value(struct code *c, const struct migrate_adder_code *code)
{
	emit_key(c, code);
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

/* No instruction may touch the lock. */
static bool is_lock(const struct migrate_adder_code *code, uint32_t offset,
		    uint32_t bytes)
{
	return code->lock_at >= 0 && (uint32_t)code->lock_at < offset + bytes &&
	       (uint32_t)code->lock_at + 4 > offset;
}

/* Does something that is added, or the lock, begin within? */
static bool is_added(const struct migrate_adder_code *code, uint32_t offset,
		     uint32_t bytes)
{
	if (is_lock(code, offset, bytes))
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

/* The new programs wrote what was to be set, after it was looked at: nothing is done. */
static void emit_keep(struct code *c, const struct migrate_adder_code *code,
		      uint32_t offset, uint32_t bytes)
{
	size_t jump;

	emit_param(c, BPF_REG_1, bytes, code->at.keep + offset);
	emit_param(c, BPF_REG_2, bytes, code->at.same + offset);
	emit_load(c, BPF_REG_3, VALUE, bytes, offset);
	emit_alu(c, BPF_XOR, BPF_REG_2, BPF_REG_3);
	emit_alu(c, BPF_AND, BPF_REG_1, BPF_REG_2);
	jump = c->nr;
	emit(c,
	     (struct bpf_insn){.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_1});
	emit_lock(c, code, BPF_FUNC_spin_unlock);
	emit_return(c, MIGRATE_ADDER_CHANGED);
	c->insns[jump].off = (int16_t)(c->nr - jump - 1);
}

/* The same of a whole value; PARAMS of a slot are at SCRATCH. */
static void emit_compare(struct code *c, const struct migrate_adder_code *code,
			 uint32_t offset, uint32_t bytes)
{
	(void)code;
	emit_load(c, BPF_REG_1, SCRATCH, bytes, offset);
	emit_load(c, BPF_REG_2, VALUE, bytes, offset);
	emit(c, (struct bpf_insn){.code = BPF_JMP | BPF_JEQ | BPF_X,
				  .dst_reg = BPF_REG_1,
				  .src_reg = BPF_REG_2,
				  .off = 2});
	emit_return(c, MIGRATE_ADDER_CHANGED);
}

/* fn for each piece of a value, in aligned pieces without those that skip says. */
static void emit_pieces(struct code *c, const struct migrate_adder_code *code,
			bool (*skip)(const struct migrate_adder_code *, uint32_t,
				     uint32_t),
			void (*fn)(struct code *, const struct migrate_adder_code *,
				   uint32_t, uint32_t))
{
	uint32_t size = code->plan->new_value_size, offset = 0;

	while (offset < size) {
		uint32_t bytes = 8;

		/* What is skipped is not touched: a piece takes its neighbours only. */
		while (bytes > 1 && (offset % bytes || offset + bytes > size ||
				     skip(code, offset, bytes)))
			bytes /= 2;
		if (!skip(code, offset, bytes))
			fn(c, code, offset, bytes);
		offset += bytes;
	}
}

/* Is the element what it was, on each CPU? Until it is deleted nothing else is done. */
static void emit_unchanged(struct code *c, const struct migrate_adder_code *code)
{
	enum { LOOKUP_PERCPU = 195 }; /* bpf_map_lookup_percpu_elem(), Linux 5.19 */
	size_t again;

	if (code->slots < 2) {
		emit_value(c, code);
		emit_alu(c, BPF_MOV, SCRATCH, PARAMS);
		emit_alu_imm(c, BPF_ADD, SCRATCH, (int32_t)code->at.same);
		emit_pieces(c, code, is_lock, emit_compare);
		return;
	}
	emit_alu_imm(c, BPF_MOV, CPU, 0);
	again = c->nr;
	emit_key(c, code);
	emit_map(c, BPF_REG_1, code->new_fd, false);
	emit_alu(c, BPF_MOV, BPF_REG_3, CPU);
	emit_call(c, LOOKUP_PERCPU);
	emit_return_unless(c, BPF_JNE, MIGRATE_ADDER_MISSING);
	emit_alu(c, BPF_MOV, VALUE, BPF_REG_0);
	emit_alu(c, BPF_MOV, BPF_REG_1, CPU);
	emit_alu_imm(c, BPF_MUL, BPF_REG_1, (int32_t)padded(code->plan->new_value_size));
	emit_alu(c, BPF_MOV, SCRATCH, PARAMS);
	emit_alu_imm(c, BPF_ADD, SCRATCH, (int32_t)code->at.same);
	emit_alu(c, BPF_ADD, SCRATCH, BPF_REG_1);
	emit_pieces(c, code, is_lock, emit_compare);
	emit_alu_imm(c, BPF_ADD, CPU, 1);
	emit(c, (struct bpf_insn){.code = BPF_JMP | BPF_JLT | BPF_K,
				  .dst_reg = CPU,
				  .off = (int16_t)((long)again - (long)c->nr - 1),
				  .imm = (int32_t)code->slots});
}

static void emit_delete(struct code *c, const struct migrate_adder_code *code)
{
	emit_key(c, code);
	emit_map(c, BPF_REG_1, code->new_fd, false);
	emit_call(c, BPF_FUNC_map_delete_elem);
	emit_return_unless(c, BPF_JEQ, MIGRATE_ADDER_MISSING);
	emit(c, (struct bpf_insn){.code = BPF_ST | BPF_DW | BPF_MEM,
				  .dst_reg = ROW,
				  .imm = MIGRATE_ROW_GONE});
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
	if (code->act == MIGRATE_ADDER_DELETES) {
		emit_unchanged(&c, code);
		emit_delete(&c, code);
	} else {
		emit_value(&c, code);
		emit_lock(&c, code, BPF_FUNC_spin_lock);
		if (code->act == MIGRATE_ADDER_SETS)
			emit_pieces(&c, code, is_added, emit_keep);
		emit_adds(&c, code);
		if (code->act == MIGRATE_ADDER_SETS)
			emit_pieces(&c, code, is_added, emit_set);
		emit_lock(&c, code, BPF_FUNC_spin_unlock);
		emit_advance(&c, code);
	}
	emit_return(&c, MIGRATE_ADDER_DONE);
	*ret = c.insns;
	return c.nr;
}
