/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "base/log.h"
#include "kernel/bpf_fd.h"
#include "kernel/pin_at.h"
#include "kernel/pin_dir.h"
#include "kernel/link_fd.h"
#include "kernel/link_pin.h"
#include "kernel/pin_index.h"

static int link_pin_open_parent(const char *path, char name[NAME_MAX + 1],
				struct err *err)
{
	int dir = pin_dir_parent(path, name, err);

	if (dir < 0 && dir != PIN_DIR_REFUSED)
		return err_set(err, dir, "pin '%s'", path);
	return dir;
}

int link_pin_remove(const char *path, uint32_t link_id, struct err *err)
{
	auto_close int dir = -1, fd = -1;
	struct pin_mark mark = {.ino = 0};
	char name[NAME_MAX + 1];
	uint32_t id = 0;
	int r;

	dir = link_pin_open_parent(path, name, err);
	if (dir < 0)
		return dir;
	r = pin_at_mark(dir, name, &mark);
	fd = r < 0 ? r : pin_at_get(dir, name, BPF_FD_LINK);
	r = fd < 0 ? fd : bpf_fd_id(fd, &id);
	if (r == -EMEDIUMTYPE || (r == 0 && id != link_id))
		r = -ESTALE;
	if (r == 0)
		r = pin_at_remove(dir, name, &mark);
	return r < 0 ? err_set(err, r, "remove pin '%s'", path) : 0;
}

void link_pin_drop(const char *path, uint32_t link_id)
{
	auto_err err = ERR_INIT;

	if (link_pin_remove(path, link_id, &err) < 0 && err.code != -ENOENT &&
	    err.code != -ESTALE)
		log_warn("link id %u is detached, but its pin stays: %s", link_id,
			 err.text);
}

void link_pin_drop_all(const struct pin_index *pins, uint32_t link_id)
{
	for (size_t i = 0; i < pins->nr; i++)
		if (pins->pins[i].id == link_id)
			link_pin_drop(pins->pins[i].path, link_id);
	if (pins->unseen)
		log_warn(
			"link id %u is detached; whether it has more pins cannot be seen (%s), and they would stay: 'share gc' lists such pins",
			link_id, err_words(pins->unseen));
}

int link_pin_make(const char *path, int link_fd, struct err *err)
{
	auto_close int dir = -1;
	char name[NAME_MAX + 1];
	int r;

	dir = link_pin_open_parent(path, name, err);
	if (dir < 0)
		return dir;
	r = pin_at_make(dir, name, link_fd);
	return r < 0 ? err_set(err, r, "pin '%s'", path) : 0;
}

int link_pin_open(const char *path)
{
	int fd = link_fd_by_pin(path);

	if (fd != -ENOENT || !pin_dir_recover(path))
		return fd;
	return link_fd_by_pin(path);
}
