/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/suggest.h"
#include "base/alloc.h"
#include "base/id_compare.h"
#include "graph/graph_names.h"

enum { MAP_TYPE_ARRAY = 2 }; /* enum bpf_map_type, kernel ABI */

const char *graph_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const char *known_name(const struct graph_map *map)
{
	return map->name ? map->name : "";
}

/* Is whole what the kernel cut to its name? */
static bool graph_names_continues(const char *kernel, const char *whole)
{
	return strlen(kernel) == GRAPH_KERNEL_NAME && strlen(whole) > GRAPH_KERNEL_NAME &&
	       strncmp(kernel, whole, GRAPH_KERNEL_NAME) == 0;
}

/* Ours is all of it, or was never cut. */
static bool is_whole(const struct graph_map *map)
{
	return map->whole || strlen(known_name(map)) != GRAPH_KERNEL_NAME;
}

const char *graph_map_name(const struct graph *g, uint32_t id)
{
	const struct graph_map *map = graph_find_map(g, id);
	const char *known = map ? known_name(map) : "";
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(g, GRAPH_OF_MAP, id, &nr);

	for (size_t i = 0; i < nr; i++) {
		const char *base = graph_base_name(pins[i].path);

		if (!*known || (!map->whole && graph_names_continues(known, base)))
			return base;
	}
	return known;
}

bool graph_map_is_cut(const struct graph *g, const struct graph_map *map)
{
	const char *known = known_name(map);
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(g, GRAPH_OF_MAP, map->id, &nr);

	if (is_whole(map) || strlen(graph_map_name(g, map->id)) != GRAPH_KERNEL_NAME)
		return false;
	for (size_t i = 0; i < nr; i++)
		if (strcmp(graph_base_name(pins[i].path), known) == 0)
			return false;
	return true;
}

const char *graph_program_name(const struct graph *g, uint32_t id)
{
	const struct graph_program *program = graph_find_program(g, id);
	const char *known = program && program->name ? program->name : "";
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(g, GRAPH_OF_PROGRAM, id, &nr);

	for (size_t i = 0; i < nr && program && !program->whole; i++)
		if (graph_names_continues(known, graph_base_name(pins[i].path)))
			return graph_base_name(pins[i].path);
	return known;
}

bool graph_program_is_cut(const struct graph *g, const struct graph_program *program)
{
	return !program->whole &&
	       strlen(graph_program_name(g, program->id)) == GRAPH_KERNEL_NAME;
}

bool graph_map_has_name(const struct graph *g, const struct graph_map *map,
			const char *name, bool *cut)
{
	const char *known = known_name(map);
	bool whole = is_whole(map);
	size_t nr;
	const struct graph_pin *pins = graph_find_pins(g, GRAPH_OF_MAP, map->id, &nr);

	if (!*name)
		return false;
	for (size_t i = 0; i < nr; i++) {
		if (strcmp(graph_base_name(pins[i].path), name) == 0)
			return true;
		whole |= graph_names_continues(known, graph_base_name(pins[i].path));
	}
	if (strcmp(known, name) == 0)
		return whole == is_whole(map);
	if (whole || strlen(name) <= GRAPH_KERNEL_NAME)
		return false;
	*cut = graph_names_continues(known, name);
	return *cut;
}

bool graph_map_is_data_section(const struct graph_map *map)
{
	/* Names in C have no dot; libbpf's for .data, .rodata, .bss, .kconfig do. */
	return map->type == MAP_TYPE_ARRAY && strchr(known_name(map), '.');
}

/* --- twins --- */

