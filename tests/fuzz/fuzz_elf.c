/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Any bytes as an object file, in every layout and for both tools. With FUZZ_LIBBPF
 * libbpf opens what came out of it, too; it makes no promise about hostile bytes, so that
 * is off.
 */
/* Reads: common/legacy/ common/elf/ common/btf/map_btf common/btf/btf_vars */
#include <bpf/libbpf.h>
#include <string.h>

#include "legacy/object_def.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void open_image(const struct object_def *def)
{
#ifdef FUZZ_LIBBPF
	bpf_object__close(bpf_object__open_mem(def->image, def->image_size, NULL));
#else
	(void)def;
#endif
}

static void check_def(const struct object_def *def)
{
	for (size_t i = 0; i < def->nr_maps; i++) {
		auto_err err = ERR_INIT;

		check(mapdef_check_name(def->maps[i].name, &err) == 0);
		check(def->maps[i].type != 0);
		check(def->maps[i].inner >= -1 && def->maps[i].inner < (int)def->nr_maps);
	}
	for (size_t i = 0; i < def->nr_tail_calls; i++)
		check(def->tail_calls[i].map < (int)def->nr_maps &&
		      def->tail_calls[i].program);
	check(def->image && (def->translated == !!def->owned_image));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	libbpf_set_print(NULL);
	for (int i = 0; i < 8; i++) {
		struct object_def_opts opts = {
			.layout = (enum maps_layout)(i % 4),
			.reader = i < 4 ? MAPS_READER_TC : MAPS_READER_CGROUP,
			.keep_pinning = i % 2,
		};
		struct object_def def;
		auto_err err = ERR_INIT;

		if (object_def_read(&def, data, size, &opts, &err) < 0) {
			check(err.text[0] && !strchr(err.text, '\n'));
			continue;
		}
		check_def(&def);
		if (i == 0)
			open_image(&def);
		object_def_release(&def);
	}
	return 0;
}
