/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From an opened object to maps and programs in the kernel, all or nothing. */
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text_list.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpf_token.h"
#include "kernel/bpffs.h"
#include "kernel/libbpf_words.h"
#include "kernel/prog_fd.h"
#include "load/object_plan.h"
#include "load/object_private.h"

static char *object_load_dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

void object_pin_dirs(const struct object *obj, struct text_list *dirs)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		auto_free char *dir = NULL;

		if (obj->maps[i].place.kind != PLACE_PIN)
			continue;
		dir = object_load_dir_of(obj->maps[i].place.path);
		text_list_add(dirs, dir);
	}
}

static int lock_dirs(struct object *obj, struct err *err)
{
	auto_text_list dirs = TEXT_LIST_INIT;

	object_pin_dirs(obj, &dirs);
	return pin_txn_lock_beside(obj->txn, (const char *const *)dirs.items, dirs.nr,
				   err);
}

static int check_targets(struct object *obj, struct err *err)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		int r = 0;

		if (obj->maps[i].place.kind == PLACE_PIN)
			r = bpffs_check_target(obj->maps[i].place.path, err);
		if (r < 0)
			return err_context(err, "map '%s'", obj->maps[i].def.name);
	}
	return 0;
}

/* The kernel needs a template to create an outer map; a pin that is there has one. */
static int check_templates(struct object *obj, struct err *err)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		const struct object_map *m = &obj->maps[i];

		if (!mapdef_is_outer(&m->def) || obj->handles[i].has_inner ||
		    m->state == OBJECT_MAP_REUSE || m->state == OBJECT_MAP_GIVEN)
			continue;
		if (m->def.inner_id)
			return err_say(
				err, -EINVAL,
				"map '%s': inner_id %u names no map of the object, so it cannot be created",
				m->def.name, m->def.inner_id);
		return err_say(
			err, -EINVAL,
			"map '%s': an outer map needs the definition of its inner maps",
			m->def.name);
	}
	return 0;
}

/* Places and comparisons, before and again after the locks: a conflict costs nothing. */
static int settle_places(struct object *obj, struct err *err)
{
	char mnt[PATH_MAX];
	int r;

	bpffs_mount_point(mnt);
	if (object_needs_mnt(obj) && obj->opts->require_shared &&
	    bpffs_mount_is_private(mnt))
		return err_say(
			err, -ENOENT,
			"--require-shared: no BPF file system at '%s', and one mounted in this mount namespace is not seen outside",
			mnt);
	if (object_needs_mnt(obj) && !pin_txn_mnt(obj->txn, obj->opts->mount_bpffs, err))
		return err->code;
	r = object_place(obj, mnt, err);
	if (r == 0)
		r = object_check_constants(obj, err);
	if (r == 0)
		r = check_targets(obj, err);
	if (r == 0)
		r = object_check_maps(obj, err);
	if (r == 0)
		r = check_templates(obj, err);
	if (r == 0)
		r = lock_dirs(obj, err);
	if (r == 0)
		r = object_check_maps(obj, err);
	if (r < 0)
		return r;
	object_look_for_splits(obj);
	return obj->opts->require_shared ? object_refuse_splits(obj, err) : 0;
}

/*
 * The object's BTF for maps that we create. libbpf loads its own copy with the programs
 * and offers no way to hand one over; the kernel keeps both, equal in content. -1: without.
 */
static int btf_for_maps(struct object *obj)
{
	const struct btf *btf = bpf_object__btf(obj->bpf);
	const void *raw;
	uint32_t size;

	if (!btf || obj->btf_tried)
		return obj->btf_fd;
	obj->btf_tried = true;
	raw = btf__raw_data(btf, &size);
	/* btf__load_into_kernel() would have libbpf talk about a refusal. */
	obj->btf_fd = raw ? bpf_token_btf_load(raw, size) : -1;
	if (obj->btf_fd < 0)
		object_say_lost_btf(obj, "pinned maps", obj->btf_fd);
	return obj->btf_fd;
}

