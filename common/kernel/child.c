/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <cap-ng.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "kernel/child.h"

/* What a child that could not start tells by its status; the last two as shells do. */
enum {
	STATUS_NO_DROP = 124,
	STATUS_NO_FILES = 125,
	STATUS_NO_EXEC = 126,
	STATUS_NOT_FOUND = 127,
};

/*
 * Never returns. What keeps root from getting everything back at exec is no_new_privs
 * (nothing is gained then) and, where it may be changed, an empty bounding set.
 */
static void child_become(const char *const argv[], int in, int out)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(STATUS_NO_DROP);
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_apply(CAPNG_SELECT_BOTH) < 0) {
		capng_clear(CAPNG_SELECT_CAPS);
		if (capng_apply(CAPNG_SELECT_CAPS) < 0)
			_exit(STATUS_NO_DROP);
	}
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(STATUS_NO_FILES);
	execvp(argv[0], (char *const *)argv);
	_exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NO_EXEC);
}

/* Files in memory on both sides: nobody waits for a full pipe. */
static int memory_file(const char *text, struct err *err)
{
	auto_close int fd = memfd_create("filter", MFD_CLOEXEC);
	size_t left = strlen(text);

	if (fd < 0)
		return err_set(err, -errno, "memfd_create");
	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, -errno, "write to memory");
		text += n;
		left -= (size_t)n;
	}
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_set(err, -errno, "seek in memory");
	return take_fd(&fd);
}

static int read_back(int fd, struct strbuf *out, struct err *err)
{
	auto_strbuf text = STRBUF_INIT;
	char buf[16384];
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_set(err, -errno, "seek in memory");
	while ((n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, -errno, "read from memory");
		sb_add_mem(&text, buf, (size_t)n);
	}
	sb_add_mem(out, sb_text(&text), text.len);
	return 0;
}

static int wait_for(pid_t pid, const char *name, struct err *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(err, -errno, "wait for '%s'", name);
	if (WIFSIGNALED(status))
		return err_say(err, -EIO, "'%s' was ended by signal %d (%s)", name,
			       WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) == STATUS_NOT_FOUND)
		return err_say(err, -ENOENT, "'%s' is not installed", name);
	if (WEXITSTATUS(status) == STATUS_NO_DROP)
		return err_say(err, -EIO, "'%s' cannot be started without privilege",
			       name);
	if (WEXITSTATUS(status) == STATUS_NO_FILES)
		return err_say(err, -EIO, "'%s' cannot be given its input and output",
			       name);
	if (WEXITSTATUS(status) == STATUS_NO_EXEC)
		return err_say(err, -EIO, "'%s' cannot be executed", name);
	if (WEXITSTATUS(status) != 0)
		return err_say(err, -EIO, "'%s' ended with status %d", name,
			       WEXITSTATUS(status));
	return 0;
}

int child_filter(const char *const argv[], const char *in, struct strbuf *out,
		 struct err *err)
{
	auto_close int from = memory_file(in, err);
	auto_close int to = from < 0 ? -1 : memory_file("", err);
	struct sigaction usual = {.sa_handler = SIG_DFL}, before;
	pid_t pid;
	int r;

	if (to < 0)
		return err->code;
	/* Ignored by a parent, it would leave nothing to wait for. */
	sigaction(SIGCHLD, &usual, &before);
	pid = fork();
	if (pid == 0)
		child_become(argv, from, to);
	r = pid < 0 ? err_set(err, -errno, "fork") : wait_for(pid, argv[0], err);
	sigaction(SIGCHLD, &before, NULL);
	return r < 0 ? r : read_back(to, out, err);
}
