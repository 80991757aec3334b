/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A legacy object written as a modern one that stock tc, bpftool and libbpf load. */
#include <string.h>

#include "base/file_out.h"
#include "share/object_private.h"

static void list_lost_map(const struct mapdef *def, struct strbuf *lost)
{
	if (def->scope == PIN_SCOPE_OBJECT)
		sb_addf(lost,
			"map '%s': the object's own pin directory (PIN_OBJECT_NS) has no "
			"modern "
			"form, the map is private\n",
			def->name);
	if (def->scope == PIN_SCOPE_CUSTOM)
		sb_addf(lost,
			"map '%s': pin id %u of the pin database has no modern form, the "
			"map is "
			"private\n",
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
				"map '%s': slot %u is not filled with '%s' by the "
				"loader\n",
				def->slots[i].outer, def->slots[i].key,
				def->slots[i].inner);
	}
	for (size_t i = 0; i < def->nr_tail_calls; i++)
		sb_addf(lost,
			"section '%s': program '%s' is not put into slot %u by the "
			"loader\n",
			def->tail_calls[i].section, def->tail_calls[i].program,
			def->tail_calls[i].key);
}

int object_convert(const char *in, const char *out, const struct share_opts *opts,
		   struct strbuf *lost, struct err *err)
{
	const struct object_def_opts def_opts = {
		.layout = opts->layout,
		.reader = opts->reader,
		.keep_pinning = true,
	};
	auto_release(object_def_release) struct object_def def = {.nr_maps = 0};
	auto_free void *bytes = NULL;
	size_t size = 0;
	int r = object_read_file(in, &bytes, &size, err);

	if (r == 0)
		r = object_def_read(&def, bytes, size, &def_opts, err);
	if (r < 0)
		return err_context(err, "object '%s'", in);
	r = file_out_put(out, def.image, def.image_size, err);
	if (r == 0)
		list_lost(&def, lost);
	return r;
}
