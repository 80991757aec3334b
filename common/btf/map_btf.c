/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/btf.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/btf_vars.h"
#include "btf/map_btf.h"

/* libbpf.h has it as an enum inside the BPF-side header only. */
enum { PIN_BY_NAME = 1 };

/* The type "pointer to array of `number` bytes": how a map struct's member says a number.
 */
struct number {
	uint32_t number;
	int id;
};

/* Ids are positive; 0 is used for "no type". A negative id is the -errno of its making.
 */
struct writer {
	struct btf *btf;
	int byte, index; /* element and index type of the arrays */
	struct number *numbers;
	size_t nr_numbers;
	int failed; /* first -errno; later calls do nothing */
};

static void writer_release(struct writer *w)
{
	free(w->numbers);
}

/* Remembers the first failure; the caller looks once, at the end. */
static int map_btf_made(struct writer *w, int id)
{
	if (id < 0 && !w->failed)
		w->failed = id;
	return id;
}

struct btf *map_btf_new(void)
{
	struct btf *btf = btf__new_empty();

	if (btf)
		btf__set_pointer_size(btf, MAP_BTF_SLOT);
	return btf;
}

static int by_offset(const void *a, const void *b)
{
	const struct btf_var_secinfo *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* libbpf's accessors are const, its own fix-ups write through them just as this does. */
static struct btf_type *map_btf_writable(const struct btf *btf, uint32_t id)
{
	return (struct btf_type *)(uintptr_t)btf__type_by_id(btf, id);
}

static void freeze_section(struct btf *btf, struct btf_type *section,
			   const struct map_btf_freeze *how)
{
	struct btf_var_secinfo *info = btf_var_secinfos(section);
	uint32_t vars = btf_vlen(section);

	for (uint32_t i = 0; i < vars; i++) {
		struct btf_type *var = map_btf_writable(btf, info[i].type);
		const char *name = var ? btf__name_by_offset(btf, var->name_off) : NULL;

		if (!name || !btf_is_var(var))
			continue;
		for (size_t p = 0; p < how->nr; p++) {
			if (strcmp(how->places[p].name, name) == 0) {
				info[i].offset = how->places[p].offset;
				break;
			}
		}
		info[i].offset += how->shift;
		if (how->hide)
			btf_var(var)->linkage = BTF_VAR_STATIC;
	}
	qsort(info, vars, sizeof(*info), by_offset);
}

int map_btf_freeze(struct btf *btf, const struct map_btf_freeze *how, struct err *err)
{
	/* First, since adding a string moves the types. */
	int name = btf__add_str(btf, how->renamed);

	if (name < 0)
		return err_set(err, name, "BTF: add the name '%s'", how->renamed);
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		struct btf_type *t = map_btf_writable(btf, id);
		const char *old = t ? btf__name_by_offset(btf, t->name_off) : NULL;

		if (!old || !btf_is_datasec(t) || strcmp(old, how->section) != 0)
			continue;
		if (btf_vlen(t) > BTF_VARS_MAX)
			return err_say(err, -E2BIG,
				       "BTF: section '%s' has %u variables, more than %d",
				       how->section, btf_vlen(t), BTF_VARS_MAX);
		freeze_section(btf, t, how);
		t->name_off = (uint32_t)name;
		t->size = how->size + how->shift;
	}
	return 0;
}

static int number_type(struct writer *w, uint32_t number)
{
	int id;

	for (size_t i = 0; i < w->nr_numbers; i++)
		if (w->numbers[i].number == number)
			return w->numbers[i].id;
	id = map_btf_made(w, btf__add_array(w->btf, w->index, w->byte, number));
	if (id > 0)
		id = map_btf_made(w, btf__add_ptr(w->btf, id));
	if (id > 0) {
		array_grow(w->numbers, w->nr_numbers);
		w->numbers[w->nr_numbers++] = (struct number){number, id};
	}
	return id;
}

struct member {
	const char *name;
	int type;
};

/* Enough for every member of map_members() and `values`. */
enum { MEMBERS_MAX = 10 };

struct members {
	struct member items[MEMBERS_MAX];
	size_t nr;
};

/* Types first, struct afterwards: libbpf adds members to the newest type only. */
static void map_btf_add_member(struct members *m, const char *name, int type)
{
	if (type > 0)
		m->items[m->nr++] = (struct member){name, type};
}

static void map_btf_add_number(struct writer *w, struct members *m, const char *name,
			       uint32_t number)
{
	if (number)
		map_btf_add_member(m, name, number_type(w, number));
}

static int pointer_to(struct writer *w, uint32_t type)
{
	return map_btf_made(w, btf__add_ptr(w->btf, (int)type));
}

/* Asks the hashed strings first: most objects annotate nothing, and types are many. */
static bool map_btf_annotated(struct btf *btf, const struct mapdef *def, uint32_t *key,
			      uint32_t *value)
{
	auto_free char *name = xasprintf("____btf_map_%s", def->name);

	return btf__find_str(btf, name) > 0 &&
	       btf_vars_key_value(btf, def->name, def->key_size, def->value_size, key,
				  value);
}

