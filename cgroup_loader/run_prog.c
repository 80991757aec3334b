/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/ways_out.h"
#include "kernel/bpffs.h"
#include "kernel/caps.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/pin_index.h"
#include "kernel/prog_fd.h"
#include "print.h"
#include "run.h"
#include "verbs/tool.h"

/* --- which programs --------------------------------------- */

struct fds {
	int *items; /* owned, each of them too */
	size_t nr;
};

static void fds_release(struct fds *fds)
{
	for (size_t i = 0; i < fds->nr; i++)
		close(fds->items[i]);
	free(fds->items);
}

static void fds_add(struct fds *fds, int fd)
{
	array_grow(fds->items, fds->nr);
	fds->items[fds->nr++] = fd;
}

struct search {
	const struct prog_ref *ref; /* NULL: every program */
	struct fds *found;
};

static int prog_collect(uint32_t id, int fd, const struct bpf_prog_info *info, void *ctx)
{
	const struct search *s = ctx;
	int copy, r = 1;

	(void)id;
	if (s->ref && s->ref->kind == PROG_REF_TAG &&
	    memcmp(s->ref->tag, info->tag, sizeof(info->tag)) != 0)
		return 0;
	if (s->ref && s->ref->kind == PROG_REF_NAME)
		r = prog_fd_has_name(fd, info, s->ref->what);
	if (r <= 0)
		return r;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)
		return -errno;
	fds_add(s->found, copy);
	return 0;
}

static int find_by_search(const struct prog_ref *ref, struct fds *found, struct err *err)
{
	struct search s = {.ref = ref, .found = found};
	int r = prog_fd_each(prog_collect, &s);

	if (r < 0) {
		err_set(err, r, "list programs");
		return caps_explain(err, CAPS_IDS);
	}
	if (ref && !found->nr) {
		err_say(err, -ENOENT, "no program has the %s '%s'",
			ref->kind == PROG_REF_TAG ? "tag" : "name", ref->what);
		return err_hint(err, PROG_LISTS);
	}
	return 0;
}

static int find_by_pin(const char *path, struct fds *found, struct err *err)
{
	int fd = prog_fd_by_pin(path);

	if (fd == -EMEDIUMTYPE) {
		err_say(err, fd, "pin '%s' is not a program", path);
		return err_hint(err, PROG_PINS);
	}
	if (fd == -EACCES && bpffs_is_folder(path))
		return err_say(err, fd, "'%s' is a directory; name a program's pin in it",
			       path);
	if (fd == -EACCES && bpffs_is_outside(path)) {
		err_say(err, fd, "'%s' is not on a BPF file system", path);
		return err_hint(err, "pins live below /sys/fs/bpf");
	}
	if (fd < 0) {
		err_set(err, fd, "program pinned '%s'", path);
		return fd == -ENOENT ? err_hint(err, PROG_PINS) : fd;
	}
	fds_add(found, fd);
	return 0;
}

/* Every program that ref names, at least one; ref NULL: all there are. */
static int find_programs(const struct prog_ref *ref, struct fds *found, struct err *err)
{
	int fd;

	if (!ref || ref->kind == PROG_REF_TAG || ref->kind == PROG_REF_NAME)
		return find_by_search(ref, found, err);
	if (ref->kind == PROG_REF_PINNED)
		return find_by_pin(ref->what, found, err);
	fd = prog_fd_by_id(ref->id);
	if (fd < 0) {
		err_set(err, fd, "program id %" PRIu32, ref->id);
		if (fd == -ENOENT)
			return err_hint(err, PROG_LISTS);
		return caps_explain(err, CAPS_IDS);
	}
	fds_add(found, fd);
	return 0;
}

int run_open_program(const struct prog_ref *ref, int *ret_fd, struct err *err)
{
	auto_release(fds_release) struct fds found = {.nr = 0};
	auto_strbuf ids = STRBUF_INIT;
	int r = find_programs(ref, &found, err);

	if (r < 0)
		return r;
	if (found.nr == 1) {
		*ret_fd = found.items[--found.nr];
		return 0;
	}
	for (size_t i = 0; i < found.nr; i++) {
		struct bpf_prog_info info;

		if (prog_fd_info(found.items[i], &info) == 0)
			sb_addf(&ids, "%s%u", ids.len ? ", " : "", info.id);
	}
	err_say(err, -EINVAL, "several programs have the %s '%s': ids %s",
		ref->kind == PROG_REF_TAG ? "tag" : "name", ref->what, sb_text(&ids));
	return err_hint(err, "'id N' names one");
}

