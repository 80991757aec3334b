/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/alloc.h"
#include "base/log.h"
#include "load/apply_files.h"
#include "load/follow.h"
#include "verbs/apply_line.h"
#include "verbs/follow_log.h"
#include "verbs/follow_notify.h"
#include "verbs/follow_print.h"
#include "verbs/tool.h"
#include "verbs/verb_follow.h"
#include "view/json_out.h"

/* All files of the line. */
struct following {
	struct tool *tool;
	const struct apply_line *line;
	const struct apply_opts *opts;
	struct apply_confs confs; /* what is followed borrows from it, and from before */
	struct apply_confs *before;
	size_t nr_before;
	struct follow **items; /* owned; as the files came */
	size_t nr;
	struct follow_log log;
	struct follow_notify notify;
	char status[128]; /* what was said last */
	bool is_unsaid;   /* the manager had no room for it */
	int signals;
	sigset_t signals_before; /* what was blocked */
	bool ended;
};

static void following_release(struct following *all)
{
	for (size_t i = 0; i < all->nr; i++)
		follow_close(all->items[i]);
	free(all->items);
	for (size_t i = 0; i < all->nr_before; i++)
		apply_confs_release(&all->before[i]);
	free(all->before);
	apply_confs_release(&all->confs);
	follow_notify_release(&all->notify);
	cleanup_close(&all->signals);
}

/* --- what is said --- */

static void following_status(struct following *all, const char *what)
{
	struct follow_state sum = {.nr_filters = 0};
	char status[sizeof(all->status)];

	for (size_t i = 0; i < all->nr; i++) {
		struct follow_state one;

		follow_state(all->items[i], &one);
		sum.nr_filters += one.nr_filters;
		sum.nr_cgroup_programs += one.nr_cgroup_programs;
		sum.nr_refused += one.nr_refused;
	}
	snprintf(status, sizeof(status), "%zu filters, %zu cgroup programs, %zu refused",
		 sum.nr_filters, sum.nr_cgroup_programs, sum.nr_refused);
	if (what[0])
		follow_notify_must(&all->notify, "%sSTATUS=%s", what, status);
	else if (all->is_unsaid || strcmp(status, all->status) != 0)
		all->is_unsaid = !follow_notify_say(&all->notify, "STATUS=%s", status);
	strcpy(all->status, status);
}

static void following_print(const struct following *all)
{
	auto_strbuf out = STRBUF_INIT;

	if (all->tool->json) {
		auto_json *document = json_object_new_object();
		struct json_object *list = json_out_list();

		for (size_t i = 0; i < all->nr; i++)
			json_out_list_add(list, follow_print_json(all->items[i]));
		json_object_object_add(document, "following", list);
		json_object_object_add(
			document, "memory_kib",
			json_object_new_int64((int64_t)follow_print_memory()));
		json_out(&out, document, all->tool->pretty ? JSON_BPFTOOL : JSON_COMPACT);
	} else {
		for (size_t i = 0; i < all->nr; i++)
			follow_print_text(&out, all->items[i]);
		sb_addf(&out, "memory: %lu KiB\n", follow_print_memory());
	}
	if (fputs(sb_text(&out), all->tool->out) < 0 || fflush(all->tool->out) < 0)
		log_warn("the state cannot be written: %s", strerror(errno));
}

/* --- files --- */

static int following_open(struct following *all, const struct apply_conf *conf,
			  struct err *err)
{
	auto_apply_report report = APPLY_REPORT_INIT;
	struct follow *f;
	int r = follow_open(&f, conf, all->opts, &report, err);

	if (r < 0)
		return all->confs.nr > 1 ? err_context(err, "%s", conf->name.text) : r;
	array_grow(all->items, all->nr);
	all->items[all->nr++] = f;
	follow_log_report(&all->log, conf, &report);
	return 0;
}

static const struct apply_conf *confs_find(const struct apply_confs *confs,
					   const char *name)
{
	for (size_t i = 0; i < confs->nr; i++)
		if (strcmp(confs->items[i].name.text, name) == 0)
			return &confs->items[i];
	return NULL;
}

static void following_drop(struct following *all, size_t at)
{
	log_info("%s: no longer in the files; it is not followed, and stays attached",
		 follow_conf(all->items[at])->name.text);
	follow_close(all->items[at]);
	all->nr--;
	memmove(all->items + at, all->items + at + 1,
		(all->nr - at) * sizeof(*all->items));
}

/* Each name by itself: what cannot be is said, and stays as it was. */
static void following_change(struct following *all)
{
	for (size_t i = 0; i < all->nr;) {
		const char *name = follow_conf(all->items[i])->name.text;
		const struct apply_conf *conf = confs_find(&all->confs, name);
		auto_apply_report report = APPLY_REPORT_INIT;
		auto_err err = ERR_INIT;

		if (!conf) {
			following_drop(all, i);
			continue;
		}
		if (follow_reload(all->items[i], conf, &report, &err) < 0)
			log_warn("%s: %s; it is followed as before", name, err.text);
		else
			follow_log_report(&all->log, conf, &report);
		i++;
	}
	for (size_t i = 0; i < all->confs.nr; i++) {
		const struct apply_conf *conf = &all->confs.items[i];
		auto_err err = ERR_INIT;
		bool known = false;

		for (size_t k = 0; k < all->nr; k++)
			known |= strcmp(follow_conf(all->items[k])->name.text,
					conf->name.text) == 0;
		if (!known && following_open(all, conf, &err) < 0)
			log_warn("%s: %s; it is not followed", conf->name.text, err.text);
	}
}

