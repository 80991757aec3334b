/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <string.h>

#include "load/value_regs.h"

/* Offsets that make sense: no value is larger by far, and sums stay in range. */
enum { OFFSET_MAX = 1 << 28 };

/* Numbers of pointers: of instructions from 1, of joins with this bit. */
static const uint32_t joined = UINT32_C(1) << 31;

/* A pointer of which it is not known any more where it leads. */
static struct value_reg pointer_lost(const struct value_reg *reg)
{
	return (struct value_reg){.kind = REG_LOST, .size = value_reg_may_be_frame(reg)};
}

void value_state_begin(struct value_state *state)
{
	for (size_t i = 0; i < VALUE_NR_REGS; i++)
		state->regs[i] = REG_UNKNOWN;
	for (size_t i = 0; i < VALUE_STACK_SLOTS; i++)
		state->stack[i] = REG_UNKNOWN;
	state->regs[BPF_REG_10] = (struct value_reg){.kind = REG_FRAME};
	state->live = true;
}

static void reg_renew(struct value_reg *reg, uint32_t from, uint32_t mask)
{
	if ((reg->from & mask) != from)
		return;
	if (reg->kind == REG_VALUE)
		reg->from = 0;
	else
		*reg = REG_TAINTED;
}

static void state_renew(struct value_state *state, uint32_t from, uint32_t mask)
{
	for (size_t i = 0; i < VALUE_NR_REGS; i++)
		reg_renew(&state->regs[i], from, mask);
	for (size_t i = 0; i < VALUE_STACK_SLOTS; i++)
		reg_renew(&state->stack[i], from, mask);
}

void value_state_renew(struct value_state *state, uint32_t from)
{
	state_renew(state, from, UINT32_MAX);
}

bool value_state_spilled(const struct value_state *state)
{
	for (size_t i = 0; i < VALUE_STACK_SLOTS; i++)
		if (value_reg_is_pointer(&state->stack[i]))
			return true;
	return false;
}

static void state_forget(struct value_state *state, const struct value_reg *frame)
{
	int64_t at = frame->span ? 0 : (int64_t)frame->offset + VALUE_STACK_BYTES;

	for (size_t i = at > 0 ? (size_t)at / 8 : 0; i < VALUE_STACK_SLOTS; i++) {
		struct value_reg *slot = &state->stack[i];

		if (value_reg_is_read(slot))
			*slot = REG_TAINTED;
		else if (slot->kind == REG_OTHER)
			*slot = REG_UNKNOWN;
	}
}

void value_state_call(struct value_state *state, bool reads)
{
	for (int i = BPF_REG_1; i <= BPF_REG_5 && !reads; i++)
		if (state->regs[i].kind == REG_FRAME)
			state_forget(state, &state->regs[i]);
	for (int i = BPF_REG_0; i <= BPF_REG_5; i++)
		state->regs[i] = REG_UNKNOWN;
}

/* NULL: none, or nobody knows which. */
static struct value_reg *state_slot(struct value_state *state,
				    const struct value_reg *frame, int16_t off)
{
	int64_t at = (int64_t)frame->offset + off + VALUE_STACK_BYTES;

	return frame->span || at < 0 || at >= VALUE_STACK_BYTES ? NULL
								: &state->stack[at / 8];
}

struct value_reg value_state_load(struct value_state *state,
				  const struct value_reg *frame, int16_t off,
				  uint32_t size)
{
	const struct value_reg *slot = state_slot(state, frame, off);
	bool is_read = slot && value_reg_is_read(slot);

	if (slot && size == 8)
		return *slot;
	for (size_t i = 0; i < VALUE_STACK_SLOTS && frame->span; i++)
		is_read |= value_reg_is_read(&state->stack[i]);
	return is_read ? REG_TAINTED : REG_UNKNOWN;
}

/* Some of its bytes are src by now, or all may be. */
static void slot_mix(struct value_reg *slot, const struct value_reg *src)
{
	*slot = value_reg_is_read(slot) || value_reg_is_read(src) ? REG_TAINTED
								  : REG_UNKNOWN;
}

bool value_state_store(struct value_state *state, const struct value_reg *frame,
		       int16_t off, uint32_t size, const struct value_reg *src)
{
	struct value_reg *slot = state_slot(state, frame, off);

	for (size_t i = 0; i < VALUE_STACK_SLOTS && frame->span; i++)
		if (state->stack[i].kind == REG_OTHER ||
		    value_reg_is_read(&state->stack[i]))
			slot_mix(&state->stack[i], src);
	if (slot && size == 8)
		*slot = *src;
	else if (slot)
		slot_mix(slot, src);
	return slot != NULL;
}

/* --- two ways to a place --------------------------------------------------------------- */

static void reg_join_numbers(struct value_reg *to, const struct value_reg *from,
			     bool widen)
{
	if (from->max > to->max)
		to->max = widen ? UINT64_MAX : from->max;
	if (from->step != to->step)
		to->step = 1;
}