/* The directory of a path is where the loaders look for what several of them share. */
static bool is_common_dir(const char *dir, size_t len)
{
	static const char root[] = "/sys/fs/bpf", globals[] = "/tc/globals",
			  tc[] = "/tc/";
	enum { SHA1_DIGITS = 40 };

	/* What another mount namespace has is its own. */
	if (strncmp(dir, "/proc/", strlen("/proc/")) == 0)
		return false;
	if (len == strlen(root) && strncmp(dir, root, len) == 0)
		return true;
	if (len >= strlen(globals) &&
	    strncmp(dir + len - strlen(globals), globals, strlen(globals)) == 0)
		return true;
	return len > SHA1_DIGITS + strlen(tc) &&
	       strspn(dir + len - SHA1_DIGITS, "0123456789abcdef") >= SHA1_DIGITS &&
	       strncmp(dir + len - SHA1_DIGITS - strlen(tc), tc, strlen(tc)) == 0;
}

/* By its kernel name (path NULL) or by a pin. */
static void graph_names_add_name(struct graph_names *n, const struct graph_map *map,
				 const char *name, const char *path)
{
	struct graph_name new = {.name = name, .map = map->id, .type = map->type};

	if (path) {
		new.pinned = true;
		new.dir = path;
		new.dir_len = (size_t)(name - path);
		new.dir_len -= new.dir_len > 0;
		if (is_common_dir(path, new.dir_len))
			new.dir_len = 0;
	}
	array_grow(n->items, n->nr);
	n->items[n->nr++] = new;
}

static int graph_names_by_name(const void *a, const void *b)
{
	const struct graph_name *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : x->map < y->map ? -1 : x->map > y->map;
}

static int by_type(const struct graph_name *x, const struct graph_name *y)
{
	int r = strcmp(x->name, y->name);

	return r ? r : x->type < y->type ? -1 : x->type > y->type;
}

static int by_dir(const struct graph_name *x, const struct graph_name *y)
{
	int r = by_type(x, y);

	if (r || x->dir_len != y->dir_len)
		return r ? r : x->dir_len < y->dir_len ? -1 : 1;
	return x->dir_len ? memcmp(x->dir, y->dir, x->dir_len) : 0;
}

static int by_all(const void *a, const void *b)
{
	const struct graph_name *x = a, *y = b;
	int r = by_dir(x, y);

	return r ? r : x->map < y->map ? -1 : x->map > y->map;
}

/*
 * One entry of equal name and map, pinned if one of them was. A pin in a common directory, or
 * none at all, makes it everybody's; a pin alone says where it belongs.
 */
static void graph_names_unite(struct graph_names *n)
{
	size_t kept = 0;

	for (size_t i = 1; i < n->nr; i++) {
		struct graph_name *last = &n->items[kept], *item = &n->items[i];

		if (graph_names_by_name(last, item) != 0) {
			n->items[++kept] = *item;
			continue;
		}
		if (!last->pinned || (item->pinned && item->dir_len == 0)) {
			last->dir = item->dir;
			last->dir_len = item->dir_len;
		}
		last->pinned |= item->pinned;
	}
	n->nr = n->nr ? kept + 1 : 0;
}

static void keep_shared(struct graph_names *n)
{
	size_t kept = 0, end;

	for (size_t first = 0; first < n->nr; first = end) {
		const char *name = n->items[first].name;

		for (end = first; end < n->nr && strcmp(n->items[end].name, name) == 0;)
			end++;
		for (size_t i = first; end - first > 1 && i < end; i++)
			n->items[kept++] = n->items[i];
	}
	n->nr = kept;
}

void graph_twins_init(struct graph_names *ret, const struct graph *g)
{
	struct graph_names n = {.nr = 0};

	for (size_t i = 0; i < g->nr_maps; i++) {
		const struct graph_map *map = &g->maps[i];
		const char *name = graph_map_name(g, map->id);
		size_t nr;
		const struct graph_pin *pins =
			graph_find_pins(g, GRAPH_OF_MAP, map->id, &nr);

		if (graph_map_is_data_section(map))
			continue;
		if (*name)
			graph_names_add_name(&n, map, name, NULL);
		for (size_t k = 0; k < nr; k++)
			graph_names_add_name(&n, map, graph_base_name(pins[k].path),
					     pins[k].path);
	}
	if (n.nr)
		qsort(n.items, n.nr, sizeof(*n.items), graph_names_by_name);
	graph_names_unite(&n);
	keep_shared(&n);
	if (n.nr)
		qsort(n.items, n.nr, sizeof(*n.items), by_all);
	*ret = n;
}

