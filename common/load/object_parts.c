/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an open object is made of. */
#include <string.h>

#include "load/object_private.h"

const char *object_path(const struct object *obj)
{
	return obj->path;
}

const char *object_sha1(struct object *obj)
{
	if (!obj->hash[0])
		object_hash(obj->hash, obj->bytes, obj->size);
	return obj->hash;
}

bool object_is_of(const struct object *obj, const void *bytes, size_t size)
{
	return obj->size == size && memcmp(obj->bytes, bytes, size) == 0;
}

struct object_map *object_maps(struct object *obj, size_t *nr)
{
	*nr = obj->nr_maps;
	return obj->maps;
}

struct object_program *object_programs(struct object *obj, size_t *nr)
{
	*nr = obj->nr_programs;
	return obj->programs;
}

const struct object_def *object_def(const struct object *obj)
{
	return &obj->def;
}

const char *object_license(const struct object *obj)
{
	return obj->def.license;
}

struct pin_txn *object_txn(struct object *obj)
{
	return obj->txn;
}

struct undo *object_undo(struct object *obj)
{
	return pin_txn_undo(obj->txn);
}

struct object_map *object_find_map(struct object *obj, const char *name)
{
	for (size_t i = 0; i < obj->nr_maps; i++)
		if (strcmp(obj->maps[i].def.name, name) == 0)
			return &obj->maps[i];
	return NULL;
}

struct object_program *object_find_program(struct object *obj, const char *name)
{
	for (size_t i = 0; i < obj->nr_programs; i++)
		if (strcmp(obj->programs[i].name, name) == 0)
			return &obj->programs[i];
	return NULL;
}

const struct btf *object_map_btf(const struct object *obj, const struct object_map *map,
				 uint32_t *key_type, uint32_t *value_type)
{
	const struct map_handle *h = &obj->handles[map - obj->maps];

	*key_type = bpf_map__btf_key_type_id(h->map);
	*value_type = bpf_map__btf_value_type_id(h->map);
	return bpf_object__btf(obj->bpf);
}

int object_map_fd(const struct object *obj, const struct object_map *map)
{
	const struct map_handle *h = &obj->handles[map - obj->maps];

	return h->fd >= 0 ? h->fd : bpf_map__fd(h->map);
}
