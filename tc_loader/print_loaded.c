/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/utf8.h"
#include "print.h"
#include "load/object.h"

/* What tc's loader counted against, long before the kernel allowed more. */
enum { INSNS_USUAL = 4096 };

/* The number in bpf_elf_map.pinning; LIBBPF_PIN_BY_NAME is tc's global place. */
static uint32_t print_loaded_pinning(const struct mapdef *def)
{
	switch (def->scope) {
	case PIN_SCOPE_NONE:
		return 0;
	case PIN_SCOPE_OBJECT:
		return 1;
	case PIN_SCOPE_GLOBAL:
	case PIN_SCOPE_NAME:
		return 2;
	case PIN_SCOPE_CUSTOM:
		return def->pin_id;
	}
	return 0;
}

static void print_map(const struct object *obj, const struct object_map *m,
		      struct strbuf *out)
{
	const struct mapdef *def = &m->def;
	auto_strbuf scratch = STRBUF_INIT;
	const char *name = utf8_visible(def->name, &scratch);

	if (m->state == OBJECT_MAP_REUSE) {
		sb_addf(out, "Map '%s' loaded as pinned!\n", name);
		return;
	}
	if (m->state == OBJECT_MAP_GIVEN) {
		sb_addf(out, "Map '%s' given as id %u!\n", name, m->id);
		return;
	}
	sb_addf(out, "Map object '%s' loaded (%d)!\n", name, object_map_fd(obj, m));
	sb_addf(out, " - Type:         %u\n", def->type);
	sb_addf(out, " - Identifier:   %u\n", def->id);
	sb_addf(out, " - Pinning:      %u\n", print_loaded_pinning(def));
	sb_addf(out, " - Size key:     %u\n", def->key_size);
	sb_addf(out, " - Size value:   %u\n", def->value_size);
	sb_addf(out, " - Max elems:    %u\n", def->max_entries);
	sb_addf(out, " - Flags:        %#x\n\n", def->map_flags);
}

static void print_program(const struct object *obj, const struct object_program *p,
			  struct strbuf *out)
{
	auto_strbuf scratch = STRBUF_INIT;

	sb_addf(out, "\nProg section '%s' loaded (%d)!\n",
		utf8_visible(p->section, &scratch), p->fd);
	sb_addf(out, " - Type:         %u\n", p->prog_type);
	sb_addf(out, " - Instructions: %zu (%zu over limit)\n", p->nr_insns,
		p->nr_insns > INSNS_USUAL ? p->nr_insns - INSNS_USUAL : 0);
	sb_addf(out, " - License:      %s\n\nVerifier analysis:\n\n",
		utf8_visible(object_license(obj), &scratch));
	utf8_add_visible_lines(out, p->log ? p->log : "");
}

void print_loaded(struct object *obj, struct strbuf *out)
{
	const struct object_program *progs;
	const struct object_map *maps;
	size_t nr;

	maps = object_maps(obj, &nr);
	for (size_t i = 0; i < nr; i++)
		print_map(obj, &maps[i], out);
	progs = object_programs(obj, &nr);
	for (size_t i = 0; i < nr; i++)
		if (progs[i].wanted)
			print_program(obj, &progs[i], out);
}
