/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <elf.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/btf_vars.h"
#include "legacy/elf_addends.h"
#include "elf/elf_btf.h"
#include "elf/elf_functions.h"
#include "legacy/elf_rewrite.h"
#include "elf/elf_view.h"
#include "legacy/legacy_maps.h"
#include "legacy/legacy_refs.h"
#include "legacy/legacy_starts.h"
#include "btf/map_btf.h"
#include "legacy/map_slots.h"
#include "legacy/object_def.h"
#include "legacy/tail_calls.h"

/* The DATASEC of BTF-defined maps once a larger one has taken its place. */
#define KEPT_MAPS ".maps.kept"

/* Everything read on the way; the result borrows nothing from it. */
struct reading {
	const struct object_def_opts *opts;
	struct elf_view view;
	bool *sections;  /* by index: holds legacy definitions */
	bool legacy;     /* any of them does */
	uint32_t modern; /* section .maps, 0: none */
	struct btf *btf; /* NULL: none, or nobody needs it */
	struct elf_functions functions;
	struct legacy_refs refs;
	struct legacy_maps maps;
};

static void object_def_reading_release(struct reading *rd)
{
	legacy_maps_release(&rd->maps);
	legacy_refs_release(&rd->refs);
	elf_functions_release(&rd->functions);
	btf_vars_close(&rd->btf);
	free(rd->sections);
	elf_view_release(&rd->view);
}

int maps_layout_by_name(const char *name, enum maps_layout *ret, struct err *err)
{
	static const char *const names[] = {
		[MAPS_LAYOUT_ELF] = "elf",
		[MAPS_LAYOUT_DEF] = "def",
		[MAPS_LAYOUT_SAMPLES] = "samples",
	};

	for (size_t i = MAPS_LAYOUT_ELF; i < array_size(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret = (enum maps_layout)i;
			return 0;
		}
	}
	return err_say(err, -EINVAL,
		       "unknown layout of maps '%s'; known are elf, def and samples",
		       name);
}

bool object_def_is_shared(const struct mapdef *def)
{
	return def->dialect == MAPDEF_DEF && def->scope == PIN_SCOPE_NONE &&
	       mapdef_is_data(def);
}

static bool has_relocs(const struct elf_view *view, uint32_t target)
{
	for (uint32_t i = 1; target && i < view->nr_sections; i++)
		if (view->sections[i].type == SHT_REL && view->sections[i].info == target)
			return true;
	return false;
}

/* What is translated gets its BTF anew, in the one section that libbpf reads. */
static int refuse_odd_btf(const struct elf_view *view, struct err *err)
{
	uint32_t nr = 0;

	for (uint32_t i = 1; i < view->nr_sections; i++) {
		const struct elf_section *s = &view->sections[i];

		if (strcmp(s->name, ".BTF") != 0)
			continue;
		if (++nr > 1 || s->type != SHT_PROGBITS)
			return err_say(err, -EINVAL, "section '.BTF' is damaged");
	}
	return 0;
}

static int read_btf(struct reading *rd, struct err *err)
{
	uint32_t index = elf_view_find(&rd->view, ".BTF");
	const struct elf_section *s = &rd->view.sections[index];
	int r = rd->legacy ? refuse_odd_btf(&rd->view, err) : 0;

	if (r < 0)
		return r;
	if (index && s->size && (rd->legacy || has_relocs(&rd->view, rd->modern))) {
		rd->btf = btf_vars_open(s->data, s->size);
		if (!rd->btf)
			return err_say(err, -EINVAL, "section '.BTF' is damaged");
	}
	if (rd->modern && rd->view.sections[rd->modern].size && !(index && s->size))
		return err_say(err, -EINVAL,
			       "maps in section '.maps' need BTF, rebuild with -g");
	return 0;
}

/* libbpf reads relocations of type SHT_REL and passes over all others. */
static int refuse_rela(const struct elf_view *view, struct err *err)
{
	for (uint32_t i = 1; i < view->nr_sections; i++) {
		const struct elf_section *s = &view->sections[i];
		const struct elf_section *to;

		if (s->type != SHT_RELA || !s->size || s->info >= view->nr_sections)
			continue;
		to = &view->sections[s->info];
		if (elf_section_is_code(to) || strcmp(to->name, ".maps") == 0 ||
		    legacy_maps_is_section(to))
			return err_say(
				err, -EINVAL,
				"section '%s': relocations of type SHT_RELA are not supported, rebuild the object so that section '%s' has SHT_REL ones",
				s->name, to->name);
	}
	return 0;
}