void graph_names_release(struct graph_names *n)
{
	free(n->items);
	*n = (struct graph_names){.nr = 0};
}

bool graph_names_are_twins(const struct graph_name *a, const struct graph_name *b)
{
	return a->map != b->map && by_type(a, b) == 0 &&
	       (!a->dir_len || !b->dir_len || by_dir(a, b) == 0);
}

/* --- the twins of one map --- */

/* The first item that is not below key: equal ones begin there; or those after them. */
static size_t graph_names_bound(const struct graph_names *n, const struct graph_name *key,
				int (*compare)(const struct graph_name *a,
					       const struct graph_name *b),
				bool after)
{
	size_t low = 0, high = n->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = compare(&n->items[middle], key);

		if (r < 0 || (after && r == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Items from first on, end not included, but not the map itself and not one twice. */
static void graph_names_add_row(struct graph_twins *ret, const struct graph_names *n,
				size_t first, size_t end, uint32_t map)
{
	for (size_t i = first; i < end && ret->nr < GRAPH_TWINS_LISTED; i++) {
		bool known = n->items[i].map == map;

		for (size_t k = 0; k < ret->nr; k++)
			known |= ret->maps[k] == n->items[i].map;
		if (!known)
			ret->maps[ret->nr++] = n->items[i].map;
	}
}

static void add_twins(struct graph_twins *ret, const struct graph_names *n,
		      const struct graph_name *own)
{
	const struct graph_name common = {.name = own->name, .type = own->type};
	size_t first = graph_names_bound(n, own, by_type, false),
	       end = graph_names_bound(n, own, by_type, true);
	size_t nr = end - first - 1;

	if (!own->dir_len) {
		graph_names_add_row(ret, n, first, end, own->map);
	} else {
		size_t commons = graph_names_bound(n, &common, by_dir, true);
		size_t from = graph_names_bound(n, own, by_dir, false);
		size_t to = graph_names_bound(n, own, by_dir, true);

		graph_names_add_row(ret, n, first, commons, own->map);
		graph_names_add_row(ret, n, from, to, own->map);
		nr = commons - first + to - from - 1;
	}
	if (nr > ret->total)
		ret->total = nr;
}

/* The entry of this name and map; its directory is not known here, so all are compared. */
static const struct graph_name *find_own(const struct graph_names *n, const char *name,
					 const struct graph_map *map)
{
	const struct graph_name key = {.name = name, .type = map->type};
	size_t end = graph_names_bound(n, &key, by_type, true);

	for (size_t i = graph_names_bound(n, &key, by_type, false); i < end; i++)
		if (n->items[i].map == map->id)
			return &n->items[i];
	return NULL;
}

void graph_twins_of(const struct graph_names *n, const struct graph *g, uint32_t map,
		    struct graph_twins *ret)
{
	const struct graph_map *m = graph_find_map(g, map);
	size_t nr_pins;
	const struct graph_pin *pins = graph_find_pins(g, GRAPH_OF_MAP, map, &nr_pins);

	*ret = (struct graph_twins){.nr = 0};
	if (!m || graph_map_is_data_section(m))
		return;
	for (size_t i = 0; i <= nr_pins; i++) {
		const char *name =
			i ? graph_base_name(pins[i - 1].path) : graph_map_name(g, map);
		const struct graph_name *own = find_own(n, name, m);

		if (own)
			add_twins(ret, n, own);
	}
	if (ret->nr)
		qsort(ret->maps, ret->nr, sizeof(*ret->maps), id_compare);
	if (ret->total < ret->nr)
		ret->total = ret->nr;
}

void graph_map_near(const struct graph *g, const char *name, struct strbuf *out)
{
	struct suggest near = {.word = name};

	for (size_t i = 0; i < g->nr_maps; i++)
		suggest_offer(&near, graph_map_name(g, g->maps[i].id));
	suggest_hint(&near, out);
}
