/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "elf/elf_image.h"
#include "legacy/elf_rewrite.h"
#include "btf/map_btf.h"

/* A string table of no known name: no loader makes a map of it, refuses or mentions it. */
static void hide_section(struct elf_image *img, uint32_t section)
{
	img->headers[section].sh_type = SHT_STRTAB;
	img->headers[section].sh_flags = 0;
}

static void hide_sections(struct elf_image *img, const struct elf_rewrite *in)
{
	uint32_t name = 0;

	for (uint32_t i = 1; i < in->view->nr_sections; i++) {
		if (!in->sections[i])
			continue;
		if (!name)
			name = elf_image_section_name(img, ELF_REWRITE_HIDDEN);
		img->headers[i].sh_name = name;
		hide_section(img, i);
	}
}

static bool is_string_section(const struct elf_section *s)
{
	return s->type == SHT_PROGBITS && (s->flags & SHF_STRINGS) &&
	       strncmp(s->name, ".rodata.str", strlen(".rodata.str")) == 0;
}

/*
 * printk formats that the compiler has copied into the code: libbpf would make a map of
 * what is left. As a string table it sees nothing in them.
 */
static void hide_unused_strings(struct elf_image *img, const struct elf_view *view)
{
	auto_free bool *used = xcalloc(view->nr_sections, sizeof(*used));

	for (uint32_t i = 1; i < view->nr_sections; i++) {
		const struct elf_section *to;

		if (view->sections[i].type != SHT_REL)
			continue;
		to = &view->sections[view->sections[i].info];
		for (uint64_t n = 0;
		     (to->flags & SHF_ALLOC) && n < elf_view_nr_relocs(view, i); n++)
			used[view->symbols[elf_view_reloc(view, i, n).symbol].section] =
				true;
	}
	for (uint32_t i = 1; i < view->nr_sections; i++)
		if (is_string_section(&view->sections[i]) && !used[i])
			hide_section(img, i);
}

