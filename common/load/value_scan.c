/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "load/value_regs.h"
#include "load/value_writes.h"

enum {
	HTAB_KEY_OFFSET = 48, /* of an element of a hash, before its key */
	TARGETS_MAX = 4096,   /* places that are jumped to: a state each */
	PASSES_MAX = 16,
};

/* Newer than some headers: atomic accesses that are no sums, a jump through a table. */
enum { ATOMIC_LOAD = 0x100, ATOMIC_STORE = 0x110, MODE_ATOMIC = 0xc0, OP_JA = BPF_JA };

/* The value of an array with one element has a fixed address. */
static const uint32_t from_address = INT32_MAX;

struct value_scan {
	struct value_writes *writes;
	const char *name;
	const struct bpf_insn *insns;
	size_t nr;
	const struct value_writes_map *map;
	size_t first_function; /* index of the first that is called; nr: none */
	struct value_state now;
	struct value_state **at; /* where a jump leads; owned */
	size_t nr_at;
	unsigned int pass;
	bool changed;
};

static void scan_doubt(struct value_scan *s, const char *why)
{
	if (!s->writes->doubt)
		s->writes->doubt = xasprintf("program '%s' %s", s->name, why);
}

static void scan_record(struct value_scan *s, const struct value_reg *to, int16_t off,
			uint32_t size, enum value_sum sum)
{
	int64_t offset = (int64_t)to->offset + off;
	struct value_write write = {.size = size, .sum = sum};

	if (offset < 0) {
		scan_doubt(s, "writes in front of the value");
		return;
	}
	write.offset = (uint32_t)offset;
	write.span = to->span;
	write.step = to->span ? to->step : 0;
	value_writes_add(s->writes, &write);
}

/* --- jumps ----------------------------------------------------------------------------- */

static void scan_reach(struct value_scan *s, size_t to)
{
	struct value_state before;

	if (!s->at[to]) {
		if (s->nr_at == TARGETS_MAX) {
			scan_doubt(s, "is too long to be followed");
			return;
		}
		s->at[to] = xcalloc(1, sizeof(*s->at[to]));
		s->nr_at++;
	}
	before = *s->at[to];
	value_state_join(s->at[to], &s->now, to, s->pass > 0);
	s->changed |= memcmp(&before, s->at[to], sizeof(before)) != 0;
}

/* A number is smaller where the jump is not taken, or where it is. */
static void scan_bound(struct value_reg *reg, const struct bpf_insn *insn, bool jumped)
{
	uint8_t op = BPF_OP(insn->code);
	uint64_t most;

	if (BPF_SRC(insn->code) != BPF_K || insn->imm < 0 || reg->kind != REG_OTHER ||
	    (BPF_CLASS(insn->code) == BPF_JMP32 && reg->max > UINT32_MAX))
		return;
	if (op == (jumped ? BPF_JLE : BPF_JGT) || (jumped && op == BPF_JEQ) ||
	    (!jumped && op == BPF_JNE))
		most = (uint32_t)insn->imm;
	else if (op == (jumped ? BPF_JLT : BPF_JGE) && insn->imm > 0)
		most = (uint32_t)insn->imm - 1;
	else
		return;
	if (most < reg->max)
		reg->max = most;
}

static void scan_jump(struct value_scan *s, size_t i)
{
	const struct bpf_insn *insn = &s->insns[i];
	uint8_t op = BPF_OP(insn->code);
	bool always = op == OP_JA;
	int32_t off = insn->code == (BPF_JMP32 | BPF_JA) ? insn->imm : insn->off;
	int64_t to = (int64_t)i + 1 + off;
	struct value_reg before = s->now.regs[insn->dst_reg];

	if (always && BPF_SRC(insn->code) == BPF_X) {
		scan_doubt(s, "jumps through a table");
		to = -1;
	}
	if (to >= 0 && to < (int64_t)s->nr) {
		if (!always)
			scan_bound(&s->now.regs[insn->dst_reg], insn, true);
		scan_reach(s, (size_t)to);
		s->now.regs[insn->dst_reg] = before;
	}
	if (always)
		s->now.live = false;
	else
		scan_bound(&s->now.regs[insn->dst_reg], insn, false);
}

