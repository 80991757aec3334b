/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "kernel/exec_fd.h"

/* The kernel says "no such file" of a script's interpreter, which /dev/fd/N misleads. */
static int exec_fd_failed(int code, const char *path, struct err *err)
{
	if (code == -ENOENT)
		return err_say(
			err, -ENOEXEC,
			"'%s' is a script, or its interpreter is missing; name the program itself",
			path);
	return err_set(err, code, "'%s'", path);
}

int exec_fd_become(int fd, const char *path, const char *const argv[], struct err *err)
{
	fexecve(fd, (char *const *)argv, environ);
	return exec_fd_failed(-errno, path, err);
}

/* Never returns. Why nothing was started is written to tell, which exec closes. */
static void exec_fd_child(int fd, const char *const argv[], bool no_input, pid_t parent,
			  int tell)
{
	int code = 0, null;

	/* The parent may have gone before its end could be asked for. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent)
		_exit(1);
	if (no_input) {
		null = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (null < 0 || dup2(null, STDIN_FILENO) < 0)
			code = -errno;
	}
	if (code == 0) {
		fexecve(fd, (char *const *)argv, environ);
		code = -errno;
	}
	/* As a shell says it, for a caller that could not be told. */
	_exit(write(tell, &code, sizeof(code)) == sizeof(code) ? 1 : 127);
}

/* Collects the child, started or not. */
static int exec_fd_wait(pid_t pid, const char *path, int *ret, struct err *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(err, -errno, "wait for '%s'", path);
	if (WIFSIGNALED(status))
		return err_say(err, -EIO, "'%s' was ended by signal %d (%s)", path,
			       WTERMSIG(status), strsignal(WTERMSIG(status)));
	*ret = WEXITSTATUS(status);
	return 0;
}

static int exec_fd_follow(pid_t pid, int from, const char *path, int *ret,
			  struct err *err)
{
	int code = 0, unused, r;
	ssize_t n;

	do
		n = read(from, &code, sizeof(code));
	while (n < 0 && errno == EINTR);
	if (n != sizeof(code))
		return exec_fd_wait(pid, path, ret, err);
	r = exec_fd_wait(pid, path, &unused, err);
	return r < 0 ? r : exec_fd_failed(code, path, err);
}

int exec_fd_run(int fd, const char *path, const char *const argv[], bool no_input,
		int *ret, struct err *err)
{
	struct sigaction usual = {.sa_handler = SIG_DFL}, before;
	pid_t parent = getpid(), pid;
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(err, -errno, "pipe");

	auto_close int from = ends[0];
	auto_close int to = ends[1];

	/* Ignored by a parent, it would leave nothing to wait for. */
	sigaction(SIGCHLD, &usual, &before);
	pid = fork();
	if (pid == 0)
		exec_fd_child(fd, argv, no_input, parent, to);
	r = pid < 0 ? err_set(err, -errno, "fork") : 0;
	close(take_fd(&to));
	if (r == 0)
		r = exec_fd_follow(pid, from, path, ret, err);
	sigaction(SIGCHLD, &before, NULL);
	return r;
}