static bool has_prefix(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/*
 * What libbpf skips with a remark, which a process that has not set its print callback finds on
 * stderr: notes, .comment and the like, the empty .data of gcc, BPF_ANNOTATE_KV_PAIR's sections.
 */
static bool is_remarked(const struct elf_section *s)
{
	if (s->type == SHT_NOTE)
		return true;
	if (s->type != SHT_PROGBITS)
		return false;
	if (has_prefix(s->name, ".maps."))
		return true;
	if (s->flags & SHF_ALLOC)
		return s->size == 0 && strcmp(s->name, ".data") == 0;
	return !has_prefix(s->name, ".BTF") && !has_prefix(s->name, ".debug");
}

bool elf_rewrite_silences(const struct elf_view *view)
{
	for (uint32_t i = 1; i < view->nr_sections; i++)
		if (is_remarked(&view->sections[i]))
			return view->nr_symbols != 0;
	return false;
}

static void hide_remarked(struct elf_image *img, const struct elf_view *view)
{
	for (uint32_t i = 1; i < view->nr_sections; i++)
		if (is_remarked(&view->sections[i]))
			hide_section(img, i);
}

/* What stood in .maps moves behind the slots, and everything that leads there with it. */
static void shift_maps(struct elf_image *img, const struct elf_rewrite *in,
		       uint32_t section)
{
	for (uint32_t i = 1; i < in->view->nr_symbols; i++)
		if (in->view->symbols[i].section == section &&
		    in->view->symbols[i].type != STT_SECTION)
			img->symbols[i].st_value += in->shift;
	for (uint32_t i = 1; i < in->view->nr_sections; i++) {
		if (in->view->sections[i].info != section)
			continue;
		for (uint64_t n = 0; n < elf_view_nr_relocs(in->view, i); n++) {
			struct elf_reloc rel = elf_view_reloc(in->view, i, n);
			Elf64_Addr offset = rel.offset + in->shift;

			elf_image_patch(img, rel.entry + offsetof(Elf64_Rel, r_offset),
					&offset, sizeof(offset));
		}
	}
}

/* Index of .maps, with a slot for each definition in front of its old content. */
static uint32_t grow_maps(struct elf_image *img, const struct elf_rewrite *in)
{
	uint32_t index = elf_view_find(in->view, ".maps");
	const struct elf_section *old = &in->view->sections[index];
	size_t size = in->shift + (index ? old->size : 0);
	auto_free unsigned char *bytes = xcalloc(size, 1);

	if (index && old->size)
		memcpy(bytes + in->shift, old->data, old->size);
	if (index)
		shift_maps(img, in, index);
	else
		index = elf_image_add_section(img, ".maps", SHF_ALLOC | SHF_WRITE);
	elf_image_data(img, index, bytes, size);
	return index;
}

/*
 * A symbol that libbpf finds: global, an object, visible. One that is global already is
 * moved; next to a local one a new one is made, since globals must stand behind all
 * locals. Returns its index.
 */
static uint32_t move_symbol(struct elf_image *img, const struct elf_rewrite *in, size_t i,
			    uint32_t section)
{
	uint32_t index = in->maps->places[i].symbol;
	Elf64_Sym sym = {
		.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
		.st_other = STV_DEFAULT,
		.st_shndx = (Elf64_Section)section,
		.st_value = i * MAP_BTF_SLOT,
		.st_size = MAP_BTF_SLOT,
	};

	if (!index || in->view->symbols[index].bind == STB_LOCAL) {
		sym.st_name = elf_image_symbol_name(img, in->maps->defs[i].name);
		return elf_image_add_symbol(img, &sym);
	}
	sym.st_name = img->symbols[index].st_name;
	img->symbols[index] = sym;
	return index;
}

/* Each reference names its map's own symbol; nothing is added to that. */
static void point_refs(struct elf_image *img, const struct elf_rewrite *in,
		       const uint32_t *symbols, uint32_t maps_section)
{
	static const char zeros[sizeof(uint64_t)];

	for (size_t i = 0; i < in->refs->nr; i++) {
		const struct legacy_ref *ref = &in->refs->refs[i];
		int map = legacy_maps_at(in->maps, ref->section, ref->offset);
		uint64_t info;
		Elf64_Rel rel;

		if (map < 0)
			continue;
		memcpy(&rel, in->view->bytes + ref->entry, sizeof(rel));
		info = ELF64_R_INFO((uint64_t)symbols[map], ELF64_R_TYPE(rel.r_info));
		elf_image_patch(img, ref->entry + offsetof(Elf64_Rel, r_info), &info,
				sizeof(info));
		if (ref->from == maps_section) /* written anew */
			elf_image_patch(img,
					img->headers[maps_section].sh_offset + in->shift +
						ref->at,
					zeros, ref->addend_size);
		else
			elf_image_patch(img, ref->addend, zeros, ref->addend_size);
	}
}

static void repair_functions(struct elf_image *img, const struct elf_functions *functions)
{
	for (size_t i = 0; i < functions->nr; i++) {
		const struct elf_function *f = &functions->items[i];
		Elf64_Sym *sym = &img->symbols[f->symbol];

		if (!f->repaired)
			continue;
		sym->st_info = ELF64_ST_INFO(ELF64_ST_BIND(sym->st_info), STT_FUNC);
		sym->st_size = f->size;
	}
}

static void put_btf(struct elf_image *img, const struct elf_rewrite *in)
{
	uint32_t index = elf_view_find(in->view, ".BTF");

	if (!in->btf)
		return;
	if (!index)
		index = elf_image_add_section(img, ".BTF", 0);
	elf_image_data(img, index, in->btf, in->btf_size);
}

int elf_rewrite(void **ret, size_t *ret_size, const struct elf_rewrite *in,
		struct err *err)
{
	auto_release(elf_image_release) struct elf_image img = {.headers = NULL};
	auto_free uint32_t *symbols = xcalloc(in->maps->nr, sizeof(*symbols));

	if (!in->view->nr_symbols)
		return err_say(err, -EINVAL,
			       "has no symbol table: stripped too far, rebuild it");
	elf_image_init(&img, in->view);
	hide_sections(&img, in);
	hide_unused_strings(&img, in->view);
	hide_remarked(&img, in->view);
	if (in->maps->nr) {
		uint32_t section = grow_maps(&img, in);

		for (size_t i = 0; i < in->maps->nr; i++)
			symbols[i] = move_symbol(&img, in, i, section);
		point_refs(&img, in, symbols, section);
	}
	repair_functions(&img, in->functions);
	put_btf(&img, in);
	return elf_image_finish(&img, ret, ret_size, err);
}
