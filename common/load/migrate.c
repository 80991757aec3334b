/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text_list.h"
#include "kernel/caps.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/nl_sock.h"
#include "kernel/pin_txn.h"
#include "kernel/prog_fd.h"
#include "kernel/rcu_wait.h"
#include "kernel/stop_hold.h"
#include "kernel/undo.h"
#include "load/keep_watch.h"
#include "load/migrate_adder.h"
#include "load/migrate_private.h"
#include "load/object.h"
#include "load/value_writes.h"

/* Steps refer to the objects and the sockets, so they are taken back while those are open. */
void migration_release(struct migration *m)
{
	auto_err why = ERR_INIT;

	if (!m->is_part && undo_rewind(pin_txn_undo(m->txn), 0, &why) < 0)
		log_warn("%s", why.text);
	for (size_t i = 0; i < m->nr_objects && !m->is_part; i++) {
		object_close(m->objects[i].obj);
		map_overrides_release(&m->objects[i].placed);
	}
	migrate_jumps_release(m);
	if (!m->is_part)
		pin_txn_free(m->txn);
	for (size_t i = 0; i < m->nr_socks; i++)
		nl_sock_close(m->socks[i].sock);
	migrate_shadow_release(&m->shadow);
	graph_release(&m->graph);
	mapdef_release(&m->old_def);
	cleanup_close(&m->old_fd);
	free(m->objects);
	free(m->socks);
	free(m->swaps);
	free(m->dir);
	free(m->name);
	free(m->aside);
	free(m->new_pin);
	free(m->switched);
}

/* --- what can be migrated ------------------------------------------------------------- */

static int migrate_check_def(const struct migration *m, struct err *err)
{
	const struct mapdef *def = &migrate_objects_map(m)->def;
	const char *has = mapdef_type_name(m->old.type);
	const char *wants = mapdef_type_name(def->type);

	if (def->type == m->old.type)
		return 0;
	return err_say(
		err, -EOPNOTSUPP,
		"map '%s': type %s in the pin, %s in the object; a migration keeps the type",
		m->report->map, has ? has : "unknown", wants ? wants : "unknown");
}

/* --- what becomes of each member ------------------------------------------------------ */

/* NULL and 0: it has none. What cannot be read may say that bytes lie elsewhere by now. */
static int migrate_old_btf(const struct migration *m, struct btf **ret, struct err *err)
{
	*ret = map_fd_btf(&m->old);
	if (*ret || !m->old.btf_id)
		return 0;
	return err_set(err, -errno, "map '%s': read what its members are", m->opts->pin);
}

/* What lies where in both maps: as BTF has it, or the sizes alone. */
static void migrate_sides(struct migration *m, const struct btf *btf,
			  struct element_side *from, struct element_side *to)
{
	const struct object_map *map = migrate_objects_map(m);

	*from = (struct element_side){.adds = value_writes_adds,
				      .btf = btf,
				      .key_type = m->old.btf_key_type_id,
				      .value_type = m->old.btf_value_type_id,
				      .key_size = m->old.key_size,
				      .value_size = m->old.value_size};
	*to = (struct element_side){.adds = value_writes_adds,
				    .key_size = map->def.key_size,
				    .value_size = mapdef_is_outer(&map->def)
							  ? m->old.value_size
							  : map->def.value_size};
	to->btf = object_map_btf(m->objects[0].obj, map, &to->key_type, &to->value_type);
	m->old_lock_at = btf ? element_lock_at(btf, from->value_type) : -1;
	m->new_lock_at = to->btf ? element_lock_at(to->btf, to->value_type) : -1;
	m->described = to->btf && to->value_type;
}

static int migrate_plan_elements(struct migration *m, struct err *err)
{
	auto_release(map_fd_btf_put) struct btf *btf = NULL;
	auto_value_writes old_writes = {.nr = 0}, new_writes = {.nr = 0};
	struct element_side old_side, new_side;
	auto_text_list decided = TEXT_LIST_INIT;
	size_t nr_decided;
	struct element_options options = {
		.copy_prefix = m->opts->copy_prefix,
		.prefix_key = m->old.type == BPF_MAP_TYPE_LPM_TRIE,
		.index_key = migrate_is_array(m->old.type),
		.merge = m->opts->merge,
		.nr_merge = m->opts->nr_merge,
	};
	int r = migrate_old_btf(m, &btf, err);

	if (r < 0)
		return r;
	migrate_sides(m, btf, &old_side, &new_side);
	old_side.adds_ctx = &old_writes;
	new_side.adds_ctx = &new_writes;
	r = migrate_probe_new(m, &new_writes, err);
	if (r == 0 && m->resumed)
		r = migrate_policy_read(m, &decided, err);
	if (r < 0)
		return r;
	nr_decided = decided.nr;
	if (m->resumed) {
		for (size_t i = 0; i < m->opts->nr_merge; i++)
			text_list_add(&decided, m->opts->merge[i]);
		options.merge = (const char *const *)decided.items;
		options.nr_merge = decided.nr;
	}
	migrate_probe_old(m, &old_writes);
	old_side.adds_doubt = old_writes.doubt;
	new_side.adds_doubt = new_writes.doubt;
	/* Nobody comes between on the own CPU, or under a lock. */
	if (!map_io_is_percpu(&m->old) && m->old_lock_at < 0)
		old_side.plain = new_side.plain = value_writes_plain;
	r = element_plan_init(&m->report->plan, &old_side, &new_side, &options, err);
	if (r == 0 && m->resumed && m->opts->nr_merge)
		r = migrate_policy_check(m, &decided, nr_decided, err);
	return r < 0 ? err_context(err, "map '%s'", m->report->map) : 0;
}