/* What is a pointer into a value on one way only is no longer the one that is elsewhere, too. */
static void reg_join_other(struct value_reg *pointer, const struct value_reg *other,
			   uint32_t id)
{
	if (pointer->kind == REG_VALUE)
		pointer->from = id;
	if (other->kind == REG_FRAME)
		pointer->size = 1;
}

/* id: of the pointer that two become. */
static void reg_join(struct value_reg *to, const struct value_reg *from, uint32_t id,
		     bool widen)
{
	if (memcmp(to, from, sizeof(*to)) == 0)
		return;
	if (value_reg_is_pointer(to) && value_reg_is_pointer(from)) {
		to->size |= from->size;
		if (to->kind == REG_VALUE && from->kind == REG_VALUE &&
		    to->offset == from->offset && to->span == from->span &&
		    to->step == from->step)
			to->from = id;
		else
			*to = pointer_lost(to);
	} else if (value_reg_is_pointer(to)) {
		reg_join_other(to, from, id);
	} else if (value_reg_is_pointer(from)) {
		struct value_reg other = *to;

		*to = *from;
		reg_join_other(to, &other, id);
	} else if (to->kind == REG_MAP || to->kind == REG_FUNC) {
		/* The other is NULL, or no instruction uses it as what this one is. */
	} else if (from->kind == REG_MAP || from->kind == REG_FUNC) {
		*to = *from;
	} else if (to->kind == REG_FRAME || from->kind == REG_FRAME) {
		*to = REG_SOMEWHERE;
	} else if (value_reg_is_read(to) || value_reg_is_read(from)) {
		*to = REG_TAINTED;
	} else {
		reg_join_numbers(to, from, widen);
	}
}

void value_state_join(struct value_state *to, const struct value_state *state,
		      size_t index, bool widen)
{
	uint32_t id = joined | (uint32_t)index << 7;
	struct value_state coming = *state;

	/* Back at a place where pointers were joined before: they are others now. */
	state_renew(&coming, id, ~UINT32_C(0x7f));
	if (!to->live) {
		*to = coming;
		return;
	}
	for (size_t i = 0; i < VALUE_NR_REGS; i++)
		reg_join(&to->regs[i], &coming.regs[i], id | (uint32_t)i, widen);
	for (size_t i = 0; i < VALUE_STACK_SLOTS; i++)
		reg_join(&to->stack[i], &coming.stack[i],
			 id | (uint32_t)(VALUE_NR_REGS + i), widen);
}

/* --- numbers --------------------------------------------------------------------------- */

static uint64_t number_times(uint64_t max, uint64_t by)
{
	return __builtin_mul_overflow(max, by, &max) ? UINT64_MAX : max;
}

static struct value_reg number_constant(int64_t number)
{
	struct value_reg reg = REG_UNKNOWN;

	if (number < 0)
		return reg;
	reg.max = (uint64_t)number;
	reg.step = number && number <= OFFSET_MAX ? (uint32_t)number : 1;
	return reg;
}

/* What is known of a number after an operation with an immediate. */
static void number_alu(struct value_reg *dst, uint8_t op, int32_t imm)
{
	struct value_reg before = *dst;

	*dst = REG_UNKNOWN;
	if (imm < 0)
		return;
	if (op == BPF_AND) {
		dst->max = before.max < (uint32_t)imm ? before.max : (uint32_t)imm;
	} else if ((op == BPF_LSH && imm < 32) || op == BPF_MUL) {
		uint32_t by = op == BPF_LSH ? UINT32_C(1) << imm : (uint32_t)imm;
		uint64_t step = (uint64_t)before.step * by;

		dst->max = number_times(before.max, by);
		dst->step = step && step <= OFFSET_MAX && dst->max != UINT64_MAX
				    ? (uint32_t)step
				    : 1;
	} else if (op == BPF_RSH && imm < 64) {
		dst->max = before.max >> imm;
	}
}

/* --- additions and moves --------------------------------------------------------------- */

static void pointer_move(struct value_reg *dst, int64_t by)
{
	int64_t offset = dst->offset + by;

	if (dst->kind == REG_LOST || offset < -OFFSET_MAX || offset > OFFSET_MAX)
		*dst = pointer_lost(dst);
	else
		dst->offset = (int32_t)offset;
}

/* A pointer and a number that is not known; the place has a number of its own. */
static void pointer_add(struct value_reg *dst, const struct value_reg *number,
			uint32_t from)
{
	if (dst->kind == REG_LOST || number->kind != REG_OTHER ||
	    number->max > OFFSET_MAX || dst->span) {
		*dst = pointer_lost(dst);
		return;
	}
	dst->span = (uint32_t)number->max;
	dst->step = number->step;
	dst->from = from;
}

/* 32-bit operations leave nothing of the upper half. */
static bool reg_is_cut(const struct value_reg *reg, bool wide)
{
	return !wide && reg->size > sizeof(uint32_t);
}