static void map_members(struct writer *w, struct members *m, const struct mapdef *def)
{
	uint32_t key, value;

	map_btf_add_number(w, m, "type", def->type);
	if (!mapdef_is_outer(def) && map_btf_annotated(w->btf, def, &key, &value)) {
		map_btf_add_member(m, "key", pointer_to(w, key));
		map_btf_add_member(m, "value", pointer_to(w, value));
	} else {
		map_btf_add_number(w, m, "key_size", def->key_size);
		/* The kernel keeps an id of 4 bytes, whatever the object says. */
		map_btf_add_number(w, m, "value_size",
				   mapdef_is_outer(def) ? sizeof(uint32_t)
							: def->value_size);
	}
	map_btf_add_number(w, m, "max_entries", def->max_entries);
	map_btf_add_number(w, m, "map_flags", def->map_flags);
	if (def->map_flags & BPF_F_NUMA_NODE)
		map_btf_add_number(w, m, "numa_node", def->numa_node);
}

static int map_btf_add_struct(struct writer *w, const struct members *m)
{
	int id = map_btf_made(w, btf__add_struct(w->btf, NULL, MAP_BTF_SLOT));

	for (size_t i = 0; i < m->nr && !w->failed; i++)
		map_btf_made(w, btf__add_field(w->btf, m->items[i].name, m->items[i].type,
					       0, 0));
	return id;
}

/* Zero-length array of pointers to the template's struct; libbpf wants it last. */
static int values_type(struct writer *w, const struct mapdef *inner)
{
	struct members m = {.nr = 0};
	int id;

	map_members(w, &m, inner);
	id = map_btf_add_struct(w, &m);
	if (id > 0)
		id = pointer_to(w, (uint32_t)id);
	return id > 0 ? map_btf_made(w, btf__add_array(w->btf, w->index, id, 0)) : id;
}

static int add_variable(struct writer *w, const struct mapdef *def,
			const struct mapdef *inner, bool keep_pinning)
{
	struct members m = {.nr = 0};
	int id;

	map_members(w, &m, def);
	if (keep_pinning &&
	    (def->scope == PIN_SCOPE_GLOBAL || def->scope == PIN_SCOPE_NAME))
		map_btf_add_number(w, &m, "pinning", PIN_BY_NAME);
	if (inner)
		map_btf_add_member(&m, "values", values_type(w, inner));
	id = map_btf_add_struct(w, &m);
	if (w->failed)
		return w->failed;
	return map_btf_made(w, btf__add_var(w->btf, def->name, BTF_VAR_GLOBAL_ALLOCATED,
					    id));
}

/*
 * Variables that take the place of those in the kept section. New ones, since a variable
 * in two sections is more than static linkers understand; the old ones are nobody's
 * afterwards. Their names stand in the strings that grow here, so each is looked up
 * again.
 */
static void renew_variables(struct writer *w, struct btf_variable *kept, size_t nr)
{
	for (size_t i = 0; i < nr && !w->failed; i++) {
		struct btf_type *old = map_btf_writable(w->btf, kept[i].id);
		auto_free char *name =
			xstrdup(btf__name_by_offset(w->btf, old->name_off) ?: "");
		int linkage = (int)btf_var(old)->linkage;

		btf_var(old)->linkage = BTF_VAR_STATIC;
		kept[i].id = (uint32_t)map_btf_made(w, btf__add_var(w->btf, name, linkage,
								    (int)kept[i].type));
	}
}

static void map_btf_add_section(struct writer *w, const int *vars, size_t nr,
				uint32_t size, const struct btf_variable *kept,
				size_t nr_kept)
{
	map_btf_made(w, btf__add_datasec(w->btf, ".maps", size));
	for (size_t i = 0; i < nr && !w->failed; i++)
		map_btf_made(w, btf__add_datasec_var_info(w->btf, vars[i],
							  (uint32_t)i * MAP_BTF_SLOT,
							  MAP_BTF_SLOT));
	for (size_t i = 0; i < nr_kept && !w->failed; i++)
		map_btf_made(w, btf__add_datasec_var_info(w->btf, (int)kept[i].id,
							  kept[i].offset, kept[i].size));
}

int map_btf_add(struct btf *btf, const struct mapdef *defs, size_t nr, uint32_t size,
		const char *kept, bool keep_pinning, struct err *err)
{
	auto_release(writer_release) struct writer w = {.btf = btf};
	auto_free struct btf_variable *old = NULL;
	auto_free int *vars = xcalloc(nr, sizeof(*vars));
	size_t nr_old = btf_vars_in(btf, kept, &old);

	/*
	 * Bytes, not ints: the kernel refuses an array type of more than 4 GiB, and sizes
	 * and flags are numbers of elements here.
	 */
	w.byte = map_btf_made(&w, btf__add_int(btf, "unsigned char", 1, 0));
	w.index =
		map_btf_made(&w, btf__add_int(btf, "unsigned int", sizeof(uint32_t), 0));
	for (size_t i = 0; i < nr && !w.failed; i++) {
		int inner = defs[i].inner;

		vars[i] = add_variable(&w, &defs[i], inner < 0 ? NULL : &defs[inner],
				       keep_pinning);
	}
	renew_variables(&w, old, nr_old);
	if (!w.failed)
		map_btf_add_section(&w, vars, nr, size, old, nr_old);
	if (w.failed)
		return err_set(err, w.failed, "BTF: describe the maps");
	return 0;
}

int map_btf_bytes(const struct btf *btf, const void **ret, size_t *ret_size,
		  struct err *err)
{
	uint32_t size;
	const void *bytes = btf__raw_data(btf, &size);

	if (!bytes)
		return err_say(err, -EINVAL, "BTF: cannot be written");
	*ret = bytes;
	*ret_size = size;
	return 0;
}
