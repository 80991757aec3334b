/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <linux/bpf.h>

#include "base/alloc.h"
#include "kernel/map_fd.h"
#include "load/object.h"
#include "load/object_file.h"
#include "load/placement.h"
#include "load/prog_slot.h"
#include "load/program_cache.h"
#include "netlink/nl_filter.h"

/* More different objects than a script alternates between. */
enum { ENTRIES_MAX = 16 };

/* Where a shared map was when the program was loaded. */
struct pinned {
	char *path;
	uint32_t id;
};

/* A slot that the load filled. */
struct filled {
	int map_fd; /* one of the entry's map_fds */
	uint32_t key;
	uint32_t program;
};

struct put_place {
	int ifindex;
	uint32_t block, parent, chain;
};

struct entry {
	char *key;
	size_t key_len;
	int fd; /* the program's; it keeps its maps alive */
	uint32_t id;
	char *section;
	struct pinned *pins;
	size_t nr_pins;
	int *map_fds; /* of prog arrays */
	size_t nr_map_fds;
	struct filled *slots;
	size_t nr_slots;
	struct put_place *places;
	size_t nr_places;
	uint64_t used;
};

struct program_cache {
	struct entry entries[ENTRIES_MAX];
	size_t nr;
	uint64_t clock;
};

static void entry_release(struct entry *e)
{
	cleanup_close(&e->fd);
	for (size_t i = 0; i < e->nr_pins; i++)
		free(e->pins[i].path);
	for (size_t i = 0; i < e->nr_map_fds; i++)
		cleanup_close(&e->map_fds[i]);
	free(e->map_fds);
	free(e->slots);
	free(e->places);
	free(e->pins);
	free(e->section);
	free(e->key);
}

struct program_cache *program_cache_new(void)
{
	return xcalloc(1, sizeof(struct program_cache));
}

void program_cache_clear(struct program_cache *cache)
{
	for (size_t i = 0; cache && i < cache->nr; i++)
		entry_release(&cache->entries[i]);
	if (cache)
		cache->nr = 0;
}

void program_cache_free(struct program_cache *cache)
{
	program_cache_clear(cache);
	free(cache);
}

/* A word and its end, so that "a", "b" is not "ab". NULL differs from "". */
static void program_cache_add_word(struct strbuf *key, const char *word)
{
	sb_add_char(key, word ? '+' : '-');
	if (word)
		sb_add(key, word);
	sb_add_char(key, '\0');
}

bool program_cache_key(struct program_key *key, const struct program_want *want)
{
	const char *slash = strrchr(want->path, '/');
	auto_free void *bytes = NULL;
	auto_err err = ERR_INIT;
	struct strbuf *text = &key->text;
	bool foreign;
	size_t size;

	if (object_file_read(want->path, &bytes, &size, &foreign, &err) < 0)
		return false;
	/* Names of data maps are made of the file's name. */
	program_cache_add_word(text, slash ? slash + 1 : want->path);
	program_cache_add_word(text, want->section);
	program_cache_add_word(text, want->program);
	sb_addf(text, "%u", want->prog_type);
	for (size_t i = 0; i < want->maps->nr; i++) {
		const struct map_override *o = &want->maps->items[i];

		sb_addf(text, " %d %d %u", o->idx, o->target, o->id);
		program_cache_add_word(text, o->map);
		program_cache_add_word(text, o->what);
	}
	for (size_t i = 0; i < want->constants->nr; i++) {
		program_cache_add_word(text, want->constants->items[i].name);
		program_cache_add_word(text, want->constants->items[i].value);
	}
	key->file_at = text->len;
	sb_add_mem(text, bytes, size);
	return true;
}

static bool has_key(const struct entry *e, const struct program_key *key)
{
	return e->key_len == key->text.len &&
	       memcmp(e->key, key->text.text, e->key_len) == 0;
}

static bool still_pinned(const struct pinned *pin)
{
	auto_close int fd = map_fd_by_pin(pin->path);
	struct bpf_map_info info;

	return fd >= 0 && map_fd_info(fd, &info) == 0 && info.id == pin->id;
}

/* Whatever it depends on is what it was: only then would a second load be the same. */
static bool program_cache_is_unchanged(const struct entry *e)
{
	for (size_t i = 0; i < e->nr_pins; i++)
		if (!still_pinned(&e->pins[i]))
			return false;
	for (size_t i = 0; i < e->nr_slots; i++) {
		const struct filled *s = &e->slots[i];
		uint32_t id;

		if (prog_slot_read(s->map_fd, s->key, &id) < 0 || id != s->program)
			return false;
	}
	return true;
}

static void program_cache_drop(struct program_cache *cache, size_t i)
{
	entry_release(&cache->entries[i]);
	cache->entries[i] = cache->entries[--cache->nr];
}

bool program_cache_find(struct program_cache *cache, const struct program_key *key,
			struct program_cached *ret)
{
	for (size_t i = 0; i < cache->nr; i++) {
		struct entry *e = &cache->entries[i];

		if (!has_key(e, key))
			continue;
		if (!program_cache_is_unchanged(e)) {
			program_cache_drop(cache, i);
			return false;
		}
		e->used = ++cache->clock;
		*ret = (struct program_cached){
			.fd = e->fd, .id = e->id, .section = e->section};
		return true;
	}
	return false;
}

