/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "netlink/export_msg.h"
#include "kernel/fd_pass.h"
#include "run_export.h"
#include "load/object.h"
#include "kernel/pin_txn.h"

static const char *export_target(const char *path)
{
	const char *env = secure_getenv("TC_BPF_UDS");

	if (!env || !env[0])
		return path;
	if (path && strcmp(path, env) != 0)
		log_warn("export '%s' gives way to TC_BPF_UDS '%s'", path, env);
	return env;
}

static int describe_object(const struct object *obj, struct export_msg *msg,
			   struct err *err)
{
	const char *path = object_path(obj);
	struct stat st;

	if (stat(path, &st) < 0)
		return err_set(err, -errno, "object '%s'", path);
	*msg = (struct export_msg){.dev = st.st_dev, .ino = st.st_ino};
	memcpy(msg->path, path, strnlen(path, sizeof(msg->path) - 1));
	return 0;
}

int run_export(struct object *obj, const char *path, struct err *err)
{
	unsigned char bytes[EXPORT_MSG_MAX];
	bool has_id[EXPORT_MAPS_MAX];
	int fds[EXPORT_MAPS_MAX];
	struct export_msg msg;
	const struct object_map *maps;
	size_t nr;
	int r;

	path = export_target(path);
	if (!path)
		return 0;
	r = describe_object(obj, &msg, err);
	if (r < 0)
		return r;
	maps = object_maps(obj, &nr);
	for (size_t i = 0; i < nr; i++) {
		int fd = object_map_fd(obj, &maps[i]);

		if (fd < 0)
			continue;
		if (msg.nr_maps == EXPORT_MAPS_MAX)
			return err_say(err, -E2BIG,
				       "export '%s': %zu maps, a message holds %d", path,
				       nr, EXPORT_MAPS_MAX);
		fds[msg.nr_maps] = fd;
		has_id[msg.nr_maps] = maps[i].def.dialect == MAPDEF_ELF;
		msg.maps[msg.nr_maps++] = export_map_from(&maps[i].def);
	}
	export_msg_number(&msg, has_id);
	/* Whoever does not read holds up this command alone. */
	pin_txn_pause(object_txn(obj));
	r = fd_pass_send(path, bytes, export_msg_write(&msg, bytes), fds, msg.nr_maps,
			 err);
	return r < 0 ? err_context(err, "export '%s'", path) : 0;
}
