/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "load/apply_record.h"

void apply_load_release(struct apply_load *load)
{
	for (size_t i = 0; i < load->nr_programs; i++)
		free(load->programs[i].function);
	for (size_t i = 0; i < load->nr_maps; i++) {
		free(load->maps[i].name);
		free(load->maps[i].pin);
	}
	free(load->programs);
	free(load->maps);
	free(load->slots);
	free(load->object);
	free(load->sha1);
	free(load->settings);
	*load = (struct apply_load){.object = NULL};
}

void apply_made_release(struct apply_made *made)
{
	free(made->object);
	free(made->function);
	free(made->netns);
	free(made->dev);
	free(made->cgroup);
	free(made->pin);
	*made = (struct apply_made){.object = NULL};
}

void apply_record_release(struct apply_record *record)
{
	for (size_t i = 0; i < record->nr_loads; i++)
		apply_load_release(&record->loads[i]);
	for (size_t i = 0; i < record->nr_made; i++)
		apply_made_release(&record->made[i]);
	free(record->loads);
	free(record->made);
	free(record->name);
	free(record->boot);
	*record = (struct apply_record)APPLY_RECORD_INIT;
}

static char *record_copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

struct apply_load *apply_record_add_load(struct apply_record *to,
					 const struct apply_load *from)
{
	struct apply_load *load;

	array_grow(to->loads, to->nr_loads);
	load = &to->loads[to->nr_loads++];
	*load = (struct apply_load){.object = NULL};
	load->object = record_copy(from->object);
	load->sha1 = record_copy(from->sha1);
	load->settings = record_copy(from->settings);
	for (size_t i = 0; i < from->nr_programs; i++) {
		array_grow(load->programs, load->nr_programs);
		load->programs[load->nr_programs] = from->programs[i];
		load->programs[load->nr_programs++].function = NULL;
		load->programs[i].function = record_copy(from->programs[i].function);
	}
	for (size_t i = 0; i < from->nr_maps; i++) {
		array_grow(load->maps, load->nr_maps);
		load->maps[load->nr_maps++] =
			(struct apply_loaded_map){.id = from->maps[i].id};
		load->maps[i].name = record_copy(from->maps[i].name);
		load->maps[i].pin = record_copy(from->maps[i].pin);
	}
	for (size_t i = 0; i < from->nr_slots; i++) {
		array_grow(load->slots, load->nr_slots);
		load->slots[load->nr_slots++] = from->slots[i];
	}
	return load;
}

struct apply_made *apply_record_add_made(struct apply_record *to,
					 const struct apply_made *from)
{
	struct apply_made *made;

	array_grow(to->made, to->nr_made);
	made = &to->made[to->nr_made++];
	*made = *from;
	made->object = made->function = made->netns = NULL;
	made->dev = made->cgroup = made->pin = NULL;
	made->claimed = false;
	made->object = record_copy(from->object);
	made->function = record_copy(from->function);
	made->netns = record_copy(from->netns);
	made->dev = record_copy(from->dev);
	made->cgroup = record_copy(from->cgroup);
	made->pin = record_copy(from->pin);
	return made;
}

bool apply_identity_same(const struct apply_identity *a, const struct apply_identity *b)
{
	return a->id && a->id == b->id && a->load_time == b->load_time &&
	       memcmp(a->tag, b->tag, sizeof(a->tag)) == 0;
}

bool apply_made_same_place(const struct apply_made *a, const struct apply_made *b)
{
	if (a->is_tc != b->is_tc)
		return false;
	if (a->is_tc)
		return a->netns_ino == b->netns_ino && a->ifindex == b->ifindex &&
		       a->parent == b->parent && a->chain == b->chain &&
		       a->pref == b->pref && a->handle == b->handle && a->tcx == b->tcx &&
		       (!a->tcx || strcmp(a->function, b->function) == 0);
	if (a->cgroup_id != b->cgroup_id || a->attach_type != b->attach_type)
		return false;
	/* A list of several has one place for each function, a link has its pin. */
	if ((a->mode == APPLY_LINK) != (b->mode == APPLY_LINK))
		return false;
	if (a->mode == APPLY_LINK)
		return strcmp(a->pin, b->pin) == 0;
	return a->mode != APPLY_MULTI || b->mode != APPLY_MULTI ||
	       strcmp(a->function, b->function) == 0;
}