static int get_pinned_map(struct object *obj, size_t i, struct err *err)
{
	struct object_map *m = &obj->maps[i];
	struct map_handle *h = &obj->handles[i];
	struct bpf_map_info info;
	struct resolver_want want;
	int r;

	object_resolver_want(obj, i, &want);
	if (m->state == OBJECT_MAP_CREATE && bpf_map__btf_value_type_id(h->map)) {
		want.create.btf_fd = btf_for_maps(obj);
		want.create.key_type_id = bpf_map__btf_key_type_id(h->map);
		want.create.value_type_id = bpf_map__btf_value_type_id(h->map);
	}
	r = resolver_get(obj->txn, &want, &h->fd, &h->created, err);
	if (r < 0)
		return object_explain_map(&m->def, want.inner, err);
	r = map_fd_info(h->fd, &info);
	if (r < 0)
		return err_set(err, r, "map '%s': read its id", m->def.name);
	m->id = info.id;
	m->state = h->created ? OBJECT_MAP_CREATE : OBJECT_MAP_REUSE;
	if (h->created)
		bpf_fd_say_lost_name("map", m->def.name, info.name);
	return 0;
}

/*
 * A private prog array whose slots the object fills. Its values are declared as pointers, which
 * the kernel does not take for them: libbpf would try, say so, and do what is done here.
 */
static int make_private_array(struct object_map *m, struct map_handle *h, struct err *err)
{
	const struct map_create_opts plain = {.btf_fd = -1, .inner_fd = -1};
	int fd = map_fd_create(&m->def, &plain);

	if (fd < 0) {
		err_set(err, fd, "create map '%s'", m->def.name);
		return object_explain_map(&m->def, NULL, err);
	}
	h->fd = fd;
	return 0;
}

static int get_maps(struct object *obj, struct err *err)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		struct object_map *m = &obj->maps[i];
		struct map_handle *h = &obj->handles[i];
		int r = 0;

		if (m->place.kind == PLACE_PIN && !m->place.must_be_new)
			r = get_pinned_map(obj, i, err);
		else if (m->state == OBJECT_MAP_PRIVATE &&
			 m->def.type == BPF_MAP_TYPE_PROG_ARRAY &&
			 !bpf_map__ifindex(h->map))
			r = make_private_array(m, h, err);
		/* libbpf keeps a duplicate; ours stays ours. */
		if (r == 0 && h->fd >= 0 && bpf_map__reuse_fd(h->map, h->fd) < 0)
			r = err_set(err, -errno, "map '%s': hand map %u to the object",
				    m->def.name, m->id);
		if (r < 0)
			return r;
	}
	return 0;
}

/* libbpf asks the verifier for a log only after a refusal, by loading once more. */
static int load_programs(struct object *obj, struct err *err)
{
	auto_strbuf words = STRBUF_INIT;
	int r;

	libbpf_words_begin(&words);
	r = bpf_object__load(obj->bpf);
	libbpf_words_end();
	if (r == 0)
		return 0;
	if (words.len)
		libbpf_words_err(err, r, &words, "the kernel refuses it");
	else
		object_say_refused(obj, r, err);
	object_take_log(obj, err);
	object_explain_lsm(obj, err);
	return object_explain_refusal(obj, err);
}

/* Programs that cannot be told from others' would keep the pins of their maps. */
static void unload_programs(struct object *obj)
{
	for (size_t i = 0; i < obj->nr_programs; i++) {
		obj->programs[i].fd = -1;
		bpf_program__unload(obj->bpf_programs[i]);
	}
}

/*
 * The longest part by far, for which no other loader has to wait: every map is there, and
 * nobody removes a pin meanwhile. Who loads several objects, all or none, stays alone.
 */
static int verify_programs(struct object *obj, struct err *err)
{
	int r;

	if (obj->joined)
		return load_programs(obj, err);
	pin_txn_admit(obj->txn);
	r = load_programs(obj, err);
	if (r < 0)
		return r;
	r = pin_txn_close(obj->txn, err);
	if (r < 0)
		unload_programs(obj);
	return r;
}

