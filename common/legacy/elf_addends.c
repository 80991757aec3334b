/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <elf.h>
#include <linux/bpf.h>
#include <string.h>

#include "legacy/elf_addends.h"
#include "elf/elf_view.h"
#include "legacy/legacy_maps.h"

/* An offset in a variable may be equal to its place: only gcc's objects are suspected. */
static bool is_made_by_gcc(const struct elf_view *view)
{
	const struct elf_section *s = &view->sections[elf_view_find(view, ".comment")];

	return s->size && memmem(s->data, s->size, "GCC: ", strlen("GCC: "));
}

static bool is_map_section(const struct elf_section *s)
{
	return strcmp(s->name, ".maps") == 0 || legacy_maps_is_section(s);
}

/* Is the symbol's value once more in the instruction? */
static bool holds_value(const struct elf_section *code, uint64_t at,
			const struct elf_symbol *sym, bool by_gcc)
{
	struct bpf_insn insn;

	if (at % sizeof(insn) || at > code->size || code->size - at < sizeof(insn))
		return false;
	memcpy(&insn, code->data + at, sizeof(insn));
	if (insn.code == (BPF_JMP | BPF_CALL) && insn.src_reg == BPF_PSEUDO_CALL)
		return sym->value && (uint64_t)(int64_t)insn.imm == sym->value - 1;
	return by_gcc && sym->value && insn.code == (BPF_LD | BPF_IMM | BPF_DW) &&
	       (uint32_t)insn.imm >= sym->value;
}

int elf_addends_check(const struct elf_view *view, struct err *err)
{
	bool by_gcc = is_made_by_gcc(view);

	for (uint32_t i = 1; i < view->nr_sections; i++) {
		for (uint64_t n = 0; n < elf_view_nr_relocs(view, i); n++) {
			const struct elf_section *code =
				&view->sections[view->sections[i].info];
			struct elf_reloc rel = elf_view_reloc(view, i, n);
			const struct elf_symbol *sym = &view->symbols[rel.symbol];

			if (!elf_section_is_code(code) || !sym->section ||
			    sym->type == STT_SECTION ||
			    is_map_section(&view->sections[sym->section]) ||
			    !holds_value(code, rel.offset, sym, by_gcc))
				continue;
			return err_say(
				err, -EINVAL,
				"section '%s': the instruction at offset %llu holds the place of '%s' twice, as binutils before 2.41 write it, and would reach another place; rebuild with newer binutils or clang",
				code->name, (unsigned long long)rel.offset, sym->name);
		}
	}
	return 0;
}
