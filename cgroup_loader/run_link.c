/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/features.h"
#include "kernel/bpf_names.h"
#include "kernel/bpffs.h"
#include "kernel/caps.h"
#include "kernel/link_fd.h"
#include "kernel/nl_sock.h"
#include "kernel/pin_index.h"
#include "kernel/prog_fd.h"
#include "print.h"
#include "run.h"
#include "load/keep_watch.h"
#include "load/session.h"
#include "verbs/tool.h"

/* The ways out. */
#define LINK_LISTS "'link show' lists the links there are"
#define LINK_PINS  "'link show -f' lists links with their pins"

int run_open_link(const struct link_ref *ref, struct err *err)
{
	int fd = ref->path ? link_fd_by_pin(ref->path) : link_fd_by_id(ref->id);

	if (fd >= 0)
		return fd;
	if (!ref->path) {
		err_set(err, fd, "link id %" PRIu32, ref->id);
		if (fd == -ENOENT)
			return err_hint(err, LINK_LISTS);
		return caps_explain(err, CAPS_IDS);
	}
	if (fd == -EMEDIUMTYPE) {
		err_say(err, fd, "pin '%s' is not a link", ref->path);
		return err_hint(err, LINK_PINS);
	}
	if (fd == -EACCES && bpffs_is_folder(ref->path))
		return err_say(err, fd, "'%s' is a directory; name a link's pin in it",
			       ref->path);
	if (fd == -EACCES && bpffs_is_outside(ref->path)) {
		err_say(err, fd, "'%s' is not on a BPF file system", ref->path);
		return err_hint(err, "pins live below /sys/fs/bpf");
	}
	err_set(err, fd, "link pinned '%s'", ref->path);
	return fd == -ENOENT ? err_hint(err, LINK_PINS) : fd;
}

/* --- show ------------------------------------------------- */

struct rows {
	const struct pin_index *pins;
	struct link_row *items; /* owned */
	size_t nr;
	struct nl_sock
		*sock; /* owned; names of interfaces are asked of it, from the first on */
};

static void link_rows_release(struct rows *rows)
{
	nl_sock_close(rows->sock);
	for (size_t i = 0; i < rows->nr; i++)
		link_row_release(&rows->items[i]);
	free(rows->items);
}

/* Programs that trace say what they stand on; that is the program's type, too. */
static int link_program_type(uint32_t prog_id, uint32_t *ret)
{
	auto_close int fd = prog_fd_by_id(prog_id);
	struct bpf_prog_info info;
	int r = fd < 0 ? fd : prog_fd_info(fd, &info);

	if (r == 0)
		*ret = info.type;
	return r;
}

/* What cannot be read is left out, the rest of the row is worth its line. */
static void link_read_details(int fd, struct link_row *row)
{
	const struct link_fd_info *info = &row->info;
	int r = link_details_read(fd, info, &row->details);

	if (r < 0)
		link_details_release(&row->details);
	if (r == 0 && info->type == LINK_FD_TRACING)
		r = link_program_type(info->prog_id, &row->prog_type);
	if (r < 0 && r != -ENOENT)
		log_warn("link id %" PRIu32 ": not all of it can be read: %s", info->id,
			 err_words(r));
}

/* In another namespace the number may be nobody's, or another interface's. */
static void link_read_device(struct rows *rows, struct link_row *row)
{
	char dev[NL_LINK_NAME_MAX];
	auto_err err = ERR_INIT;
	int r = rows->sock ? 0 : nl_sock_open(&rows->sock, &err);

	if (r == 0)
		r = nl_sock_ifname(rows->sock, (int)row->info.ifindex, dev);
	if (r == 0)
		row->devname = xstrdup(dev);
	else if (r != -ENODEV)
		log_warn("link id %" PRIu32 ": the name of its interface, %" PRIu32
			 ", cannot be asked for: %s",
			 row->info.id, row->info.ifindex, err_words(r));
}

static int link_add_row(int fd, const struct link_fd_info *info, void *ctx)
{
	struct rows *rows = ctx;
	struct link_row *row;

	array_grow(rows->items, rows->nr);
	row = &rows->items[rows->nr++];
	*row = (struct link_row){.info = *info, .type = bpf_names_link_type(info->type)};
	if (info->has_attach_type)
		row->attach_type = bpf_names_attach_type(info->attach_type);
	link_read_details(fd, row);
	if (info->ifindex)
		link_read_device(rows, row);
	for (size_t i = 0; i < rows->pins->nr; i++) {
		if (rows->pins->pins[i].id != info->id)
			continue;
		array_grow(row->pins, row->nr_pins);
		row->pins[row->nr_pins++] = rows->pins->pins[i].path;
	}
	return 0;
}

