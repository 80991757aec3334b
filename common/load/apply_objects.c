/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/suggest.h"
#include "def/attach_types.h"
#include "kernel/bpffs.h"
#include "kernel/pin_txn.h"
#include "kernel/undo.h"
#include "load/apply_moved.h"
#include "load/apply_objects.h"
#include "load/object.h"
#include "load/select.h"

static void opened_release(struct apply_opened *o)
{
	object_close(o->obj);
	map_overrides_release(&o->opts.overrides);
	free(o->wants);
	free(o->settings);
	free(o->stale);
}

static void objects_drop_fresh(struct apply_objects *objects)
{
	for (size_t i = 0; i < objects->nr_fresh; i++) {
		free(objects->fresh[i].path);
		free(objects->fresh[i].why);
	}
	free(objects->fresh);
	objects->fresh = NULL;
	objects->nr_fresh = 0;
}

void apply_objects_release(struct apply_objects *objects)
{
	auto_err why = ERR_INIT;

	/* Steps refer to the objects, so they are taken back while those are open. */
	if (objects->txn && undo_rewind(pin_txn_undo(objects->txn), 0, &why) < 0)
		log_warn("%s", why.text);
	apply_moved_drop(objects);
	for (size_t i = 0; i < objects->nr; i++)
		opened_release(&objects->items[i]);
	pin_txn_free(objects->txn);
	objects_drop_fresh(objects);
	free(objects->aside);
	free(objects->items);
	free(objects->of_tc);
	free(objects->of_cgroup);
	*objects = (struct apply_objects)APPLY_OBJECTS_INIT;
}

void apply_objects_renew(struct apply_objects *objects)
{
	objects_drop_fresh(objects);
	apply_moved_drop(objects);
	for (size_t i = 0; i < objects->nr; i++) {
		struct apply_opened *o = &objects->items[i];

		o->placed = o->kept = false;
		o->good = NULL;
		free(take_ptr(o->stale));
		for (size_t w = 0; w < o->nr_wants; w++) {
			o->wants[w].placed = false;
			o->wants[w].is = (struct apply_identity){.id = 0};
			o->wants[w].fd = -1;
		}
	}
}

bool apply_opened_is_due(const struct apply_opened *o)
{
	return o->obj && o->placed && !o->good;
}

/* --- opening --- */

static void opened_add_override(struct map_overrides *o, const char *map,
				enum override_target target, const char *what)
{
	array_grow(o->items, o->nr);
	o->items[o->nr++] = (struct map_override){
		.idx = -1, .map = map, .target = target, .fd = -1, .what = what};
}

void apply_opened_give(struct apply_opened *o, const char *map, uint32_t id)
{
	struct map_overrides *all = &o->opts.overrides;
	size_t i = 0;

	while (i < all->nr && strcmp(all->items[i].map, map) != 0)
		i++;
	if (i == all->nr)
		opened_add_override(all, map, OVERRIDE_ID, NULL);
	all->items[i].target = OVERRIDE_ID;
	all->items[i].id = id;
}

static const struct object_map *opened_map(const struct apply_opened *o, const char *name)
{
	size_t nr;
	const struct object_map *maps = object_maps(o->obj, &nr);

	for (size_t i = 0; i < nr; i++)
		if (strcmp(maps[i].def.name, name) == 0)
			return &maps[i];
	return NULL;
}

/* What the file says about maps, for those that the object has. */
static void opened_place_maps(struct apply_opened *o, const struct apply_conf *conf)
{
	for (size_t i = 0; i < conf->nr_maps; i++) {
		const struct apply_map *m = &conf->maps[i];

		if (!opened_map(o, m->name.text))
			continue;
		if (m->pin == APPLY_PIN_PATH)
			opened_add_override(&o->opts.overrides, m->name.text, OVERRIDE_AT,
					    m->pin_path.text);
		else if (m->pin == APPLY_PIN_NONE)
			opened_add_override(&o->opts.overrides, m->name.text,
					    OVERRIDE_PRIVATE, NULL);
		else if (m->shared)
			opened_add_override(&o->opts.overrides, m->name.text,
					    OVERRIDE_SHARED, NULL);
		if (m->max_entries)
			object_set_max_entries(o->obj, m->name.text, m->max_entries);
	}
}