static void state_move(struct value_reg *dst, const struct value_reg *src,
		       const struct bpf_insn *insn, bool wide)
{
	*dst = *src;
	if (wide && !insn->off)
		return;
	/* Of 32 bits, or with a sign. */
	if (value_reg_is_read(src)) {
		if (reg_is_cut(src, wide) ||
		    (insn->off && (uint32_t)insn->off != src->size * 8))
			*dst = REG_TAINTED;
	} else if (src->kind == REG_OTHER && !insn->off) {
		if (dst->max > UINT32_MAX) {
			*dst = REG_UNKNOWN;
			dst->max = UINT32_MAX;
		}
	} else {
		*dst = value_reg_is_pointer(src) ? pointer_lost(src) : REG_UNKNOWN;
	}
}

static void state_add(struct value_state *state, const struct bpf_insn *insn, bool wide,
		      uint32_t from)
{
	struct value_reg *dst = &state->regs[insn->dst_reg];
	struct value_reg imm = number_constant(insn->imm);
	bool by_reg = BPF_SRC(insn->code) == BPF_X;
	bool is_sub = BPF_OP(insn->code) == BPF_SUB;
	struct value_reg src = by_reg ? state->regs[insn->src_reg] : imm;
	int64_t by = is_sub ? -(int64_t)insn->imm : insn->imm;

	if (value_reg_is_pointer(dst) && wide && !by_reg) {
		pointer_move(dst, by);
	} else if (value_reg_is_pointer(dst) && wide && !is_sub) {
		value_state_renew(state, from);
		pointer_add(dst, &src, from);
	} else if (value_reg_is_pointer(dst)) {
		/* The distance of two pointers is a number. */
		*dst = value_reg_is_pointer(&src) ? REG_TAINTED : pointer_lost(dst);
	} else if (dst->kind == REG_FRAME) {
		if (by_reg || !wide || by <= -1024 || by >= 1024)
			dst->span = 1;
		else
			dst->offset += (int32_t)by;
	} else if (by_reg && src.kind == REG_MAP && !is_sub && wide) {
		/* The kernel's own code of a lookup: the element of an array. */
		value_state_renew(state, from);
		*dst = (struct value_reg){.kind = REG_VALUE, .from = from};
	} else if (by_reg && value_reg_is_pointer(&src) && !is_sub && wide) {
		struct value_reg number = *dst;

		*dst = src;
		value_state_renew(state, from);
		pointer_add(dst, &number, from);
	} else if ((dst->kind == REG_READ || dst->kind == REG_SUM) &&
		   !value_reg_is_read(&src) && !reg_is_cut(dst, wide)) {
		dst->kind = REG_SUM;
	} else if (by_reg && !is_sub && (src.kind == REG_READ || src.kind == REG_SUM) &&
		   !value_reg_is_read(dst) && !reg_is_cut(&src, wide)) {
		*dst = src;
		dst->kind = REG_SUM;
	} else if (dst->kind != REG_MAP || by_reg) {
		*dst = value_reg_is_read(dst) || value_reg_is_read(&src) ? REG_TAINTED
									 : REG_UNKNOWN;
	}
}

void value_state_alu(struct value_state *state, const struct bpf_insn *insn, size_t index)
{
	struct value_reg *dst = &state->regs[insn->dst_reg];
	bool by_reg = BPF_SRC(insn->code) == BPF_X;
	const struct value_reg *src = &state->regs[insn->src_reg];
	bool wide = BPF_CLASS(insn->code) == BPF_ALU64;
	uint8_t op = BPF_OP(insn->code);

	if (op == BPF_MOV && by_reg) {
		state_move(dst, src, insn, wide);
	} else if (op == BPF_MOV) {
		*dst = number_constant(wide ? insn->imm : (int64_t)(uint32_t)insn->imm);
	} else if (op == BPF_ADD || op == BPF_SUB) {
		state_add(state, insn, wide, (uint32_t)index + 1);
	} else if (value_reg_is_pointer(dst) || (by_reg && value_reg_is_pointer(src))) {
		*dst = pointer_lost(value_reg_is_pointer(dst) ? dst : src);
	} else if (value_reg_is_read(dst) || (by_reg && value_reg_is_read(src))) {
		*dst = REG_TAINTED;
	} else if (dst->kind == REG_FRAME) {
		dst->span = 1;
	} else if (by_reg || dst->kind != REG_OTHER || op == BPF_NEG || op == BPF_END) {
		*dst = REG_UNKNOWN;
	} else {
		if (!wide && dst->max > UINT32_MAX)
			*dst = (struct value_reg){
				.kind = REG_OTHER, .step = 1, .max = UINT32_MAX};
		number_alu(dst, op, insn->imm);
	}
	/* A shift or product of 32 bits may wrap. */
	if (!wide && dst->kind == REG_OTHER && dst->max > UINT32_MAX)
		*dst = (struct value_reg){
			.kind = REG_OTHER, .step = 1, .max = UINT32_MAX};
}