static int object_def_read_sections(struct reading *rd, struct err *err)
{
	rd->sections = xcalloc(rd->view.nr_sections, sizeof(*rd->sections));
	for (uint32_t i = 1; i < rd->view.nr_sections; i++) {
		const struct elf_section *s = &rd->view.sections[i];

		rd->sections[i] = legacy_maps_is_section(s);
		rd->legacy |= rd->sections[i];
		if (rd->sections[i] && s->size % sizeof(uint32_t))
			return err_say(
				err, -EINVAL,
				"section '%s' of %llu bytes does not divide into map definitions",
				s->name, (unsigned long long)s->size);
	}
	rd->modern = elf_view_find(&rd->view, ".maps");
	if (rd->legacy && rd->modern &&
	    rd->view.sections[rd->modern].type != SHT_PROGBITS)
		return err_say(err, -EINVAL, "section '.maps' has no bytes");
	return 0;
}

static int read_legacy(struct reading *rd, struct err *err)
{
	int r = legacy_refs_read(&rd->refs, &rd->view, rd->sections, err);

	if (r == 0)
		r = legacy_maps_read(&rd->maps, &rd->view, rd->sections, &rd->refs,
				     rd->btf, rd->opts, err);
	if (r == 0)
		r = map_slots_find_inner(&rd->maps, err);
	return r;
}

static int object_def_read_object(struct reading *rd, struct err *err)
{
	int r = refuse_rela(&rd->view, err);

	if (r == 0)
		r = elf_addends_check(&rd->view, err);
	if (r == 0)
		r = object_def_read_sections(rd, err);
	if (r == 0)
		r = read_btf(rd, err);
	if (r == 0)
		elf_functions_read(&rd->functions, &rd->view);
	if (r == 0 && rd->legacy)
		r = read_legacy(rd, err);
	return r;
}

/* Where the symbols of a section stand, for BTF that has not been told. */
static size_t places_in(const struct elf_view *view, uint32_t section,
			struct map_btf_place **ret)
{
	struct map_btf_place *places = NULL;
	size_t nr = 0;

	for (uint32_t i = 1; i < view->nr_symbols && nr < LEGACY_STARTS_MAX; i++) {
		const struct elf_symbol *s = &view->symbols[i];

		if (s->section != section || s->bind == STB_LOCAL || !s->name[0])
			continue;
		array_grow(places, nr);
		places[nr++] = (struct map_btf_place){s->name, (uint32_t)s->value};
	}
	*ret = places;
	return nr;
}

static int object_def_freeze(struct reading *rd, uint32_t section,
			     struct map_btf_freeze *how, struct err *err)
{
	auto_free struct map_btf_place *places = NULL;

	how->section = rd->view.sections[section].name;
	how->size = (uint32_t)rd->view.sections[section].size;
	how->nr = places_in(&rd->view, section, &places);
	how->places = places;
	return map_btf_freeze(rd->btf, how, err);
}

/* What has no field for a pinning and is shared by name all the same. */
static void pin_shared(struct legacy_maps *maps)
{
	for (size_t i = 0; i < maps->nr; i++)
		if (object_def_is_shared(&maps->defs[i]))
			maps->defs[i].scope = PIN_SCOPE_NAME;
}

/* BTF of the image: old sections of maps put to rest, the new one behind them. */
static int write_btf(struct reading *rd, uint32_t shift, struct err *err)
{
	struct map_btf_freeze legacy = {.renamed = ELF_REWRITE_HIDDEN, .hide = true};
	struct map_btf_freeze modern = {.renamed = KEPT_MAPS, .shift = shift};
	uint32_t size = shift;
	int r = 0;

	if (!rd->btf)
		rd->btf = map_btf_new();
	if (!rd->btf)
		return err_say(err, -EINVAL, "BTF: cannot be made");
	for (uint32_t i = 1; i < rd->view.nr_sections && !r; i++)
		if (rd->sections[i])
			r = object_def_freeze(rd, i, &legacy, err);
	if (r == 0 && rd->modern) {
		r = object_def_freeze(rd, rd->modern, &modern, err);
		size += modern.size;
	}
	if (rd->opts->pin_shared)
		pin_shared(&rd->maps);
	if (r == 0)
		r = map_btf_add(rd->btf, rd->maps.defs, rd->maps.nr, size, KEPT_MAPS,
				rd->opts->keep_pinning, err);
	return r;
}

