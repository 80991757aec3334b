/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <elf.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/btf_vars.h"
#include "legacy/map_slots.h"

/* No object of this world has more; a hostile one could name millions. */
enum { POINTER_SIZE = 8, SLOTS_MAX = 65536 };

/* The index-th definition of map i's section. */
static int inner_by_index(const struct legacy_maps *maps, size_t i, struct err *err)
{
	const struct legacy_map *place = &maps->places[i];
	size_t first = i;

	while (first && maps->places[first - 1].section == place->section)
		first--;
	if (place->inner_index >= (int64_t)(maps->nr - first) ||
	    maps->places[first + (size_t)place->inner_index].section != place->section)
		return err_say(err, -EINVAL, "map '%s': inner_map_idx %lld: no such map",
			       maps->defs[i].name, (long long)place->inner_index);
	return (int)(first + (size_t)place->inner_index);
}

static int inner_by_id(const struct legacy_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->nr; i++)
		if (maps->defs[i].dialect == MAPDEF_ELF && maps->defs[i].id == id)
			return (int)i;
	return -1;
}

int map_slots_find_inner(struct legacy_maps *maps, struct err *err)
{
	for (size_t i = 0; i < maps->nr; i++) {
		struct mapdef *def = &maps->defs[i];
		int inner = -1;

		if (!mapdef_is_outer(def))
			continue;
		if (maps->places[i].inner_index >= 0) {
			inner = inner_by_index(maps, i, err);
			if (inner < 0)
				return inner;
		} else if (def->inner_id) {
			inner = inner_by_id(maps, def->inner_id);
		}
		if (inner >= 0 && mapdef_is_outer(&maps->defs[inner]))
			return err_say(
				err, -EINVAL,
				"map '%s': its inner map '%s' holds maps itself, which the kernel does not allow",
				def->name, maps->defs[inner].name);
		def->inner = inner;
	}
	return 0;
}

static int map_slots_add_slot(struct object_def *ret, const char *outer,
			      const char *inner, uint32_t key, struct err *err)
{
	if (ret->nr_slots >= SLOTS_MAX)
		return err_say(err, -E2BIG, "more than %d slots of outer maps",
			       SLOTS_MAX);
	array_grow(ret->slots, ret->nr_slots);
	ret->slots[ret->nr_slots++] = (struct map_slot){
		.outer = xstrdup(outer),
		.inner = xstrdup(inner),
		.key = key,
	};
	return 0;
}

/* inner goes into outer, if that is meant at all. */
static int map_slots_insert(struct object_def *ret, const struct mapdef *outer,
			    const struct mapdef *inner, struct err *err)
{
	uint32_t key = (uint32_t)inner->inner_idx;

	if (!mapdef_is_outer(outer) || outer->inner_id != inner->id)
		return 0;
	if (outer->type == BPF_MAP_TYPE_ARRAY_OF_MAPS && key >= outer->max_entries)
		return err_say(err, -EINVAL,
			       "map '%s': inner_idx %d, outer map '%s' has %u entries",
			       inner->name, inner->inner_idx, outer->name,
			       outer->max_entries);
	return map_slots_add_slot(ret, outer->name, inner->name, key, err);
}

int map_slots_by_index(struct object_def *ret, struct err *err)
{
	for (size_t i = 0; i < ret->nr_maps; i++) {
		const struct mapdef *inner = &ret->maps[i];

		if (!inner->id || inner->inner_id || inner->inner_idx == -1)
			continue;
		for (size_t o = 0; o < ret->nr_maps; o++) {
			int r = map_slots_insert(ret, &ret->maps[o], inner, err);

			if (r)
				return r;
		}
	}
	return 0;
}

/* The variable of .maps around a whole pointer: by its symbol. NULL: none. */
static const struct elf_symbol *symbol_around(const struct elf_view *view,
					      uint32_t section, uint64_t offset)
{
	uint64_t size = view->sections[section].size;

	if (size < POINTER_SIZE || offset > size - POINTER_SIZE)
		return NULL;
	for (uint32_t i = 1; i < view->nr_symbols; i++) {
		const struct elf_symbol *s = &view->symbols[i];

		if (s->section == section && s->type == STT_OBJECT &&
		    offset >= s->value && offset - s->value < s->size)
			return s;
	}
	return NULL;
}

