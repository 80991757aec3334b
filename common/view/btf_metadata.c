/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/btf.h>
#include <string.h>

#include "base/alloc.h"
#include "view/btf_json.h"
#include "view/btf_metadata.h"

#define PREFIX "bpf_metadata_"

static void add_pair(struct metadata *m, const char *key, char *value)
{
	if (!value)
		return;
	array_grow(m->pairs, m->nr);
	m->pairs[m->nr++] = (struct metadata_pair){.key = xstrdup(key), .value = value};
}

void metadata_add(struct metadata *m, const struct btf *btf, uint32_t section_type,
		  const char *bytes, size_t size)
{
	const struct btf_type *section = btf__type_by_id(btf, section_type);
	const struct btf_var_secinfo *var;

	if (!section || !btf_is_datasec(section))
		return;
	var = btf_var_secinfos(section);
	for (uint32_t i = 0; i < btf_vlen(section); i++, var++) {
		const struct btf_type *type = btf__type_by_id(btf, var->type);
		const char *name = type ? btf__name_by_offset(btf, type->name_off) : NULL;

		if (!name || strncmp(name, PREFIX, strlen(PREFIX)) != 0 ||
		    var->offset > size || var->size > size - var->offset)
			continue;
		add_pair(m, name + strlen(PREFIX),
			 btf_json_text(btf, var->type, bytes + var->offset, var->size));
	}
}

void metadata_release(struct metadata *m)
{
	for (size_t i = 0; i < m->nr; i++) {
		free(m->pairs[i].key);
		free(m->pairs[i].value);
	}
	free(m->pairs);
	*m = (struct metadata){.nr = 0};
}