static int migrate_count_one(const void *key, const void *value, int error, void *ctx)
{
	(void)key;
	(void)value;
	(void)error;
	++*(uint64_t *)ctx;
	return 0;
}

/* For the plan: elements, and bytes in the kernel. */
static void migrate_measure(struct migration *m)
{
	struct migrate_report *report = m->report;
	auto_release(migrate_shadow_release) struct migrate_shadow s =
		MIGRATE_SHADOW_INIT;
	struct map_details details;
	uint64_t row, new_row;

	report->counted = map_io_dump(m->old_fd, &m->old, migrate_count_one,
				      &report->elements) == 0;
	map_fd_details(m->old_fd, &details);
	report->old_bytes = details.memlock > 0 ? (uint64_t)details.memlock : 0;
	row = (uint64_t)m->old.key_size + m->old.value_size;
	new_row = (uint64_t)report->plan.new_key_size + report->plan.new_value_size;
	report->new_bytes =
		report->old_bytes / row * new_row / m->old.max_entries * report->new_max;
	migrate_shadow_init(&s, &m->old, m->aside, NULL);
	report->copy_bytes = migrate_shadow_bytes(&s, report->elements);
}

/* 1, 0; -errno: a map that cannot be asked may be frozen. */
static int migrate_is_frozen(int fd, struct err *err)
{
	struct map_details details;
	int r = map_fd_details_read(fd, &details);

	return r < 0 ? err_set(err, r,
			       "read in /proc/self/fdinfo whether the map is frozen")
		     : details.frozen;
}

int migrate_look(struct migration *m, struct err *err)
{
	struct migrate_report *report = m->report;
	int r = migrate_check_type(m, err);

	report->old_id = m->old.id;
	report->old_max = m->old.max_entries;
	report->type = mapdef_type_name(m->old.type);
	report->interrupted = m->resumed || m->swapped;
	if (r == 0 && m->old_def.layout_hidden) {
		err_set(err, -EPERM, "map '%s': read what its members are", m->opts->pin);
		return caps_explain(err, CAPS_IDS);
	}
	/* Asked when it is over: better refused before anything is done. */
	if (r == 0 && migrate_is_frozen(m->old_fd, err) < 0)
		r = err_context(err, "map '%s'", m->opts->pin);
	if (r == 0 && m->resumed)
		r = migrate_policy_check_map(m, err);
	if (r == 0)
		r = migrate_objects_open(m, err);
	if (r < 0)
		return r;
	if (report->same)
		return 0;
	report->new_max = migrate_objects_map(m)->def.max_entries;
	r = migrate_check_def(m, err);
	if (r == 0)
		r = migrate_users_find(m, err);
	if (r == 0)
		r = migrate_plan_elements(m, err);
	if (r == 0 && !migrate_is_direct(m))
		r = migrate_adder_check(&report->plan, err);
	if (r == 0 && (m->opts->plan_only || m->is_part))
		migrate_measure(m);
	return r < 0 || m->opts->plan_only ? r : element_plan_check(&report->plan, err);
}

/* --- the act -------------------------------------------------------------------------- */

int migrate_first_copy(struct migration *m, struct err *err)
{
	int r;

	migrate_shadow_init(&m->shadow, &m->old, m->aside, m->txn);
	if (m->resumed) {
		r = migrate_shadow_open(&m->shadow, err);
		m->report->copied = m->shadow.nr;
		return r;
	}
	r = migrate_copy(m, err);
	if (r == 0)
		r = migrate_merge_try(m, err);
	if (r == 0)
		r = migrate_policy_save(m, err);
	return r < 0 ? r : migrate_aside_mark(m, err);
}

