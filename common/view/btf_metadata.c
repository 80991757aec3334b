/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/btf.h>
#include <string.h>

#include "base/alloc.h"
#include "base/outbuf.h"
#include "view/btf_metadata.h"
#include "view/btf_plan.h"

#define PREFIX "bpf_metadata_"

/* The value as JSON; NULL: BTF does not tell how to read it. */
static char *value_text(const struct btf *btf, const struct btf_var_secinfo *var,
			const char *bytes)
{
	auto_release(btf_plan_freep) struct btf_plan *plan = NULL;
	auto_outbuf out = {.bytes = NULL};
	char *text = NULL;
	size_t size;
	FILE *f;

	if (btf_plan_new(btf, var->type, var->size, BTF_JSON, 0, &plan) < 0)
		return NULL;
	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	outbuf_init(&out, f);
	btf_plan_run(plan, bytes + var->offset, &out);
	outbuf_flush(&out);
	fclose(f);
	return text;
}

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
	for (int i = 0; i < btf_vlen(section); i++, var++) {
		const struct btf_type *type = btf__type_by_id(btf, var->type);
		const char *name = type ? btf__name_by_offset(btf, type->name_off) : NULL;

		if (!name || strncmp(name, PREFIX, strlen(PREFIX)) != 0 ||
		    var->offset > size || var->size > size - var->offset)
			continue;
		add_pair(m, name + strlen(PREFIX), value_text(btf, var, bytes));
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
