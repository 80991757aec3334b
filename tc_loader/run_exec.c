/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/wrap.h"
#include "parse.h"
#include "program.h"
#include "request.h"
#include "run.h"
#include "load/keep.h"
#include "load/keep_watch.h"
#include "load/object.h"
#include "load/prog_slot.h"
#include "load/session.h"
#include "netlink/export_msg.h"
#include "kernel/fd_pass.h"
#include "kernel/stop_hold.h"
#include "kernel/tracefs.h"
#include "tc.h"

/*
 * The importer's environment is the interface: BPF_NUM_MAPS and BPF_MAP<id>=<fd>. Of
 * several maps with one id the last is seen, as a shell behind tc sees it.
 */
static int set_environment(const struct export_msg *msg, const struct fd_pass *pass,
			   struct err *err)
{
	char name[32], value[16];
	int r;

	snprintf(value, sizeof(value), "%zu", msg->nr_maps);
	r = setenv("BPF_NUM_MAPS", value, 1);
	for (size_t i = 0; i < msg->nr_maps && r == 0; i++) {
		snprintf(name, sizeof(name), "BPF_MAP%u", msg->maps[i].id);
		snprintf(value, sizeof(value), "%d", pass->fds[i]);
		r = setenv(name, value, 1);
	}
	return r < 0 ? err_set(err, -errno, "set the environment") : 0;
}

static int exec_receive(const char *path, struct export_msg *msg, struct fd_pass *pass,
			struct err *err)
{
	auto_release(fd_pass_release) struct fd_pass got = {.nr_fds = 0};
	unsigned char bytes[EXPORT_MSG_MAX];
	int r = fd_pass_receive(&got, path, bytes, sizeof(bytes), err);

	if (r == 0)
		r = export_msg_read(msg, bytes, got.size, err);
	if (r < 0)
		return r;
	if (got.nr_fds != msg->nr_maps)
		return err_say(err, -EINVAL, "%zu descriptors came with %zu maps",
			       got.nr_fds, msg->nr_maps);
	*pass = got;
	got.nr_fds = 0;
	return 0;
}

static int run_import(const struct tc *tc, const struct request_exec *req,
		      struct err *err)
{
	auto_release(fd_pass_release) struct fd_pass pass = {.nr_fds = 0};
	int nr = req->nr_command;
	/* A copy: words from a batch file have no NULL behind them. */
	auto_free char **argv = xcalloc((size_t)nr + 2, sizeof(*argv));
	struct export_msg msg;
	int r = exec_receive(req->path, &msg, &pass, err);

	if (r < 0)
		return err_context(err, "import '%s'", req->path);
	r = set_environment(&msg, &pass, err);
	if (r < 0)
		return r;
	r = fd_pass_keep_on_exec(&pass);
	if (r < 0)
		return err_set(err, r, "hand the maps on");
	for (int i = 0; i < nr; i++)
		argv[i] = req->command[i];
	if (nr == 0)
		argv[0] = (char[]){"/bin/sh"};
	fflush(tc->tool.out);
	execvp(argv[0], argv);
	return err_set(err, -errno, "run '%s'", argv[0]);
}

static int exec_write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

/* The trace is this command's result, and tc writes it to stderr. */
static int run_debug(struct err *err)
{
	static const char head[] = "Running! Hang up with ^C!\n\n";
	auto_free char *path = NULL;
	auto_close int trace = -1;
	char mnt[PATH_MAX], bytes[4096];
	ssize_t n;
	int r = tracefs_find(mnt, err);

	if (r < 0)
		return r;
	path = xasprintf("%s/trace_pipe", mnt);
	trace = open(path, O_RDONLY | O_CLOEXEC);
	if (trace < 0)
		return err_set(err, -errno, "open '%s'", path);
	r = exec_write_all(STDERR_FILENO, head, sizeof(head) - 1);
	while (r == 0 && (n = read(trace, bytes, sizeof(bytes))) != 0) {
		if (n < 0 && errno != EINTR)
			return err_set(err, -errno, "read '%s'", path);
		if (n > 0)
			r = exec_write_all(STDERR_FILENO, bytes, (size_t)n);
	}
	return r < 0 ? err_set(err, r, "write the trace") : TC_GRAMMAR;
}