/* --- show ------------------------------------------------- */

/* The kernel tells what a program occupies only in the text of its fdinfo. */
static uint64_t memlock_of(int fd)
{
	auto_free char *path = xasprintf("/proc/self/fdinfo/%d", fd);
	auto_file FILE *f = fopen(path, "re");
	uint64_t value = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "memlock: %" SCNu64, &value) == 1)
			break;
	if (!value && (!f || ferror(f)))
		log_warn("memory of a program cannot be read: %s", err_words(errno));
	return value;
}

/* Constants are the one element of an array that programs cannot write. */
static int add_metadata(struct metadata *m, uint32_t map_id)
{
	auto_close int fd = map_fd_by_id(map_id);
	auto_release(map_fd_btf_put) struct btf *btf = NULL;
	auto_free char *bytes = NULL;
	struct bpf_map_info info;
	const uint32_t key = 0;
	int r = fd < 0 ? fd : map_fd_info(fd, &info);

	if (r < 0)
		return r;
	if (info.type != BPF_MAP_TYPE_ARRAY || info.max_entries != 1 ||
	    !info.btf_value_type_id || !strstr(info.name, ".rodata"))
		return 0;
	btf = map_fd_btf(&info);
	if (!btf)
		return errno ? -errno : -EIO;
	bytes = xcalloc(1, info.value_size);
	r = map_io_lookup(fd, &key, bytes);
	if (r == 0)
		metadata_add(m, btf, info.btf_value_type_id, bytes, info.value_size);
	return r;
}

static int fill_row(struct program_row *row, int fd, const struct pin_index *pins,
		    struct err *err)
{
	int r = prog_fd_info(fd, &row->info);

	if (r == 0)
		r = prog_fd_maps(fd, &row->map_ids, &row->nr_maps);
	if (r < 0)
		return err_set(err, r, "read a program's info");
	row->name = prog_fd_name(fd, &row->info);
	r = 0;
	for (size_t i = 0; i < row->nr_maps && r == 0; i++)
		r = add_metadata(&row->metadata, row->map_ids[i]);
	if (r < 0 && r != -ENOENT)
		log_warn("metadata of program id %" PRIu32 " cannot be read: %s",
			 row->info.id, err_words(r));
	row->memlock = memlock_of(fd);
	row->loaded_at = prog_fd_loaded_at(&row->info);
	for (size_t i = 0; i < pins->nr; i++) {
		if (pins->pins[i].id != row->info.id)
			continue;
		array_grow(row->pins, row->nr_pins);
		row->pins[row->nr_pins++] = xstrdup(pins->pins[i].path);
	}
	return 0;
}

struct rows {
	struct program_row *items; /* owned */
	size_t nr;
};

static void prog_rows_release(struct rows *rows)
{
	for (size_t i = 0; i < rows->nr; i++)
		program_row_release(&rows->items[i]);
	free(rows->items);
}

int run_prog_show(struct tool *tool, const struct prog_show_request *req, struct err *err)
{
	auto_release(fds_release) struct fds found = {.nr = 0};
	auto_pin_index pins = {.nr = 0};
	auto_release(prog_rows_release) struct rows rows = {.nr = 0};
	int r = find_programs(req->given ? &req->prog : NULL, &found, err);

	if (r == 0 && tool->show_pins)
		pin_index_read(&pins, BPF_FD_PROG);
	rows.items = xcalloc(found.nr + 1, sizeof(*rows.items));
	rows.nr = found.nr;
	for (size_t i = 0; i < found.nr && r == 0; i++)
		r = fill_row(&rows.items[i], found.items[i], &pins, err);
	if (r == 0)
		print_programs(tool, rows.items, rows.nr, !req->given, pins.nr > 0);
	/* It gives zeros in their place. */
	if (r == 0 && rows.nr && caps_missing(CAPS_BPF))
		log_warn("the kernel hides sizes of programs: missing %s",
			 caps_missing(CAPS_BPF));
	return r;
}