static int read_ids(struct object *obj, struct err *err)
{
	for (size_t i = 0; i < obj->nr_programs; i++) {
		struct object_program *p = &obj->programs[i];
		struct bpf_prog_info info;
		int r;

		if (!p->wanted)
			continue;
		p->fd = bpf_program__fd(obj->bpf_programs[i]);
		r = prog_fd_info(p->fd, &info);
		if (r < 0) {
			unload_programs(obj);
			return err_set(err, r, "program '%s': read its id", p->name);
		}
		p->id = info.id;
		bpf_fd_say_lost_name("program", p->name, info.name);
		pin_txn_own_program(obj->txn, info.id);
	}
	for (size_t i = 0; i < obj->nr_maps; i++) {
		struct object_map *m = &obj->maps[i];
		int fd = object_map_fd(obj, m), r;
		struct bpf_map_info info;

		/* Some data sections become maps only where the kernel has such. */
		if (m->id || fd < 0)
			continue;
		r = map_fd_info(fd, &info);
		if (r < 0)
			return err_set(err, r, "map '%s': read its id", m->def.name);
		m->id = info.id;
		bpf_fd_say_lost_name("map", m->def.name, info.name);
		object_say_lost_mmap(m, &info);
	}
	object_say_lost_rodata(obj);
	if (bpf_object__btf(obj->bpf) && bpf_object__btf_fd(obj->bpf) < 0)
		object_say_lost_btf(obj, "programs and private maps", 0);
	return 0;
}

static int pin_new_maps(struct object *obj, struct err *err)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		const struct object_map *m = &obj->maps[i];
		int r;

		if (m->place.kind != PLACE_PIN || !m->place.must_be_new)
			continue;
		r = pin_txn_pin(obj->txn, object_map_fd(obj, m), m->id, m->place.path,
				err);
		if (r == -EEXIST)
			err_set(err, r, "pin '%s'", m->place.path);
		if (r < 0)
			return err_context(err, "map '%s'", m->def.name);
	}
	return 0;
}

static int object_split_again(struct object *obj, struct err *err)
{
	object_look_again(obj);
	return obj->opts->require_shared ? object_refuse_splits(obj, err) : 0;
}

static int object_load_load(struct object *obj, struct err *err)
{
	int r = object_prepare_programs(obj, err);

	if (r == 0)
		r = settle_places(obj, err);
	if (r == 0)
		r = object_check_slots(obj, err);
	if (r == 0)
		r = get_maps(obj, err);
	if (r == 0) {
		obj->made_maps = undo_depth(object_undo(obj));
		r = object_remember_slots(obj, err);
	}
	if (r == 0)
		r = verify_programs(obj, err);
	if (r == 0)
		r = read_ids(obj, err);
	if (r == 0)
		r = pin_new_maps(obj, err);
	if (r == 0)
		r = object_split_again(obj, err);
	return r < 0 ? r : object_fill_slots(obj, err);
}

int object_load(struct object *obj, struct err *err)
{
	int r = object_check_overrides(obj, err);

	if (r < 0)
		return err_context(err, "object '%s'", obj->path);
	r = object_load_load(obj, err);
	if (r == 0)
		return 0;
	/* The words of the command were right up to here. */
	object_blame(err);
	if (err->kind == ERR_CONFLICT)
		facts_text(&err->facts, "object", obj->path);
	return err_context(err, "object '%s'", obj->path);
}

void object_keep(struct object *obj)
{
	object_fill_late_slots(obj);
	pin_txn_commit(obj->txn);
	for (size_t i = 0; i < obj->nr_maps; i++) {
		const struct object_map *m = &obj->maps[i];

		if (m->place.announce)
			log_info("map '%s': shared at %s (%s id %u)", m->def.name,
				 m->place.path,
				 m->state == OBJECT_MAP_CREATE ? "created" : "reused",
				 m->id);
	}
	object_say_splits(obj);
	object_say_prog_arrays(obj);
}
