/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What an object's BTF says about the variables of a section: names, places, the members
 * of their structs. Reads through libbpf's accessors, each result checked, so that BTF of
 * any content is safe to ask. Knows nothing of ELF.
 */
#ifndef BTF_BTF_VARS_H
#define BTF_BTF_VARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;

/* Variables of a section, members of the struct of one. */
enum { BTF_VARS_MAX = 16384, BTF_VARS_MEMBERS_MAX = 64 };

struct btf_variable {
	const char *name; /* borrowed from the BTF */
	uint32_t id;      /* of the VAR */
	uint32_t type; /* what it is a variable of; typedefs and qualifiers as they are */
	uint32_t size;
	uint32_t offset; /* in the section; clang fills it in for static variables only */
	bool is_static;
};

struct btf_var_member {
	const char *name; /* "" for unnamed ones; borrowed from the BTF */
	uint32_t offset;  /* bytes; bit fields count as the bytes they touch */
	uint32_t size;
};

/* NULL for bytes that are no BTF. The result is the caller's, btf_vars_close() takes
 * NULL. */
struct btf *btf_vars_open(const void *bytes, size_t size);
void btf_vars_close(struct btf **btf);

/*
 * The variables of the first DATASEC of this name, in its order; *ret is the caller's to
 * free(). Nothing for btf == NULL; at most BTF_VARS_MAX.
 */
size_t btf_vars_in(const struct btf *btf, const char *section, struct btf_variable **ret);

/* Is the type, below typedefs and qualifiers, an array? */
bool btf_vars_is_array(const struct btf *btf, uint32_t type);
/* Members of a struct: their number; 0 for what is no struct or has more than fit. */
size_t btf_vars_members(const struct btf *btf, uint32_t type,
			struct btf_var_member ret[static BTF_VARS_MEMBERS_MAX]);

/*
 * BPF_ANNOTATE_KV_PAIR: the types in struct ____btf_map_NAME {key; value}, if both sizes
 * are as said.
 */
bool btf_vars_key_value(const struct btf *btf, const char *map, uint32_t key_size,
			uint32_t value_size, uint32_t *ret_key, uint32_t *ret_value);

#endif