/* Where `values`, the last member of a map's struct, begins. -1: it has none. */
static int64_t values_offset(const struct btf *btf, const struct btf_variable *vars,
			     size_t nr, const char *name)
{
	struct btf_var_member m[BTF_VARS_MEMBERS_MAX];

	for (size_t i = 0; i < nr; i++) {
		size_t n;

		if (strcmp(vars[i].name, name) != 0)
			continue;
		n = btf_vars_members(btf, vars[i].type, m);
		return n && strcmp(m[n - 1].name, "values") == 0
			       ? (int64_t)m[n - 1].offset
			       : -1;
	}
	return -1;
}

static void add_prog_slot(struct object_def *ret, const char *map, const char *program,
			  uint32_t key)
{
	array_grow(ret->prog_slots, ret->nr_prog_slots);
	ret->prog_slots[ret->nr_prog_slots++] = (struct prog_slot){
		.map = xstrdup(map),
		.program = xstrdup(program),
		.key = key,
	};
}

struct modern {
	const struct elf_view *view;
	const struct btf *btf;
	uint32_t section;          /* .maps */
	struct btf_variable *vars; /* of .maps */
	size_t nr_vars;
};

/*
 * A static legacy map is written as its section's symbol and an addend in place, which
 * symbol_around() has found to lie in the section.
 */
static int legacy_target(const struct modern *m, const struct elf_reloc *rel,
			 const struct legacy_maps *maps)
{
	const struct elf_section *section = &m->view->sections[m->section];
	const struct elf_symbol *target = &m->view->symbols[rel->symbol];
	uint64_t addend = 0;

	if (target->type == STT_SECTION)
		memcpy(&addend, section->data + rel->offset, sizeof(addend));
	return legacy_maps_at(maps, target->section, target->value + addend);
}

/* One pointer in .maps: which slot of which map, filled by what. */
static int read_pointer(struct object_def *ret, const struct modern *m,
			const struct elf_reloc *rel, const struct legacy_maps *maps,
			struct err *err)
{
	const struct elf_symbol *outer = symbol_around(m->view, m->section, rel->offset);
	const struct elf_symbol *target = &m->view->symbols[rel->symbol];
	int64_t values =
		outer ? values_offset(m->btf, m->vars, m->nr_vars, outer->name) : -1;
	uint64_t at = outer ? rel->offset - outer->value : 0;
	int legacy;

	if (values < 0 || at < (uint64_t)values || (at - (uint64_t)values) % POINTER_SIZE)
		return err_say(
			err, -EINVAL,
			"section '.maps': the pointer at offset %llu is in no map's 'values'",
			(unsigned long long)rel->offset);
	at = (at - (uint64_t)values) / POINTER_SIZE;
	if (target->type == STT_FUNC) {
		add_prog_slot(ret, outer->name, target->name, (uint32_t)at);
		return 0;
	}
	legacy = legacy_target(m, rel, maps);
	if (legacy >= 0)
		return map_slots_add_slot(ret, outer->name, maps->defs[legacy].name,
					  (uint32_t)at, err);
	if (target->type != STT_SECTION)
		return map_slots_add_slot(ret, outer->name, target->name, (uint32_t)at,
					  err);
	return err_say(
		err, -EINVAL,
		"map '%s': slot %llu holds a static map, which libbpf does not take",
		outer->name, (unsigned long long)at);
}

int map_slots_by_relocs(struct object_def *ret, const struct elf_view *view,
			const struct btf *btf, const struct legacy_maps *maps,
			struct err *err)
{
	auto_free struct btf_variable *vars = NULL;
	struct modern m = {
		.view = view,
		.btf = btf,
		.section = elf_view_find(view, ".maps"),
	};

	if (!m.section)
		return 0;
	m.nr_vars = btf_vars_in(btf, ".maps", &vars);
	m.vars = vars;
	for (uint32_t i = 1; i < view->nr_sections; i++) {
		if (view->sections[i].type != SHT_REL ||
		    view->sections[i].info != m.section)
			continue;
		for (uint64_t n = 0; n < elf_view_nr_relocs(view, i); n++) {
			struct elf_reloc rel = elf_view_reloc(view, i, n);
			int r = read_pointer(ret, &m, &rel, maps, err);

			if (r)
				return r;
		}
	}
	return 0;
}
