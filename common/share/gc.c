/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "format/graph_names.h"
#include "format/mapdef.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpffs.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/prog_fd.h"
#include "share/attach.h"
#include "share/gc_private.h"
#include "share/graph_scan.h"

enum {
	/* How long a detached program may take to go: some RCU grace periods. */
	LEAVE_WAIT_MS = 500,
	LEAVE_STEP_MS = 10,
	/* Whoever lists objects has each of them open for a moment. */
	OPEN_LOOKS = 3,
};

int gc_mount_point(char ret[PATH_MAX], struct err *err)
{
	char mnt[PATH_MAX];

	bpffs_mount_point(mnt);
	if (!bpffs_is(mnt) || !realpath(mnt, ret))
		return err_say(err, -ENOENT, "'%s' is not a BPF file system", mnt);
	return 0;
}

/* --- what is pinned --- */

struct collecting {
	struct idle_pins *pins;
	const char *mnt;
};

static uint64_t age_of(const char *path)
{
	time_t now = time(NULL);
	struct stat st;

	return stat(path, &st) == 0 && st.st_mtime < now ? (uint64_t)(now - st.st_mtime)
							 : 0;
}

static int count_one(const void *key, const void *value, int error, void *ctx)
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

static void fill_map(struct idle_pin *pin, int fd)
{
	struct bpf_map_info info;
	struct map_details details;

	if (map_fd_info(fd, &info) < 0)
		return;
	map_fd_details(fd, &details);
	pin->name = info.name[0] ? xstrndup(info.name, sizeof(info.name)) : NULL;
	pin->type = info.type;
	pin->max_entries = info.max_entries;
	pin->bytes = details.memlock;
}

/* Walks the map, so only where somebody is going to read the number. */
static void count_entries(struct idle_pin *pin)
{
	auto_close int fd = pin->kind == IDLE_MAP && has_count(pin->type)
				    ? map_fd_by_pin(pin->path)
				    : -1;
	struct bpf_map_info info;

	pin->counted = fd >= 0 && map_fd_info(fd, &info) == 0 &&
		       map_io_dump(fd, &info, count_one, &pin->entries) == 0;
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

static int add_pin(const char *path, void *ctx)
{
	const struct collecting *c = ctx;
	struct idle_pin pin = {.place = idle_place_of(c->mnt, path, &pin.program)};
	auto_close int fd = -1;
	enum bpf_fd_kind kind;

	if (pin.place == IDLE_NOWHERE)
		return 0;
	fd = bpf_fd_by_pin(path, BPF_FD_UNKNOWN);
	if (fd < 0) {
		auto_free char *what = xasprintf("pin '%s': %s", path, err_words(fd));

		if (fd != -ENOENT)
			idle_pins_hide(c->pins, what);
		return 0;
	}
	kind = bpf_fd_kind(fd);
	if ((kind != BPF_FD_MAP && kind != BPF_FD_PROG) || bpf_fd_id(fd, &pin.id) < 0)
		return 0;
	pin.kind = kind == BPF_FD_MAP ? IDLE_MAP : IDLE_PROGRAM;
	pin.age = age_of(path);
	pin.path = xstrdup(path);
	if (pin.kind == IDLE_MAP)
		fill_map(&pin, fd);
	else
		fill_program(&pin, fd);
	idle_pins_add(c->pins, &pin);
	return 0;
}

static bool is_empty_directory(const char *path)
{
	auto_dir DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	return dir != NULL;
}

/* What a loader that was killed between two steps leaves: a directory and no pin. */
static void add_empty_dirs(const struct collecting *c)
{
	auto_free char *keep = xasprintf("%s/tc/keep", c->mnt);
	auto_dir DIR *dir = opendir(keep);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		auto_free char *path = xasprintf("%s/%s", keep, entry->d_name);
		struct idle_pin pin = {.place = IDLE_KEEP, .kind = IDLE_EMPTY};

		if (idle_place_of(c->mnt, path, &pin.program) != IDLE_KEEP ||
		    !is_empty_directory(path))
			continue;
		pin.age = age_of(path);
		pin.path = xstrdup(path);
		idle_pins_add(c->pins, &pin);
	}
}

void gc_collect(struct idle_pins *ret, const char *mnt, const char *where)
{
	struct collecting c = {.pins = ret, .mnt = mnt};
	auto_free char *dir =
		xasprintf("%s/tc%s%s", mnt, where ? "/" : "", where ? where : "");
	int r = bpffs_each_pin(dir, add_pin, &c);

	if (r < 0 && r != -ENOENT) {
		auto_free char *what =
			xasprintf("pins below '%s': %s", dir, err_words(r));

		idle_pins_hide(ret, what);
	}
	if (!where || strcmp(where, "keep") == 0)
		add_empty_dirs(&c);
	idle_pins_sort(ret);
}

/* --- who uses it --- */

static struct usage_mark mark_of(const struct usage *u, const struct idle_pin *pin)
{
	struct usage_mark mark = {.by = USAGE_NONE};

