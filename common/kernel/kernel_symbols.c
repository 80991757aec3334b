/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/kernel_symbols.h"

/* With CONFIG_X86_KERNEL_IBT a function is probed behind its endbr64. */
enum { ENDBR_SIZE = 4 };

static int symbols_compare(const void *a, const void *b)
{
	const struct kernel_symbol *x = *(struct kernel_symbol *const *)a;
	const struct kernel_symbol *y = *(struct kernel_symbol *const *)b;

	return (x->address > y->address) - (x->address < y->address);
}

/* "ffffffff81000000 T name\t[module]" */
static void symbols_take(struct kernel_symbol *const *sorted, size_t nr, uint64_t address,
			 char *rest)
{
	struct kernel_symbol key = {.address = address}, *wanted = &key, *const * hit;
	char *save = NULL, *name, *module;

	hit = bsearch(&wanted, sorted, nr, sizeof(struct kernel_symbol *),
		      symbols_compare);
	if (!hit)
		return;
	strtok_r(rest, " \t\n", &save); /* its type */
	name = strtok_r(NULL, " \t\n", &save);
	module = strtok_r(NULL, " \t\n[]", &save);
	/* Neighbours in the list may be of the same address. */
	while (hit > sorted && hit[-1]->address == address)
		hit--;
	for (; name && hit < sorted + nr && (*hit)->address == address; hit++) {
		if ((*hit)->name)
			continue;
		(*hit)->name = xstrdup(name);
		(*hit)->module = module ? xstrdup(module) : NULL;
	}
}

static void symbols_read(struct kernel_symbol *const *sorted, size_t nr, uint64_t behind)
{
	auto_file FILE *f = fopen("/proc/kallsyms", "re");
	auto_free char *line = NULL;
	size_t cap = 0;

	while (f && getline(&line, &cap, f) > 0) {
		char *rest;
		uint64_t address = strtoull(line, &rest, 16);

		if (address)
			symbols_take(sorted, nr, address + behind, rest);
	}
}

static bool symbols_lack_name(struct kernel_symbol *const *list, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (list[i]->address && !list[i]->name)
			return true;
	return false;
}

void kernel_symbols_name(struct kernel_symbol *const *list, size_t nr)
{
	auto_free struct kernel_symbol **sorted = NULL;

	if (!symbols_lack_name(list, nr))
		return;
	sorted = xmemdup(list, nr * sizeof(struct kernel_symbol *));
	qsort(sorted, nr, sizeof(struct kernel_symbol *), symbols_compare);
	symbols_read(sorted, nr, 0);
	if (symbols_lack_name(sorted, nr))
		symbols_read(sorted, nr, ENDBR_SIZE);
}

void kernel_symbol_release(struct kernel_symbol *s)
{
	free(s->name);
	free(s->module);
	*s = (struct kernel_symbol){.address = 0};
}
