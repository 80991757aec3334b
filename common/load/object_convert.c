/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A legacy object written as a modern one that stock tc, bpftool and libbpf load. */
#include <string.h>

#include "base/log.h"
#include "load/object_file.h"
#include "load/object_image.h"
#include "load/object_private.h"

static void list_lost_map(const struct mapdef *def, struct strbuf *lost)
{
	if (def->scope == PIN_SCOPE_OBJECT)
		sb_addf(lost,
			"map '%s': the object's own pin directory (PIN_OBJECT_NS) has no modern form, the map is private\n",
			def->name);
	if (def->scope == PIN_SCOPE_CUSTOM)
		sb_addf(lost,
			"map '%s': pin id %u of the pin database has no modern form, the map is private\n",
			def->name, def->pin_id);
}

static void list_lost(const struct object_def *def, struct strbuf *lost)
{
	for (size_t i = 0; i < def->nr_maps; i++)
		list_lost_map(&def->maps[i], lost);
	for (size_t i = 0; i < def->nr_slots; i++) {
		bool legacy = false;

		for (size_t m = 0; m < def->nr_maps; m++)
			legacy |= strcmp(def->maps[m].name, def->slots[i].outer) == 0;
		if (legacy)
			sb_addf(lost,
				"map '%s': slot %u is not filled with '%s' by the loader\n",
				def->slots[i].outer, def->slots[i].key,
				def->slots[i].inner);
	}
	for (size_t i = 0; i < def->nr_tail_calls; i++)
		sb_addf(lost,
			"section '%s': program '%s' is not put into slot %u by the loader\n",
			def->tail_calls[i].section, def->tail_calls[i].program,
			def->tail_calls[i].key);
}

static void say_shared(const struct object_def *def)
{
	for (size_t i = 0; i < def->nr_maps; i++)
		if (object_def_is_shared(&def->maps[i]))
			log_info(
				"map '%s': pinned by name in the new object, as cgroup_loader shares it; '--private' leaves it private",
				def->maps[i].name);
}

int object_convert(struct strbuf *image, const char *in, const struct share_opts *opts,
		   bool private, struct strbuf *lost, struct err *err)
{
	/* Whichever tool converts: what one of the two would share, both have to find. */
	const struct object_def_opts def_opts = {
		.layout = opts->layout,
		.reader = MAPS_READER_CGROUP,
		.keep_pinning = true,
		.pin_shared = !private,
	};
	auto_release(object_def_release) struct object_def def = {.nr_maps = 0};
	auto_free void *bytes = NULL;
	size_t size = 0;
	bool foreign;
	int r = object_file_read(in, &bytes, &size, &foreign, err);

	if (r == 0)
		r = object_def_read(&def, bytes, size, &def_opts, err);
	if (r < 0) {
		object_blame(err);
		return err_context(err, "object '%s'", in);
	}
	r = object_image_check(def.image, def.image_size, err);
	if (r < 0) {
		object_blame(err);
		return err_context(
			err, "object '%s': the converted object cannot be used", in);
	}
	if (!private)
		say_shared(&def);
	list_lost(&def, lost);
	sb_add_mem(image, def.image, def.image_size);
	return 0;
}
