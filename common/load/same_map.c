/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "def/mapdef.h"
#include "kernel/caps.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "load/object.h"
#include "load/same_map.h"

void same_run_release(struct same_run *run)
{
	free(run->seen);
	pin_index_release(&run->pins);
}

bool same_run_seen(struct same_run *run, enum same_pair_kind kind, uint32_t ours,
		   uint32_t theirs)
{
	for (size_t i = 0; i < run->nr_seen; i++)
		if (run->seen[i].kind == kind && run->seen[i].ours == ours &&
		    run->seen[i].theirs == theirs)
			return true;
	array_grow(run->seen, run->nr_seen);
	run->seen[run->nr_seen++] = (struct same_pair){kind, ours, theirs};
	return false;
}

struct side {
	int fd; /* owned */
	struct bpf_map_info info;
};

static void side_release(const struct side *s)
{
	cleanup_close(&s->fd);
}

static int side_open(struct side *s, uint32_t id)
{
	s->fd = map_fd_by_id(id);
	return s->fd < 0 ? s->fd : map_fd_info(s->fd, &s->info);
}

static enum same_answer say_unread_map(struct same_run *run, uint32_t id, int code)
{
	const char *missing = code == -EPERM ? caps_missing(CAPS_IDS) : NULL;

	sb_addf(run->why, "map id %" PRIu32 " cannot be read: %s", id, err_words(code));
	if (missing)
		sb_addf(run->why, " (missing %s)", missing);
	return SAME_UNKNOWN;
}

static enum same_answer say_unread_pins(struct same_run *run, uint32_t id, int code)
{
	sb_addf(run->why, "whether map id %" PRIu32 " is pinned cannot be seen: %s", id,
		err_words(code));
	return SAME_UNKNOWN;
}

static enum same_answer say_differs(struct same_run *run, const struct side *s,
				    const char *how)
{
	sb_addf(run->why, "map '%.*s' %s", (int)sizeof(s->info.name), s->info.name, how);
	return SAME_NO;
}

/* Made anew by each load: what libbpf makes for data sections is in no list of maps. */
static bool is_private(struct object *obj, uint32_t id)
{
	size_t nr;
	const struct object_map *maps = object_maps(obj, &nr);

	for (size_t i = 0; i < nr; i++)
		if (maps[i].id == id)
			return maps[i].state == OBJECT_MAP_PRIVATE;
	return true;
}

/* "x.rodata": the part in front of the dot is cut from the file's name. */
static bool same_map_name(const struct bpf_map_info *a, const struct bpf_map_info *b)
{
	const char *x = strchr(a->name, '.'), *y = strchr(b->name, '.');

	return strcmp(x && y ? x : a->name, x && y ? y : b->name) == 0;
}

/* Layouts aside, which do not make another program of it. */
static bool same_definition(const struct bpf_map_info *a, const struct bpf_map_info *b)
{
	auto_strbuf unused = STRBUF_INIT;
	struct mapdef x, y;

	map_fd_info_def(a, &x);
	map_fd_info_def(b, &y);
	return same_map_name(a, b) &&
	       mapdef_diff(&x, &y, MAPDEF_DIFF_NO_LAYOUT, 0, &unused) == 0;
}

/* 1, 0; -errno: it cannot be told, since not all pins could be seen. */
static int is_map_pinned(struct same_run *run, uint32_t id)
{
	if (!run->pins_read)
		pin_index_read(&run->pins, BPF_FD_MAP);
	run->pins_read = true;
	for (size_t i = 0; i < run->pins.nr; i++)
		if (run->pins.pins[i].id == id)
			return 1;
	return run->pins.unseen;
}

static enum same_answer same_content(struct same_run *run, const struct side *a,
				     const struct side *b)
{
	auto_free char *x = xcalloc(1, map_io_value_bytes(&a->info));
	auto_free char *y = xcalloc(1, map_io_value_bytes(&b->info));
	const uint32_t key = 0;
	int r = map_io_lookup(a->fd, &key, x);

	if (r == 0)
		r = map_io_lookup(b->fd, &key, y);
	if (r < 0)
		return say_unread_map(run, b->info.id, r);
	if (memcmp(x, y, a->info.value_size) == 0)
		return SAME_YES;
	return say_differs(run, a, "has other constants in it");
}

