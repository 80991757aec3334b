/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The program between btf_plan.c, which writes it, and btf_run.c, which runs it.
 */
#ifndef VIEW_BTF_PLAN_PRIVATE_H
#define VIEW_BTF_PLAN_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

enum {
	PLAN_MAX_OPS = 1 << 17,
	PLAN_MAX_TEXT = 8 << 20,
	PLAN_MAX_LEVELS = 64,
	PLAN_MAX_EMPTIES = 1 << 12,
};

enum plan_code {
	/* One value each. */
	PLAN_U8,
	PLAN_S8,
	PLAN_U16,
	PLAN_S16,
	PLAN_U32,
	PLAN_S32,
	PLAN_U64,
	PLAN_S64,
	PLAN_BOOL,
	PLAN_CHAR,
	PLAN_CHAR_JSON,
	PLAN_BITS, /* hex; bits of them from bit shift on */
	PLAN_BITS_QUOTED,
	PLAN_POINTER, /* as printf's %p */
	PLAN_ENUM,    /* name, or a number if table does not know it */
	PLAN_FLOAT,   /* bits: 32 or 64 */

	PLAN_READABLE, /* element: enum readable_kind, quoted */
	PLAN_CGROUP,   /* the path of that id, quoted; the number where there is none */

	PLAN_LIST,   /* count values of kind element, commas between */
	PLAN_STRING, /* char array: as string if printable, else as a PLAN_LIST */

	/* The operations between these two run count times, stride bytes apart. */
	PLAN_LOOP,
	PLAN_LOOP_END,

	PLAN_END,
};

/* A piece of plan->text. */
struct plan_piece {
	uint32_t at, len;
};

struct plan_op {
	struct plan_piece before; /* printed first */
	struct plan_piece close;  /* PLAN_LIST, PLAN_STRING: what ends the list */
	uint32_t offset;          /* of the value, from the innermost loop's element */
	uint32_t count, stride;
	uint32_t table;  /* PLAN_ENUM: index of its plan_enum */
	uint8_t code;    /* enum plan_code */
	uint8_t element; /* PLAN_LIST, PLAN_STRING: code of one value; PLAN_READABLE */
	uint8_t shift, bits;
};

struct plan_name {
	int64_t value;
	struct plan_piece text; /* quoted */
};

/* Names sorted by value, those of one value in BTF's order: the first counts. */
struct plan_enum {
	uint32_t type_id;
	uint32_t first, nr; /* in plan->names */
	uint32_t size;      /* bytes of the value: 1, 2, 4 or 8 */
};

struct btf_plan {
	char *text; /* all fixed text, padded for outbuf_padded() */
	struct plan_op *ops;
	size_t nr_ops;
	struct plan_enum *enums;
	size_t nr_enums;
	struct plan_name *names;
	size_t nr_names;
	const struct readable_names *kernel; /* PLAN_CGROUP */
};

#endif
