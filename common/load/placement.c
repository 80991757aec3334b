/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file_in.h"
#include "def/pin_path.h"
#include "load/placement.h"

static bool same_map(const struct map_override *a, const struct map_override *b)
{
	if (a->idx >= 0 || b->idx >= 0)
		return a->idx == b->idx;
	return strcmp(a->map, b->map) == 0;
}

static int parse_which(struct map_override *o, struct args *a, struct err *err)
{
	const char *word = args_next(a);
	uint64_t idx;
	int r;

	if (word && args_is_prefix(word, "idx")) {
		r = args_number(a, "map idx", 0, INT32_MAX, &idx, err);
		if (r < 0)
			return r;
		o->idx = (int)idx;
		return 0;
	}
	if (word && args_is_prefix(word, "name"))
		return args_value(a, "map name", "MAP", &o->map, err);
	return err_say(err, -EINVAL, "map: expected 'idx' or 'name', got '%s'",
		       word ? word : "");
}

static int parse_target(struct map_override *o, struct args *a, struct err *err)
{
	const char *word = args_next(a);
	uint64_t id;
	int r;

	if (word && args_is_prefix(word, "id")) {
		o->target = OVERRIDE_ID;
		r = args_number(a, "id", 1, UINT32_MAX, &id, err);
		if (r < 0)
			return r;
		o->id = (uint32_t)id;
		return 0;
	}
	if (word && args_is_prefix(word, "pinned")) {
		o->target = OVERRIDE_PINNED;
		return args_value(a, "pinned", "PATH", &o->what, err);
	}
	if (word && args_is_prefix(word, "name")) {
		o->target = OVERRIDE_NAME;
		return args_value(a, "name", "NAME", &o->what, err);
	}
	if (word && args_is_prefix(word, "private")) {
		o->target = OVERRIDE_PRIVATE;
		return 0;
	}
	if (word && args_is_prefix(word, "shared")) {
		o->target = OVERRIDE_SHARED;
		return 0;
	}
	return err_say(
		err, -EINVAL,
		"map: expected 'id', 'pinned', 'name', 'private' or 'shared', got '%s'",
		word ? word : "");
}

int map_overrides_parse(struct map_overrides *o, struct args *a, struct err *err)
{
	struct map_override new = {.idx = -1};
	int r = parse_which(&new, a, err);

	if (r == 0)
		r = parse_target(&new, a, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < o->nr; i++) {
		if (!same_map(&o->items[i], &new))
			continue;
		if (new.idx >= 0)
			return err_say(err, -EINVAL, "map idx %d is given twice",
				       new.idx);
		return err_say(err, -EINVAL, "map '%s' is given twice", new.map);
	}
	array_grow(o->items, o->nr);
	o->items[o->nr++] = new;
	return 0;
}

int map_overrides_set(struct args *a, void *overrides, struct err *err)
{
	return map_overrides_parse(overrides, a, err);
}

void map_overrides_release(struct map_overrides *o)
{
	free(o->items);
	*o = (struct map_overrides){.nr = 0};
}

static bool override_is(const struct map_override *o, const char *name, size_t idx)
{
	return o->idx >= 0 ? (size_t)o->idx == idx : strcmp(o->map, name) == 0;
}

static const struct map_override *find_override(const struct map_overrides *o,
						const char *name, size_t idx)
{
	for (size_t i = 0; i < o->nr; i++)
		if (override_is(&o->items[i], name, idx))
			return &o->items[i];
	return NULL;
}

int map_overrides_check(const struct map_overrides *o, const char *const *names,
			size_t nr, struct err *err)
{
	for (size_t i = 0; i < o->nr; i++) {
		auto_strbuf list = STRBUF_INIT;
		bool found = false;

		for (size_t m = 0; m < nr; m++) {
			sb_add_sep(&list, ", ", names[m]);
			if (!override_is(&o->items[i], names[m], m))
				continue;
			found = true;
			/* By idx here, by name there. */
			if (find_override(o, names[m], m) != &o->items[i])
				return err_say(err, -EINVAL, "map '%s' is given twice",
					       names[m]);
		}
		if (found)
			continue;
		if (o->items[i].idx >= 0)
			return err_say(
				err, -ENOENT,
				"map idx %d is not in the object, which has %zu maps: %s",
				o->items[i].idx, nr, nr ? sb_text(&list) : "none");
		return err_say(err, -ENOENT,
			       "map '%s' is not in the object, which has: %s",
			       o->items[i].map, nr ? sb_text(&list) : "no maps");
	}
	return 0;
}

