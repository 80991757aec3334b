/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Any bytes as an object that is converted: what comes out is read again, has no old
 * definitions any more, and nothing of it would be converted once more.
 */
/* Reads: common/legacy/ common/elf/ common/btf/map_btf common/btf/btf_vars */
#include <stdlib.h>
#include <string.h>

#include "legacy/object_def.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_image(const struct object_def *def, const struct object_def_opts *opts)
{
	struct object_def again;
	auto_err err = ERR_INIT;

	check(object_def_read(&again, def->image, def->image_size, opts, &err) == 0);
	check(again.nr_maps == 0 && !again.translated);
	check(again.image == def->image && again.image_size == def->image_size);
	object_def_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int i = 0; i < 8; i++) {
		const struct object_def_opts opts = {
			.layout = (enum maps_layout)(i % 4),
			.reader = i < 4 ? MAPS_READER_TC : MAPS_READER_CGROUP,
			.keep_pinning = true,
			.pin_shared = i >= 4,
		};
		struct object_def def;
		auto_err err = ERR_INIT;

		if (object_def_read(&def, data, size, &opts, &err) < 0)
			continue;
		if (def.translated)
			check_image(&def, &opts);
		object_def_release(&def);
	}
	return 0;
}
