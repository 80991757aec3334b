/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The objects of a file into the kernel, all before anything is attached. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text_list.h"
#include "kernel/bpffs.h"
#include "kernel/pin_txn.h"
#include "kernel/prog_fd.h"
#include "kernel/stop_hold.h"
#include "load/apply_fresh.h"
#include "load/apply_migrate.h"
#include "load/apply_moved.h"
#include "load/keep.h"
#include "load/new_pin.h"
#include "load/object.h"

/* --- locks: all at once, in one order for every loader --- */

static int load_find_mount(struct apply_objects *objects, const char *dir,
			   struct err *err)
{
	bool may_mount = objects->items->opts.mount_bpffs;
	char mnt[PATH_MAX];
	size_t n;

	bpffs_mount_point(mnt);
	n = strlen(mnt);
	if (strncmp(dir, mnt, n) != 0 || (dir[n] && dir[n] != '/'))
		return 0;
	return pin_txn_mnt(objects->txn, may_mount, err) ? 0 : err->code;
}

static int load_lock_all(struct apply_objects *objects, struct err *err)
{
	auto_text_list dirs = TEXT_LIST_INIT;
	int r = 0;

	for (size_t i = 0; i < objects->nr; i++)
		if (apply_opened_is_due(&objects->items[i]))
			object_pin_dirs(objects->items[i].obj, &dirs);
	apply_migrate_dirs(objects, &dirs);
	for (size_t i = 0; i < dirs.nr && r == 0; i++)
		r = load_find_mount(objects, dirs.items[i], err);
	return r < 0 ? r
		     : pin_txn_lock_all(objects->txn, (const char *const *)dirs.items,
					dirs.nr, err);
}

/* --- programs --- */

static int load_identify(struct apply_opened *o, struct err *err)
{
	for (size_t i = 0; i < o->nr_wants; i++) {
		struct apply_want *want = &o->wants[i];
		struct bpf_prog_info info;
		int r = prog_fd_info(want->prog->fd, &info);

		if (r < 0)
			return err_set(err, r, "program '%s': read its id",
				       want->prog->name);
		want->fd = want->prog->fd;
		want->is = (struct apply_identity){.id = info.id,
						   .load_time = info.load_time};
		memcpy(want->is.tag, info.tag, sizeof(want->is.tag));
	}
	return 0;
}

static int load_opened(struct apply_opened *o, struct err *err)
{
	int r = stop_hold_check(err);

	if (r == 0)
		r = object_load(o->obj, err);
	if (r == 0)
		r = load_identify(o, err);
	for (size_t i = 0; i < o->nr_wants && r == 0; i++)
		r = keep_prog_arrays(o->obj, o->wants[i].prog, o->opts.mount_bpffs, err);
	return r;
}

int apply_objects_load(struct apply_objects *objects, struct err *err)
{
	const struct apply_opened *any = objects->items;
	int r = any ? new_pin_check_mount(&any->opts, err) : 0;

	if (r == 0)
		r = load_lock_all(objects, err);
	if (r == 0)
		r = apply_fresh_set(objects, err);
	if (r == 0)
		r = apply_migrate_begin(objects, err);
	for (size_t i = 0; i < objects->nr && r == 0; i++)
		if (apply_opened_is_due(&objects->items[i]))
			r = load_opened(&objects->items[i], err);
	return r < 0 ? r : apply_migrate_copy(objects, err);
}

void apply_objects_keep(struct apply_objects *objects)
{
	for (size_t i = 0; i < objects->nr; i++)
		if (apply_opened_is_due(&objects->items[i]) && !objects->items[i].kept)
			object_keep(objects->items[i].obj);
	pin_txn_commit(objects->txn);
}

/* --- the record --- */

static void load_record_slot(const struct object_map *map, uint32_t key,
			     const struct object_program *prog, void *ctx)
{
	struct apply_load *load = ctx;

	/* The last one to fill a slot is what ends up in it. */
	for (size_t i = 0; i < load->nr_slots; i++)
		if (load->slots[i].map_id == map->id && load->slots[i].key == key) {
			load->slots[i].prog_id = prog->id;
			return;
		}
	array_grow(load->slots, load->nr_slots);
	load->slots[load->nr_slots++] = (struct apply_loaded_slot){
		.map_id = map->id, .key = key, .prog_id = prog->id};
}

static void load_record_opened(const struct apply_objects *objects,
			       const struct apply_opened *o, struct apply_record *to)
{
	struct apply_load *load, empty = {.object = o->conf->key.text,
					  .sha1 = (char *)object_sha1(o->obj),
					  .settings = o->settings};
	struct object_map *maps;
	size_t nr;

	load = apply_record_add_load(to, &empty);
	for (size_t i = 0; i < o->nr_wants; i++) {
		const struct apply_want *want = &o->wants[i];
		struct apply_loaded_program *p;

		/* It goes when this run ends. */
		if (!want->placed && !objects->stays)
			continue;
		array_grow(load->programs, load->nr_programs);
		p = &load->programs[load->nr_programs++];
		*p = (struct apply_loaded_program){.type = want->type, .is = want->is};
		p->function = xstrdup(want->prog->name);
	}
	maps = object_maps(o->obj, &nr);
	for (size_t i = 0; i < nr; i++) {
		struct apply_loaded_map *m;

		/* What is kept has private maps of its own. */
		if (!maps[i].id || (o->kept && maps[i].place.kind != PLACE_PIN))
			continue;
		array_grow(load->maps, load->nr_maps);
		m = &load->maps[load->nr_maps++];
		*m = (struct apply_loaded_map){.id = maps[i].id};
		m->name = xstrdup(maps[i].def.name);
		if (maps[i].place.kind == PLACE_PIN)
			m->pin = xstrdup(apply_moved_pin(objects, maps[i].place.path));
	}
	if (!o->kept)
		object_each_slot(o->obj, load_record_slot, load);
}

void apply_objects_record(const struct apply_objects *objects, struct apply_record *to)
{
	for (size_t i = 0; i < objects->nr; i++) {
		const struct apply_opened *o = &objects->items[i];

		if (o->good)
			apply_record_add_load(to, o->good);
		else if (apply_opened_is_due(o))
			load_record_opened(objects, o, to);
	}
}