static bool following_borrows(const struct following *all,
			      const struct apply_confs *confs)
{
	for (size_t i = 0; i < all->nr; i++)
		for (size_t c = 0; c < confs->nr; c++)
			if (follow_conf(all->items[i]) == &confs->items[c])
				return true;
	return false;
}

static void following_forget(struct following *all)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->nr_before; i++) {
		if (following_borrows(all, &all->before[i]))
			all->before[kept++] = all->before[i];
		else
			apply_confs_release(&all->before[i]);
	}
	all->nr_before = kept;
}

static void following_reload(struct following *all)
{
	auto_apply_confs confs = {.nr = 0};
	auto_err err = ERR_INIT;

	follow_notify_reloading(&all->notify);
	if (apply_files_read(&confs, all->line->files, all->line->nr, &err) < 0) {
		log_warn("%s; the files are followed as they were read before", err.text);
	} else {
		array_grow(all->before, all->nr_before);
		all->before[all->nr_before++] = all->confs;
		all->confs = confs;
		confs = (struct apply_confs){.nr = 0};
		following_change(all);
		following_forget(all);
	}
	following_status(all, "READY=1\n");
}

/* --- the loop --- */

/*
 * SIGHUP and SIGUSR1 end nothing, and must not take back what is done at the moment they come:
 * kernel/stop_hold.h passes over what is ignored, and signalfd(2) has it, since it is blocked.
 * Whoever read our remarks may end: that is no reason to.
 */
static int following_signals(struct following *all, struct err *err)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, &all->signals_before) < 0)
		return err_set(err, -errno, "block signals");
	all->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return all->signals < 0 ? err_set(err, -errno, "signalfd") : 0;
}

static void following_take_signals(struct following *all)
{
	struct signalfd_siginfo info;

	while (!all->ended && read(all->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			following_print(all);
		else if (info.ssi_signo == SIGHUP)
			following_reload(all);
		else
			all->ended = true;
	}
}

static void following_step(struct following *all, struct follow *f)
{
	auto_apply_report report = APPLY_REPORT_INIT;
	auto_err err = ERR_INIT;
	int r = follow_step(f, &report, &err);

	follow_log_report(&all->log, follow_conf(f), &report);
	if (r < 0)
		follow_log_error(&all->log, follow_conf(f), err.text);
	following_status(all, "");
}

/* -1: never. */
static int sooner(int ms, int other_ms)
{
	if (ms < 0 || other_ms < 0)
		return ms < 0 ? other_ms : ms;
	return ms < other_ms ? ms : other_ms;
}

/* For ever, unless lines were held back, or a status was, or somebody wants to hear of us. */
static int following_timeout(struct following *all)
{
	int watchdog = all->notify.watchdog_ms && all->notify.watchdog_ms < INT32_MAX
			       ? (int)all->notify.watchdog_ms
			       : -1;

	return sooner(follow_log_held(&all->log),
		      sooner(watchdog, all->is_unsaid ? 1000 : -1));
}

static int following_wait(struct following *all, struct err *err)
{
	auto_free struct pollfd *fds = xcalloc(all->nr + 1, sizeof(*fds));
	const size_t nr = all->nr;

	fds[nr] = (struct pollfd){.fd = all->signals, .events = POLLIN};
	for (size_t i = 0; i < nr; i++)
		fds[i] =
			(struct pollfd){.fd = follow_fd(all->items[i]), .events = POLLIN};
	if (poll(fds, nr + 1, following_timeout(all)) < 0 && errno != EINTR)
		return err_set(err, -errno, "wait for changes");
	if (all->notify.watchdog_ms)
		follow_notify_say(&all->notify, "WATCHDOG=1");
	if (all->is_unsaid)
		following_status(all, "");
	for (size_t i = 0; i < nr; i++)
		if (fds[i].revents)
			following_step(all, all->items[i]);
	if (fds[nr].revents)
		following_take_signals(all);
	return 0;
}

/* A namespace has two of them, and a hard limit is what an administrator said. */
static void following_raise_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur == files.rlim_max)
		return;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		log_debug("RLIMIT_NOFILE: %s", strerror(errno));
}

int follow_files(struct tool *tool, const struct apply_line *line,
		 const struct apply_opts *opts, struct err *err)
{
	auto_release(following_release) struct following all = {
		.tool = tool, .line = line, .opts = opts, .signals = -1};
	int r;

	follow_notify_init(&all.notify);
	following_raise_files();
	r = following_signals(&all, err);
	if (r == 0)
		r = apply_files_read(&all.confs, line->files, line->nr, err);
	for (size_t i = 0; i < all.confs.nr && r == 0; i++)
		r = following_open(&all, &all.confs.items[i], err);
	/* Asked to end meanwhile: by that signal, as apply does. */
	if (r == -EINTR)
		sigprocmask(SIG_SETMASK, &all.signals_before, NULL);
	if (r < 0)
		return r;
	log_info("%zu followed", all.nr);
	following_status(&all, "READY=1\n");
	while (r == 0 && !all.ended)
		r = following_wait(&all, err);
	follow_notify_must(&all.notify, "STOPPING=1");
	return r;
}
