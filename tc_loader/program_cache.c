/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <linux/bpf.h>

#include "base/alloc.h"
#include "format/pin_path.h"
#include "kernel/map_fd.h"
#include "program_cache.h"
#include "request.h"
#include "share/object.h"

/* More different objects than a script alternates between. */
enum { ENTRIES_MAX = 16 };

/* Where a shared map was when the program was loaded. */
struct pinned {
	char *path;
	uint32_t id;
};

struct entry {
	char *key;
	size_t key_len;
	int fd; /* the program's; it keeps its maps alive */
	char *section;
	struct pinned *pins;
	size_t nr_pins;
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
static void add_word(struct strbuf *key, const char *word)
{
	sb_add_char(key, word ? '+' : '-');
	if (word)
		sb_add(key, word);
	sb_add_char(key, '\0');
}

bool program_cache_key(struct program_key *key, const struct request_bpf *bpf,
		       uint32_t prog_type)
{
	const char *slash = strrchr(bpf->path, '/');
	auto_free void *bytes = NULL;
	auto_err err = ERR_INIT;
	struct strbuf *text = &key->text;
	size_t size;

	if (bpf->export || bpf->verbose || secure_getenv("TC_BPF_UDS") ||
	    object_read_file(bpf->path, &bytes, &size, &err) < 0)
		return false;
	/* Names of data maps are made of the file's name. */
	add_word(text, slash ? slash + 1 : bpf->path);
	add_word(text, bpf->section);
	add_word(text, bpf->program);
	sb_addf(text, "%u", prog_type);
	for (size_t i = 0; i < bpf->overrides.nr; i++) {
		const struct map_override *o = &bpf->overrides.items[i];

		sb_addf(text, " %d %d %u", o->idx, o->target, o->id);
		add_word(text, o->map);
		add_word(text, o->what);
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

static void forget(struct program_cache *cache, size_t i)
{
	entry_release(&cache->entries[i]);
	cache->entries[i] = cache->entries[--cache->nr];
}

bool program_cache_find(struct program_cache *cache, const struct program_key *key,
			int *fd, const char **section)
{
	for (size_t i = 0; i < cache->nr; i++) {
		struct entry *e = &cache->entries[i];

		if (!has_key(e, key))
			continue;
		for (size_t k = 0; k < e->nr_pins; k++) {
			if (still_pinned(&e->pins[k]))
				continue;
			forget(cache, i);
			return false;
		}
		e->used = ++cache->clock;
		*fd = e->fd;
		*section = e->section;
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

static size_t oldest(const struct program_cache *cache)
{
	size_t found = 0;

	for (size_t i = 1; i < cache->nr; i++)
		if (cache->entries[i].used < cache->entries[found].used)
			found = i;
	return found;
}

void program_cache_add(struct program_cache *cache, const struct program_key *key,
		       struct object *obj, const struct object_program *prog)
{
	struct entry e = {.fd = -1};
	char hash[OBJECT_HASH_LEN + 1];
	const struct object_map *maps;
	size_t nr;

	/* The file may have changed between the two readings. */
	object_hash(hash, key->text.text + key->file_at, key->text.len - key->file_at);
	if (strcmp(hash, object_sha1(obj)) != 0)
		return;
	maps = object_maps(obj, &nr);
	for (size_t i = 0; i < nr; i++)
		if (!is_shared(&maps[i]))
			return;
	e.fd = fcntl(prog->fd, F_DUPFD_CLOEXEC, 3);
	if (e.fd < 0)
		return;
	for (size_t i = 0; i < nr; i++) {
		if (!pin_of(&maps[i]))
			continue;
		array_grow(e.pins, e.nr_pins);
		e.pins[e.nr_pins++] = (struct pinned){
			.path = xstrdup(pin_of(&maps[i])),
			.id = maps[i].id,
		};
	}
	e.key = xmemdup(key->text.text, key->text.len);
	e.key_len = key->text.len;
	e.section = xstrdup(prog->section);
	e.used = ++cache->clock;
	if (cache->nr == ENTRIES_MAX)
		forget(cache, oldest(cache));
	cache->entries[cache->nr++] = e;
}
