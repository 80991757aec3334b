/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <sched.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/netns.h"

#define NETNS_DIR "/run/netns"

int netns_enter(const char *name, struct err *err)
{
	auto_free char *path =
		strchr(name, '/') ? xstrdup(name) : xasprintf(NETNS_DIR "/%s", name);
	auto_close int there = -1;
	/* thread-self: the namespace belongs to the thread, not to the process. */
	auto_close int back = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (back < 0)
		return err_set(err, -errno, "open the current network namespace");
	/* "" would open the directory itself; "." and ".." likewise. */
	if (!name[0] || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_set(err, -EINVAL, "network namespace '%s'", name);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (there < 0 || setns(there, CLONE_NEWNET) < 0)
		return err_set(err, -errno, "network namespace '%s'", name);
	return take_fd(&back);
}

void netns_leave(const int *token)
{
	int saved = errno;

	if (*token < 0)
		return;
	/* Can fail only if the token is no namespace, and then there is nowhere to go. */
	if (setns(*token, CLONE_NEWNET) < 0)
		abort();
	close(*token);
	errno = saved;
}

static int is_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
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