/* 0: the slot is empty. */
static int slot_program(const struct side *s, uint32_t key, uint32_t *ret)
{
	int r = map_io_lookup(s->fd, &key, ret);

	if (r == -ENOENT)
		*ret = 0;
	return r == -ENOENT ? 0 : r;
}

static enum same_answer same_slots(struct same_run *run, const struct side *a,
				   const struct side *b)
{
	enum same_answer answer = SAME_YES;

	for (uint32_t key = 0; key < a->info.max_entries && answer == SAME_YES; key++) {
		uint32_t x = 0, y = 0;
		int r = slot_program(a, key, &x);

		if (r == 0)
			r = slot_program(b, key, &y);
		if (r < 0)
			return say_unread_map(run, b->info.id, r);
		if (!x != !y)
			return say_differs(run, a, "has other slots filled");
		if (x != y)
			answer = run->programs(run, x, y);
	}
	return answer;
}

/*
 * The kernel does not tell how inner maps are defined: those that the object itself puts
 * into slots show it. What others put into more slots there is their content.
 */
static enum same_answer same_inner_maps(struct same_run *run, const struct side *a,
					const struct side *b)
{
	auto_free char *key = xcalloc(1, a->info.key_size);
	enum same_answer answer = SAME_YES;
	int next = map_io_next_key(a->fd, NULL, key);

	for (; answer == SAME_YES && next == 0; next = map_io_next_key(a->fd, key, key)) {
		uint32_t x = 0, y = 0;
		int r = map_io_lookup(a->fd, key, &x);

		if (r == -ENOENT)
			continue;
		r = r < 0 ? r : map_io_lookup(b->fd, key, &y);
		if (r == -ENOENT)
			return say_differs(run, a, "has other slots filled");
		if (r < 0)
			return say_unread_map(run, b->info.id, r);
		answer = same_map(run, x, y);
	}
	if (answer == SAME_YES && next != -ENOENT)
		return say_unread_map(run, a->info.id, next);
	return answer;
}

static bool side_is_outer(const struct side *s)
{
	return s->info.type == BPF_MAP_TYPE_ARRAY_OF_MAPS ||
	       s->info.type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

enum same_answer same_map(struct same_run *run, uint32_t ours, uint32_t theirs)
{
	auto_release(side_release) struct side a = {.fd = -1}, b = {.fd = -1};
	int r;

	if (ours == theirs || same_run_seen(run, SAME_PAIR_MAP, ours, theirs))
		return SAME_YES;
	r = side_open(&a, ours);
	if (r < 0)
		return say_unread_map(run, ours, r);
	if (!is_private(run->obj, ours)) {
		sb_addf(run->why,
			"map '%.*s' is id %" PRIu32 " there, id %" PRIu32 " here",
			(int)sizeof(a.info.name), a.info.name, theirs, ours);
		return SAME_NO;
	}
	r = side_open(&b, theirs);
	if (r < 0)
		return say_unread_map(run, theirs, r);
	if (!same_definition(&a.info, &b.info))
		return say_differs(run, &a, "is defined otherwise");
	/* A prog array that nobody pins is pinned for the program (load/keep.h). */
	if (a.info.type == BPF_MAP_TYPE_PROG_ARRAY)
		return same_slots(run, &a, &b);
	if (a.info.type == BPF_MAP_TYPE_ARRAY && a.info.map_flags & BPF_F_RDONLY_PROG &&
	    a.info.max_entries == 1)
		return same_content(run, &a, &b);
	r = is_map_pinned(run, theirs);
	if (r < 0)
		return say_unread_pins(run, theirs, r);
	if (r)
		return say_differs(run, &b, "is pinned there, private here");
	return side_is_outer(&a) ? same_inner_maps(run, &a, &b) : SAME_YES;
}
