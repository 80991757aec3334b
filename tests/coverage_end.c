/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Linked into everything that `make coverage` builds, and nothing else: what ends by _exit() or
 * becomes another program by fexecve() leaves its counts, too. Not what is killed, nor what has
 * shut itself in (kernel/confine.h): it can open no file, and may not grow one.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
int __real_fexecve(int fd, char *const argv[], char *const envp[]);
int __wrap_fexecve(int fd, char *const argv[], char *const envp[]);

/*
 * Before counts are written, in whatever way the process ends: where that is refused, as for
 * want of a descriptor, it is no message and no signal of the program's.
 */
__attribute__((destructor)) static void coverage_quiet(void)
{
	signal(SIGXFSZ, SIG_IGN);
	setenv("GCOV_ERROR_FILE", "/dev/null", 0);
}

static void coverage_dump(void)
{
	if (access("/", F_OK) < 0 && errno == EPERM)
		return;
	coverage_quiet();
	__gcov_dump();
}

void __wrap__exit(int status)
{
	coverage_dump();
	__real__exit(status);
}

int __wrap_fexecve(int fd, char *const argv[], char *const envp[])
{
	int code;

	__gcov_dump();
	__real_fexecve(fd, argv, envp);
	code = errno;
	__gcov_reset();
	errno = code;
	return -1;
}
