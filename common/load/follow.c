/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/mountinfo.h"
#include "kernel/stop_hold.h"
#include "load/follow_private.h"

enum {
	EVENTS_AT_ONCE = 64,
	LOCK_SECONDS = 60,
};

/* --- opening --- */

static int follow_watch(struct follow *f, int fd, uint32_t events, struct err *err)
{
	struct epoll_event ev = {.events = events, .data.fd = fd};

	if (fd < 0)
		return err_set(err, fd, "watch for changes");
	return epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &ev) < 0
		       ? err_set(err, -errno, "watch for changes")
		       : 0;
}

static int follow_begin(struct follow *f, struct err *err)
{
	int r;

	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (f->epoll < 0)
		return err_set(err, -errno, "watch for changes");
	f->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	r = follow_watch(f, f->timer < 0 ? -errno : f->timer, EPOLLIN, err);
	f->mounts = mountinfo_watch();
	if (r == 0)
		r = follow_watch(f, f->mounts, EPOLLPRI, err);
	f->mounts_seen = mountinfo_watch();
	return r == 0 && f->mounts_seen < 0
		       ? err_set(err, f->mounts_seen, "watch for changes")
		       : r;
}

/* Before the timer, there is nothing to do; after it, whatever is left. */
static void follow_arm(struct follow *f)
{
	struct itimerspec at = {.it_value = {.tv_sec = 0}};
	const uint64_t due = f->nr_touched ? 1 : follow_next_due(f);

	at.it_value.tv_sec = (time_t)(due / 1000);
	at.it_value.tv_nsec = (long)(due % 1000) * 1000000;
	if (timerfd_settime(f->timer, TFD_TIMER_ABSTIME, &at, NULL) < 0)
		log_warn("timerfd: %s", err_words(-errno));
}

static void follow_freep(struct follow **f)
{
	follow_close(*f);
}

int follow_open(struct follow **ret, const struct apply_conf *conf,
		const struct apply_opts *opts, struct apply_report *report,
		struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	auto_release(follow_freep) struct follow *f = xcalloc(1, sizeof(*f));
	int r;

	stop_hold_begin(&hold);
	f->held = (struct apply_journal)APPLY_JOURNAL_INIT;
	f->epoll = f->dirs_fd = f->mounts = f->mounts_seen = f->timer = -1;
	f->netns_dir = f->run_dir = -1;
	f->conf = conf;
	f->opts = *opts;
	f->opts.held = true;
	f->state_dir = opts->state_dir ? xstrdup(opts->state_dir) : NULL;
	f->opts.state_dir = f->state_dir;
	r = apply_journal_hold(
		&f->held, f->state_dir, conf->name.text,
		opts->lock_seconds ? (int)opts->lock_seconds : LOCK_SECONDS, err);
	if (r == 0)
		r = follow_begin(f, err);
	/* What cannot be watched is not applied; what comes meanwhile is looked at then. */
	if (r == 0)
		r = follow_nets_look(f, err);
	if (r == 0)
		r = follow_dirs_look(f, err);
	if (r == 0)
		r = follow_whole(f, conf, false, report, err);
	if (r < 0)
		return r;
	follow_arm(f);
	*ret = take_ptr(f);
	return 0;
}

int follow_fd(const struct follow *f)
{
	return f->epoll;
}

const struct apply_conf *follow_conf(const struct follow *f)
{
	return f->conf;
}

/* --- what is told --- */

static void follow_take_mounts(struct follow *f)
{
	const uint64_t bpffs = follow_bpffs(f->bpffs);

	f->look_nets = true;
	if (f->dirs_fd >= 0 && follow_dirs_netns(f) < 0)
		f->look_dirs = true;
	if (!follow_dirs_stand(f))
		f->look_dirs = true;
	if (bpffs != f->bpffs)
		log_warn(
			"%s: another BPF file system is mounted than the one with its pins, or none: what is attached stays, by pinned links as long as their pins do",
			f->conf->name.text);
	f->bpffs = bpffs;
}

static void follow_take_timer(struct follow *f)
{
	uint64_t times;

	if (read(f->timer, &times, sizeof(times)) != sizeof(times))
		return;
	follow_touch_due(f);
	f->look_nets |=
		f->retries[FOLLOW_RETRY_NETS].at && follow_may(f, FOLLOW_RETRY_NETS);
	f->look_dirs |=
		f->retries[FOLLOW_RETRY_DIRS].at && follow_may(f, FOLLOW_RETRY_DIRS);
}

/*
 * Whoever asks a descriptor of mountinfo has seen the change, so the question whether ours is
 * readable takes it away: a second one, which nobody else asks, still tells it.
 */
static bool follow_has_mounts(const struct follow *f)
{
	struct pollfd mounts = {.fd = f->mounts_seen, .events = POLLPRI};

	return poll(&mounts, 1, 0) == 1 && mounts.revents & POLLPRI;
}

static void follow_read(struct follow *f)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int n = epoll_wait(f->epoll, events, EVENTS_AT_ONCE, 0);

	for (int i = 0; i < n; i++) {
		int fd = events[i].data.fd;

		if (fd == f->timer)
			follow_take_timer(f);
		else if (fd == f->dirs_fd)
			follow_dirs_read(f);
		else if (fd != f->mounts)
			follow_nets_read(f, fd);
	}
	if (follow_has_mounts(f))
		follow_take_mounts(f);
}