static int opened_set_constants(struct apply_opened *o, struct err *err)
{
	for (size_t i = 0; i < o->conf->nr_constants; i++) {
		const struct apply_constant *c = &o->conf->constants[i];
		int r = object_set(o->obj, c->name.text, c->value.text, err);

		if (r < 0)
			return err_context(err, "object '%s'", o->conf->file.text);
	}
	return 0;
}

static int opened_open(struct apply_opened *o, const struct apply_conf *conf,
		       struct pin_txn *txn, struct err *err)
{
	int r;

	if (o->obj)
		return 0;
	r = object_open(&o->obj, o->conf->file.text, &o->opts, err);
	if (r == 0)
		r = opened_set_constants(o, err);
	if (r < 0)
		return r;
	object_join(o->obj, txn);
	opened_place_maps(o, conf);
	return 0;
}

/* --- selecting --- */

static int refuse_two_types(const struct object_program *prog, struct err *err)
{
	return err_say(
		err, -EINVAL,
		"program '%s' is attached as two types, and is loaded as one; name the file a second time in 'objects'",
		prog->name);
}

static int opened_add_want(struct apply_opened *o, struct object_program *prog,
			   const struct attach_type *type, size_t *ret, struct err *err)
{
	struct apply_want want = {.prog = prog, .fd = -1};

	want.type = type ? type->prog_type : (uint32_t)BPF_PROG_TYPE_SCHED_CLS;
	want.attach_type = type ? type->value : 0;
	want.loose = type && type->rule != ATTACH_RULE_EXACT;
	for (*ret = 0; *ret < o->nr_wants; ++*ret) {
		const struct apply_want *w = &o->wants[*ret];

		if (w->prog != prog)
			continue;
		if (w->type != want.type ||
		    (w->attach_type != want.attach_type && !want.loose))
			return refuse_two_types(prog, err);
		return 0;
	}
	array_grow(o->wants, o->nr_wants);
	o->wants[o->nr_wants++] = want;
	return 0;
}

static int objects_select_tc(struct apply_objects *objects, size_t i, struct err *err)
{
	const struct apply_tc *tc = &objects->conf->tc[i];
	struct apply_opened *o = &objects->items[tc->object];
	struct object_program *prog;
	int r = opened_open(o, objects->conf, objects->txn, err);

	if (r == 0)
		r = select_for_tc(o->obj, tc->section.text, tc->program.text,
				  BPF_PROG_TYPE_SCHED_CLS, &prog, err);
	if (r == 0)
		r = opened_add_want(o, prog, NULL, &objects->of_tc[i], err);
	return r < 0 ? apply_conf_context(err, objects->conf, tc->object_at) : 0;
}

static int objects_select_cgroup(struct apply_objects *objects, size_t i, struct err *err)
{
	const struct apply_cgroup *cg = &objects->conf->cgroups[i];
	struct apply_opened *o = &objects->items[cg->object];
	struct object_program *prog;
	int r = opened_open(o, objects->conf, objects->txn, err);

	if (r == 0)
		r = select_for_type(o->obj, cg->type, cg->section.text, cg->program.text,
				    &prog, err);
	if (r == 0)
		r = opened_add_want(o, prog, cg->type, &objects->of_cgroup[i], err);
	return r < 0 ? apply_conf_context(err, objects->conf, cg->object_at) : 0;
}

/* Each selection gave its type to all that were selected before it. */
static int opened_settle_types(struct apply_opened *o, struct err *err)
{
	bool mixed = false, jumps = false;
	struct object_program *progs;
	size_t nr;

	for (size_t i = 0; i < o->nr_wants; i++) {
		object_program_set_type(o->obj, o->wants[i].prog, o->wants[i].type,
					o->wants[i].attach_type);
		mixed |= o->wants[i].type != o->wants[0].type ||
			 o->wants[i].attach_type != o->wants[0].attach_type;
	}
	progs = object_programs(o->obj, &nr);
	for (size_t i = 0; i < nr; i++) {
		bool wanted = false;

		for (size_t w = 0; w < o->nr_wants; w++)
			wanted |= o->wants[w].prog == &progs[i];
		jumps |= progs[i].wanted && !wanted;
	}
	if (mixed && jumps)
		return err_say(
			err, -EINVAL,
			"object '%s': its tail calls would be reached from programs of several types; name the file once for each type in 'objects'",
			o->conf->key.text);
	return 0;
}

