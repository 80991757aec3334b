/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/map_fd.h"
#include "btf/btf_value.h"
#include "load/object.h"
#include "verbs/complete_object.h"
#include "verbs/map_numbers.h"
#include "verbs/map_ref.h"
#include "view/watch_view.h"

/* The object file on the line, opened; NULL: there is none, or it is no object. */
static struct object *line_object(const struct complete *c)
{
	const char *path = NULL;
	auto_err err = ERR_INIT;
	struct object *obj;

	for (size_t i = 0; i < c->nr; i++) {
		const struct synopsis_atom *atom = c->taken[i];
		const char *keyword = atom && atom->keyword ? atom->keyword : "";

		if (atom &&
		    (strcmp(atom->text, "OBJ") == 0 || strcmp(keyword, "obj") == 0 ||
		     strcmp(keyword, "object-file") == 0))
			path = c->words[i];
	}
	if (!path || object_open(&obj, path, &c->tool->share, &err) < 0)
		return NULL;
	return obj;
}

void complete_programs(struct complete *c, const struct synopsis_atom *atom)
{
	auto_object *obj = line_object(c);
	size_t nr = 0;
	const struct object_program *progs = obj ? object_programs(obj, &nr) : NULL;

	(void)atom;
	for (size_t i = 0; i < nr; i++)
		complete_offer(c, progs[i].name, progs[i].section);
}

void complete_sections(struct complete *c, const struct synopsis_atom *atom)
{
	auto_object *obj = line_object(c);
	size_t nr = 0;
	const struct object_program *progs = obj ? object_programs(obj, &nr) : NULL;

	(void)atom;
	for (size_t i = 0; i < nr; i++)
		complete_offer(c, progs[i].section, progs[i].name);
}

void complete_object_maps(struct complete *c, const struct synopsis_atom *atom)
{
	auto_object *obj = line_object(c);
	size_t nr = 0;
	const struct object_map *maps = obj ? object_maps(obj, &nr) : NULL;

	(void)atom;
	for (size_t i = 0; i < nr; i++)
		complete_offer(c, maps[i].def.name, mapdef_type_name(maps[i].def.type));
}

void complete_constants(struct complete *c, const struct synopsis_atom *atom)
{
	auto_object *obj = line_object(c);
	auto_free struct object_constant *constants = NULL;
	size_t nr = obj ? object_constants(obj, &constants) : 0;

	(void)atom;
	c->nospace = true;
	for (size_t i = 0; i < nr; i++) {
		auto_free char *text = xasprintf("%s=", constants[i].name);

		complete_offer(c, text, constants[i].section);
	}
}

/* --- members ------------------------------------------------ */

/* The map that the line names first; -1: none that can be opened. */
static int line_map(const struct complete *c)
{
	for (size_t i = 0; i + 1 < c->nr; i++) {
		const struct synopsis_atom *atom = c->taken[i + 1];
		struct args words = {.argv = (char **)c->words + i, .argc = 2};
		struct map_ref ref;
		auto_err err = ERR_INIT;

		if (!atom || !atom->value || !atom->keyword ||
		    strcmp(atom->group, "id N|pinned FILE|name NAME") != 0)
			continue;
		if (map_ref_parse(&ref, &words, &err) < 0)
			return -1;
		ref.reading = true;
		return map_ref_open(&ref, &err);
	}
	return -1;
}

/* Each member of the map's key or value, at the end of what is typed up to stem. */
static void offer_members_of_map(struct complete *c, bool key, const char *stem, char end)
{
	auto_close int fd = line_map(c);
	auto_release(map_fd_btf_put) struct btf *btf = NULL;
	auto_text_list names = TEXT_LIST_INIT;
	struct bpf_map_info info;

	if (fd < 0 || map_fd_info(fd, &info) < 0)
		return;
	btf = map_fd_btf(&info);
	if (btf)
		btf_value_members(
			btf, key ? info.btf_key_type_id : info.btf_value_type_id, &names);
	c->nospace = c->nospace || names.nr;
	for (size_t i = 0; i < names.nr; i++) {
		auto_free char *text = xasprintf("%s%s%c", stem, names.items[i], end);

		complete_offer(c, text, NULL);
	}
}

/* "{a:1,b" goes on behind its last comma; a value is not ours to guess. */
void complete_members(struct complete *c, const struct synopsis_atom *atom)
{
	bool key = atom->keyword && strcmp(atom->keyword, "key") == 0;
	const char *comma = strrchr(c->word, ',');
	const char *name = comma ? comma : c->word;
	auto_free char *stem =
		comma ? xstrndup(c->word, (size_t)(comma + 1 - c->word)) : xstrdup("{");

	if (!strchr(name, ':'))
		offer_members_of_map(c, key, stem, ':');
}

void complete_merge(struct complete *c, const struct synopsis_atom *atom)
{
	(void)atom;
	offer_members_of_map(c, false, "", '=');
}

/* As map watch names them. */
void complete_fields(struct complete *c, const struct synopsis_atom *atom)
{
	auto_close int fd = line_map(c);
	auto_release(map_numbers_release) struct map_numbers numbers = {.fd = -1};
	auto_err err = ERR_INIT;

	(void)atom;
	if (fd < 0 || map_numbers_init(&numbers, fd, false, &err) < 0)
		return;
	for (size_t i = 0; i < numbers.fields.nr; i++)
		if (watch_view_shown(&numbers.fields.items[i]))
			complete_offer(c, numbers.fields.items[i].name, NULL);
}
