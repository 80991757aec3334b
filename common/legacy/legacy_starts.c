/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <elf.h>
#include <string.h>

#include "base/alloc.h"
#include "legacy/legacy_starts.h"

/* Several witnesses may speak for one place. */
enum { CANDIDATES_MAX = 4 * LEGACY_STARTS_MAX };

static int legacy_starts_add(struct legacy_starts *s, const struct legacy_start *start,
			     struct err *err)
{
	if (s->nr >= CANDIDATES_MAX)
		return err_say(err, -E2BIG, "more than %d map definitions",
			       LEGACY_STARTS_MAX);
	array_grow(s->items, s->nr);
	s->items[s->nr++] = *start;
	return 0;
}

static int by_symbols(struct legacy_starts *ret, const struct elf_view *view,
		      const bool *sections, struct err *err)
{
	for (uint32_t i = 1; i < view->nr_symbols; i++) {
		const struct elf_symbol *sym = &view->symbols[i];
		struct legacy_start start = {
			.witness = LEGACY_WITNESS_SYMBOL,
			.section = sym->section,
			.symbol = i,
			.offset = sym->value,
			.size = sym->size,
		};
		int r;

		/* NOTYPE: LLVM before 8 */
		if (!sections[sym->section] ||
		    (sym->type != STT_OBJECT && sym->type != STT_NOTYPE))
			continue;
		r = legacy_starts_add(ret, &start, err);
		if (r)
			return r;
	}
	return 0;
}

/* clang fills in the offset of static variables only, and just their symbols get
 * stripped. */
static int by_variables(struct legacy_starts *ret, struct err *err)
{
	for (uint32_t i = 1; i < ret->nr_sections; i++) {
		const struct legacy_variables *vars = &ret->variables[i];

		for (size_t v = 0; v < vars->nr; v++) {
			struct legacy_start start = {
				.witness = LEGACY_WITNESS_VARIABLE,
				.section = i,
				.offset = vars->items[v].offset,
				.size = vars->items[v].size,
				.var = &vars->items[v],
			};
			int r = start.var->is_static ? legacy_starts_add(ret, &start, err)
						     : 0;

			if (r)
				return r;
		}
	}
	return 0;
}