static void scan_exit(struct value_scan *s, size_t i)
{
	if (i >= s->first_function && value_reg_is_pointer(&s->now.regs[BPF_REG_0]))
		scan_doubt(s, "returns a pointer to the value from a function");
	s->now.live = false;
}

/* --- calls ----------------------------------------------------------------------------- */

/* To the lock itself: the kernel lets no function have it but those that lock and unlock. */
static bool scan_is_lock(const struct value_scan *s, const struct value_reg *reg)
{
	return reg->kind == REG_VALUE && !reg->span && s->map->lock_at >= 0 &&
	       reg->offset == s->map->lock_at;
}

/* A map's own functions only read what they are given, unless they call back: true. */
static bool scan_arguments(struct value_scan *s, bool of_map, bool of_program)
{
	const struct value_reg *regs = s->now.regs;
	bool locks = !of_program && scan_is_lock(s, &regs[BPF_REG_1]);
	bool calls_back = of_program, passes = false;

	for (int i = BPF_REG_1; i <= BPF_REG_5; i++) {
		calls_back |= regs[i].kind == REG_FUNC;
		passes |= value_reg_is_pointer(&regs[i]);
	}
	/* What is left in the other registers is no argument of these. */
	if (locks)
		return true;
	if (passes && !of_map)
		scan_doubt(s, "hands the value to a function");
	else if (calls_back && (of_map || value_state_spilled(&s->now)))
		scan_doubt(s, "calls a function that may have the value");
	return of_map && !calls_back;
}

static bool insn_is_inlined(const struct bpf_insn *insn, int16_t off)
{
	const struct bpf_insn *add = insn + (off == 3 ? 1 : off);

	return insn->code == (BPF_JMP | BPF_JEQ | BPF_K) && insn->dst_reg == BPF_REG_0 &&
	       insn->imm == 0 && insn->off == off &&
	       add->code == (BPF_ADD | BPF_K | BPF_ALU64) && add->dst_reg == BPF_REG_0 &&
	       add->imm > HTAB_KEY_OFFSET;
}

/* What the kernel puts behind the lookup of a hash: from the element to its value. */
static size_t scan_inlined(const struct value_scan *s, size_t i)
{
	static const int16_t lengths[] = {1, 3, 4};

	for (size_t k = 0; k < array_size(lengths); k++)
		if (i + (size_t)lengths[k] < s->nr &&
		    insn_is_inlined(&s->insns[i], lengths[k]))
			return (size_t)lengths[k] + 1;
	return 0;
}

static size_t scan_call(struct value_scan *s, size_t i)
{
	bool of_program = s->insns[i].src_reg == BPF_PSEUDO_CALL;
	bool of_map = s->now.regs[BPF_REG_1].kind == REG_MAP;

	value_state_call(&s->now, scan_arguments(s, of_map, of_program));
	if (!of_map || s->insns[i].src_reg)
		return 0;
	value_state_renew(&s->now, (uint32_t)i + 1);
	s->now.regs[BPF_REG_0] =
		(struct value_reg){.kind = REG_VALUE, .from = (uint32_t)i + 1};
	return scan_inlined(s, i + 1);
}

/* --- memory ---------------------------------------------------------------------------- */

static uint32_t insn_size(const struct bpf_insn *insn)
{
	switch (BPF_SIZE(insn->code)) {
	case BPF_B:
		return 1;
	case BPF_H:
		return 2;
	case BPF_W:
		return 4;
	default:
		return 8;
	}
}

