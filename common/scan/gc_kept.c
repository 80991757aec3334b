/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "kernel/caller_ns.h"
#include "scan/gc_private.h"
#include "kernel/pin_txn.h"

static char *gc_kept_dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return xstrndup(path, (size_t)(slash - path));
}

void gc_remove_dir(const char *mnt, const struct idle_pin *pin)
{
	auto_free char *dir =
		pin->kind == IDLE_EMPTY ? xstrdup(pin->path) : gc_kept_dir_of(pin->path);
	auto_free char *keep = xasprintf("%s/tc/keep", mnt);
	auto_free char *tc = xasprintf("%s/tc", mnt);
	auto_free char *parent = gc_kept_dir_of(dir);
	char real[PATH_MAX];

	/* Not what users made below an object directory, and never a full one. */
	if (pin->place == IDLE_OBJECT && strcmp(parent, tc) == 0)
		rmdir(caller_ns_path(dir, real));
	if (pin->place != IDLE_KEEP)
		return;
	rmdir(caller_ns_path(dir, real));
	rmdir(caller_ns_path(keep, real));
}

/* Loaders keep prog arrays and nothing else: the rest was put there by somebody. */
static bool is_kept_array(const struct idle_pin *pin)
{
	return pin->kind == IDLE_EMPTY ||
	       (pin->kind == IDLE_MAP && pin->type == BPF_MAP_TYPE_PROG_ARRAY);
}

/* All arrays of a program go together, or none. */
static bool is_idle(const struct idle_pins *rows, uint32_t program)
{
	for (size_t i = 0; i < rows->nr; i++)
		if (rows->items[i].program == program &&
		    rows->items[i].mark.by != USAGE_NONE)
			return false;
	return true;
}

/* A program that is gone is attached nowhere, whatever cannot be seen. */
static int remove_kept(struct idle_pins *rows, const char *mnt, const struct graph *g,
		       bool ignore_open, struct idle_pins *ret, struct err *err)
{
	int result = 0;

	for (size_t i = 0; i < rows->nr; i++) {
		struct idle_pin *pin = &rows->items[i];
		char real[PATH_MAX];
		int r = 0;

		if (!is_idle(rows, pin->program))
			continue;
		if (!is_kept_array(pin)) {
			log_info(
				"'%s' stays: it is not a kept prog array; name it to remove it",
				pin->path);
			continue;
		}
		if (graph_find_program(g, pin->program))
			r = gc_check_hidden(g, ignore_open, err);
		if (r == 0 && pin->kind != IDLE_EMPTY &&
		    unlink(caller_ns_path(pin->path, real)) < 0)
			r = err_set(err, -errno, "remove");
		if (r < 0) {
			result = err_context(err, "'%s' stays", pin->path);
			continue;
		}
		gc_remove_dir(mnt, pin);
		if (ret)
			idle_pins_copy(ret, pin);
	}
	return result;
}

/* Was it detached, so that its staying is worth a remark? */
static bool is_asked(const struct gc_ask *ask, uint32_t program)
{
	for (size_t i = 0; i < ask->nr_detached; i++)
		if (ask->detached[i] == program)
			return true;
	return false;
}

static void say_who_stays(const struct idle_pins *rows, const struct gc_ask *ask)
{
	for (size_t i = 0; i < rows->nr; i++) {
		const struct idle_pin *pin = &rows->items[i];
		auto_strbuf words = STRBUF_INIT;

		if (!is_asked(ask, pin->program) ||
		    (pin->mark.by != USAGE_OPEN && pin->mark.by != USAGE_UNSEEN))
			continue;
		usage_words(&words, pin->mark);
		log_info(
			"'%s' stays: %s; 'share gc --delete' removes it once nothing does",
			pin->path, sb_text(&words));
	}
}

/* A directory goes with its last pin: the program of one that is set aside has its own still. */
static void recover_kept(const char *keep)
{
	char real[PATH_MAX];
	auto_dir DIR *dir = opendir(caller_ns_path(keep, real));
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		auto_free char *path = xasprintf("%s/%s", keep, entry->d_name);

		if (idle_pins_program(entry->d_name, &(uint32_t){0}))
			gc_aside_recover(path);
	}
}

/* What could not be looked at may be what was to go. */
static int refuse_hidden(const struct idle_pins *rows, struct err *err)
{
	return rows->nr_hidden ? err_say(err, -EAGAIN, "not seen: %s", rows->hidden[0])
			       : 0;
}

static int delete_kept(const struct gc_ask *ask, bool ignore_open, struct idle_pins *ret,
		       struct err *err)
{
	auto_idle_pins rows = {.nr = 0};
	auto_pin_txn *txn = pin_txn_new();
	auto_graph g = GRAPH_INIT;
	auto_free char *keep = NULL;
	struct gc_places places;
	struct stat st;
	int r = gc_find_places(&places, NULL, err);

	if (r < 0)
		return r;
	keep = xasprintf("%s/tc/keep", places.mnt);
	r = bpffs_stat(keep, &st);
	if (r < 0)
		return r == -ENOENT ? 0 : err_set(err, r, "'%s'", keep);
	if (!pin_txn_mnt(txn, false, err))
		return err->code;
	r = pin_txn_lock(txn, keep, err);
	if (r < 0)
		return r;
	recover_kept(keep);
	gc_collect(&rows, &places, "keep");
	if (!rows.nr)
		return refuse_hidden(&rows, err);
	r = gc_judge(&rows, &g, ask, err);
	if (r < 0)
		return r;
	say_who_stays(&rows, ask);
	r = remove_kept(&rows, places.mnt, &g, ignore_open, ret, err);
	return r < 0 ? r : refuse_hidden(&rows, err);
}

int gc_delete_kept(const struct gc_opts *opts, struct idle_pins *ret, struct err *err)
{
	return delete_kept(&(struct gc_ask){.each = false}, opts->force_unseen, ret, err);
}

/*
 * Most programs have nothing else that keeps them and leave in a moment: waiting for that
 * spares looking twice.
 */
static void wait_for_programs(const uint32_t *programs, size_t nr)
{
	const struct timespec step = {.tv_nsec = 2000000};
	int steps = 10;

	for (size_t i = 0; i < nr; i++)
		for (; steps > 0 && !gc_is_gone(programs[i]); steps--)
			nanosleep(&step, NULL);
}

int gc_drop_kept(const uint32_t *programs, size_t nr, struct err *err)
{
	static const uint32_t none;
	const struct gc_ask ask = {.detached = nr ? programs : &none, .nr_detached = nr};

	wait_for_programs(programs, nr);
	/* There may always be a process that cannot be looked into; attachments decide. */
	return delete_kept(&ask, true, NULL, err);
}
