/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The state of btf_plan_new(): btf_plan.c walks what holds other types, btf_scalar.c
 * knows single values, btf_emit.c writes the program and its fixed text.
 */
#ifndef VIEW_BTF_COMPILER_H
#define VIEW_BTF_COMPILER_H

#include <bpf/btf.h>
#include <stdbool.h>

#include "base/strbuf.h"
#include "view/btf_plan.h"
#include "view/btf_plan_private.h"

struct compiler {
	const struct btf *btf;
	enum btf_form form;
	bool readable;
	uint32_t size; /* of the whole value */
	struct btf_plan *plan;
	struct strbuf text;    /* becomes plan->text */
	struct strbuf pending; /* fixed text in front of the next operation */
	unsigned int depth;    /* open brackets */
	unsigned int levels;   /* of recursion */
	uint64_t reach;        /* how far the loops around may move an offset */
	uint64_t empties;      /* elements of no bytes, of all arrays so far */
	uint64_t around;       /* of the loops around, likewise; 0: none is one */
};

/* Fixed text. */
void plan_char(struct compiler *c, char text);
void plan_open(struct compiler *c, char bracket);
void plan_close(struct compiler *c, char bracket, bool empty);
/* The name of a member on a line of its own, a comma in front unless it is the first. */
void plan_name(struct compiler *c, uint32_t name_off, bool first);

/* Moves text into the plan, for an operation to refer to. */
struct plan_piece plan_keep(struct compiler *c, const struct strbuf *text);

/*
 * Appends op behind the pending text. It reads bytes from bit / 8 on: -EOPNOTSUPP if the
 * value is shorter, -E2BIG if the program gets too long.
 */
int plan_add(struct compiler *c, struct plan_op op, uint64_t bit,
	     uint64_t bytes) must_check;
/* Gives the list that was added last its end, one bracket less deep. */
void plan_close_list(struct compiler *c);

/*
 * The operation for one value of type id, without its offset; stride is the bytes it
 * reads. *bit moves where the type itself starts later. 1: the type holds others.
 */
int scalar_op(struct compiler *c, uint32_t id, uint64_t *bit,
	      struct plan_op *ret) must_check;
int scalar_bits(struct compiler *c, uint64_t bit, uint32_t bits,
		struct plan_op *ret) must_check;
/* A string for bpftool is an array of char, const or not, but no typedef of it. */
bool scalar_is_char(const struct btf *btf, uint32_t id);

#endif
