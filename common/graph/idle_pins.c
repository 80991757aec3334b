/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "graph/idle_pins.h"
#include "def/pin_path.h"

/* What follows prefix and one slash in path; NULL: it is not below. */
static const char *below(const char *path, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(path, prefix, n) != 0 || path[n] != '/')
		return NULL;
	return path + n + 1;
}

bool idle_pins_below(const char *path, const char *dir)
{
	return below(path, dir) != NULL;
}

/* Lower case, as pin_path() writes it. */
static bool is_hash(const char *word, size_t n)
{
	return n == OBJECT_HASH_LEN && strspn(word, "0123456789abcdef") >= n;
}

/* Written as we write ids: no sign, no zeros in front. */
static bool is_program_id(const char *word, size_t n, uint32_t *ret)
{
	uint64_t value = 0;

	if (n == 0 || n > 10 || word[0] == '0' || strspn(word, "0123456789") < n)
		return false;
	for (size_t i = 0; i < n; i++)
		value = value * 10 + (uint64_t)(word[i] - '0');
	if (value > UINT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

bool idle_pins_program(const char *name, uint32_t *ret)
{
	return is_program_id(name, strlen(name), ret);
}

enum idle_place idle_place_of(const char *mnt, const char *path, uint32_t *program)
{
	const char *tc = below(path, mnt), *rest;
	uint32_t id;
	size_t n;

	if (!tc || strncmp(tc, "tc/", 3) != 0)
		return IDLE_NOWHERE;
	tc += 3;
	n = strcspn(tc, "/");
	rest = tc[n] ? tc + n + 1 : NULL;
	if (is_hash(tc, n))
		return IDLE_OBJECT;
	if (!rest || !*rest)
		return IDLE_NOWHERE;
	if (n == strlen("globals") && strncmp(tc, "globals", n) == 0)
		return IDLE_GLOBALS;
	if (n != strlen("keep") || strncmp(tc, "keep", n) != 0)
		return IDLE_NOWHERE;
	n = strcspn(rest, "/");
	if (!is_program_id(rest, n, &id) || (rest[n] && strchr(rest + n + 1, '/')))
		return IDLE_NOWHERE;
	if (program)
		*program = id;
	return IDLE_KEEP;
}

struct idle_pin *idle_pins_add(struct idle_pins *pins, const struct idle_pin *pin)
{
	array_grow(pins->items, pins->nr);
	pins->items[pins->nr] = *pin;
	return &pins->items[pins->nr++];
}

void idle_pins_copy(struct idle_pins *pins, const struct idle_pin *pin)
{
	struct idle_pin copy = *pin;

	copy.path = xstrdup(pin->path);
	copy.name = pin->name ? xstrdup(pin->name) : NULL;
	idle_pins_add(pins, &copy);
}

void idle_pins_hide(struct idle_pins *pins, const char *what)
{
	array_grow(pins->hidden, pins->nr_hidden);
	pins->hidden[pins->nr_hidden++] = xstrdup(what);
}

static int by_path(const void *a, const void *b)
{
	const struct idle_pin *x = a, *y = b;

	return strcmp(x->path, y->path);
}

void idle_pins_sort(struct idle_pins *pins)
{
	if (pins->nr)
		qsort(pins->items, pins->nr, sizeof(*pins->items), by_path);
}

void idle_pins_release(struct idle_pins *pins)
{
	for (size_t i = 0; i < pins->nr; i++) {
		free(pins->items[i].path);
		free(pins->items[i].name);
	}
	free(pins->items);
	for (size_t i = 0; i < pins->nr_hidden; i++)
		free(pins->hidden[i]);
	free(pins->hidden);
	*pins = (struct idle_pins){.nr = 0};
}