/* So much happened that it is no longer known what: all that is ours is looked at, too. */
static void follow_take_flood(struct follow *f)
{
	follow_touches_drop(&f->touched, &f->nr_touched);
	f->count.nr_lost++;
	f->flooded = false;
	for (size_t i = 0; i < f->nr_nets; i++)
		f->nets[i]->stale = true;
	f->looking = true;
	for (size_t i = 0; i < f->book.nr; i++)
		if (f->book.spots[i]->key.netns)
			follow_touch(f, FOLLOW_DEV, f->book.spots[i]->key.netns,
				     f->book.spots[i]->key.id, NULL);
	f->looking = false;
}

/*
 * What could not be looked at is looked at again, and keeps what it was until then. Without
 * interfaces nothing can be done; where cgroups are, or are not, is nothing to them.
 */
static int follow_look(struct follow *f, struct err *err)
{
	int r = 0;

	if (f->flooded)
		follow_take_flood(f);
	if (f->look_nets)
		r = follow_nets_look(f, err);
	f->look_nets = r < 0;
	if (r == 0 && f->look_dirs && follow_may(f, FOLLOW_RETRY_DIRS)) {
		r = follow_dirs_look(f, err);
		f->look_dirs = r < 0;
		if (r < 0 || f->dirs_left)
			follow_failed(f, FOLLOW_RETRY_DIRS);
		else
			follow_done(f, FOLLOW_RETRY_DIRS);
	}
	return r;
}

/* An object has to be loaded. While that fails, what needs it waits, and nothing else. */
static int follow_load(struct follow *f, struct apply_report *report, struct err *err)
{
	int r = follow_whole(f, f->conf, true, report, err);

	f->whole = r < 0;
	if (r < 0)
		follow_failed(f, FOLLOW_RETRY_FILE);
	else
		follow_done(f, FOLLOW_RETRY_FILE);
	return r;
}

static int follow_do(struct follow *f, struct apply_report *report, struct err *err)
{
	int r;

	if (f->whole && follow_may(f, FOLLOW_RETRY_FILE))
		return follow_load(f, report, err);
	r = follow_batch(f, report, err);
	f->whole |= r > 0;
	return r;
}

int follow_step(struct follow *f, struct apply_report *report, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	auto_err second = ERR_INIT;
	int looked, r = 0;

	stop_hold_begin(&hold);
	follow_read(f);
	looked = follow_look(f, err);
	if (!f->look_nets)
		r = follow_do(f, report, looked < 0 ? &second : err);
	if (r >= 0)
		r = follow_record_now_and_then(f, looked < 0 ? &second : err);
	follow_dirs_room(f);
	follow_arm(f);
	return looked < 0 ? looked : r;
}

int follow_reload(struct follow *f, const struct apply_conf *conf,
		  struct apply_report *report, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	int r;

	stop_hold_begin(&hold);
	if (strcmp(conf->name.text, f->conf->name.text) != 0)
		return err_say(err, -EINVAL, "name '%s' is not '%s', which is followed",
			       conf->name.text, f->conf->name.text);
	r = follow_record(f, err);
	if (r == 0)
		r = follow_whole(f, conf, false, report, err);
	if (r < 0)
		return r;
	follow_dirs_release(f);
	follow_words_release(f);
	follow_nets_release(f);
	follow_touches_drop(&f->touched, &f->nr_touched);
	follow_touches_drop(&f->owed, &f->nr_owed);
	f->conf = conf;
	f->whole = false;
	follow_done(f, FOLLOW_RETRY_DIRS);
	follow_done(f, FOLLOW_RETRY_FILE);
	f->warned_watches = false;
	f->look_nets = f->look_dirs = true;
	follow_touch(f, FOLLOW_SWEEP, 0, 0, NULL);
	follow_arm(f);
	return 0;
}

void follow_state(const struct follow *f, struct follow_state *ret)
{
	*ret = f->count;
	ret->nr_filters = f->book.nr_made[1];
	ret->nr_cgroup_programs = f->book.nr_made[0];
	ret->nr_refused = f->book.nr_refused;
	ret->nr_waiting = f->nr_touched + f->nr_owed;
	ret->nr_netns = f->nr_nets;
	for (size_t i = 0; i < f->nr_nets; i++)
		ret->nr_interfaces += f->nets[i]->nr_devs;
	ret->nr_directories = f->nr_dirs;
	for (size_t e = 0; e < f->nr_words; e++)
		for (size_t w = 0; w < f->conf->cgroups[e].where.nr; w++)
			ret->nr_full += f->words[e][w].full;
}

void follow_close(struct follow *f)
{
	auto_err err = ERR_INIT;

	if (!f)
		return;
	if (f->run && (f->run->nr_more || f->nr_stale) && follow_record(f, &err) < 0)
		log_warn("%s", err.text);
	follow_dirs_release(f);
	follow_words_release(f);
	follow_nets_release(f);
	follow_touches_drop(&f->touched, &f->nr_touched);
	follow_touches_drop(&f->owed, &f->nr_owed);
	follow_book_release(&f->book);
	follow_run_free(&f->run);
	cleanup_close(&f->timer);
	cleanup_close(&f->mounts);
	cleanup_close(&f->mounts_seen);
	cleanup_close(&f->epoll);
	apply_journal_release(&f->held);
	free(f->state_dir);
	free(f);
}
