/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include "kernel/confine.h"
#include "skip.h"

/* What a child does with what it has left, as its exit status. */
static int confined(int (*fn)(void))
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		confine_to_memory(1000);
		_exit(fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Where there are no filters (a kernel without, qemu-user) nothing is promised. */
static void need_filters(void)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) < 0 && errno == EINVAL)
		skip_for("seccomp", "no filters of system calls here");
}

static int opens(void)
{
	return open("/", O_RDONLY) < 0 && errno == EPERM &&
			       socket(AF_UNIX, SOCK_STREAM, 0) < 0 && errno == EPERM &&
			       kill(getppid(), 0) < 0
		       ? 7
		       : 1;
}

static int allocates(void)
{
	char *volatile small = malloc(100), *volatile big = malloc(100 << 20);

	if (!small || !big)
		return 1;
	memset(big, 1, 100 << 20);
	return 8;
}

/* As libbpf does since 1.5 for each map. */
static int keeps_places(void)
{
	int fd = memfd_create("place", MFD_CLOEXEC);

	return fd >= 0 && close(fd) == 0 ? 9 : 1;
}

/* As libbpf does where a file got one of the first three numbers; nothing else of fcntl. */
static int moves_places(void)
{
	int fd, high;

	for (int i = 0; i < 3; i++)
		close(i);
	fd = memfd_create("place", MFD_CLOEXEC);
	high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return fd == 0 && high >= 3 && fcntl(fd, F_SETOWN, getpid()) < 0 &&
			       errno == EPERM && fcntl(fd, F_DUPFD, 3) < 0
		       ? 9
		       : 1;
}

static int fills_files(void)
{
	int fd = memfd_create("place", MFD_CLOEXEC);

	return write(fd, "x", 1) == 1 ? 1 : 2;
}

static void files_in_memory_stay_empty(void **state)
{
	int status = confined(keeps_places);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 9);
	need_filters();
	status = confined(moves_places);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 9);
	status = confined(fills_files);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGXFSZ);
}

static void only_memory_is_left(void **state)
{
	int status = confined(allocates);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 8);
	need_filters();
	status = confined(opens);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_memory_is_left),
		cmocka_unit_test(files_in_memory_stay_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
