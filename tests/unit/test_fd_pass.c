/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Descriptors through a socket: all of a message arrives, or none of it and no file is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "kernel/fd_pass.h"

static char dir[] = "/tmp/test_fd_pass_XXXXXX";
static char path[64], file[64];

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/socket", dir);
	snprintf(file, sizeof(file), "%s/file", dir);
	close(open(file, O_CREAT | O_CLOEXEC, 0600));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(dir);
}

/* A child that waits for the socket; 0: what it did there succeeded. */
static pid_t when_it_is_there(int (*fn)(void))
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	while (access(path, F_OK) < 0)
		usleep(1000);
	_exit(fn());
}

static void did_well(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static size_t open_files(void)
{
	size_t nr = 0;

	for (int fd = 0; fd < 256; fd++)
		nr += fcntl(fd, F_GETFD) >= 0;
	return nr;
}

static int send_two(void)
{
	auto_close int one = open("/dev/null", O_RDONLY | O_CLOEXEC);
	auto_close int two = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	const int fds[] = {one, two};
	auto_err err = ERR_INIT;

	return fd_pass_send(path, "hello", 5, fds, 2, &err) != 0;
}

static int send_none(void)
{
	auto_err err = ERR_INIT;

	return fd_pass_send(path, "hello", 5, NULL, 0, &err) != 0;
}

static void bytes_and_descriptors_arrive(void **state)
{
	auto_release(fd_pass_release) struct fd_pass got = {.nr_fds = 0};
	pid_t pid = when_it_is_there(send_two);
	size_t before = open_files();
	char buf[16] = "";
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(fd_pass_receive(&got, path, buf, sizeof(buf), &err), 0);
	did_well(pid);
	assert_int_equal(got.size, 5);
	assert_memory_equal(buf, "hello", 5);
	assert_int_equal(got.nr_fds, 2);
	assert_int_equal(open_files(), before + 2);
	assert_int_equal(read(got.fds[0], buf, 1), 0);
	assert_int_equal(read(got.fds[1], buf, 1), 1);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(fcntl(got.fds[i], F_GETFD), FD_CLOEXEC);
	assert_int_equal(fd_pass_keep_on_exec(&got), 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(fcntl(got.fds[i], F_GETFD), 0);
	/* The socket is gone. */
	assert_int_equal(access(path, F_OK), -1);
	close(got.fds[0]);
	assert_int_equal(fd_pass_keep_on_exec(&got), -EBADF);
	got.fds[0] = -1;
}

static void descriptors_may_be_none(void **state)
{
	struct fd_pass got = {.nr_fds = 7};
	pid_t pid = when_it_is_there(send_none);
	char buf[5];
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(fd_pass_receive(&got, path, buf, sizeof(buf), &err), 0);
	did_well(pid);
	assert_int_equal(got.nr_fds, 0);
}

static void what_does_not_fit_leaves_nothing_open(void **state)
{
	struct rlimit limit, few;
	struct fd_pass got = {.nr_fds = 7};
	pid_t pid = when_it_is_there(send_two);
	size_t before = open_files();
	char buf[4];
	auto_err err = ERR_INIT, less = ERR_INIT;
	int r;

	(void)state;
	assert_int_equal(fd_pass_receive(&got, path, buf, sizeof(buf), &err), -EMSGSIZE);
	did_well(pid);
	assert_string_equal(err.text, "the message is longer than 4 bytes");
	assert_int_equal(open_files(), before);
	assert_int_equal(access(path, F_OK), -1);
	/* Room for the socket and the one that tells of signals, and one more. */
	pid = when_it_is_there(send_two);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = limit;
	few.rlim_cur = (rlim_t)open("/dev/null", O_RDONLY | O_CLOEXEC) + 3;
	close((int)few.rlim_cur - 3);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);

	char whole[16];

	r = fd_pass_receive(&got, path, whole, sizeof(whole), &less);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	did_well(pid);
	assert_int_equal(r, -EMSGSIZE);
	assert_string_equal(less.text, "not all descriptors arrived; see 'ulimit -n'");
	assert_int_equal(open_files(), before);
	assert_int_equal(got.nr_fds, 7);
}

static volatile sig_atomic_t ended;

static void on_end(int signal)
{
	(void)signal;
	ended++;
}

static int end_parent(void)
{
	return kill(getppid(), SIGTERM) != 0;
}

static void a_signal_ends_the_wait_and_the_socket_goes(void **state)
{
	const struct sigaction handler = {.sa_handler = on_end};
	struct sigaction before;
	struct fd_pass got = {.nr_fds = 0};
	pid_t pid = when_it_is_there(end_parent);
	char buf[4];
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(sigaction(SIGTERM, &handler, &before), 0);
	assert_int_equal(fd_pass_receive(&got, path, buf, sizeof(buf), &err), -EINTR);
	did_well(pid);
	assert_int_equal(sigaction(SIGTERM, &before, NULL), 0);
	assert_string_equal(err.text, "interrupted");
	/* It was held back until the socket was gone, and not lost. */
	assert_int_equal(ended, 1);
	assert_int_equal(access(path, F_OK), -1);
}

static void what_is_no_receiver_is_refused(void **state)
{
	char far[200] = "";
	auto_err empty = ERR_INIT, longer = ERR_INIT, many = ERR_INIT, gone = ERR_INIT,
		 plain = ERR_INIT;
	auto_free char *want = xasprintf("connect to '%s': Connection refused", file);
	int fds[FD_PASS_MAX + 1] = {0};

	(void)state;
	memset(far, 'a', sizeof(far) - 1);
	assert_int_equal(fd_pass_send("", "", 0, NULL, 0, &empty), -EINVAL);
	assert_string_equal(empty.text, "the path of the socket is empty");
	assert_int_equal(fd_pass_send(far, "", 0, NULL, 0, &longer), -ENAMETOOLONG);
	assert_non_null(
		strstr(longer.text, "': the path of a socket has at most 107 bytes"));
	assert_int_equal(fd_pass_send(path, "", 0, fds, FD_PASS_MAX + 1, &many), -E2BIG);
	assert_string_equal(many.text, "254 descriptors, more than 253");
	assert_int_equal(fd_pass_send(path, "", 0, NULL, 0, &gone), -ENOENT);
	assert_non_null(gone.hint);
	assert_int_equal(fd_pass_send(file, "", 0, NULL, 0, &plain), -ECONNREFUSED);
	assert_string_equal(plain.text, want);
	assert_non_null(plain.hint);
}

/* A socket that nobody reads any more, as a killed receiver leaves it. */
static void a_left_socket_is_neither_receiver_nor_place(void **state)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct fd_pass got = {.nr_fds = 0};
	auto_err send = ERR_INIT, receive = ERR_INIT;
	char buf[4];

	(void)state;
	strcpy(addr.sun_path, path);
	assert_int_equal(bind(sock, (struct sockaddr *)&addr, sizeof(addr)), 0);
	close(sock);
	assert_int_equal(fd_pass_send(path, "", 0, NULL, 0, &send), -ECONNREFUSED);
	assert_int_equal(fd_pass_receive(&got, path, buf, sizeof(buf), &receive),
			 -EEXIST);
	/* Not ours: it stays. */
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
}

