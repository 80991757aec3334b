/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "btf/btf_value_private.h"
#include "btf/element_plan_private.h"

static char *match_path(const char *path, const char *name)
{
	return *path ? xasprintf("%s.%s", path, name) : xstrdup(name);
}

/* The one of a name; most stay in their order, so the search begins at the last found. */
static struct element_field *match_named(struct element_build *b,
					 struct element_fields *fields, const char *name,
					 size_t *last)
{
	for (size_t i = 0; i < fields->nr && element_look(b, 1); i++) {
		struct element_field *field = &fields->items[(*last + i) % fields->nr];

		if (field->taken || strcmp(field->name, name) != 0)
			continue;
		*last = (*last + i + 1) % fields->nr;
		field->taken = true;
		return field;
	}
	return NULL;
}

/* A member that is in an unnamed union on one side is none of the other's. */
static bool match_in_union(struct element_build *b, struct element_fields *old_fields,
			   const struct element_field *field, const char *path)
{
	for (size_t i = 0; i < old_fields->nr && element_look(b, 1); i++) {
		struct element_field *old_one = &old_fields->items[i];
		const char *name = old_one->name;
		bool one;

		if (old_one->taken || (*name != '\0') == (field->name[0] != '\0'))
			continue;
		one = *name ? element_has_name(b, b->new_btf, field->spot.type, name)
			    : element_has_name(b, b->old_btf, old_one->spot.type,
					       field->name);
		if (one) {
			auto_free char *at = match_path(path, *name ? name : field->name);

			element_match_refuse(b, at, &old_one->spot, &field->spot,
					     "it is in a union on one side only");
			old_one->taken = true;
			return true;
		}
	}
	return false;
}

static bool match_union(struct element_build *b, struct element_fields *old_fields,
			const struct element_field *field, const char *path,
			element_match_fn match)
{
	for (size_t i = 0; i < old_fields->nr && element_look(b, 1); i++) {
		struct element_field *old_one = &old_fields->items[i];
		const char *name;

		if (old_one->taken || old_one->name[0])
			continue;
		name = element_common_name(b, old_one->spot.type, field->spot.type);
		if (name) {
			auto_free char *at = match_path(path, name);

			old_one->taken = true;
			match(b, at, old_one->spot, field->spot);
			return true;
		}
	}
	return false;
}

/* What an unnamed union is called: after its first member. */
static void match_alone(struct element_build *b, const char *path, const struct btf *btf,
			const struct element_field *field, bool is_old)
{
	const struct btf_type *t = value_bare_type(btf, field->spot.type);
	const char *first = !field->name[0] && t && btf_is_composite(t) && btf_vlen(t)
				    ? btf__name_by_offset(btf, btf_members(t)[0].name_off)
				    : NULL;
	auto_free char *at = match_path(path, field->name[0]    ? field->name
					      : first && *first ? first
								: "(unnamed)");

	if (!is_old)
		element_match_row(b, at, ELEMENT_ADDED, NULL, &field->spot, NULL);
	else if (b->of_key)
		element_match_refuse(b, at, &field->spot, NULL,
				     "keys that differ in it alone would become one");
	else
		element_match_row(b, at, ELEMENT_REMOVED, &field->spot, NULL, NULL);
}

void element_match_struct(struct element_build *b, const char *path,
			  const struct element_spot *from, const struct element_spot *to,
			  element_match_fn match)
{
	auto_element_fields old_fields = {.nr = 0}, new_fields = {.nr = 0};
	const struct btf_type *old_type = value_bare_type(b->old_btf, from->type);
	const struct btf_type *new_type = value_bare_type(b->new_btf, to->type);
	size_t last = 0;

	if (!element_fields_add(b, b->old_btf, old_type, from->bit, &old_fields) ||
	    !element_fields_add(b, b->new_btf, new_type, to->bit, &new_fields))
		return;
	for (size_t i = 0; i < new_fields.nr && !b->corrupt; i++) {
		const struct element_field *field = &new_fields.items[i];
		struct element_field *old_one = NULL;

		if (field->name[0])
			old_one = match_named(b, &old_fields, field->name, &last);
		if (old_one) {
			auto_free char *at = match_path(path, field->name);

			match(b, at, old_one->spot, field->spot);
		} else if ((field->name[0] ||
			    !match_union(b, &old_fields, field, path, match)) &&
			   !match_in_union(b, &old_fields, field, path)) {
			match_alone(b, path, b->new_btf, field, false);
		}
	}
	for (size_t i = 0; i < old_fields.nr && !b->corrupt; i++)
		if (!old_fields.items[i].taken)
			match_alone(b, path, b->old_btf, &old_fields.items[i], true);
}
