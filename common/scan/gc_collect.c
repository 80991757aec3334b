/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/dir_in.h"
#include "base/path_absent.h"
#include "def/mapdef.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpffs.h"
#include "kernel/caller_ns.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/prog_fd.h"
#include "scan/gc_private.h"

struct collecting {
	struct idle_pins *pins;
	const struct gc_places *places;
};

static uint64_t age_of(const char *path)
{
	time_t now = time(NULL);
	struct stat st;

	return bpffs_stat(path, &st) == 0 && st.st_mtime < now
		       ? (uint64_t)(now - st.st_mtime)
		       : 0;
}

static int gc_collect_count_one(const void *key, const void *value, int error, void *ctx)
{
	(void)key;
	(void)value;
	(void)error;
	++*(uint64_t *)ctx;
	return 0;
}

/* Where the number of elements says more than max_entries does. */
static bool has_count(uint32_t type)
{
	static const char *const counted[] = {
		"hash",        "percpu_hash",  "lru_hash",   "lru_percpu_hash",
		"lpm_trie",    "hash_of_maps", "prog_array", "array_of_maps",
		"devmap_hash",
	};
	const char *name = mapdef_type_name(type);

	for (size_t i = 0; name && i < array_size(counted); i++)
		if (strcmp(name, counted[i]) == 0)
			return true;
	return false;
}

static int fill_map(struct idle_pin *pin, int fd)
{
	struct bpf_map_info info;
	struct map_details details;
	int r = map_fd_info(fd, &info);

	if (r < 0)
		return r;
	map_fd_details(fd, &details);
	pin->name = info.name[0] ? xstrndup(info.name, sizeof(info.name)) : NULL;
	pin->type = info.type;
	pin->flags = info.map_flags;
	pin->max_entries = info.max_entries;
	pin->bytes = details.memlock;
	return 0;
}

void gc_count_entries(struct idle_pin *pin)
{
	auto_close int fd = pin->kind == IDLE_MAP && has_count(pin->type)
				    ? map_fd_by_pin(pin->path)
				    : -1;
	struct bpf_map_info info;

	pin->counted = fd >= 0 && map_fd_info(fd, &info) == 0 &&
		       map_io_dump(fd, &info, gc_collect_count_one, &pin->entries) == 0;
}

static void fill_program(struct idle_pin *pin, int fd)
{
	struct bpf_prog_info info;
	struct map_details details;

	if (prog_fd_info(fd, &info) < 0)
		return;
	/* The kernel writes memlock the same way for both. */
	map_fd_details(fd, &details);
	pin->name = prog_fd_name(fd, &info);
	pin->type = info.type;
	pin->bytes = details.memlock;
}

static int hide_pin(const struct collecting *c, const char *path, const char *why)
{
	auto_free char *what = xasprintf("pin '%s': %s", path, why);

	idle_pins_hide(c->pins, what);
	return 0;
}

static int gc_collect_add_pin(const char *path, void *ctx)
{
	const struct collecting *c = ctx;
	struct idle_pin pin = {.place = gc_place_of(c->places, path, &pin.program)};
	auto_close int fd = -1;
	enum bpf_fd_kind kind;
	int r;

	if (pin.place == IDLE_NOWHERE)
		return 0;
	fd = bpf_fd_by_pin(path, BPF_FD_UNKNOWN);
	if (fd < 0)
		return fd == -ENOENT ? 0 : hide_pin(c, path, err_words(fd));
	kind = bpf_fd_kind(fd);
	if (kind == BPF_FD_UNKNOWN)
		return hide_pin(c, path, "cannot tell what it is");
	if (kind != BPF_FD_MAP && kind != BPF_FD_PROG)
		return 0;
	r = bpf_fd_id(fd, &pin.id);
	if (r < 0)
		return hide_pin(c, path, err_words(r));
	pin.kind = kind == BPF_FD_MAP ? IDLE_MAP : IDLE_PROGRAM;
	/* Who holds a map depends on its type. */
	r = pin.kind == IDLE_MAP ? fill_map(&pin, fd) : 0;
	if (r < 0)
		return hide_pin(c, path, err_words(r));
	if (pin.kind == IDLE_PROGRAM)
		fill_program(&pin, fd);
	pin.age = age_of(path);
	pin.path = xstrdup(path);
	idle_pins_add(c->pins, &pin);
	return 0;
}