/* Room for a slot each, in steps that keep what follows aligned. */
static int measure_slots(const struct reading *rd, uint32_t *ret, struct err *err)
{
	enum { ALIGN_MAX = 4096 };
	const struct elf_section *modern = &rd->view.sections[rd->modern];
	uint64_t align =
		rd->modern && modern->align > MAP_BTF_SLOT ? modern->align : MAP_BTF_SLOT;

	if (align > ALIGN_MAX || (align & (align - 1)))
		return err_say(err, -EINVAL,
			       "section '.maps': alignment %llu is unusable",
			       (unsigned long long)align);
	if (rd->modern && modern->size > INT32_MAX)
		return err_say(err, -E2BIG, "section '.maps' is too large");
	*ret = (uint32_t)((rd->maps.nr * MAP_BTF_SLOT + align - 1) / align * align);
	return 0;
}

static int object_def_translate(struct object_def *ret, struct reading *rd,
				struct err *err)
{
	struct elf_rewrite rewrite = {
		.view = &rd->view,
		.sections = rd->sections,
		.maps = &rd->maps,
		.refs = &rd->refs,
		.functions = &rd->functions,
	};
	int r = measure_slots(rd, &rewrite.shift, err);

	if (r == 0 && rd->maps.nr)
		r = write_btf(rd, rewrite.shift, err);
	if (r == 0 && rd->maps.nr)
		r = map_btf_bytes(rd->btf, &rewrite.btf, &rewrite.btf_size, err);
	if (r == 0)
		r = elf_rewrite(&ret->owned_image, &ret->image_size, &rewrite, err);
	if (r)
		return r;
	ret->image = ret->owned_image;
	ret->translated = true;
	return 0;
}

/* The definitions become the result's; places stay with the reading. */
static void copy_maps(struct object_def *ret, const struct legacy_maps *maps)
{
	ret->maps = xcalloc(maps->nr, sizeof(*ret->maps));
	for (; ret->nr_maps < maps->nr; ret->nr_maps++)
		mapdef_copy(&ret->maps[ret->nr_maps], &maps->defs[ret->nr_maps]);
}

/* libbpf reads it too, and keeps it to itself. */
static char *read_license(const struct elf_view *view)
{
	const struct elf_section *s = &view->sections[elf_view_find(view, "license")];

	return s->size ? xstrndup((const char *)s->data, s->size) : xstrdup("");
}

int object_def_read(struct object_def *ret, const void *bytes, size_t size,
		    const struct object_def_opts *opts, struct err *err)
{
	auto_release(object_def_release) struct object_def def = {.maps = NULL};
	auto_release(object_def_reading_release) struct reading rd = {.opts = opts};
	int r = elf_view_open(&rd.view, bytes, size, err);

	if (r || (r = elf_btf_check(&rd.view, err)) ||
	    (r = object_def_read_object(&rd, err)))
		return r;
	def.license = read_license(&rd.view);
	copy_maps(&def, &rd.maps);
	r = tail_calls_read(&def, &rd.view, &rd.functions, err);
	if (r == 0)
		r = map_slots_by_index(&def, err);
	if (r == 0)
		r = map_slots_by_relocs(&def, &rd.view, rd.btf, &rd.maps, err);
	def.image = bytes;
	def.image_size = size;
	/* Last: it changes the BTF that everything before it reads. */
	if (r == 0 &&
	    (rd.legacy || rd.functions.nr_repaired || elf_rewrite_silences(&rd.view)))
		r = object_def_translate(&def, &rd, err);
	if (r)
		return r;
	*ret = def;
	def = (struct object_def){.maps = NULL};
	return 0;
}

void object_def_release(struct object_def *def)
{
	for (size_t i = 0; i < def->nr_maps; i++)
		mapdef_release(&def->maps[i]);
	for (size_t i = 0; i < def->nr_tail_calls; i++) {
		free(def->tail_calls[i].section);
		free(def->tail_calls[i].program);
	}
	for (size_t i = 0; i < def->nr_slots; i++) {
		free(def->slots[i].outer);
		free(def->slots[i].inner);
	}
	for (size_t i = 0; i < def->nr_prog_slots; i++) {
		free(def->prog_slots[i].map);
		free(def->prog_slots[i].program);
	}
	free(def->license);
	free(def->maps);
	free(def->tail_calls);
	free(def->slots);
	free(def->prog_slots);
	free(def->owned_image);
	*def = (struct object_def){.maps = NULL};
}
