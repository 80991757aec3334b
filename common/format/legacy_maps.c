/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "format/btf_vars.h"
#include "format/legacy_layout.h"
#include "format/legacy_maps.h"

/* What shows that a definition begins at a place, best first. */
enum witness { WITNESS_SYMBOL, WITNESS_VARIABLE, WITNESS_REFERENCE };

struct start {
	enum witness witness;
	uint32_t section, symbol;
	uint64_t offset, size;          /* size 0: not known */
	const struct btf_variable *var; /* WITNESS_VARIABLE */
	const struct legacy_ref *ref;   /* WITNESS_REFERENCE */
};

struct starts {
	struct start *items;
	size_t nr;
};

/* The variables of one section, as long as its definitions are read. */
struct variables {
	struct btf_variable *items;
	size_t nr;
};

struct reader {
	const struct elf_view *view;
	const struct btf *btf;
	const struct object_def_opts *opts;
	struct variables *variables; /* by section index */
};

static void starts_release(struct starts *s)
{
	free(s->items);
}

static void reader_release(struct reader *rd)
{
	for (uint32_t i = 0; rd->variables && i < rd->view->nr_sections; i++)
		free(rd->variables[i].items);
	free(rd->variables);
}

bool legacy_maps_is_section(const struct elf_section *s)
{
	return (!strcmp(s->name, "maps") ||
		!strncmp(s->name, "maps/", strlen("maps/"))) &&
	       (s->type == SHT_PROGBITS || s->type == SHT_NOBITS) &&
	       !elf_section_is_code(s);
}

static int add_start(struct starts *s, const struct start *start, struct err *err)
{
	if (s->nr >= (size_t)2 * LEGACY_MAPS_MAX)
		return err_say(err, -E2BIG, "more than %d map definitions",
			       LEGACY_MAPS_MAX);
	array_grow(s->items, s->nr);
	s->items[s->nr++] = *start;
	return 0;
}

static int starts_by_symbols(struct starts *ret, const struct elf_view *view,
			     const bool *sections, struct err *err)
{
	for (uint32_t i = 1; i < view->nr_symbols; i++) {
		const struct elf_symbol *sym = &view->symbols[i];
		struct start start = {
			.witness = WITNESS_SYMBOL,
			.section = sym->section,
			.symbol = i,
			.offset = sym->value,
			.size = sym->size,
		};
		int r;

		if (!sections[sym->section] ||
		    (sym->type != STT_OBJECT && sym->type != STT_NOTYPE))
			continue;
		r = add_start(ret, &start, err);
		if (r)
			return r;
	}
	return 0;
}

/* Static maps whose symbols were stripped still have a variable with an offset. */
static int starts_by_variables(struct starts *ret, const struct reader *rd,
			       const bool *sections, struct err *err)
{
	for (uint32_t i = 1; i < rd->view->nr_sections; i++) {
		const struct variables *vars = &rd->variables[i];

		for (size_t v = 0; sections[i] && v < vars->nr; v++) {
			struct start start = {
				.witness = WITNESS_VARIABLE,
				.section = i,
				.offset = vars->items[v].offset,
				.size = vars->items[v].size,
				.var = &vars->items[v],
			};
			int r = vars->items[v].is_static ? add_start(ret, &start, err)
							 : 0;

			if (r)
				return r;
		}
	}
	return 0;
}

/*
 * Kept short on the way: many instructions refer to one map. LEGACY_MAPS_MAX is checked
 * against places, so equal references must not fill the table.
 */