static struct entry *entry_of(const struct program_cache *cache, uint32_t id)
{
	for (size_t i = 0; cache && i < cache->nr; i++)
		if (cache->entries[i].id == id)
			return (struct entry *)&cache->entries[i];
	return NULL;
}

void program_cache_forget(struct program_cache *cache, uint32_t id)
{
	const struct entry *e = entry_of(cache, id);

	if (e)
		program_cache_drop(cache, (size_t)(e - cache->entries));
}

void program_cache_put(struct program_cache *cache, uint32_t id,
		       const struct nl_filter *place)
{
	struct entry *e = entry_of(cache, id);

	if (!e)
		return;
	array_grow(e->places, e->nr_places);
	e->places[e->nr_places++] = (struct put_place){.ifindex = place->ifindex,
						       .block = place->block,
						       .parent = place->parent,
						       .chain = place->chain};
}

bool program_cache_was_put(const struct program_cache *cache, uint32_t id,
			   const struct nl_filter *place)
{
	const struct entry *e = entry_of(cache, id);

	for (size_t i = 0; e && i < e->nr_places; i++) {
		const struct put_place *p = &e->places[i];

		if (p->ifindex == place->ifindex && p->block == place->block &&
		    p->parent == place->parent && p->chain == place->chain)
			return true;
	}
	return false;
}

/* What a second load would find again, and so need not be loaded for. */
static bool is_shared(const struct object_map *m)
{
	switch (m->place.kind) {
	case PLACE_PIN:
		return true;
	case PLACE_GIVEN:
		/* A name is looked up anew each time. */
		return m->place.given->target != OVERRIDE_NAME;
	case PLACE_PRIVATE:
		break;
	}
	return m->def.dialect == MAPDEF_DATA && m->def.map_flags & BPF_F_RDONLY_PROG;
}

static const char *pin_of(const struct object_map *m)
{
	if (m->place.kind == PLACE_PIN)
		return m->place.path;
	if (m->place.kind == PLACE_GIVEN && m->place.given->target == OVERRIDE_PINNED)
		return m->place.given->what;
	return NULL;
}

static size_t program_cache_oldest(const struct program_cache *cache)
{
	size_t found = 0;

	for (size_t i = 1; i < cache->nr; i++)
		if (cache->entries[i].used < cache->entries[found].used)
			found = i;
	return found;
}

static void program_cache_add_pin(struct entry *e, const struct object_map *m)
{
	if (!pin_of(m))
		return;
	array_grow(e->pins, e->nr_pins);
	e->pins[e->nr_pins++] = (struct pinned){
		.path = xstrdup(pin_of(m)),
		.id = m->id,
	};
}

struct remembering {
	struct entry *e;
	const struct object *obj;
	const struct object_map *last; /* whose descriptor is the latest of map_fds */
	bool failed;
};

static void program_cache_add_slot(const struct object_map *m, uint32_t key,
				   const struct object_program *prog, void *ctx)
{
	struct remembering *r = ctx;
	struct entry *e = r->e;

	if (r->last != m) {
		int fd = fcntl(object_map_fd(r->obj, m), F_DUPFD_CLOEXEC, 3);

		r->failed |= fd < 0;
		if (fd < 0)
			return;
		array_grow(e->map_fds, e->nr_map_fds);
		e->map_fds[e->nr_map_fds++] = fd;
		r->last = m;
	}
	array_grow(e->slots, e->nr_slots);
	e->slots[e->nr_slots++] = (struct filled){
		.map_fd = e->map_fds[e->nr_map_fds - 1], .key = key, .program = prog->id};
}

/* What the entry depends on. False: it cannot be watched, so it is not shared. */
static bool program_cache_remember(struct entry *e, struct object *obj)
{
	struct remembering r = {.e = e, .obj = obj};
	const struct object_map *maps;
	size_t nr;

	maps = object_maps(obj, &nr);
	for (size_t i = 0; i < nr; i++) {
		if (!is_shared(&maps[i]))
			return false;
		program_cache_add_pin(e, &maps[i]);
	}
	object_each_slot(obj, program_cache_add_slot, &r);
	return !r.failed;
}

void program_cache_add(struct program_cache *cache, const struct program_key *key,
		       struct object *obj, const struct object_program *prog)
{
	struct entry e = {.fd = -1, .id = prog->id};

	/* The file may have changed between the two readings. */
	if (!object_is_of(obj, key->text.text + key->file_at,
			  key->text.len - key->file_at))
		return;
	if (program_cache_remember(&e, obj))
		e.fd = fcntl(prog->fd, F_DUPFD_CLOEXEC, 3);
	if (e.fd < 0) {
		entry_release(&e);
		return;
	}
	e.key = xmemdup(key->text.text, key->text.len);
	e.key_len = key->text.len;
	e.section = xstrdup(prog->section);
	e.used = ++cache->clock;
	if (cache->nr == ENTRIES_MAX)
		program_cache_drop(cache, program_cache_oldest(cache));
	cache->entries[cache->nr++] = e;
}