/* --- settings: whatever else decides what a load gives --- */

static void opened_describe(struct apply_opened *o, const struct apply_conf *conf)
{
	auto_strbuf out = STRBUF_INIT;
	char mnt[PATH_MAX];

	bpffs_mount_point(mnt);
	sb_addf(&out, "bpffs %s pin-root %s", mnt,
		o->opts.pin_root ? o->opts.pin_root : "default");
	for (size_t i = 0; i < o->nr_wants; i++)
		sb_addf(&out, "; program %s %u/%u", o->wants[i].prog->name,
			o->wants[i].type, o->wants[i].attach_type);
	for (size_t i = 0; i < o->opts.overrides.nr; i++) {
		const struct map_override *m = &o->opts.overrides.items[i];

		sb_addf(&out, "; map %s %d %s", m->map, (int)m->target,
			m->what ? m->what : "");
	}
	for (size_t i = 0; i < conf->nr_maps; i++)
		if (conf->maps[i].max_entries && opened_map(o, conf->maps[i].name.text))
			sb_addf(&out, "; map %s max-entries %u", conf->maps[i].name.text,
				conf->maps[i].max_entries);
	for (size_t i = 0; i < o->conf->nr_constants; i++)
		sb_addf(&out, "; set %s=%s", o->conf->constants[i].name.text,
			o->conf->constants[i].value.text);
	o->settings = sb_take(&out);
}

static int objects_refuse_map(const struct apply_objects *objects,
			      const struct apply_word *name, struct err *err)
{
	struct suggest near = {.word = name->text};
	auto_strbuf hint = STRBUF_INIT;

	for (size_t o = 0; o < objects->nr; o++) {
		size_t nr = 0;
		const struct object_map *maps =
			objects->items[o].obj ? object_maps(objects->items[o].obj, &nr)
					      : NULL;

		for (size_t i = 0; i < nr; i++)
			suggest_offer(&near, maps[i].def.name);
	}
	suggest_hint(&near, &hint);
	err_say(err, -ENOENT, "no object that is attached has a map '%s'%s", name->text,
		sb_text(&hint));
	return apply_conf_context(err, objects->conf, name->at);
}

static int objects_check_maps(const struct apply_objects *objects, struct err *err)
{
	for (size_t i = 0; i < objects->conf->nr_maps; i++) {
		const struct apply_map *m = &objects->conf->maps[i];
		bool found = false;

		for (size_t o = 0; o < objects->nr; o++)
			found |= objects->items[o].obj &&
				 opened_map(&objects->items[o], m->name.text);
		if (!found)
			return objects_refuse_map(objects, &m->name, err);
	}
	return 0;
}

int apply_objects_open(struct apply_objects *ret, const struct apply_conf *conf,
		       const struct share_opts *opts, struct err *err)
{
	auto_apply_objects objects = {.conf = conf, .txn = pin_txn_new()};
	int r = 0;

	objects.items = xcalloc(conf->nr_objects + 1, sizeof(*objects.items));
	objects.nr = conf->nr_objects;
	objects.of_tc = xcalloc(conf->nr_tc + 1, sizeof(*objects.of_tc));
	objects.of_cgroup = xcalloc(conf->nr_cgroups + 1, sizeof(*objects.of_cgroup));
	for (size_t i = 0; i < conf->nr_objects; i++) {
		objects.items[i].conf = &conf->objects[i];
		objects.items[i].opts = *opts;
		/* One rule, whichever tool it is and whichever hook. */
		objects.items[i].opts.reader = MAPS_READER_CGROUP;
		objects.items[i].opts.overrides = (struct map_overrides){.nr = 0};
	}
	for (size_t i = 0; i < conf->nr_tc && r == 0; i++)
		r = objects_select_tc(&objects, i, err);
	for (size_t i = 0; i < conf->nr_cgroups && r == 0; i++)
		r = objects_select_cgroup(&objects, i, err);
	for (size_t i = 0; i < conf->nr_objects && r == 0; i++) {
		struct apply_opened *o = &objects.items[i];

		if (!o->obj)
			continue;
		r = opened_settle_types(o, err);
		opened_describe(o, conf);
	}
	if (r == 0)
		r = objects_check_maps(&objects, err);
	if (r < 0)
		return r;
	*ret = objects;
	objects = (struct apply_objects)APPLY_OBJECTS_INIT;
	return 0;
}
