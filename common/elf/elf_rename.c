/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/btf.h>
#include <string.h>

#include "base/alloc.h"
#include "elf/elf_image.h"
#include "elf/elf_rename.h"

#define RENAMED "retyped:"

/* Begins a section's name as libbpf reads "not loaded unless asked for". */
#define OPTIONAL '?'

/* .BTF.ext up to the tables that name sections; older headers end before the last one. */
struct rename_ext {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t header;
	struct {
		uint32_t offset, size;
	} tables[3]; /* functions, lines, CO-RE relocations */
};

struct rename_entry {
	uint32_t name, records;
};

struct rename {
	const struct elf_view *view;
	const bool *sections;
	struct elf_image img;
	struct strbuf btf; /* .BTF, with the new names at its end */
	uint32_t btf_index, ext_index;
	struct btf_header header;
	uint64_t begin; /* of BTF's names, in btf */
};

static void rename_release(struct rename *n)
{
	elf_image_release(&n->img);
	sb_release(&n->btf);
}

static char *rename_new_name(const struct elf_section *s)
{
	auto_strbuf name = STRBUF_INIT;

	sb_addf(&name, RENAMED "%s", s->name + (s->name[0] == OPTIONAL));
	return sb_take(&name);
}

/* Names can only be added where they are the last that is in the section. */
static int rename_read_btf(struct rename *n, struct err *err)
{
	const struct elf_section *s = &n->view->sections[n->btf_index];
	uint64_t end;

	if (s->size < sizeof(n->header))
		return err_say(err, -EINVAL, ".BTF is cut short");
	memcpy(&n->header, s->data, sizeof(n->header));
	n->begin = (uint64_t)n->header.hdr_len + n->header.str_off;
	end = n->begin + n->header.str_len;
	if (end != s->size || !n->header.str_len || s->data[s->size - 1])
		return err_say(err, -EINVAL, ".BTF does not end in its names");
	sb_add_mem(&n->btf, s->data, s->size);
	return 0;
}

/* Of the section that BTF knows by the name at this offset; 0: not one to rename. */
static uint32_t rename_by_btf(const struct rename *n, uint32_t name)
{
	if (name >= n->header.str_len)
		return 0;
	for (uint32_t i = 1; i < n->view->nr_sections; i++)
		if (n->sections[i] &&
		    strcmp(n->btf.text + n->begin + name, n->view->sections[i].name) == 0)
			return i;
	return 0;
}

static void rename_entry_at(struct rename *n, uint64_t at, uint32_t section)
{
	const struct elf_section *ext = &n->view->sections[n->ext_index];
	auto_free char *text = rename_new_name(&n->view->sections[section]);
	uint32_t name = (uint32_t)(n->btf.len - n->begin);

	sb_add_mem(&n->btf, text, strlen(text) + 1);
	elf_image_patch(&n->img, ext->offset + at, &name, sizeof(name));
}

/* A record size, then for each section an entry and its records. */
static int rename_table(struct rename *n, uint64_t at, uint64_t end, struct err *err)
{
	const struct elf_section *ext = &n->view->sections[n->ext_index];
	struct rename_entry entry;
	uint32_t record;

	if (end > ext->size || end - at < sizeof(record))
		return err_say(err, -EINVAL, ".BTF.ext is cut short");
	memcpy(&record, ext->data + at, sizeof(record));
	for (at += sizeof(record); end - at >= sizeof(entry);) {
		uint64_t size;
		uint32_t section;

		memcpy(&entry, ext->data + at, sizeof(entry));
		section = rename_by_btf(n, entry.name);
		if (section)
			rename_entry_at(n, at, section);
		size = sizeof(entry) + (uint64_t)record * entry.records;
		if (size > end - at)
			return err_say(err, -EINVAL, ".BTF.ext is cut short");
		at += size;
	}
	return 0;
}

static int rename_in_ext(struct rename *n, struct err *err)
{
	const struct elf_section *s = &n->view->sections[n->ext_index];
	struct rename_ext ext = {.magic = 0};
	int r = 0;

	memcpy(&ext, s->data, s->size < sizeof(ext) ? s->size : sizeof(ext));
	for (size_t i = 0; i < sizeof(ext.tables) / sizeof(*ext.tables) && r == 0; i++) {
		uint64_t at = (uint64_t)ext.header + ext.tables[i].offset;
		size_t known = offsetof(struct rename_ext, tables) +
			       (i + 1) * sizeof(*ext.tables);

		if (known <= ext.header && ext.tables[i].size)
			r = rename_table(n, at, at + ext.tables[i].size, err);
	}
	return r;
}

static int rename_in_btf(struct rename *n, struct err *err)
{
	int r = rename_read_btf(n, err);

	if (r == 0 && n->ext_index)
		r = rename_in_ext(n, err);
	if (r < 0)
		return r;
	n->header.str_len = (uint32_t)(n->btf.len - n->begin);
	memcpy(n->btf.text, &n->header, sizeof(n->header));
	elf_image_data(&n->img, n->btf_index, n->btf.text, n->btf.len);
	return 0;
}

int elf_rename(void **ret, size_t *ret_size, const struct elf_view *view,
	       const bool *sections, struct err *err)
{
	auto_release(rename_release) struct rename n = {
		.view = view,
		.sections = sections,
		.btf = STRBUF_INIT,
		.btf_index = elf_view_find(view, ".BTF"),
		.ext_index = elf_view_find(view, ".BTF.ext"),
	};

	if (!view->symtab)
		return err_say(err, -EINVAL, "no symbol table");
	elf_image_init(&n.img, view);
	for (uint32_t i = 1; i < view->nr_sections; i++) {
		auto_free char *name = NULL;

		if (!sections[i])
			continue;
		name = rename_new_name(&view->sections[i]);
		n.img.headers[i].sh_name = elf_image_section_name(&n.img, name);
	}
	if (n.btf_index) {
		int r = rename_in_btf(&n, err);

		if (r < 0)
			return r;
	}
	return elf_image_finish(&n.img, ret, ret_size, err);
}
