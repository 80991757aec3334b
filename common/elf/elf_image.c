/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "elf/elf_image.h"

enum { PIECE_ALIGN = 8 };

static void align_end(struct strbuf *sb)
{
	static const char zeros[PIECE_ALIGN];

	sb_add_mem(sb, zeros, (PIECE_ALIGN - sb->len % PIECE_ALIGN) % PIECE_ALIGN);
}

/* A string table must end in NUL before anything is put behind it. */
static void copy_names(struct strbuf *ret, const struct elf_section *s)
{
	sb_add_mem(ret, s->data, s->size);
	if (!ret->len || ret->text[ret->len - 1])
		sb_add_char(ret, '\0');
}

static void copy_headers(struct elf_image *img, const struct elf_view *view)
{
	Elf64_Ehdr file;

	memcpy(&file, view->bytes, sizeof(file));
	img->nr_headers = view->nr_sections;
	img->headers = xcalloc(img->nr_headers, sizeof(*img->headers));
	memcpy(img->headers, view->bytes + file.e_shoff,
	       img->nr_headers * sizeof(*img->headers));
}

void elf_image_init(struct elf_image *ret, const struct elf_view *view)
{
	const struct elf_section *symtab = &view->sections[view->symtab];
	struct elf_image img = {
		.symtab = view->symtab,
		.strtab = view->strtab,
		.name_section = view->name_section,
		.nr_symbols = view->nr_symbols,
	};

	sb_add_mem(&img.bytes, view->bytes, view->size);
	copy_headers(&img, view);
	img.symbols = xcalloc(img.nr_symbols, sizeof(*img.symbols));
	memcpy(img.symbols, symtab->data, img.nr_symbols * sizeof(*img.symbols));
	copy_names(&img.symbol_names, &view->sections[view->strtab]);
	if (view->name_section != view->strtab)
		copy_names(&img.section_names, &view->sections[view->name_section]);
	*ret = img;
}

void elf_image_release(struct elf_image *img)
{
	sb_release(&img->bytes);
	sb_release(&img->symbol_names);
	sb_release(&img->section_names);
	free(img->headers);
	free(img->symbols);
	*img = (struct elf_image){.headers = NULL};
}

void elf_image_patch(struct elf_image *img, uint64_t offset, const void *bytes, size_t n)
{
	memcpy(img->bytes.text + offset, bytes, n);
}

static uint32_t elf_image_add_name(struct strbuf *names, const char *name)
{
	uint32_t at = (uint32_t)names->len;

	sb_add_mem(names, name, strlen(name) + 1);
	return at;
}

uint32_t elf_image_symbol_name(struct elf_image *img, const char *name)
{
	return elf_image_add_name(&img->symbol_names, name);
}

uint32_t elf_image_section_name(struct elf_image *img, const char *name)
{
	bool one = img->name_section == img->strtab;

	return elf_image_add_name(one ? &img->symbol_names : &img->section_names, name);
}

uint32_t elf_image_add_section(struct elf_image *img, const char *name, uint64_t flags)
{
	uint32_t index = img->nr_headers++;

	img->headers = xrealloc(img->headers, img->nr_headers, sizeof(*img->headers));
	img->headers[index] = (Elf64_Shdr){
		.sh_name = elf_image_section_name(img, name),
		.sh_type = SHT_PROGBITS,
		.sh_flags = flags,
		.sh_addralign = PIECE_ALIGN,
	};
	return index;
}

uint32_t elf_image_add_symbol(struct elf_image *img, const Elf64_Sym *symbol)
{
	uint32_t index = img->nr_symbols++;

	img->symbols = xrealloc(img->symbols, img->nr_symbols, sizeof(*img->symbols));
	img->symbols[index] = *symbol;
	return index;
}

void elf_image_data(struct elf_image *img, uint32_t section, const void *bytes, size_t n)
{
	align_end(&img->bytes);
	img->headers[section].sh_offset = img->bytes.len;
	img->headers[section].sh_size = n;
	sb_add_mem(&img->bytes, bytes, n);
}

static void write_headers(struct elf_image *img)
{
	Elf64_Ehdr file;

	align_end(&img->bytes);
	memcpy(&file, img->bytes.text, sizeof(file));
	file.e_shoff = img->bytes.len;
	file.e_shnum = (Elf64_Half)img->nr_headers;
	memcpy(img->bytes.text, &file, sizeof(file));
	sb_add_mem(&img->bytes, img->headers, img->nr_headers * sizeof(*img->headers));
}

int elf_image_finish(struct elf_image *img, void **ret, size_t *ret_size, struct err *err)
{
	if (img->nr_headers >= SHN_LORESERVE)
		return err_say(err, -E2BIG, "%u sections are too many", img->nr_headers);
	elf_image_data(img, img->symtab, img->symbols,
		       img->nr_symbols * sizeof(*img->symbols));
	elf_image_data(img, img->strtab, img->symbol_names.text, img->symbol_names.len);
	if (img->name_section != img->strtab)
		elf_image_data(img, img->name_section, img->section_names.text,
			       img->section_names.len);
	write_headers(img);
	*ret_size = img->bytes.len;
	*ret = sb_take(&img->bytes);
	return 0;
}
