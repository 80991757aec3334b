/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A legacy object written as a modern one that stock tc, bpftool and libbpf load. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
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

static int write_all(int fd, const void *bytes, size_t size)
{
	const char *p = bytes;

	while (size) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			p += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

/* As the shell's own redirection would make it. */
static mode_t mode_of_new_files(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* Beside the target and renamed over it: a reader never sees half an object. */
static int replace_file(const char *path, mode_t mode, const void *bytes, size_t size)
{
	auto_free char *tmp = xasprintf("%s.XXXXXX", path);
	auto_close int fd = mkostemp(tmp, O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, bytes, size);
	if (r == 0 && fchmod(fd, mode) < 0)
		r = -errno;
	if (r == 0 && rename(tmp, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(tmp);
	return r;
}

/* Devices and FIFOs are written to: renaming would put a file in the place of /dev/null. */
static int write_stream(const char *path, const void *bytes, size_t size)
{
	auto_close int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? -errno : write_all(fd, bytes, size);
}

static int write_file(const char *path, const void *bytes, size_t size, struct err *err)
{
	auto_free char *real = realpath(path, NULL); /* a link stays one */
	struct stat st;
	int r;

	if (stat(path, &st) < 0)
		r = replace_file(path, mode_of_new_files(), bytes, size);
	else if (S_ISREG(st.st_mode) && real)
		r = replace_file(real, st.st_mode & 0777, bytes, size);
	else
		r = write_stream(path, bytes, size);
	return r < 0 ? err_set(err, r, "write '%s'", path) : 0;
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
	r = write_file(out, def.image, def.image_size, err);
	if (r == 0)
		list_lost(&def, lost);
	return r;
}