/* Per-CPU: from the element to the value of this CPU, which is the same pointer to us. */
static bool scan_is_percpu(const struct value_scan *s, size_t i, uint32_t kind)
{
	const struct bpf_insn *insn = &s->insns[i], *next = insn + 1;

	return kind == REG_VALUE && insn_size(insn) == 8 && insn->dst_reg == 0 &&
	       insn->src_reg == 0 && insn->off == 0 && i + 1 < s->nr &&
	       next->code == (BPF_ALU64 | BPF_MOV | BPF_X) && next->dst_reg == 0 &&
	       next->src_reg == 0 && next->off == -1;
}

static void scan_load(struct value_scan *s, size_t i)
{
	const struct bpf_insn *insn = &s->insns[i];
	struct value_reg src = s->now.regs[insn->src_reg];
	struct value_reg *dst = &s->now.regs[insn->dst_reg];
	uint32_t size = insn_size(insn);

	if (((src.kind == REG_FRAME && src.span) || value_reg_may_be_frame(&src)) &&
	    value_state_spilled(&s->now))
		scan_doubt(s, "keeps a pointer to the value in the stack");
	*dst = REG_UNKNOWN;
	if (src.kind == REG_FRAME)
		*dst = value_state_load(&s->now, &src, insn->off, size);
	else if (src.kind == REG_VALUE)
		*dst = (struct value_reg){.kind = REG_READ,
					  .offset = src.offset + insn->off,
					  .size = size,
					  .span = src.span,
					  .step = src.step,
					  .from = src.from};
	else if (src.kind == REG_LOST)
		*dst = REG_TAINTED;
	if (dst->kind == REG_OTHER && size < 8 && BPF_MODE(insn->code) == BPF_MEM)
		dst->max = (UINT64_C(1) << size * 8) - 1;
}

/* Is it the sum of what is there and something? */
static bool scan_is_sum(const struct value_reg *src, const struct value_reg *to,
			int16_t off, uint32_t size)
{
	return src->kind == REG_SUM && to->from && src->from == to->from &&
	       src->offset == to->offset + off && src->size == size;
}

static void scan_store(struct value_scan *s, const struct bpf_insn *insn)
{
	bool is_stx = BPF_CLASS(insn->code) == BPF_STX;
	struct value_reg to = s->now.regs[insn->dst_reg];
	struct value_reg src = is_stx ? s->now.regs[insn->src_reg] : REG_UNKNOWN;
	uint32_t size = insn_size(insn);
	bool in_slot = to.kind == REG_FRAME &&
		       value_state_store(&s->now, &to, insn->off, size, &src);

	if (value_reg_may_be_frame(&to))
		value_state_store(&s->now, &REG_SOMEWHERE, 0, size, &src);
	if (to.kind == REG_LOST)
		scan_doubt(s, "writes to a member that depends on a number");
	else if (to.kind == REG_VALUE)
		scan_record(s, &to, insn->off, size,
			    scan_is_sum(&src, &to, insn->off, size) ? VALUE_PLAIN
								    : VALUE_OVERWRITTEN);
	if (value_reg_is_pointer(&src) && !in_slot)
		scan_doubt(s, "keeps a pointer to the value");
}

static void scan_atomic(struct value_scan *s, const struct bpf_insn *insn)
{
	struct value_reg to = s->now.regs[insn->dst_reg];
	const struct value_reg *src = &s->now.regs[insn->src_reg];
	bool adds = (insn->imm & ~BPF_FETCH) == BPF_ADD;
	struct value_reg frame = value_reg_may_be_frame(&to) ? REG_SOMEWHERE : to;

	if (insn->imm == ATOMIC_LOAD) {
		s->now.regs[insn->dst_reg] = REG_TAINTED;
		return;
	}
	if (to.kind == REG_LOST)
		scan_doubt(s, "writes to a member that depends on a number");
	else if (to.kind == REG_VALUE)
		scan_record(s, &to, insn->off, insn_size(insn),
			    adds && !value_reg_is_read(src) ? VALUE_ATOMIC
							    : VALUE_OVERWRITTEN);
	if (frame.kind == REG_FRAME)
		value_state_store(&s->now, &frame, insn->off, 0, src);
	if (value_reg_is_pointer(src))
		scan_doubt(s, "keeps a pointer to the value");
	if (insn->imm == BPF_CMPXCHG)
		s->now.regs[BPF_REG_0] = REG_TAINTED;
	else if (insn->imm & BPF_FETCH)
		s->now.regs[insn->src_reg] = REG_TAINTED;
}

