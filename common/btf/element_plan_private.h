/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Between element_plan.c, which makes a plan, element_match.c and element_match_struct.c, which
 * follow two types at a time, element_fields.c, which lists members, element_scalar.c, which
 * compares two numbers, element_row.c, which writes down what comes of it, element_policy.c,
 * which decides about merges, and element_convert.c, which moves bytes.
 */
#ifndef BTF_ELEMENT_PLAN_PRIVATE_H
#define BTF_ELEMENT_PLAN_PRIVATE_H

#include "btf/element_plan.h"
#include "def/layout.h"

struct btf_type;

enum element_step_kind {
	STEP_BYTES, /* whole bytes as they are: old_bits of them */
	STEP_INT,   /* a number of old_bits into one of new_bits */
	STEP_BOOL,  /* anything but 0 becomes 1 */
	STEP_EACH,  /* the next `inside` steps for nr elements */
	STEP_UNIT,  /* moves nothing: new_bits at new_bit are what a row is about */
};

/* Places are counted from the element of the STEP_EACH that a step is inside of. */
struct element_step {
	enum element_step_kind kind;
	bool is_signed;
	uint32_t old_bit, old_bits, new_bit, new_bits;
	uint32_t nr, old_stride, new_stride; /* of STEP_EACH; strides in bits */
	uint32_t inside;
	uint32_t row;    /* of STEP_UNIT, which stands in front of the row's steps */
	bool is_number;  /* of STEP_UNIT: integers on both sides */
	bool is_untyped; /* of STEP_UNIT: bytes without BTF */
};

struct element_steps {
	struct element_step *items; /* owned */
	size_t nr;
	struct element_step *runs; /* the same without units, neighbours joined; owned */
	size_t nr_runs;
};

/* Structs and arrays in one another. */
enum { ELEMENT_DEPTH_MAX = 32 };
/* Members, names and enumerators that are looked at: hostile BTF ends here. */
enum { ELEMENT_LOOKS_MAX = 1 << 22, ELEMENT_ROWS_MAX = 1 << 15 };

/* One key or value in the making. */
struct element_build {
	struct element_plan *plan;
	const struct btf *old_btf, *new_btf;
	struct element_steps *steps;
	bool of_key;
	uint64_t old_end, new_end; /* bits of the value, or of the array's element */
	unsigned int looks;        /* so far */
	unsigned int depth;
	const char *corrupt; /* why the BTF cannot be followed */
};

/* Where a type stands, from the element of the array of structs that it is in. */
struct element_spot {
	uint32_t type, bit;
	uint32_t bitfield; /* bits; 0: as wide as its type */
};

/* False, and b->corrupt is set: that was one too many. */
bool element_look(struct element_build *b, unsigned int nr);

/*
 * Rows and steps of one type that became another. b->corrupt: one of them makes no sense. No
 * step reaches past its side, and no two members of a struct have bytes in common.
 */
void element_match(struct element_build *b, const char *path, struct element_spot from,
		   struct element_spot to);

/* Its part for two structs or sections; match is called for each pair of members. */
typedef void (*element_match_fn)(struct element_build *b, const char *path,
				 struct element_spot from, struct element_spot to);
void element_match_struct(struct element_build *b, const char *path,
			  const struct element_spot *from, const struct element_spot *to,
			  element_match_fn match);

/* A row with both types as texts; from or to may be NULL: not there. */
size_t element_match_row(struct element_build *b, const char *path,
			 enum element_action action, const struct element_spot *from,
			 const struct element_spot *to, const char *why);
void element_match_refuse(struct element_build *b, const char *path,
			  const struct element_spot *from, const struct element_spot *to,
			  const char *why);

/*
 * The members of t at bit, those of unnamed structs in it too. An unnamed union is a member
 * without a name. False: b->corrupt.
 */
struct element_field {
	const char *name; /* borrowed from the BTF; "": an unnamed union */
	struct element_spot spot;
	bool taken;
};
struct element_fields {
	struct element_field *items; /* owned */
	size_t nr;
	uint64_t end; /* the first bit behind the last */
};
bool element_fields_add(struct element_build *b, const struct btf *btf,
			const struct btf_type *t, uint32_t bit,
			struct element_fields *to);
void element_fields_release(struct element_fields *fields);
#define auto_element_fields auto_release(element_fields_release) struct element_fields

/* Has the type a member of that name, in unnamed ones too? */
bool element_has_name(struct element_build *b, const struct btf *btf, uint32_t type,
		      const char *name);
/* Have both unnamed unions a member of the same name? Returns it, or NULL. */
const char *element_common_name(struct element_build *b, uint32_t old_type,
				uint32_t new_type);

/* The same bytes under the same names, through all levels. */
bool element_same_type(struct element_build *b, struct element_spot from,
		       struct element_spot to);

/* Bits of a member; 0: none or corrupt. */
uint64_t element_spot_bits(const struct btf *btf, const struct element_spot *spot);

/* Everything is copied. Returns its index; SIZE_MAX: too many. */
size_t element_row_add(struct element_build *b, const char *path,
		       enum element_action action, const char *old_type,
		       const char *new_type, const char *why);

/* "u32", "struct flow": appended, without dimensions. */
void element_type_text(const struct btf *btf, const struct element_spot *spot,
		       struct strbuf *out);

/* A scalar: no struct, union or array. */
struct element_scalar {
	enum layout_kind kind;
	uint32_t bit, bits;
	bool is_signed, is_char;
	bool is_kept_alive; /* a pointer whose object the kernel counts: a kptr */
};
/* False: the type is none. */
bool element_scalar_read(const struct btf *btf, const struct element_spot *spot,
			 struct element_scalar *ret);

/* What becomes of one. why is empty before, and says something of what is not refused too. */
struct element_change {
	enum element_action action; /* kept, converted or refused */
	struct element_step step;
	bool is_number; /* integers on both sides */
	struct strbuf why;
};
void element_scalar_change(struct element_build *b, const struct element_spot *from,
			   const struct element_spot *to, struct element_change *ret);

/*
 * Name of the type, if it is an object of the kernel's in a value (a lock, a timer); NULL:
 * none. *ret_is_lock: one that is free in a new element.
 */
const char *element_kernel_object(const struct btf *btf, uint32_t type,
				  bool *ret_is_lock);

struct element_step *element_step_add(struct element_steps *steps,
				      struct element_step step);
/* Fills runs. */
void element_steps_join(struct element_steps *steps);
void element_steps_free(struct element_steps *steps);

static inline bool element_side_adds(const struct element_side *side, uint64_t offset,
				     uint32_t size)
{
	return side->adds && side->adds(side->adds_ctx, (uint32_t)offset, size);
}

/* The one unit of a value without types, in parts, so that numbers have rows of their own. */
void element_untyped_split(struct element_plan *plan, const struct element_side *old_side,
			   const struct element_side *new_side,
			   const struct element_options *options);

/* Defaults, then what the options say; fills deltas. Only without refused members. */
int element_policies(struct element_plan *plan, const struct element_side *old_side,
		     const struct element_side *new_side,
		     const struct element_options *options, struct err *err) must_check;

#endif
