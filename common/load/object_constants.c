/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The constants of an object: variables of sections that its programs only read. */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/suggest.h"
#include "btf/btf_value.h"
#include "btf/btf_vars.h"
#include "load/object_private.h"

enum {
	NAMES_SHOWN = 16, /* of an object that has none of the name that was said */
	QUALIFIERS_MAX = 32,
};

/* The section that libbpf made this map of, "" where BTF does not say. */
static const char *section_of(const struct object *obj, const struct bpf_map *map)
{
	const struct btf *btf = bpf_object__btf(obj->bpf);
	uint32_t id = bpf_map__btf_value_type_id(map);
	const struct btf_type *t = btf && id ? btf__type_by_id(btf, id) : NULL;
	const char *name;

	if (!t || !bpf_map__is_internal(map) || !btf_is_datasec(t))
		return "";
	name = btf__name_by_offset(btf, t->name_off);
	return name ? name : "";
}

static bool is_constant_section(const char *name)
{
	return strcmp(name, ".rodata") == 0 || strncmp(name, ".rodata.", 8) == 0;
}

/*
 * A const that is not volatile is a number the compiler knows: it may stand in the code, and
 * what the section holds is never read. In arrays it is the elements that are qualified.
 */
static bool is_volatile(const struct btf *btf, uint32_t id)
{
	for (int i = 0; i < QUALIFIERS_MAX; i++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (!t || btf_is_volatile(t))
			return t;
		if (btf_is_array(t))
			id = btf_array(t)->type;
		else if (btf_is_mod(t) || btf_is_typedef(t))
			id = t->type;
		else
			return false;
	}
	return false;
}

static void add_section(const struct object *obj, size_t map, const char *section,
			struct object_constant **list, size_t *nr)
{
	const struct btf *btf = bpf_object__btf(obj->bpf);
	struct bpf_map *m = obj->handles[map].map;
	auto_free struct btf_variable *vars = NULL;
	size_t n = btf_vars_in(btf, section, &vars), size = 0;
	const char *bytes = bpf_map__initial_value(m, &size);

	for (size_t i = 0; bytes && i < n; i++) {
		const struct btf_variable *v = &vars[i];

		if (v->offset > size || v->size > size - v->offset)
			continue;
		array_grow(*list, *nr);
		(*list)[(*nr)++] = (struct object_constant){
			.name = v->name,
			.section = section,
			.map = map,
			.btf = btf,
			.type = v->type,
			.offset = v->offset,
			.size = v->size,
			.value = bytes + v->offset,
			.is_volatile = is_volatile(btf, v->type),
		};
	}
}

size_t object_constants(const struct object *obj, struct object_constant **ret)
{
	size_t nr = 0;

	*ret = NULL;
	for (size_t i = 0; i < obj->nr_maps; i++) {
		const char *section = section_of(obj, obj->handles[i].map);

		if (is_constant_section(section))
			add_section(obj, i, section, ret, &nr);
	}
	return nr;
}

/* Does name lead into that variable? The length of its own name; the names of static ones
 * in functions have dots. */
static size_t constant_fits(const struct object_constant *c, const char *name)
{
	size_t n = strlen(c->name);

	if (n == 0 || strncmp(c->name, name, n) != 0 || !memchr(".[", name[n], 3))
		return 0;
	return n;
}

/* Variables that programs write have a value of their own by the time they run. */
static const char *written_section(const struct object *obj, const char *name)
{
	const struct btf *btf = bpf_object__btf(obj->bpf);

	for (size_t i = 0; i < obj->nr_maps; i++) {
		const char *section = section_of(obj, obj->handles[i].map);
		auto_free struct btf_variable *vars = NULL;
		size_t n;

		if (!*section || is_constant_section(section))
			continue;
		n = btf_vars_in(btf, section, &vars);
		for (size_t k = 0; k < n; k++)
			if (strcmp(vars[k].name, name) == 0)
				return section;
	}
	return NULL;
}

