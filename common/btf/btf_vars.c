/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/btf.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/btf_vars.h"

enum { BPF_POINTER_SIZE = 8 };

struct btf *btf_vars_open(const void *bytes, size_t size)
{
	struct btf *btf;

	if (!bytes || size > UINT32_MAX)
		return NULL;
	btf = btf__new(bytes, (uint32_t)size);
	if (btf)
		btf__set_pointer_size(btf, BPF_POINTER_SIZE);
	return btf;
}

void btf_vars_close(struct btf **btf)
{
	btf__free(*btf);
	*btf = NULL;
}

static const char *btf_vars_name_at(const struct btf *btf, uint32_t offset)
{
	const char *name = btf__name_by_offset(btf, offset);

	return name ? name : "";
}

/* NULL, or the type below typedefs and qualifiers. A ring of them ends after MAX_STEPS.
 */
static const struct btf_type *bare_type(const struct btf *btf, uint32_t id)
{
	enum { MAX_STEPS = 32 };

	for (int i = 0; i < MAX_STEPS; i++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (!t || (!btf_is_mod(t) && !btf_is_typedef(t)))
			return t;
		id = t->type;
	}
	return NULL;
}

size_t btf_vars_in(const struct btf *btf, const char *section, struct btf_variable **ret)
{
	int id = btf ? btf__find_by_name_kind(btf, section, BTF_KIND_DATASEC) : -1;
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
	const struct btf_var_secinfo *info;
	struct btf_variable *vars = NULL;
	size_t nr = 0;

	*ret = NULL;
	if (!t)
		return 0;
	info = btf_var_secinfos(t);
	for (uint32_t i = 0; i < btf_vlen(t) && nr < BTF_VARS_MAX; i++) {
		const struct btf_type *var = btf__type_by_id(btf, info[i].type);

		if (!var || !btf_is_var(var))
			continue;
		array_grow(vars, nr);
		vars[nr++] = (struct btf_variable){
			.name = btf_vars_name_at(btf, var->name_off),
			.id = info[i].type,
			.type = var->type,
			.size = info[i].size,
			.offset = info[i].offset,
			.is_static = btf_var(var)->linkage == BTF_VAR_STATIC,
		};
	}
	*ret = vars;
	return nr;
}

bool btf_vars_is_array(const struct btf *btf, uint32_t type)
{
	const struct btf_type *t = bare_type(btf, type);

	return t && btf_is_array(t);
}

size_t btf_vars_members(const struct btf *btf, uint32_t type,
			struct btf_var_member ret[static BTF_VARS_MEMBERS_MAX])
{
	const struct btf_type *t = bare_type(btf, type);
	uint32_t nr = t && btf_is_struct(t) ? btf_vlen(t) : 0;

	if (nr > BTF_VARS_MEMBERS_MAX)
		return 0;
	for (uint32_t i = 0; i < nr; i++) {
		const struct btf_member *m = &btf_members(t)[i];
		uint32_t bits = btf_member_bitfield_size(t, i);
		uint32_t bit = btf_member_bit_offset(t, i);
		int64_t size = btf__resolve_size(btf, m->type);

		if (bits)
			size = (bit % 8 + bits + 7) / 8;
		ret[i] = (struct btf_var_member){
			.name = btf_vars_name_at(btf, m->name_off),
			.offset = bit / 8,
			.size = size > 0 ? (uint32_t)size : 0,
		};
	}
	return nr;
}

bool btf_vars_key_value(const struct btf *btf, const char *map, uint32_t key_size,
			uint32_t value_size, uint32_t *ret_key, uint32_t *ret_value)
{
	auto_free char *name = xasprintf("____btf_map_%s", map);
	int id = btf ? btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT) : -1;
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
	const struct btf_member *m = t ? btf_members(t) : NULL;

	if (!t || btf_vlen(t) != 2 ||
	    strcmp(btf_vars_name_at(btf, m[0].name_off), "key") != 0 ||
	    strcmp(btf_vars_name_at(btf, m[1].name_off), "value") != 0)
		return false;
	if (btf__resolve_size(btf, m[0].type) != key_size ||
	    btf__resolve_size(btf, m[1].type) != value_size)
		return false;
	*ret_key = m[0].type;
	*ret_value = m[1].type;
	return true;
}
