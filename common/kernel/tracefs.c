/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/magic.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/vfs.h>

#include "kernel/tracefs.h"

static const char *const places[] = {
	"/sys/kernel/tracing",
	"/sys/kernel/debug/tracing",
	"/tracing",
	"/trace",
};

static bool is_tracefs(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (uint32_t)fs.f_type == TRACEFS_MAGIC;
}

/* setmntent() opens files of its own, so there is no scope attribute for it. */
static bool find_mounted(char ret[PATH_MAX])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *m;
	bool found = false;

	if (!mounts)
		return false;
	while (!found && (m = getmntent(mounts)) != NULL) {
		if (strcmp(m->mnt_type, "tracefs") != 0 ||
		    strlen(m->mnt_dir) >= PATH_MAX || !is_tracefs(m->mnt_dir))
			continue;
		strcpy(ret, m->mnt_dir);
		found = true;
	}
	endmntent(mounts);
	return found;
}

int tracefs_find(char ret[PATH_MAX], struct err *err)
{
	for (size_t i = 0; i < array_size(places); i++) {
		if (!is_tracefs(places[i]))
			continue;
		strcpy(ret, places[i]);
		return 0;
	}
	if (find_mounted(ret))
		return 0;
	return err_say(
		err, -ENOENT,
		"no tracefs is mounted; 'mount -t tracefs tracefs /sys/kernel/tracing' mounts it");
}