	if (pin->kind == IDLE_MAP)
		mark = usage_of_map(u, pin->id);
	else if (pin->kind == IDLE_PROGRAM)
		mark = usage_of_program(u, pin->id);
	/* One array of a program is needed as long as the program runs: so are all. */
	if (mark.by == USAGE_NONE && pin->place == IDLE_KEEP)
		mark = usage_of_program(u, pin->program);
	return mark;
}

/* By index: pins of the graph that carry a row's object under the row's name. */
static bool *own_pins(const struct graph *g, const struct idle_pins *pins)
{
	bool *own = xcalloc(g->nr_pins + 1, sizeof(*own));

	for (size_t i = 0; i < pins->nr; i++) {
		const struct idle_pin *pin = &pins->items[i];
		enum graph_object of =
			pin->kind == IDLE_MAP ? GRAPH_OF_MAP : GRAPH_OF_PROGRAM;
		size_t nr;
		const struct graph_pin *row = graph_find_pins(g, of, pin->id, &nr);

		for (; nr; nr--, row++)
			if (strcmp(graph_base_name(row->path),
				   graph_base_name(pin->path)) == 0)
				own[row - g->pins] = true;
	}
	return own;
}

static void fill_marks(struct idle_pins *pins, const struct graph *g, enum gc_ask what)
{
	auto_free bool *own = own_pins(g, pins);
	const struct usage_ask ask = {
		.pins = what != GC_ASK_LIVE,
		.ignore_pid = what == GC_ASK_OTHERS ? (uint32_t)getpid() : 0,
		.skip = own,
	};
	auto_usage u;

	usage_init(&u, g, &ask);
	for (size_t i = 0; i < pins->nr; i++)
		pins->items[i].mark = mark_of(&u, &pins->items[i]);
}

bool gc_is_gone(uint32_t program)
{
	auto_close int fd = prog_fd_by_id(program);

	return fd == -ENOENT;
}

/* True if a program that nothing explains went away while we waited; *left is in ms. */
static bool wait_for_leaving(const struct idle_pins *pins, int *left)
{
	const struct timespec step = {.tv_nsec = LEAVE_STEP_MS * 1000000L};
	bool gone = false;

	for (size_t i = 0; i < pins->nr; i++) {
		struct usage_mark mark = pins->items[i].mark;

		if (mark.by != USAGE_UNSEEN)
			continue;
		for (; !gc_is_gone(mark.id) && *left > 0; *left -= LEAVE_STEP_MS)
			nanosleep(&step, NULL);
		gone |= gc_is_gone(mark.id);
	}
	return gone;
}

static bool any_open(const struct idle_pins *pins)
{
	for (size_t i = 0; i < pins->nr; i++)
		if (pins->items[i].mark.by == USAGE_OPEN)
			return true;
	return false;
}

int gc_judge(struct idle_pins *pins, struct graph *g, enum gc_ask ask, struct err *err)
{
	int left = LEAVE_WAIT_MS;

	/* Programs of one object leave one after the other. */
	for (int looks = 1;; looks++) {
		int r = graph_scan(g, attach_sources, err);

		if (r < 0)
			return r;
		fill_marks(pins, g, ask);
		if ((left <= 0 || !wait_for_leaving(pins, &left)) &&
		    (looks >= OPEN_LOOKS || !any_open(pins)))
			return 0;
		left -= LEAVE_STEP_MS;
		graph_release(g);
		*g = (struct graph)GRAPH_INIT;
	}
}

int gc_check_hidden(const struct graph *g, struct err *err)
{
	/* Visible processes decide: there is always one that may not be looked into. */
	for (size_t i = 0; i < g->nr_hidden; i++)
		if (g->hidden[i].source != GRAPH_FROM_OPEN)
			return err_say(err, -EPERM,
				       "cannot tell who uses it, not seen: %s",
				       g->hidden[i].text);
	return 0;
}

/* --- the list --- */

static void keep_idle(struct idle_pins *ret, struct idle_pins *all, const struct graph *g)
{
	for (size_t i = 0; i < all->nr; i++) {
		struct idle_pin *pin = &all->items[i];
		struct idle_pins alone = {.items = pin, .nr = 1};

		if (usage_is_live(pin->mark))
			continue;
		/* Pins of others may still need it; its own is no use. */
		fill_marks(&alone, g, GC_ASK_ALL);
		count_entries(pin);
		idle_pins_add(ret, pin);
		pin->path = pin->name = NULL;
	}
}

int gc_list(struct idle_pins *ret, struct err *err)
{
	auto_idle_pins all = {.nr = 0}, idle = {.nr = 0};
	auto_graph g = GRAPH_INIT;
	char mnt[PATH_MAX];
	int r = gc_mount_point(mnt, err);

	if (r < 0)
		return r;
	gc_collect(&all, mnt, NULL);
	r = gc_judge(&all, &g, GC_ASK_LIVE, err);
	if (r < 0)
		return r;
	keep_idle(&idle, &all, &g);
	for (size_t i = 0; i < all.nr_hidden; i++)
		idle_pins_hide(&idle, all.hidden[i]);
	for (size_t i = 0; i < g.nr_hidden; i++)
		idle_pins_hide(&idle, g.hidden[i].text);
	*ret = idle;
	idle = (struct idle_pins){.nr = 0};
	return 0;
}