/* 1, 0; -errno: what cannot be looked at may be empty. */
static int gc_collect_is_empty_directory(const char *path)
{
	char real[PATH_MAX];
	auto_dir DIR *dir = opendir(caller_ns_path(path, real));
	int r;

	if (!dir)
		return path_is_absent(-errno) ? 0 : -errno;
	if (dir_in_next(dir, &r))
		return 0;
	return r < 0 ? r : 1;
}

static void hide_directory(const struct collecting *c, const char *path, int why)
{
	auto_free char *what = xasprintf("directory '%s': %s", path, err_words(why));

	idle_pins_hide(c->pins, what);
}

/* What a loader that was killed between two steps leaves: a directory and no pin. */
static void add_empty_dirs(const struct collecting *c)
{
	auto_free char *keep = xasprintf("%s/tc/keep", c->places->mnt);
	char real[PATH_MAX];
	auto_dir DIR *dir = opendir(caller_ns_path(keep, real));
	int r = dir || path_is_absent(-errno) ? 0 : -errno;
	const struct dirent *entry;

	while (dir && (entry = dir_in_next(dir, &r))) {
		auto_free char *path = xasprintf("%s/%s", keep, entry->d_name);
		struct idle_pin pin = {.place = IDLE_KEEP, .kind = IDLE_EMPTY};

		int empty;

		if (idle_place_of(c->places->mnt, path, &pin.program) != IDLE_KEEP)
			continue;
		empty = gc_collect_is_empty_directory(path);
		if (empty < 0)
			hide_directory(c, path, empty);
		if (empty <= 0)
			continue;
		pin.age = age_of(path);
		pin.path = xstrdup(path);
		idle_pins_add(c->pins, &pin);
	}
	if (r < 0)
		hide_directory(c, keep, r);
}

static void collect_below(struct collecting *c, const char *dir)
{
	int r = bpffs_each_pin(dir, gc_collect_add_pin, c);

	if (r < 0 && r != -ENOENT) {
		auto_free char *what =
			xasprintf("pins below '%s': %s", dir, err_words(r));

		idle_pins_hide(c->pins, what);
	}
}

void gc_collect(struct idle_pins *ret, const struct gc_places *places, const char *where)
{
	struct collecting c = {.pins = ret, .places = places};
	auto_free char *tc = xasprintf("%s/tc", places->mnt);
	auto_free char *dir =
		where ? xasprintf("%s/%s", tc, where) : xstrdup(places->root);
	bool nested = idle_pins_below(dir, tc) || idle_pins_below(tc, dir);

	if (where || (dir[0] && !idle_pins_below(dir, tc)))
		collect_below(&c, dir);
	/* A root above tc's tree has shown it already. */
	if (!where && !(dir[0] && nested && idle_pins_below(tc, dir)))
		collect_below(&c, tc);
	if (!where || strcmp(where, "keep") == 0)
		add_empty_dirs(&c);
	idle_pins_sort(ret);
}

static bool link_is_dead(const struct graph *g, uint32_t id)
{
	for (size_t i = 0; i < g->nr_links; i++)
		if (g->links[i].id == id)
			return g->links[i].dead;
	return false;
}

void gc_add_dead_links(struct idle_pins *ret, const struct gc_places *places,
		       const struct graph *g)
{
	for (size_t i = 0; i < g->nr_pins; i++) {
		const struct graph_pin *at = &g->pins[i];
		struct idle_pin pin = {.kind = IDLE_LINK, .id = at->id};

		if (at->of != GRAPH_OF_LINK || !idle_pins_below(at->path, places->mnt) ||
		    !link_is_dead(g, at->id))
			continue;
		pin.place = gc_place_of(places, at->path, NULL);
		pin.age = age_of(at->path);
		pin.path = xstrdup(at->path);
		idle_pins_add(ret, &pin);
	}
	idle_pins_sort(ret);
}
