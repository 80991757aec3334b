/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Linked into everything that `make coverage` builds, and nothing else: what ends by _exit() or
 * becomes another program by fexecve() leaves its counts, too; not what is killed. Who shuts
 * itself in (kernel/confine.h) can open no file, so a child that it had before writes for it:
 * of the same program, at the same addresses, it takes over what the other one has counted.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
void __real_confine_to_memory(size_t size);
void __wrap_confine_to_memory(size_t size);
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

/* Begin and end of our own variables, counts included, in a library too; libc's are elsewhere. */
extern __attribute__((visibility("hidden"))) char __dso_handle[], _end[];

/* To the one that writes, from who is confined; -1: nobody is. */
static int coverage_writer = -1;

/* Never returns. */
static void coverage_write_for(pid_t confined, int sock)
{
	size_t size = (size_t)(_end - __dso_handle);
	struct iovec here = {.iov_base = malloc(size), .iov_len = size};
	struct iovec there = {.iov_base = __dso_handle, .iov_len = size};
	char done;

	if (read(sock, &done, 1) == 1 && here.iov_base &&
	    process_vm_readv(confined, &here, 1, &there, 1, 0) == (ssize_t)size) {
		memcpy(__dso_handle, here.iov_base, size);
		coverage_quiet();
		__gcov_dump();
	}
	__real__exit(0);
}

void __wrap_confine_to_memory(size_t size)
{
	pid_t confined = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0) {
		pid_t pid = fork();

		if (pid == 0) {
			close(ends[0]);
			coverage_write_for(confined, ends[1]);
		}
		close(ends[1]);
		coverage_writer = ends[0];
	}
	__real_confine_to_memory(size);
}

static void coverage_dump(void)
{
	char end;

	if (coverage_writer >= 0) {
		/* Until it has ended. */
		if (write(coverage_writer, "", 1) == 1)
			while (read(coverage_writer, &end, 1) > 0)
				;
		return;
	}
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
