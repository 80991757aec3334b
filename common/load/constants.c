/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "load/constants.h"

static struct constant *constants_find(const struct constants *c, const char *name)
{
	for (size_t i = 0; i < c->nr; i++)
		if (strcmp(c->items[i].name, name) == 0)
			return &c->items[i];
	return NULL;
}

static void constants_append(struct constants *c, const char *name, const char *value)
{
	auto_free char *n = xstrdup(name);
	auto_free char *v = xstrdup(value);

	array_grow(c->items, c->nr);
	c->items[c->nr++] = (struct constant){.name = take_ptr(n), .value = take_ptr(v)};
}

int constants_add(struct constants *c, const char *name, const char *value,
		  struct err *err)
{
	if (!*name)
		return err_say(err, -EINVAL, "set: the name of a constant is missing");
	if (constants_find(c, name))
		return err_say(err, -EINVAL, "set '%s' is given twice", name);
	constants_append(c, name, value);
	return 0;
}

int constants_put(struct constants *c, const char *name, const char *value,
		  struct err *err)
{
	struct constant *old = constants_find(c, name);

	if (!old)
		return constants_add(c, name, value, err);
	constants_append(c, name, value);
	old = constants_find(c, name);
	free(old->name);
	free(old->value);
	c->nr--;
	memmove(old, old + 1, (size_t)(c->items + c->nr - old) * sizeof(*old));
	return 0;
}

int constants_set(struct args *a, void *constants, struct err *err)
{
	auto_free char *name = NULL;
	const char *word, *equals;
	int r = args_value(a, "set", CONSTANTS_USAGE, &word, err);

	if (r < 0)
		return r;
	equals = strchr(word, '=');
	if (!equals)
		return err_say(err, -EINVAL,
			       "set '%s': expected " CONSTANTS_USAGE " in one word",
			       word);
	name = xstrndup(word, (size_t)(equals - word));
	return constants_add(constants, name, equals + 1, err);
}

void constants_release(struct constants *c)
{
	for (size_t i = 0; i < c->nr; i++) {
		free(c->items[i].name);
		free(c->items[i].value);
	}
	free(c->items);
	*c = (struct constants){.nr = 0};
}
