/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "load/object_file.h"
#include "load/object_image.h"
#include "load/object_private.h"

static void remark_guessed(const struct object *obj)
{
	if (obj->opts->reader != MAPS_READER_CGROUP)
		return;
	for (size_t i = 0; i < obj->def.nr_maps; i++)
		if (obj->def.maps[i].scope_guessed)
			log_warn(
				"map '%s': its 28 bytes are read as a bpf_elf_map that is pinned; '--maps-layout samples' reads them as a numa_node",
				obj->def.maps[i].name);
}

/* From the legacy definitions' numbering to that of all maps. */
static void renumber_inner(struct object *obj)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		struct mapdef *def = &obj->maps[i].def;
		const struct object_map *inner;

		if (def->inner < 0)
			continue;
		inner = object_find_map(obj, obj->def.maps[def->inner].name);
		def->inner = inner ? (int)(inner - obj->maps) : -1;
	}
}

/* ask: where what libbpf knows is to be told by another process; NULL: by this one. */
static int read_and_open(struct object *obj, const struct object_ask *ask,
			 struct err *err)
{
	const struct object_def_opts opts = {
		.layout = obj->opts->layout,
		.reader = obj->opts->reader,
	};
	bool foreign;
	int r = object_file_read(obj->path, &obj->bytes, &obj->size, &foreign, err);

	if (r < 0)
		return r;
	r = object_def_read(&obj->def, obj->bytes, obj->size, &opts, err);
	if (r < 0)
		return r;
	if (!ask && foreign && obj->opts->guard_foreign)
		r = object_image_survives(obj->def.image, obj->def.image_size, err);
	if (r == 0)
		r = ask ? object_hear(obj, ask, err) : object_open_bpf(obj, err);
	if (r < 0)
		return r;
	remark_guessed(obj);
	renumber_inner(obj);
	for (size_t i = 0; i < obj->nr_maps; i++) {
		r = mapdef_check_name(obj->maps[i].def.name, err);
		if (r < 0)
			return r;
	}
	return obj->bpf ? object_set_all(obj, err) : 0;
}

void object_blame(struct err *err)
{
	enum { LIBBPF_CODES = 4000 };

	if (err->code < -LIBBPF_CODES)
		err->code = -EINVAL;
	else if (err->kind != ERR_USAGE && err->code != -EFBIG && err->code != -ENOEXEC)
		return;
	err_is(err, ERR_OBJECT);
}

static int open_or_ask(struct object **ret, const char *path,
		       const struct share_opts *opts, const struct object_ask *ask,
		       struct err *err)
{
	auto_object *obj = xcalloc(1, sizeof(*obj));
	int r;

	/* First: object_close() comes even if no memory does. */
	obj->btf_fd = -1;
	obj->path = xstrdup(path);
	obj->opts = opts;
	obj->txn = pin_txn_new();
	obj->made_maps = SIZE_MAX;
	obj->scan = xcalloc(1, sizeof(*obj->scan));
	r = read_and_open(obj, ask, err);
	if (r < 0) {
		object_blame(err);
		return err_context(err, "object '%s'", path);
	}
	*ret = take_ptr(obj);
	return 0;
}

int object_open(struct object **ret, const char *path, const struct share_opts *opts,
		struct err *err)
{
	return open_or_ask(ret, path, opts, NULL, err);
}

int object_look(struct object **ret, const char *path, const struct share_opts *opts,
		const struct object_ask *ask, struct err *err)
{
	return open_or_ask(ret, path, opts, ask, err);
}

static void object_rewind(struct object *obj)
{
	auto_err err = ERR_INIT;

	if (undo_rewind(object_undo(obj), obj->made_maps, &err) < 0)
		log_warn("%s", err.text);
}

void object_close(struct object *obj)
{
	if (!obj)
		return;
	/* Whoever withdraws the pins of maps must not hold them open any more. */
	if (obj->txn && !obj->joined)
		object_rewind(obj);
	object_forget_late_slots(obj);
	bpf_object__close(obj->bpf);
	bpf_object__close(obj->as_given);
	cleanup_close(&obj->btf_fd);
	for (size_t i = 0; i < obj->nr_maps; i++) {
		cleanup_close(&obj->handles[i].fd);
		mapdef_release(&obj->handles[i].inner);
		mapdef_release(&obj->maps[i].def);
		place_release(&obj->maps[i].place);
		free(obj->maps[i].reason);
		free(obj->maps[i].split);
		free(obj->maps[i].kept);
		free(obj->maps[i].detail);
		free(obj->maps[i].unchecked);
		facts_release(&obj->maps[i].facts);
	}
	free(obj->unseen);
	if (obj->scan)
		verdict_scan_release(obj->scan);
	free(obj->scan);
	if (!obj->joined)
		pin_txn_free(obj->txn);
	free(obj->maps);
	free(obj->handles);
	free(obj->bpf_programs);
	for (size_t i = 0; i < obj->nr_programs; i++)
		free(obj->logs[i]);
	free(obj->logs);
	free(obj->typed);
	free(obj->refusal);
	free(obj->programs);
	pin_names_release(&obj->names);
	object_def_release(&obj->def);
	free(obj->bytes);
	free(obj->heard);
	free(obj->path);
	free(obj);
}

void object_closep(struct object **obj)
{
	object_close(*obj);
}

void object_join(struct object *obj, struct pin_txn *txn)
{
	pin_txn_free(obj->txn);
	obj->txn = txn;
	obj->joined = true;
}

bool object_set_max_entries(struct object *obj, const char *map, uint32_t max_entries)
{
	struct object_map *m = object_find_map(obj, map);

	if (!m)
		return false;
	m->def.max_entries = max_entries;
	return bpf_map__set_max_entries(obj->handles[m - obj->maps].map, max_entries) ==
	       0;
}