/* Kernel functions of all rows at once: the list of the kernel's symbols is a long one. */
static void rows_name_functions(struct rows *rows)
{
	auto_free struct kernel_symbol **symbols = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < rows->nr; i++)
		link_probes_symbols(&rows->items[i].details.probes, &symbols, &nr);
	kernel_symbols_name(symbols, nr);
}

static int add_one(const struct link_ref *ref, struct rows *rows, struct err *err)
{
	auto_close int fd = run_open_link(ref, err);
	struct link_fd_info info;
	int r;

	if (fd < 0)
		return fd;
	r = link_fd_info(fd, &info);
	return r < 0 ? err_set(err, r, "read the link's info")
		     : link_add_row(fd, &info, rows);
}

static int add_all(struct rows *rows, struct err *err)
{
	int r = link_fd_each(link_add_row, rows);

	if (r == 0)
		return 0;
	if (r == -EINVAL)
		return err_say(err, r, "links have no ids before Linux 5.8");
	err_set(err, r, "list links");
	return caps_explain(err, CAPS_IDS);
}

int run_link_show(struct tool *tool, const struct link_show_request *req, struct err *err)
{
	auto_pin_index pins = {.nr = 0};
	auto_release(link_rows_release) struct rows rows = {.pins = &pins};
	int r;

	if (tool->show_pins)
		pin_index_read(&pins, BPF_FD_LINK);
	r = req->given ? add_one(&req->link, &rows, err) : add_all(&rows, err);
	if (r < 0)
		return r;
	rows_name_functions(&rows);
	print_links(tool, rows.items, rows.nr, !req->given, pins.nr > 0);
	return 0;
}

/* --- pin, detach, update ---------------------------------- */

int run_link_pin(struct tool *tool, const struct link_pin_request *req, struct err *err)
{
	auto_session *s = session_new(&tool->share);
	auto_close int fd = run_open_link(&req->link, err);
	int r;

	if (fd < 0)
		return fd;
	r = session_check_pin(s, req->path, err);
	if (r == 0)
		r = session_pin(s, fd, req->path, err);
	if (r < 0)
		return r;
	session_commit(s);
	print_done(tool);
	return 0;
}

/* The program in the link may go with it, and what is kept for it then goes too. */
static void link_watch(int fd, struct keep_watch *going)
{
	struct link_fd_info info;

	if (keep_is_used() && link_fd_info(fd, &info) == 0)
		keep_watch_add(going, info.prog_id);
}

int run_link_detach(struct tool *tool, const struct link_detach_request *req,
		    struct err *err)
{
	auto_keep_watch going = KEEP_WATCH_INIT;
	auto_close int fd = -1;
	int r;

	fd = run_open_link(&req->link, err);
	if (fd < 0)
		return fd;
	link_watch(fd, &going);
	r = link_fd_detach(fd);
	if (r == -EOPNOTSUPP)
		return err_say(
			err, r,
			"the kernel cannot detach this kind of link: remove its pins and end who holds it");
	if (r == -EINVAL && feature_is_missing("link_detach"))
		return err_say(
			err, r,
			"this kernel has no 'link detach': remove the link's pins and end who holds it");
	if (r < 0)
		return err_set(err, r, "detach the link");
	keep_watch_drop(&going);
	print_done(tool);
	return 0;
}

int run_link_update(struct tool *tool, const struct link_update_request *req,
		    struct err *err)
{
	auto_close int fd = -1, prog_fd = -1, old_fd = -1;
	auto_keep_watch going = KEEP_WATCH_INIT;
	int r;

	fd = run_open_link(&req->link, err);
	if (fd < 0)
		return fd;
	r = run_open_program(&req->prog, &prog_fd, err);
	if (r == 0 && req->checked)
		r = run_open_program(&req->old, &old_fd, err);
	if (r < 0)
		return r;
	link_watch(fd, &going);
	r = link_fd_update(fd, prog_fd, old_fd);
	if (r < 0)
		return link_fd_explain_update(r, fd, prog_fd, old_fd, err);
	cleanup_close(&old_fd);
	old_fd = -1;
	keep_watch_drop(&going);
	print_done(tool);
	return 0;
}