static void migrate_watch_going(struct migration *m, struct keep_watch *going)
{
	for (size_t i = 0; i < m->nr_swaps && keep_is_used(); i++)
		keep_watch_add(going, m->swaps[i].at.program);
}

/* What user space may not write it may not write afterwards. */
static int migrate_freeze(const struct migration *m, struct err *err)
{
	int old = migrate_is_frozen(m->old_fd, err);
	int new = old > 0 ? migrate_is_frozen(m->new_fd, err) : 0, r;

	if (old < 0 || new < 0)
		return err->code;
	if (old == new)
		return 0;
	r = map_io_freeze(m->new_fd);
	return r < 0 ? err_set(err, r, "freeze the new map") : 0;
}

int migrate_bring_over(struct migration *m, struct err *err)
{
	int r = rcu_wait(err);

	if (r == 0)
		r = migrate_sweep(m, err);
	if (r == 0)
		r = migrate_freeze(m, err);
	return r < 0 ? r : migrate_aside_swap(m, err);
}

/* A program that nobody has any more goes in a moment. 1: it stays, 0; -errno: nobody knows. */
static int migrate_stays(uint32_t program, int *tries)
{
	enum { PAUSE_US = 4000 };

	for (;;) {
		auto_close int fd = prog_fd_by_id(program);

		if (fd < 0)
			return fd == -ENOENT ? 0 : fd;
		if ((*tries)-- <= 0)
			return 1;
		usleep(PAUSE_US);
	}
}

/* One that stays loaded may be attached once more, where it was not seen. */
static void migrate_look_again(struct migration *m)
{
	int tries = 100;

	for (size_t i = 0; i < m->report->nr_users; i++) {
		struct migrate_user *user = &m->report->users[i];
		int r = user->fate == MIGRATE_REPLACED
				? migrate_stays(user->program, &tries)
				: 0;

		if (r == 0 || user->why)
			continue;
		user->why =
			r < 0 ? xasprintf(
					"it may stay loaded: whether it does cannot be seen: %s",
					err_words(r))
			      : xstrdup("it stays loaded, by a pin, an open file or a place that cannot be seen");
	}
}

void migrate_finish(struct migration *m)
{
	migrate_aside_clean(m);
	migrate_look_again(m);
	migrate_users_late(m);
	m->report->finished |= m->resumed;
	if (!m->report->plan.key_same || !m->report->plan.value_same)
		m->report->converted = m->report->copied;
}

static int migrate_act(struct migration *m, struct err *err)
{
	auto_keep_watch going = KEEP_WATCH_INIT;
	int r = migrate_objects_load(m, err);

	if (r == 0)
		r = migrate_first_copy(m, err);
	if (r < 0)
		return r;
	migrate_watch_going(m, &going);
	r = migrate_replace(m, err);
	if (r < 0)
		return r;
	r = migrate_bring_over(m, err);
	/*
	 * What the new programs counted by now is in the new map alone: to put the old ones back
	 * would lose it. So it stays as a kill would leave it.
	 */
	migrate_objects_keep(m);
	if (r < 0)
		return err_context(
			err,
			"the programs are replaced, and the pin is not exchanged yet; run it again to finish, nothing is lost");
	migrate_jumps_pin(m);
	if (keep_is_used())
		keep_watch_drop(&going);
	migrate_finish(m);
	return 0;
}

/* The rest of a run that was killed between its rename and its end. */
static int migrate_clean(struct migration *m, struct err *err)
{
	int r = pin_txn_lock(m->txn, m->dir, err);

	if (r == 0)
		r = migrate_aside_recover(m, err);
	pin_txn_commit(m->txn);
	return r;
}

int migrate_run(const struct migrate_opts *opts, struct migrate_report *ret,
		struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	auto_release(migration_release) struct migration m = {
		.opts = opts,
		.report = ret,
		.txn = pin_txn_new(),
		.old_fd = -1,
		.new_fd = -1,
		.old_def = MAPDEF_INIT,
		.shadow = MIGRATE_SHADOW_INIT,
		.graph = GRAPH_INIT,
	};
	const char *slash = strrchr(opts->pin, '/');
	int r;

	*ret = (struct migrate_report)MIGRATE_REPORT_INIT;
	ret->pin = xstrdup(opts->pin);
	ret->map = xstrdup(opts->map ? opts->map : slash ? slash + 1 : opts->pin);
	stop_hold_begin(&hold);
	r = migrate_aside_open(&m, err);
	if (r == 0)
		r = migrate_look(&m, err);
	if (r < 0)
		return r;
	if (ret->same)
		return opts->plan_only ? 0 : migrate_clean(&m, err);
	return opts->plan_only ? 0 : migrate_act(&m, err);
}
