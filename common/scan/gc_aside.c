/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pins of one removal, set aside together: either all of them are removed, or all are
 * put back, each the very pin that it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
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
		int r = pin_at_set_aside(pin->dir, pin->name, &pin->mark, &pin->at);

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
	int result = 0;

	for (size_t i = 0; i < a->nr; i++) {
		struct gc_aside_pin *pin = &a->pins[i];
		int r = pin_aside_remove(&pin->at);

		if (r < 0)
			result = err_set(err, r, "remove '%s', which is in '%s' now",
					 pin->path, pin->at.aside_name);
		pin_aside_release(&pin->at);
		pin->aside = false;
	}
	return result;
}

/* The process that set pins aside here was killed: they are no less idle where they were. */
static void recover_from(int dir, const char *name)
{
	struct pin_aside a = {.dir = dir};
	const struct dirent *entry;
	auto_dir DIR *pins = NULL;
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	pins = fdopendir(fd);
	if (!pins) {
		close(fd);
		return;
	}
	a.aside = fd;
	while ((entry = readdir(pins))) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= sizeof(a.name))
			continue;
		strcpy(a.name, entry->d_name);
		if (pin_aside_put_back(&a) < 0)
			log_warn("'%s/%s' is what a killed 'share gc' left", name,
				 entry->d_name);
	}
	unlinkat(dir, name, AT_REMOVEDIR);
}

void gc_aside_recover(const char *path)
{
	auto_dir DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		size_t n = strlen(PIN_ASIDE_PREFIX);
		char *end;
		long pid;

		if (strncmp(entry->d_name, PIN_ASIDE_PREFIX, n) != 0)
			continue;
		pid = strtol(entry->d_name + n, &end, 10);
		/* The lock is ours: whoever has that number is not removing anything here. */
		if (pid > 0 && !*end)
			recover_from(dirfd(dir), entry->d_name);
	}
}
