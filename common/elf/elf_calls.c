/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <string.h>

#include "elf/elf_calls.h"
#include "elf/elf_functions.h"
#include "elf/elf_view.h"

static bool begins_function(const struct elf_functions *functions, uint32_t section,
			    uint64_t offset)
{
	for (size_t i = 0; i < functions->nr; i++)
		if (functions->items[i].section == section &&
		    functions->items[i].offset == offset)
			return true;
	return false;
}

static bool is_call(const struct elf_section *code, uint64_t at, struct bpf_insn *ret)
{
	if (at % sizeof(*ret) || at > code->size || code->size - at < sizeof(*ret))
		return false;
	memcpy(ret, code->data + at, sizeof(*ret));
	return ret->code == (BPF_JMP | BPF_CALL) && ret->src_reg == BPF_PSEUDO_CALL;
}

int elf_calls_check(const struct elf_view *view, const struct elf_functions *functions,
		    struct err *err)
{
	for (uint32_t i = 1; i < view->nr_sections; i++) {
		const struct elf_section *code =
			&view->sections[view->sections[i].info % view->nr_sections];

		for (uint64_t n = 0; n < elf_view_nr_relocs(view, i); n++) {
			struct elf_reloc rel = elf_view_reloc(view, i, n);
			const struct elf_symbol *sym = &view->symbols[rel.symbol];
			struct bpf_insn insn;
			uint64_t to;

			if (!elf_section_is_code(code) || !sym->section ||
			    !is_call(code, rel.offset, &insn))
				continue;
			/* Wraps for what is wrong, and then begins no function. */
			to = sym->value +
			     ((uint64_t)(int64_t)insn.imm + 1) * sizeof(insn);
			if (begins_function(functions, sym->section, to))
				continue;
			return err_say(
				err, -EINVAL,
				"section '%s': the call at offset %llu leads to byte %llu of section '%s', where no function begins; rebuild without stripping symbols",
				code->name, (unsigned long long)rel.offset,
				(unsigned long long)to,
				view->sections[sym->section].name);
		}
	}
	return 0;
}
