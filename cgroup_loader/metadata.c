/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <string.h>

#include "base/alloc.h"
#include "base/outbuf.h"
#include "kernel/map_fd.h"
#include "metadata.h"
#include "view/btf_plan.h"

#define PREFIX "bpf_metadata_"

static void btf_freep(struct btf **btf)
{
	btf__free(*btf);
}

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

static void add_section(struct metadata *m, const struct btf *btf,
			const struct btf_type *section, const char *bytes, size_t size)
{
	const struct btf_var_secinfo *var = btf_var_secinfos(section);

	for (int i = 0; i < btf_vlen(section); i++, var++) {
		const struct btf_type *type = btf__type_by_id(btf, var->type);
		const char *name = type ? btf__name_by_offset(btf, type->name_off) : NULL;

		if (!name || strncmp(name, PREFIX, strlen(PREFIX)) != 0 ||
		    var->offset > size || var->size > size - var->offset)
			continue;
		add_pair(m, name + strlen(PREFIX), value_text(btf, var, bytes));
	}
}

/* Constants are the one element of an array that programs cannot write. */
static void add_map(struct metadata *m, uint32_t id)
{
	auto_close int fd = map_fd_by_id(id);
	auto_release(btf_freep) struct btf *btf = NULL;
	const struct btf_type *section;
	auto_free char *bytes = NULL;
	struct bpf_map_info info;
	const uint32_t key = 0;

	if (fd < 0 || map_fd_info(fd, &info) < 0 || info.type != BPF_MAP_TYPE_ARRAY ||
	    info.max_entries != 1 || !info.btf_id || !info.btf_value_type_id ||
	    !strstr(info.name, ".rodata"))
		return;
	btf = btf__load_from_kernel_by_id(info.btf_id);
	section = btf ? btf__type_by_id(btf, info.btf_value_type_id) : NULL;
	if (!section || !btf_is_datasec(section))
		return;
	bytes = xcalloc(1, info.value_size);
	if (bpf_map_lookup_elem(fd, &key, bytes) == 0)
		add_section(m, btf, section, bytes, info.value_size);
}

void metadata_read(struct metadata *ret, const uint32_t *map_ids, size_t nr)
{
	*ret = (struct metadata){.nr = 0};
	for (size_t i = 0; i < nr; i++)
		add_map(ret, map_ids[i]);
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
