/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <elf.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "legacy/legacy_refs.h"

enum { LD_IMM64 = BPF_LD | BPF_IMM | BPF_DW };

/*
 * What stands in place counts for section symbols only. For a named symbol clang leaves it
 * 0 and gcc writes the symbol's value once more; libbpf does not look at it.
 */
static int code_ref(struct legacy_ref *ref, const struct elf_section *code, bool named,
		    struct err *err)
{
	struct bpf_insn insn;

	if (ref->at % sizeof(insn) || ref->at > code->size ||
	    code->size - ref->at < 2 * sizeof(insn))
		return err_say(
			err, -EINVAL,
			"section '%s': relocation at offset %llu is in no instruction",
			code->name, (unsigned long long)ref->at);
	memcpy(&insn, code->data + ref->at, sizeof(insn));
	if (insn.code != LD_IMM64)
		return err_say(
			err, -EINVAL,
			"section '%s': instruction at offset %llu refers to a map and is not a 64-bit load",
			code->name, (unsigned long long)ref->at);
	if (!named)
		ref->offset += (uint64_t)(int64_t)insn.imm;
	ref->addend = code->offset + ref->at + offsetof(struct bpf_insn, imm);
	ref->addend_size = sizeof(insn.imm);
	return 0;
}

static int pointer_ref(struct legacy_ref *ref, const struct elf_section *data, bool named,
		       struct err *err)
{
	uint64_t addend;

	if (ref->at > data->size || data->size - ref->at < sizeof(addend))
		return err_say(err, -EINVAL,
			       "section '%s': relocation at offset %llu lies outside",
			       data->name, (unsigned long long)ref->at);
	memcpy(&addend, data->data + ref->at, sizeof(addend));
	if (!named)
		ref->offset += addend;
	ref->addend = data->offset + ref->at;
	ref->addend_size = sizeof(addend);
	return 0;
}

/* One section of relocations; appends to ret, which is valid whatever the result. */
static int legacy_refs_read_section(struct legacy_refs *ret, const struct elf_view *view,
				    const bool *sections, uint32_t index, struct err *err)
{
	uint32_t target = view->sections[index].info;
	const struct elf_section *to = &view->sections[target];
	bool code = elf_section_is_code(to), maps = strcmp(to->name, ".maps") == 0;

	for (uint64_t i = 0; i < elf_view_nr_relocs(view, index); i++) {
		struct elf_reloc rel = elf_view_reloc(view, index, i);
		const struct elf_symbol *sym = &view->symbols[rel.symbol];
		struct legacy_ref ref = {
			.section = sym->section,
			.offset = sym->value,
			.entry = rel.entry,
			.from = target,
			.at = rel.offset,
		};
		bool named = sym->type != STT_SECTION;
		int r;

		if (sections[target])
			return err_say(
				err, -EINVAL,
				"section '%s': the definition at offset %llu holds a pointer, which no known layout has",
				to->name, (unsigned long long)rel.offset);
		if (!sections[sym->section] || (!code && !maps))
			continue;
		r = code ? code_ref(&ref, to, named, err)
			 : pointer_ref(&ref, to, named, err);
		if (r)
			return r;
		array_grow(ret->refs, ret->nr);
		ret->refs[ret->nr++] = ref;
	}
	return 0;
}

int legacy_refs_read(struct legacy_refs *ret, const struct elf_view *view,
		     const bool *sections, struct err *err)
{
	auto_release(legacy_refs_release) struct legacy_refs refs = {.refs = NULL};

	for (uint32_t i = 1; i < view->nr_sections; i++) {
		int r = 0;

		if (view->sections[i].type == SHT_REL)
			r = legacy_refs_read_section(&refs, view, sections, i, err);
		if (r)
			return r;
	}
	*ret = refs;
	refs = (struct legacy_refs){.refs = NULL};
	return 0;
}

void legacy_refs_release(struct legacy_refs *refs)
{
	free(refs->refs);
	*refs = (struct legacy_refs){.refs = NULL};
}