static bool shared_by_dialect(const struct mapdef *def, const struct placement *p)
{
	return def->dialect == MAPDEF_DEF && p->opts->reader == MAPS_READER_CGROUP &&
	       mapdef_is_data(def);
}

static bool root_is_none(const struct placement *p)
{
	return p->opts->pin_root && strcmp(p->opts->pin_root, "none") == 0;
}

void place_release(struct place *place)
{
	if (place->path && place->path[0])
		free((char *)place->path);
	place->path = "";
}

/* A place of that path, if r, of making it, says so. */
static int place_pin(struct place *ret, int r, const char *path)
{
	ret->kind = PLACE_PIN;
	if (r == 0)
		ret->path = xstrdup(path);
	return r;
}

/* Rules 5 and 6 with pinmaps. libbpf's data maps carry dots, which bpffs refuses. */
static int place_in_pinmaps(struct place *ret, const struct mapdef *def, const char *dir,
			    struct err *err)
{
	auto_free char *name = xstrdup(def->name);
	char path[PATH_MAX];

	for (char *c = name; *c; c++)
		if (*c == '.')
			*c = '_';
	ret->must_be_new = true;
	return place_pin(ret, pin_path_in(path, sizeof(path), dir, name, err), path);
}

static int place_by_scope(struct place *ret, const struct mapdef *def,
			  enum pin_scope scope, const struct placement *p,
			  struct err *err)
{
	const struct pin_path_opts opts = {
		.mnt = p->mnt,
		.pin_root = root_is_none(p) ? NULL : p->opts->pin_root,
		.object_hash = p->object_hash,
		.names = p->names,
	};
	struct mapdef scoped = *def; /* borrows what def owns; not released */
	char path[PATH_MAX];

	scoped.scope = scope;
	ret->by_root = scope == PIN_SCOPE_NAME;
	return place_pin(ret, pin_path(path, sizeof(path), &scoped, &opts, err), path);
}

/* ROOT/NAME, whatever the object says. */
static int place_shared(struct place *ret, const struct mapdef *def,
			const struct placement *p, struct err *err)
{
	if (root_is_none(p))
		return err_say(err, -EINVAL,
			       "'shared' needs a place, and --pin-root is 'none'");
	ret->announce = true;
	return place_by_scope(ret, def, PIN_SCOPE_NAME, p, err);
}

static int place_at(struct place *place, const char *path, struct err *err)
{
	if (strlen(path) >= PATH_MAX)
		return err_set(err, -ENAMETOOLONG, "pin '%s'", path);
	return place_pin(place, 0, path);
}

int place_map(struct place *ret, const struct mapdef *def, size_t idx,
	      const struct placement *p, struct err *err)
{
	const struct map_override *given =
		find_override(&p->opts->overrides, def->name, idx);
	struct place place = PLACE_INIT;
	int r = 0;

	if (given) {
		place.given = given;
		if (given->target == OVERRIDE_SHARED)
			r = place_shared(&place, def, p, err);
		else if (given->target == OVERRIDE_AT)
			r = place_at(&place, given->what, err);
		else if (given->target != OVERRIDE_PRIVATE)
			place.kind = PLACE_GIVEN;
	} else if (def->scope == PIN_SCOPE_NAME && root_is_none(p)) {
		place.kind = PLACE_PRIVATE;
	} else if (def->scope != PIN_SCOPE_NONE) {
		r = place_by_scope(&place, def, def->scope, p, err);
	} else if (p->opts->pinmaps) {
		r = place_in_pinmaps(&place, def, p->opts->pinmaps, err);
	} else if (shared_by_dialect(def, p) && !root_is_none(p)) {
		place.announce = true;
		r = place_by_scope(&place, def, PIN_SCOPE_NAME, p, err);
	}
	if (r < 0)
		return err_context(err, "map '%s'", def->name);
	place_release(ret);
	*ret = place;
	return 0;
}

int placement_read_pin_names(struct pin_names *ret, struct err *err)
{
	static const char *const files[] = {
		"/etc/iproute2/bpf_pinning",
		"/usr/share/iproute2/bpf_pinning",
	};

	for (size_t i = 0; i < array_size(files); i++) {
		auto_close int fd = open(files[i], O_RDONLY | O_CLOEXEC);
		auto_free char *text = NULL;
		size_t size = 0;
		int r = fd < 0 ? -errno : file_in_read(fd, SIZE_MAX, &text, &size);

		if (r == -ENOENT)
			continue;
		if (r < 0)
			return err_set(err, r, "pin database '%s'", files[i]);
		pin_names_parse(ret, text, size, files[i]);
		return 0;
	}
	*ret = (struct pin_names){.nr = 0};
	return 0;
}
