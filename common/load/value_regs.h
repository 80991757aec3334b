/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What registers and stack slots of a program may hold, as far as the values of one map are
 * concerned: for value_scan.c only. A pointer that might be one into a value counts as one;
 * a number counts as "what was read there, and something added" only if it is that on every
 * way.
 */
#ifndef LOAD_VALUE_REGS_H
#define LOAD_VALUE_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As many registers as an instruction can name; programs have 11. */
enum {
	VALUE_NR_REGS = 16,
	VALUE_STACK_SLOTS = 64,
	VALUE_STACK_BYTES = VALUE_STACK_SLOTS * 8
};

enum value_reg_kind {
	REG_OTHER, /* a number up to max that is a multiple of step, or a foreign pointer */
	REG_DERIVED, /* computed from what was read out of a value */
	REG_MAP,     /* the map, or a place in its head */
	REG_FUNC,    /* a function that may be called back */
	REG_FRAME,   /* a place in the stack: offset; span: nobody knows where */
	REG_VALUE,   /* offset, up to span more in steps, in the value of an element */
	REG_LOST,    /* in a value, nobody knows where */
	REG_READ,    /* what was read at offset in a value: size */
	REG_SUM,     /* that, and something added that does not depend on it */
};

/* No padding: states are compared as bytes. */
struct value_reg {
	uint32_t kind; /* enum value_reg_kind */
	int32_t offset;
	uint32_t size; /* of a read; of a pointer: 1 if it may lead into the stack */
	uint32_t span, step;
	uint32_t from; /* which pointer: the same number, the same place; 0: not known */
	uint64_t max;
};

struct value_state {
	struct value_reg regs[VALUE_NR_REGS];
	struct value_reg stack[VALUE_STACK_SLOTS];
	uint64_t live;
};

/* Any place in the stack. */
#define REG_SOMEWHERE ((struct value_reg){.kind = REG_FRAME, .span = 1})
/* A number of which nothing is known. */
#define REG_UNKNOWN ((struct value_reg){.kind = REG_OTHER, .step = 1, .max = UINT64_MAX})
#define REG_TAINTED \
	((struct value_reg){.kind = REG_DERIVED, .step = 1, .max = UINT64_MAX})

static inline bool value_reg_is_pointer(const struct value_reg *reg)
{
	return reg->kind == REG_VALUE || reg->kind == REG_LOST;
}

/* On some way it leads into the stack, to any place there. */
static inline bool value_reg_may_be_frame(const struct value_reg *reg)
{
	return value_reg_is_pointer(reg) && reg->size;
}

/* Depends on what a value holds. */
static inline bool value_reg_is_read(const struct value_reg *reg)
{
	return reg->kind == REG_DERIVED || reg->kind == REG_READ || reg->kind == REG_SUM;
}

/* Where a function begins: nothing is known but the frame. */
void value_state_begin(struct value_state *state);

/* Forgets which pointer was made at `from`: it is made anew, perhaps for another element. */
void value_state_renew(struct value_state *state, uint32_t from);

/*
 * state comes to the instruction with that index, where to is known. Numbers that grew lose
 * their bound if widen.
 */
void value_state_join(struct value_state *to, const struct value_state *state,
		      size_t index, bool widen);

/* dst OP= src, or an immediate: numbers and pointers. index: of the instruction. */
struct bpf_insn;
void value_state_alu(struct value_state *state, const struct bpf_insn *insn,
		     size_t index);

/* What a load of size bytes at frame + off has; frame: of kind REG_FRAME. */
struct value_reg value_state_load(struct value_state *state,
				  const struct value_reg *frame, int16_t off,
				  uint32_t size);

/*
 * src is stored there. Less than 8 bytes of it, or an operation with what was there (size 0),
 * leave a number of which nothing is known but whether it depends on a value. False: it went to
 * no slot, or nobody knows to which.
 */
bool value_state_store(struct value_state *state, const struct value_reg *frame,
		       int16_t off, uint32_t size, const struct value_reg *src);

/*
 * After a call: nothing is known of r0 to r5 and, unless it only reads what it is given, of
 * numbers in the stack from where it was given a pointer.
 */
void value_state_call(struct value_state *state, bool reads);
/* Is a pointer into a value in the stack? */
bool value_state_spilled(const struct value_state *state);

#endif