/* Constants of an object without BTF; what is translated has some, of its maps alone. */
static bool has_untyped(const struct object *obj)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		const struct bpf_map *map = obj->handles[i].map;
		const char *dot = strrchr(bpf_map__name(map), '.');

		if (bpf_map__is_internal(map) && !bpf_map__btf_value_type_id(map) &&
		    dot && strncmp(".rodata", dot, strlen(dot)) == 0)
			return true;
	}
	return false;
}

static int no_constant(const struct object *obj, const struct object_constant *list,
		       size_t nr, const char *name, struct err *err)
{
	auto_free char *bare = xstrndup(name, strcspn(name, ".["));
	const char *section = written_section(obj, bare);
	struct suggest near = {.word = bare};
	auto_strbuf names = STRBUF_INIT, hint = STRBUF_INIT;

	if (nr == 0 && has_untyped(obj))
		return err_say(
			err, -ENOENT,
			"set '%s': the object has no BTF, which says where its constants are and of which type; compile it with -g",
			name);
	if (section)
		return err_say(
			err, -EINVAL,
			"set '%s': it is in section '%s', which programs may write; only constants ('const volatile') get their value before the load",
			name, section);
	if (nr == 0)
		return err_say(
			err, -ENOENT,
			"set '%s': the object has no constants; declare one: 'const volatile TYPE %s'",
			name, name);
	for (size_t i = 0; i < nr; i++) {
		suggest_offer(&near, list[i].name);
		if (i < NAMES_SHOWN)
			sb_add_sep(&names, ", ", list[i].name);
	}
	if (nr > NAMES_SHOWN)
		sb_addf(&names, " and %zu more", nr - NAMES_SHOWN);
	suggest_hint(&near, &hint);
	return err_say(err, -ENOENT,
		       "set '%s': the object has no constant of that name; it has %s%s",
		       name, sb_text(&names), sb_text(&hint));
}

/* The one that name begins with; the longest name counts. */
static int find_constant(const struct object *obj, const struct object_constant *list,
			 size_t nr, const char *name, const struct object_constant **ret,
			 struct err *err)
{
	const struct object_constant *found = NULL;
	size_t best = 0;
	bool twice = false;

	for (size_t i = 0; i < nr; i++) {
		size_t n = constant_fits(&list[i], name);

		twice = n > best ? false : twice || (n && n == best);
		if (n > best) {
			found = &list[i];
			best = n;
		}
	}
	if (!found)
		return no_constant(obj, list, nr, name, err);
	if (twice)
		return err_say(err, -EINVAL,
			       "set '%s': the object has several constants '%s'", name,
			       found->name);
	*ret = found;
	return 0;
}

int object_set(struct object *obj, const char *name, const char *value, struct err *err)
{
	auto_free struct object_constant *list = NULL;
	size_t nr = object_constants(obj, &list), size;
	const struct object_constant *c = NULL;
	auto_free void *bytes = NULL;
	const void *initial;
	int r = find_constant(obj, list, nr, name, &c, err);

	if (r < 0)
		return r;
	initial = bpf_map__initial_value(obj->handles[c->map].map, &size);
	bytes = xmemdup(initial, size);
	r = btf_value_write(c->btf, c->type, c->offset, name + strlen(c->name), value,
			    bytes, size, err);
	if (r < 0)
		return err_context(err, "set '%s'", name);
	if (bpf_map__set_initial_value(obj->handles[c->map].map, bytes, size) < 0)
		return err_set(err, -errno, "set '%s'", name);
	obj->handles[c->map].has_constants = true;
	if (!c->is_volatile)
		log_warn(
			"constant '%s' is not volatile: the compiler may have used its old value in the code; declare it 'const volatile'",
			c->name);
	return 0;
}

int object_set_all(struct object *obj, struct err *err)
{
	const struct constants *c = &obj->opts->constants;
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->nr; i++)
		r = object_set(obj, c->items[i].name, c->items[i].value, err);
	return r;
}

int object_check_constants(const struct object *obj, struct err *err)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		const struct place *place = &obj->maps[i].place;

		if (!obj->handles[i].has_constants || place->kind == PLACE_PRIVATE ||
		    place->must_be_new)
			continue;
		return err_say(
			err, -EINVAL,
			"map '%s': the constants in it are set for this load, so it cannot be another load's map",
			obj->maps[i].def.name);
	}
	return 0;
}
