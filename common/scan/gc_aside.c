/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pins of one removal, set aside together: either all of them are removed, or all are
 * put back, each the very pin that it was.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "kernel/pin_dir.h"
#include "scan/gc_private.h"

void gc_aside_release(struct gc_aside *a)
{
	for (size_t i = 0; i < a->nr; i++) {
		struct gc_aside_pin *pin = &a->pins[i];

		if (pin->aside)
			pin_aside_release(&pin->at);
		cleanup_close(&pin->dir);
	}
	free(a->pins);
	*a = (struct gc_aside){.nr = 0};
}

int gc_aside_add(struct gc_aside *a, const char *path, struct err *err)
{
	struct gc_aside_pin pin = {.dir = -1};
	int r;

	pin.dir = pin_dir_parent(path, pin.name, err);
	if (pin.dir == PIN_DIR_REFUSED)
		return pin.dir;
	if (pin.dir < 0)
		return err_set(err, pin.dir, "pin '%s'", path);
	r = pin_at_mark(pin.dir, pin.name, &pin.mark);
	if (r < 0) {
		cleanup_close(&pin.dir);
		return err_set(err, r, "pin '%s'", path);
	}
	pin.path = path;
	array_grow(a->pins, a->nr);
	a->pins[a->nr++] = pin;
	return 0;
}

int gc_aside_set(struct gc_aside *a, struct err *err)
{
	for (size_t i = 0; i < a->nr; i++) {
		struct gc_aside_pin *pin = &a->pins[i];
		int r = pin_at_set_aside(pin->dir, pin->name, &pin->mark,
					 i > 0 ? &a->pins[i - 1].at : NULL, &pin->at);

		if (r == -ESTALE)
			return err_say(
				err, -EBUSY,
				"'%s' stays: another pin was put there while its users were looked up; run the command again",
				pin->path);
		if (r < 0)
			return err_set(err, r, "remove '%s'", pin->path);
		pin->aside = true;
	}
	return 0;
}

void gc_aside_put_back(struct gc_aside *a)
{
	for (size_t i = a->nr; i > 0; i--) {
		struct gc_aside_pin *pin = &a->pins[i - 1];
		int r;

		if (!pin->aside)
			continue;
		r = pin_aside_put_back(&pin->at);
		if (r < 0)
			log_warn(
				"'%s' could not be put back and is '%s' beside it now: %s",
				pin->path, pin->at.aside_name, err_words(r));
		pin_aside_release(&pin->at);
		pin->aside = false;
	}
}

int gc_aside_remove(struct gc_aside *a, struct err *err)
{
	for (size_t i = 0; i < a->nr; i++) {
		struct gc_aside_pin *pin = &a->pins[i];
		int r = pin_aside_remove(&pin->at);

		if (r < 0) {
			gc_aside_put_back(a);
			return i == 0 ? err_set(err, r, "remove '%s'", pin->path)
				      : err_set(err, r,
						"those before '%s' are removed; remove it",
						pin->path);
		}
		pin_aside_release(&pin->at);
		pin->aside = false;
	}
	return 0;
}

/* A directory of pins set aside, with its last one removed, goes the same way. */
void gc_aside_recover(const char *path)
{
	auto_err ignored = ERR_INIT;
	auto_close int dir = pin_dir_open(path, &ignored);

	if (dir >= 0)
		pin_at_recover(dir);
}

char *gc_aside_name(const char *path)
{
	const char *name = strrchr(path, '/'), *dir = name;
	auto_free char *ret = NULL;
	struct stat st;

	while (dir && dir > path && dir[-1] != '/')
		dir--;
	if (!dir || strncmp(dir, PIN_ASIDE_PREFIX, strlen(PIN_ASIDE_PREFIX)) != 0)
		return NULL;
	ret = xasprintf("%.*s%s", (int)(dir - path), path, name + 1);
	/* Who bears that name may be another pin. */
	return bpffs_stat(path, &st) == -ENOENT ? take_ptr(ret) : NULL;
}
