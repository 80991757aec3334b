/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any bytes as a pin database: what it defines must be usable as a path below the mount.
 */
/* Reads: common/def/pin_names common/def/pin_path */
#include <string.h>

#include "def/mapdef.h"
#include "def/pin_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mapdef def = MAPDEF_INIT;
	struct pin_names names;
	struct pin_path_opts opts = {.mnt = "/mnt", .names = &names};

	pin_names_parse(&names, (const char *)data, size, "fuzz");
	strcpy(def.name, "m");
	def.scope = PIN_SCOPE_CUSTOM;
	for (size_t i = 0; i < names.nr; i++) {
		auto_err err = ERR_INIT;
		char path[512];

		def.pin_id = names.names[i].id;
		check(def.pin_id >= 3);
		check(pin_names_find(&names, def.pin_id) == names.names[i].subpath);
		if (pin_path(path, sizeof(path), &def, &opts, &err) < 0) {
			check(err.code == -ENAMETOOLONG || err.code == -EINVAL);
			continue;
		}
		check(strncmp(path, "/mnt/", 5) == 0 && !strstr(path, "/../") &&
		      !strstr(path, "//"));
	}
	pin_names_release(&names);
	return 0;
}
