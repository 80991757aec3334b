/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <elf.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "elf/elf_functions.h"

static bool is_label(const char *name)
{
	return !name[0] || strncmp(name, ".L", 2) == 0 || strncmp(name, "LBB", 3) == 0;
}

/*
 * typed: the section has symbols of type function, so what has no type is no function
 * there. libbpf takes local functions in .text only.
 */
static bool is_function(const struct elf_view *view, const struct elf_symbol *sym,
			bool typed)
{
	const struct elf_section *code = &view->sections[sym->section];

	if (!elf_section_is_code(code) || sym->value >= code->size ||
	    sym->value % sizeof(struct bpf_insn))
		return false;
	if (sym->type == STT_FUNC)
		return true;
	if (sym->type != STT_NOTYPE || typed || is_label(sym->name))
		return false;
	return sym->bind != STB_LOCAL || strcmp(code->name, ".text") == 0;
}

static int elf_functions_by_place(const void *a, const void *b)
{
	const struct elf_function *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return (x->symbol > y->symbol) - (x->symbol < y->symbol);
}

/* A size of 0 becomes the distance to what follows. Backwards, so that aliases agree. */
static void elf_functions_measure(struct elf_functions *functions,
				  const struct elf_view *view)
{
	uint64_t end = 0, begin = 0;
	uint32_t section = 0;

	for (size_t i = functions->nr; i-- > 0;) {
		struct elf_function *f = &functions->items[i];

		if (f->section != section)
			end = view->sections[f->section].size;
		else if (f->offset != begin)
			end = begin;
		section = f->section;
		begin = f->offset;
		if (!f->size || f->repaired) {
			f->size = end - f->offset;
			f->repaired = true;
		}
		functions->nr_repaired += f->repaired;
	}
}

void elf_functions_read(struct elf_functions *ret, const struct elf_view *view)
{
	auto_free bool *typed = xcalloc(view->nr_sections, sizeof(*typed));
	struct elf_functions functions = {.items = NULL};

	for (uint32_t i = 1; i < view->nr_symbols; i++)
		typed[view->symbols[i].section] |= view->symbols[i].type == STT_FUNC;
	for (uint32_t i = 1; i < view->nr_symbols; i++) {
		const struct elf_symbol *sym = &view->symbols[i];

		if (!is_function(view, sym, typed[sym->section]))
			continue;
		array_grow(functions.items, functions.nr);
		functions.items[functions.nr++] = (struct elf_function){
			.section = sym->section,
			.symbol = i,
			.offset = sym->value,
			.size = sym->size,
			.repaired = sym->type != STT_FUNC,
		};
	}
	if (functions.nr)
		qsort(functions.items, functions.nr, sizeof(*functions.items),
		      elf_functions_by_place);
	elf_functions_measure(&functions, view);
	*ret = functions;
}

void elf_functions_release(struct elf_functions *functions)
{
	free(functions->items);
	*functions = (struct elf_functions){.items = NULL};
}

const char *elf_functions_first(const struct elf_functions *functions,
				const struct elf_view *view, uint32_t section)
{
	for (size_t i = 0; i < functions->nr; i++)
		if (functions->items[i].section == section)
			return view->symbols[functions->items[i].symbol].name;
	return NULL;
}
