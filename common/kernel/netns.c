/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path_absent.h"
#include "kernel/kernel_scope.h"
#include "kernel/netns.h"

#define NETNS_DIR "/run/netns"

static int open_netns(const char *name, struct err *err)
{
	auto_free char *path =
		strchr(name, '/') ? xstrdup(name) : xasprintf(NETNS_DIR "/%s", name);
	int fd;

	/* "" would open the directory itself; "." and ".." likewise. */
	if (!name[0] || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_set(err, -EINVAL, "network namespace '%s'", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	err_set(err, -errno, "network namespace '%s'", name);
	return err->code == -ENOENT ? err_hint(err, "'ip netns' lists those with a name")
				    : err->code;
}

int netns_own(struct stat *ret, struct err *err)
{
	const char *path = "/proc/thread-self/ns/net";
	int r = stat(path, ret) < 0 ? -errno : 0;

	if (r != -ENOENT)
		return r ? err_set(err, r, "%s", path) : 0;
	return err_say(
		err, r,
		"which network namespace this is cannot be told without /proc; mount one (mount -t proc proc /proc)");
}

int netns_enter(const char *name, struct err *err)
{
	auto_close int there = open_netns(name, err);

	if (there < 0)
		return there;
	if (setns(there, CLONE_NEWNET) < 0) {
		err_set(err, -errno, "network namespace '%s'", name);
		return err->code == -EINVAL
			       ? err_hint(
					 err,
					 "that file is none; 'ip netns' lists those with a name")
			       : err->code;
	}
	return 0;
}

struct visit {
	int there;
	int (*fn)(void *ctx);
	void *ctx;
	/* What the visiting thread is allowed, and where its remarks go; NULL: as a tool. */
	const struct log_scope *log;
	const struct kernel_scope *scope;
	bool guarded, exhausted; /* run below a guard; out of memory there */
	int refused;             /* by setns(): -errno */
	int ret;
};

static int visit_guarded(void *arg)
{
	struct visit *visit = arg;

	visit->ret = visit->fn(visit->ctx);
	return 0;
}

/* The namespace belongs to the thread, not to the process; so do scopes and guards. */
static void *run_visit(void *arg)
{
	struct visit *visit = arg;
	struct kernel_scope scope;
	struct log_scope log;

	visit->refused = setns(visit->there, CLONE_NEWNET) < 0 ? -errno : 0;
	if (visit->refused < 0)
		return NULL;
	if (visit->log) {
		log = *visit->log;
		log_scope_begin(&log);
	}
	if (visit->scope) {
		scope = *visit->scope;
		kernel_scope_begin(&scope);
	}
	if (visit->guarded)
		visit->exhausted = alloc_guard(visit_guarded, visit) < 0;
	else
		visit_guarded(visit);
	return NULL;
}

int netns_visit(const char *name, int (*fn)(void *ctx), void *ctx, int *ret,
		struct err *err)
{
	auto_close int there = open_netns(name, err);
	struct visit visit = {
		.there = there,
		.fn = fn,
		.ctx = ctx,
		.log = log_scope(),
		.scope = kernel_scope(),
		.guarded = alloc_is_guarded(),
	};
	pthread_t thread;
	int r;

	if (there < 0)
		return there;
	r = -pthread_create(&thread, NULL, run_visit, &visit);
	if (r == 0)
		r = -pthread_join(thread, NULL);
	if (r == 0)
		r = visit.refused;
	if (visit.exhausted)
		alloc_give_up();
	if (r < 0)
		return err_set(err, r, "network namespace '%s'", name);
	*ret = visit.ret;
	return 0;
}

static int is_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

int netns_has_names(void)
{
	return path_there(NETNS_DIR, F_OK);
}

int netns_each(int (*fn)(const char *name, void *ctx), void *ctx)
{
	struct dirent **entries = NULL;
	int n = scandir(NETNS_DIR, &entries, is_name, alphasort), r = 0;

	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = fn(entries[i]->d_name, ctx);
		free(entries[i]);
	}
	free(entries);
	return r;
}