/*
 * tc's graft exits with the low byte of -errno where the object, the slot or the map is
 * not what it should be, and with 255 where a file or pin cannot be opened or the slot
 * cannot be written.
 */
static int errno_status(struct err *err, int code)
{
	return err_status(err, code & 0xff);
}

static int graft_key(const struct request_exec *req, const struct object_program *prog,
		     uint32_t *ret, struct err *err)
{
	if (req->has_key) {
		*ret = req->key;
		return 0;
	}
	if (prog->tail_call) {
		*ret = prog->tail_call->key;
		return 0;
	}
	if (prog->section)
		err_say(err, -EINVAL,
			"section '%s' is not of the form ID/KEY; add 'key KEY'",
			prog->section);
	else
		err_say(err, -EINVAL,
			"a pinned program does not name a slot; add 'key KEY'");
	return errno_status(err, err->code);
}

/* After the load, which may be what makes the map. */
static int exec_graft(struct tc *tc, const struct request_exec *req,
		      const struct object_program *prog, struct err *err)
{
	auto_free char *path = program_pin_path(req->path);
	const char *name = prog->name ? prog->name : req->bpf.path;
	auto_close int map_fd = -1;
	uint32_t key = 0, old = 0;
	int r = graft_key(req, prog, &key, err);

	if (r < 0)
		return r;
	r = prog_slot_open(path, &map_fd, err);
	if (r == -EINVAL)
		return errno_status(err, err->code);
	if (r == 0 && prog_slot_read(map_fd, key, &old) == 0 && keep_is_used())
		keep_watch_add(&tc->going, old);
	return r < 0 ? r : prog_slot_insert(map_fd, req->path, key, prog->fd, name, err);
}

static int exec_load(struct session *s, const struct request_exec *req,
		     const struct object_program **ret, struct err *err)
{
	int r;

	if (req->bpf.source == SOURCE_PINNED)
		return program_open_pin(s, req->bpf.path, 0, ret, err);
	r = program_load_object(s, &req->bpf, req->prog_type, 0, ret, err);
	/* A map that differs from its pin is "Invalid argument" to tc. */
	if (r < 0 && session_object(s))
		return errno_status(err, r == -EEXIST ? -EINVAL : r);
	/* It can be read, so it is its bytes that are refused: EINVAL in tc, always. */
	if (r < 0 && access(req->bpf.path, R_OK) == 0)
		return errno_status(err, -EINVAL);
	return r;
}

static int run_graft(struct tc *tc, const struct request_exec *req, struct err *err)
{
	/* First: what ends the process does so when everything is done or taken back. */
	auto_stop_hold hold = STOP_HOLD_INIT;
	const struct share_opts opts = program_opts(tc, &req->bpf);
	auto_session *s = session_new(&opts);
	const struct object_program *prog;
	int r;

	stop_hold_begin(&hold);
	r = exec_load(s, req, &prog, err);
	/* What is jumped to needs its own arrays as much as what is attached. */
	if (r == 0 && session_object(s))
		r = keep_prog_arrays(session_object(s), prog, opts.mount_bpffs, err);
	if (r == 0)
		r = stop_hold_check(err);
	if (r == 0)
		r = exec_graft(tc, req, prog, err);
	if (r < 0)
		return err_context(err, "graft '%s'", req->path);
	session_commit(s);
	run_drop_kept(tc, false);
	return 0;
}

static int print_usage(void (*usage)(struct strbuf *out))
{
	auto_strbuf text = STRBUF_INIT;

	usage(&text);
	wrap_print(&text, stderr);
	return 0;
}

int run_exec(struct tc *tc, const struct request_exec *req, struct err *err)
{
	switch (req->op) {
	case EXEC_HELP:
		return print_usage(parse_exec_usage);
	case EXEC_BPF_HELP:
		print_usage(parse_exec_bpf_usage);
		/* Scripts that ask tc's bpf for help get this status. */
		return TC_GRAMMAR;
	case EXEC_IMPORT:
		return run_import(tc, req, err);
	case EXEC_DEBUG:
		return run_debug(err);
	case EXEC_GRAFT:
		return run_graft(tc, req, err);
	case EXEC_NOTHING:
		break;
	}
	return 0;
}