static void scan_wide(struct value_scan *s, size_t i)
{
	const struct bpf_insn *insn = &s->insns[i];
	struct value_reg *dst = &s->now.regs[insn->dst_reg];
	bool ours = (uint32_t)insn->imm == s->map->id;

	*dst = REG_UNKNOWN;
	if (insn->src_reg == BPF_PSEUDO_MAP_FD && ours)
		dst->kind = REG_MAP;
	else if (insn->src_reg == BPF_PSEUDO_FUNC)
		dst->kind = REG_FUNC;
	else if (insn->src_reg == BPF_PSEUDO_MAP_VALUE && ours && i + 1 < s->nr)
		*dst = (struct value_reg){
			.kind = REG_VALUE, .offset = insn[1].imm, .from = from_address};
}

/* --- instructions ---------------------------------------------------------------------- */

/* How many of those that follow are done with it. */
static size_t scan_insn(struct value_scan *s, size_t i)
{
	const struct bpf_insn *insn = &s->insns[i];
	uint8_t class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

	if (class == BPF_ALU || class == BPF_ALU64) {
		value_state_alu(&s->now, insn, i);
	} else if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
		scan_wide(s, i);
		return 1;
	} else if (class == BPF_LD) {
		value_state_call(&s->now, true);
	} else if (class == BPF_LDX) {
		if (scan_is_percpu(s, i, s->now.regs[BPF_REG_0].kind))
			return 1;
		scan_load(s, i);
	} else if (class == BPF_STX && BPF_MODE(insn->code) == MODE_ATOMIC) {
		scan_atomic(s, insn);
	} else if (class == BPF_ST || class == BPF_STX) {
		scan_store(s, insn);
	} else if (op == BPF_CALL && class == BPF_JMP) {
		return scan_call(s, i);
	} else if (op == BPF_EXIT && class == BPF_JMP) {
		scan_exit(s, i);
	} else {
		scan_jump(s, i);
	}
	return 0;
}

static void scan_pass(struct value_scan *s)
{
	s->changed = false;
	value_state_begin(&s->now);
	for (size_t i = 0; i < s->nr; i++) {
		if (s->at[i]) {
			if (s->now.live)
				scan_reach(s, i);
			s->now = *s->at[i];
		}
		/* A function begins, or nothing leads here. */
		if (!s->now.live)
			value_state_begin(&s->now);
		i += scan_insn(s, i);
	}
}

void value_writes_scan(struct value_writes *w, const char *name,
		       const struct bpf_insn *insns, size_t nr,
		       const struct value_writes_map *map)
{
	struct value_scan s = {.writes = w,
			       .name = name,
			       .insns = insns,
			       .nr = nr,
			       .map = map,
			       .first_function = nr};

	if (!insns) {
		scan_doubt(&s, "does not show its instructions");
		return;
	}
	for (size_t i = 0; i < nr; i++)
		if (insns[i].code == (BPF_JMP | BPF_CALL) &&
		    insns[i].src_reg == BPF_PSEUDO_CALL && insns[i].imm >= 0 &&
		    i + 1 + (size_t)insns[i].imm < s.first_function)
			s.first_function = i + 1 + (size_t)insns[i].imm;
	s.at = xcalloc(nr + 1, sizeof(*s.at));
	do
		scan_pass(&s);
	while (s.changed && ++s.pass < PASSES_MAX);
	if (s.changed)
		scan_doubt(&s, "loops in a way that is not followed");
	for (size_t i = 0; i < nr; i++)
		free(s.at[i]);
	free(s.at);
}