static void a_place_for_the_socket_has_to_be_there(void **state)
{
	struct fd_pass got = {.nr_fds = 0};
	auto_err none = ERR_INIT, empty = ERR_INIT;
	auto_free char *below = xasprintf("%s/none/socket", dir);
	char buf[4];

	(void)state;
	assert_int_equal(fd_pass_receive(&got, below, buf, sizeof(buf), &none), -ENOENT);
	assert_string_equal(none.hint, "its directory has to be there");
	assert_int_equal(fd_pass_receive(&got, "", buf, sizeof(buf), &empty), -EINVAL);
}

/* More than any queue takes. */
static void what_is_too_long_is_not_sent(void **state)
{
	enum { SIZE = 64 << 20 };
	auto_free char *much = xcalloc(1, SIZE);
	auto_close int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	auto_free char *words = xasprintf("send to '%s': Message too long", path);
	auto_err err = ERR_INIT;

	(void)state;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	assert_int_equal(bind(sock, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(fd_pass_send(path, much, SIZE, NULL, 0, &err), -EMSGSIZE);
	assert_string_equal(err.text, words);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_and_descriptors_arrive),
		cmocka_unit_test(descriptors_may_be_none),
		cmocka_unit_test(what_does_not_fit_leaves_nothing_open),
		cmocka_unit_test(a_signal_ends_the_wait_and_the_socket_goes),
		cmocka_unit_test(what_is_no_receiver_is_refused),
		cmocka_unit_test(a_left_socket_is_neither_receiver_nor_place),
		cmocka_unit_test(a_place_for_the_socket_has_to_be_there),
		cmocka_unit_test(what_is_too_long_is_not_sent),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