static int compare_refs(const void *a, const void *b)
{
	const struct legacy_ref *x = *(const struct legacy_ref *const *)a;
	const struct legacy_ref *y = *(const struct legacy_ref *const *)b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Many instructions refer to one map: each place counts once. */
static int by_refs(struct legacy_starts *ret, const struct legacy_refs *refs,
		   struct err *err)
{
	auto_free const struct legacy_ref **sorted = xcalloc(refs->nr, sizeof(*sorted));
	int r = 0;

	for (size_t i = 0; i < refs->nr; i++)
		sorted[i] = &refs->refs[i];
	qsort(sorted, refs->nr, sizeof(*sorted), compare_refs);
	for (size_t i = 0; i < refs->nr && !r; i++) {
		struct legacy_start start = {
			.witness = LEGACY_WITNESS_REFERENCE,
			.section = sorted[i]->section,
			.offset = sorted[i]->offset,
			.ref = sorted[i],
		};

		if (!i || compare_refs(&sorted[i - 1], &sorted[i]))
			r = legacy_starts_add(ret, &start, err);
	}
	return r;
}

/* "maps/NAME" is there for NAME, whoever refers to it. */
static int by_sections(struct legacy_starts *ret, const struct elf_view *view,
		       const bool *sections, struct err *err)
{
	auto_free bool *found = xcalloc(view->nr_sections, sizeof(*found));

	for (size_t s = 0; s < ret->nr; s++)
		found[ret->items[s].section] = true;
	for (uint32_t i = 1; i < view->nr_sections; i++) {
		struct legacy_start start = {.witness = LEGACY_WITNESS_SECTION,
					     .section = i};
		int r;

		if (!sections[i] || found[i] || !view->sections[i].size ||
		    !strchr(view->sections[i].name, '/'))
			continue;
		r = legacy_starts_add(ret, &start, err);
		if (r)
			return r;
	}
	return 0;
}

static int compare_starts(const void *a, const void *b)
{
	const struct legacy_start *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	if (x->witness != y->witness)
		return x->witness < y->witness ? -1 : 1;
	return (x->symbol > y->symbol) - (x->symbol < y->symbol);
}

static int refuse_ref(const struct elf_view *view, const struct legacy_ref *ref,
		      struct err *err)
{
	return err_say(
		err, -EINVAL,
		"section '%s': offset %llu refers to byte %llu of section '%s', where no definition begins",
		view->sections[ref->from].name, (unsigned long long)ref->at,
		(unsigned long long)ref->offset, view->sections[ref->section].name);
}

/* Candidates in order -> one for each definition; the others agree or are refused. */
static int legacy_starts_unify(struct legacy_starts *s, const struct elf_view *view,
			       struct err *err)
{
	size_t nr = 0;

	for (size_t i = 0; i < s->nr; i++) {
		const struct legacy_start *next = &s->items[i];
		const struct legacy_start *last = nr ? &s->items[nr - 1] : NULL;
		bool same = last && last->section == next->section;
		bool twin = same && last->offset == next->offset;
		/* A symbol without a size reaches up to the next symbol. */
		bool inside = same && (next->offset - last->offset < last->size ||
				       (!last->size && last->symbol));

		if (twin && next->witness == LEGACY_WITNESS_SYMBOL)
			return err_say(err, -EINVAL,
				       "maps '%s' and '%s' are two symbols at one offset",
				       view->symbols[last->symbol].name,
				       view->symbols[next->symbol].name);
		if (twin || (inside && next->witness == LEGACY_WITNESS_VARIABLE))
			continue;
		if (next->witness == LEGACY_WITNESS_REFERENCE &&
		    (inside || next->offset >= view->sections[next->section].size))
			return refuse_ref(view, next->ref, err);
		s->items[nr++] = *next;
	}
	s->nr = nr;
	if (nr > LEGACY_STARTS_MAX)
		return err_say(err, -E2BIG, "%zu map definitions, more than %d", nr,
			       LEGACY_STARTS_MAX);
	return 0;
}

int legacy_starts_find(struct legacy_starts *ret, const struct elf_view *view,
		       const bool *sections, const struct legacy_refs *refs,
		       const struct btf *btf, struct err *err)
{
	auto_release(legacy_starts_release) struct legacy_starts starts = {
		.variables = xcalloc(view->nr_sections, sizeof(*starts.variables)),
		.nr_sections = view->nr_sections,
	};
	int r;

	for (uint32_t i = 1; i < view->nr_sections; i++)
		if (sections[i])
			starts.variables[i].nr = btf_vars_in(btf, view->sections[i].name,
							     &starts.variables[i].items);
	r = by_symbols(&starts, view, sections, err);
	if (r == 0)
		r = by_variables(&starts, err);
	if (r == 0)
		r = by_refs(&starts, refs, err);
	if (r == 0)
		r = by_sections(&starts, view, sections, err);
	if (r)
		return r;
	if (starts.nr)
		qsort(starts.items, starts.nr, sizeof(*starts.items), compare_starts);
	r = legacy_starts_unify(&starts, view, err);
	if (r)
		return r;
	*ret = starts;
	starts = (struct legacy_starts){.items = NULL};
	return 0;
}

void legacy_starts_release(struct legacy_starts *starts)
{
	for (uint32_t i = 0; starts->variables && i < starts->nr_sections; i++)
		free(starts->variables[i].items);
	free(starts->variables);
	free(starts->items);
	*starts = (struct legacy_starts){.items = NULL};
}

const struct btf_variable *legacy_starts_variable(const struct legacy_starts *starts,
						  uint32_t section, const char *name,
						  uint64_t offset)
{
	const struct legacy_variables *vars = &starts->variables[section];

	for (size_t i = 0; i < vars->nr; i++)
		if (strcmp(vars->items[i].name, name) == 0)
			return &vars->items[i];
	for (size_t i = 0; i < vars->nr; i++)
		if (vars->items[i].is_static && vars->items[i].offset == offset)
			return &vars->items[i];
	return NULL;
}
