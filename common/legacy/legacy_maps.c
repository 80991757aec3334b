/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/btf_vars.h"
#include "legacy/legacy_layout.h"
#include "legacy/legacy_maps.h"
#include "legacy/legacy_starts.h"

struct reader {
	const struct elf_view *view;
	const struct btf *btf;
	const struct object_def_opts *opts;
	const struct legacy_starts *starts;
};

bool legacy_maps_is_section(const struct elf_section *s)
{
	return (strcmp(s->name, "maps") == 0 ||
		strncmp(s->name, "maps/", strlen("maps/")) == 0) &&
	       (s->type == SHT_PROGBITS || s->type == SHT_NOBITS) &&
	       !elf_section_is_code(s);
}

/* Symbol, else BTF variable, else the section's suffix, else a name made up. */
static int name_map(struct mapdef *def, const struct reader *rd,
		    const struct legacy_start *s, bool alone, struct err *err)
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

/*
 * Up to the next start there may be padding, where the author asked for an alignment. It is
 * zero, shorter than that, and leaves a size that somebody's definition has.
 */
static uint64_t size_without_padding(const struct elf_section *section, uint64_t offset,
				     uint64_t size)
{
	static const uint64_t known[] = {36, 28, 20};

	for (size_t i = 0; i < array_size(known); i++) {
		uint64_t n = size;

		while (n > known[i] && !section->data[offset + n - 1])
			n--;
		if (n == known[i] && size - n < section->align)
			return n;
	}
	return size;
}

/* Where the definition ends: its own size, else the next start, else the section's end.
 */
static int legacy_maps_measure(struct legacy_map *place,
			       const struct elf_section *section,
			       const struct legacy_start *s,
			       const struct legacy_start *next, struct err *err)
{
	/* The next one may claim to begin anywhere; its own turn to be refused comes. */
	uint64_t end =
		next && next->offset < section->size ? next->offset : section->size;

	if (section->type == SHT_NOBITS)
		return err_say(err, -EINVAL, "section '%s' has no bytes", section->name);
	if (s->offset >= section->size || s->size > section->size - s->offset)
		return err_say(
			err, -EINVAL,
			"%llu bytes at offset %llu extend past the end (%llu bytes) of section '%s'",
			(unsigned long long)s->size, (unsigned long long)s->offset,
			(unsigned long long)section->size, section->name);
	if (s->size > end - s->offset)
		return err_say(err, -EINVAL, "overlaps the definition at offset %llu",
			       (unsigned long long)end);
	*place = (struct legacy_map){
		.section = s->section,
		.symbol = s->symbol,
		.offset = s->offset,
		.size = s->size ? s->size
				: size_without_padding(section, s->offset,
						       end - s->offset),
		.inner_index = -1,
	};
	return 0;
}

/* What BTF knows of the definition's own struct: its members, and that it is no array. */
static int legacy_maps_describe(
	struct btf_var_member members[static BTF_VARS_MEMBERS_MAX], size_t *ret_nr,
	const struct reader *rd, const struct legacy_start *s, const char *name,
	struct err *err)
{
	const struct btf_variable *var =
		legacy_starts_variable(rd->starts, s->section, name, s->offset);

	if (var && btf_vars_is_array(rd->btf, var->type))
		return err_say(
			err, -EINVAL,
			"an array of definitions cannot be loaded, each map needs a variable of its own");
	*ret_nr = var ? btf_vars_members(rd->btf, var->type, members) : 0;
	return 0;
}

static void legacy_maps_annotate(struct mapdef *def, const struct btf *btf)
{
	uint32_t key, value;

	if (!btf_vars_key_value(btf, def->name, def->key_size, def->value_size, &key,
				&value))
		return;
	def->key_layout = layout_from_btf(btf, key);
	def->value_layout = layout_from_btf(btf, value);
}

/* def has its name already; the rest comes from the bytes at place. */
static int read_definition(struct mapdef *def, struct legacy_map *place,
			   const struct reader *rd, const struct legacy_start *s,
			   size_t in_section, struct err *err)
{
	const unsigned char *bytes = rd->view->sections[s->section].data;
	struct btf_var_member members[BTF_VARS_MEMBERS_MAX];
	struct legacy_layout_opts opts = {
		.layout = rd->opts->layout,
		.reader = rd->opts->reader,
		.nr_maps = in_section,
	};
	struct legacy_words words;
	size_t nr = 0;
	int r = legacy_maps_describe(members, &nr, rd, s, def->name, err);

	if (r == 0)
		r = legacy_layout_read(&words, bytes + place->offset, place->size,
				       members, nr, &opts, err);
	if (r == 0 && !words.def.type)
		r = err_say(err, -EINVAL, "type 0 is not a map type");
	if (r)
		return r;
	memcpy(words.def.name, def->name, sizeof(def->name));
	*def = words.def;
	place->inner_index = words.inner_index;
	legacy_maps_annotate(def, rd->btf);
	return 0;
}

static int read_map(struct mapdef *def, struct legacy_map *place, const struct reader *rd,
		    const struct legacy_start *s, const struct legacy_start *next,
		    size_t in_section, struct err *err)
{
	int r = name_map(def, rd, s, in_section == 1, err);

	if (r)
		return r;
	r = legacy_maps_measure(place, &rd->view->sections[s->section], s, next, err);
	if (r == 0)
		r = read_definition(def, place, rd, s, in_section, err);
	return r ? err_context(err, "map '%s'", def->name) : 0;
}

static int read_maps(struct legacy_maps *maps, const struct reader *rd, struct err *err)
{
	const struct legacy_start *s = rd->starts->items;
	size_t nr = rd->starts->nr, end;

	maps->places = xcalloc(nr, sizeof(*maps->places));
	maps->defs = xcalloc(nr, sizeof(*maps->defs));
	for (size_t first = 0; first < nr; first = end) {
		for (end = first + 1; end < nr && s[end].section == s[first].section;
		     end++)
			;
		for (size_t i = first; i < end; i++) {
			int r = read_map(&maps->defs[i], &maps->places[i], rd, &s[i],
					 i + 1 < end ? &s[i + 1] : NULL, end - first,
					 err);

			if (r)
				return r;
			maps->nr = i + 1;
		}
	}
	return 0;
}

static int legacy_maps_by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Among themselves and with the BTF-defined maps: libbpf and pins know maps by name. */
static int legacy_maps_check_names(const struct legacy_maps *maps,
				   const struct elf_view *view, struct err *err)
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
		qsort(names, nr, sizeof(*names), legacy_maps_by_name);
	for (size_t i = 1; i < nr; i++)
		if (strcmp(names[i - 1], names[i]) == 0)
			return err_say(err, -EINVAL, "two maps have the name '%s'",
				       names[i]);
	return 0;
}

int legacy_maps_read(struct legacy_maps *ret, const struct elf_view *view,
		     const bool *sections, const struct legacy_refs *refs,
		     const struct btf *btf, const struct object_def_opts *opts,
		     struct err *err)
{
	auto_release(legacy_maps_release) struct legacy_maps maps = {.places = NULL};
	auto_release(legacy_starts_release) struct legacy_starts starts = {.items = NULL};
	struct reader rd = {.view = view, .btf = btf, .opts = opts, .starts = &starts};
	int r = legacy_starts_find(&starts, view, sections, refs, btf, err);

	if (r == 0)
		r = read_maps(&maps, &rd, err);
	if (r == 0)
		r = legacy_maps_check_names(&maps, view, err);
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