static int by_ref(const void *a, const void *b)
{
	const struct legacy_ref *x = *(const struct legacy_ref *const *)a;
	const struct legacy_ref *y = *(const struct legacy_ref *const *)b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

static int starts_by_refs(struct starts *ret, const struct legacy_refs *refs,
			  struct err *err)
{
	auto_free const struct legacy_ref **sorted = xcalloc(refs->nr, sizeof(*sorted));
	int r = 0;

	for (size_t i = 0; i < refs->nr; i++)
		sorted[i] = &refs->refs[i];
	if (refs->nr)
		qsort(sorted, refs->nr, sizeof(*sorted), by_ref);
	for (size_t i = 0; i < refs->nr && !r; i++) {
		struct start start = {
			.witness = WITNESS_REFERENCE,
			.section = sorted[i]->section,
			.offset = sorted[i]->offset,
			.ref = sorted[i],
		};

		if (!i || by_ref(&sorted[i - 1], &sorted[i]))
			r = add_start(ret, &start, err);
	}
	return r;
}

/* A section of its own for one map whose symbol is gone. */
static int starts_by_sections(struct starts *ret, const struct elf_view *view,
			      const bool *sections, struct err *err)
{
	for (uint32_t i = 1; i < view->nr_sections; i++) {
		struct start start = {.witness = WITNESS_VARIABLE, .section = i};
		bool found = !sections[i] || !view->sections[i].size ||
			     !strcmp(view->sections[i].name, "maps");
		int r;

		for (size_t s = 0; s < ret->nr && !found; s++)
			found = ret->items[s].section == i;
		r = found ? 0 : add_start(ret, &start, err);
		if (r)
			return r;
	}
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct start *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return (x->witness > y->witness) - (x->witness < y->witness);
}

static int refuse_ref(const struct elf_view *view, const struct legacy_ref *ref,
		      struct err *err)
{
	return err_say(
		err, -EINVAL,
		"section '%s': offset %llu refers to byte %llu of section '%s', where no "
		"definition begins",
		view->sections[ref->from].name, (unsigned long long)ref->at,
		(unsigned long long)ref->offset, view->sections[ref->section].name);
}

/* Sorted starts -> one for each definition; the rest is dropped or refused. */
static int unify(struct starts *s, const struct elf_view *view, struct err *err)
{
	size_t nr = 0;

	if (s->nr)
		qsort(s->items, s->nr, sizeof(*s->items), by_place);
	for (size_t i = 0; i < s->nr; i++) {
		const struct start *next = &s->items[i];
		const struct start *last = nr ? &s->items[nr - 1] : NULL;
		bool same = last && last->section == next->section;
		bool twin = same && last->offset == next->offset;
		bool inside = same && (next->offset - last->offset < last->size ||
				       (!last->size && last->symbol));

		if (twin && next->witness == WITNESS_SYMBOL)
			return err_say(err, -EINVAL,
				       "maps '%s' and '%s' are two symbols at one offset",
				       view->symbols[last->symbol].name,
				       view->symbols[next->symbol].name);
		if (twin || (inside && next->witness == WITNESS_VARIABLE))
			continue;
		if (next->witness == WITNESS_REFERENCE &&
		    (inside || next->offset >= view->sections[next->section].size))
			return refuse_ref(view, next->ref, err);
		s->items[nr++] = *next;
	}
	s->nr = nr;
	if (nr > LEGACY_MAPS_MAX)
		return err_say(err, -E2BIG, "%zu map definitions, more than %d", nr,
			       LEGACY_MAPS_MAX);
	return 0;
}

static const struct btf_variable *find_variable(const struct variables *vars,
						const char *name, uint64_t offset)
{
	for (size_t i = 0; i < vars->nr; i++)
		if (!strcmp(vars->items[i].name, name))
			return &vars->items[i];
	for (size_t i = 0; i < vars->nr; i++)
		if (vars->items[i].is_static && vars->items[i].offset == offset)
			return &vars->items[i];
	return NULL;
}

/* Symbol, else BTF variable, else the section's suffix, else a name made up. */
static int name_map(struct mapdef *def, const struct reader *rd, const struct start *s,
		    bool alone, struct err *err)
{
	const char *section = rd->view->sections[s->section].name;
	const char *suffix = strchr(section, '/');
	const char *name = s->symbol ? rd->view->symbols[s->symbol].name : "";
	auto_free char *made_up = xasprintf("map_%llu", (unsigned long long)s->offset);
	int r;

	if (!s->symbol && s->var)
		name = s->var->name;
	else if (!s->symbol)
		name = suffix && alone ? suffix + 1 : made_up;
	r = mapdef_check_name(name, err);
	if (r)
		return err_context(err, "section '%s': definition at offset %llu",
				   section, (unsigned long long)s->offset);
	snprintf(def->name, sizeof(def->name), "%s", name);
	return 0;
}

/* Where the definition ends: its own size, else the next start, else the section's end.
 */
static int measure(struct legacy_map *place, const struct elf_section *section,
		   const struct start *s, const struct start *next, struct err *err)
{
	uint64_t end = next ? next->offset : section->size;

	if (section->type == SHT_NOBITS)
		return err_say(err, -EINVAL, "section '%s' has no bytes", section->name);
	if (s->offset >= section->size || s->size > section->size - s->offset)
		return err_say(
			err, -EINVAL,
			"%llu bytes at offset %llu end behind the %llu of section '%s'",
			(unsigned long long)s->size, (unsigned long long)s->offset,
			(unsigned long long)section->size, section->name);
	if (s->size > end - s->offset)
		return err_say(err, -EINVAL, "overlaps the definition at offset %llu",
			       (unsigned long long)end);
	*place = (struct legacy_map){
		.section = s->section,
		.symbol = s->symbol,
		.offset = s->offset,
		.size = s->size ? s->size : end - s->offset,
		.inner_index = -1,
	};
	return 0;
}

static int read_map(struct legacy_map *place, struct mapdef *def, const struct reader *rd,
		    const struct start *s, const struct start *next, size_t in_section,
		    struct err *err)
{
	const struct elf_section *section = &rd->view->sections[s->section];
	struct btf_var_member members[BTF_VARS_MEMBERS_MAX];
	struct legacy_layout_opts opts = {
		.layout = rd->opts->layout,
		.reader = rd->opts->reader,
		.nr_maps = in_section,
	};
	const struct btf_variable *var;
	struct legacy_words words;
	size_t nr_members = 0;
	int r;

	r = name_map(def, rd, s, in_section == 1, err);
	if (!r)
		r = measure(place, section, s, next, err);
	if (r)
		return r == -EINVAL && def->name[0]
			       ? err_context(err, "map '%s'", def->name)
			       : r;
	var = find_variable(&rd->variables[s->section], def->name, s->offset);
	if (var && btf_vars_is_array(rd->btf, var->type))
		return err_say(err, -EINVAL,
			       "map '%s': an array of definitions cannot be loaded, each "
			       "map needs "
			       "a variable of its own",
			       def->name);
	if (var)
		nr_members = btf_vars_members(rd->btf, var->type, members);
	r = legacy_layout_read(&words, section->data + place->offset, place->size,
			       members, nr_members, &opts, err);
	if (r)
		return err_context(err, "map '%s'", def->name);
	memcpy(words.def.name, def->name, sizeof(def->name));
	*def = words.def;
	place->inner_index = words.inner_index;
	return 0;
}

static int read_maps(struct legacy_maps *maps, const struct reader *rd,
		     const struct starts *starts, struct err *err)
{
	size_t first = 0, end;

	maps->places = xcalloc(starts->nr, sizeof(*maps->places));
	maps->defs = xcalloc(starts->nr, sizeof(*maps->defs));
	for (; first < starts->nr; first = end) {
		const struct start *s = starts->items;
		int r;

		for (end = first + 1; end < starts->nr; end++)
			if (s[end].section != s[first].section)
				break;
		for (size_t i = first; i < end; i++) {
			r = read_map(&maps->places[i], &maps->defs[i], rd, &s[i],
				     i + 1 < end ? &s[i + 1] : NULL, end - first, err);
			if (r)
				return r;
			maps->nr = i + 1;
		}
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Among themselves and with the BTF-defined maps: libbpf and pins know maps by name. */
static int check_names(const struct legacy_maps *maps, const struct elf_view *view,
		       struct err *err)
{
	uint32_t modern = elf_view_find(view, ".maps");
	auto_free const char **names = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < maps->nr; i++) {
		array_grow(names, nr);
		names[nr++] = maps->defs[i].name;
	}
	for (uint32_t i = 1; modern && i < view->nr_symbols; i++) {
		if (view->symbols[i].section != modern ||
		    view->symbols[i].type != STT_OBJECT)
			continue;
		array_grow(names, nr);
		names[nr++] = view->symbols[i].name;
	}
	if (nr)
		qsort(names, nr, sizeof(*names), by_name);
	for (size_t i = 1; i < nr; i++)
		if (!strcmp(names[i - 1], names[i]))
			return err_say(err, -EINVAL, "two maps have the name '%s'",
				       names[i]);
	return 0;
}

static int find_starts(struct starts *ret, const struct reader *rd, const bool *sections,
		       const struct legacy_refs *refs, struct err *err)
{
	int r = starts_by_symbols(ret, rd->view, sections, err);

	if (!r)
		r = starts_by_variables(ret, rd, sections, err);
	if (!r)
		r = starts_by_refs(ret, refs, err);
	if (!r)
		r = starts_by_sections(ret, rd->view, sections, err);
	return r ? r : unify(ret, rd->view, err);
}

int legacy_maps_read(struct legacy_maps *ret, const struct elf_view *view,
		     const bool *sections, const struct legacy_refs *refs,
		     const struct btf *btf, const struct object_def_opts *opts,
		     struct err *err)
{
	auto_release(legacy_maps_release) struct legacy_maps maps = {.places = NULL};
	auto_release(starts_release) struct starts starts = {.items = NULL};
	auto_release(reader_release) struct reader rd = {
		.view = view,
		.btf = btf,
		.opts = opts,
		.variables = xcalloc(view->nr_sections, sizeof(*rd.variables)),
	};
	int r;

	for (uint32_t i = 1; i < view->nr_sections; i++)
		if (sections[i])
			rd.variables[i].nr = btf_vars_in(btf, view->sections[i].name,
							 &rd.variables[i].items);
	r = find_starts(&starts, &rd, sections, refs, err);
	if (!r)
		r = read_maps(&maps, &rd, &starts, err);
	if (!r)
		r = check_names(&maps, view, err);
	if (r)
		return r;
	*ret = maps;
	maps = (struct legacy_maps){.places = NULL};
	return 0;
}

void legacy_maps_release(struct legacy_maps *maps)
{
	for (size_t i = 0; i < maps->nr; i++)
		mapdef_release(&maps->defs[i]);
	free(maps->places);
	free(maps->defs);
	*maps = (struct legacy_maps){.places = NULL};
}

int legacy_maps_at(const struct legacy_maps *maps, uint32_t section, uint64_t offset)
{
	size_t low = 0, high = maps->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct legacy_map *m = &maps->places[mid];

		if (m->section == section && m->offset == offset)
			return (int)mid;
		if (m->section < section || (m->section == section && m->offset < offset))
			low = mid + 1;
		else
			high = mid;
	}
	return -ENOENT;
}
