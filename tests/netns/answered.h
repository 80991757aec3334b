/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs a command whose calls of bpf(2) are answered by the test where it likes, by
 * seccomp_unotify(2): a kernel that is older, or tells something else.
 */
#ifndef TESTS_NETNS_ANSWERED_H
#define TESTS_NETNS_ANSWERED_H

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWERED_BY_KERNEL = 1 };

/*
 * Of one call, whose arguments are command, attr and size: ANSWERED_BY_KERNEL lets it go on, 0
 * says that it was done, -errno that it failed.
 */
typedef int (*answered_fn)(const struct seccomp_notif *asked, void *data);

/* A descriptor of the one that asked, as one of ours; to be closed. */
static inline int asker_fd(const struct seccomp_notif *asked, uint32_t fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, asked->pid, 0);
	int ret = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	close(pidfd);
	return ret;
}

static inline int asker_memory(const struct seccomp_notif *asked, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/mem", asked->pid);
	return open(path, flags | O_CLOEXEC);
}

/* The memory of the one that asked. */
static inline bool asker_read(const struct seccomp_notif *asked, uint64_t at, void *to,
			      size_t size)
{
	int mem = asker_memory(asked, O_RDONLY);
	bool ok = mem >= 0 && pread(mem, to, size, (off_t)at) == (ssize_t)size;

	close(mem);
	return ok;
}

static inline bool asker_write(const struct seccomp_notif *asked, uint64_t at,
			       const void *from, size_t size)
{
	int mem = asker_memory(asked, O_RDWR);
	bool ok = mem >= 0 && pwrite(mem, from, size, (off_t)at) == (ssize_t)size;

	close(mem);
	return ok;
}

/* As much of attr as there is, the rest 0. */
static inline bool asker_attr(const struct seccomp_notif *asked, void *to, size_t size)
{
	memset(to, 0, size);
	return asker_read(asked, asked->data.args[1], to,
			  asked->data.args[2] < size ? asked->data.args[2] : size);
}

static int answered_listener(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_bpf, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog prog = {sizeof(code) / sizeof(*code), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
}

/* The rule binds this process and what it starts, not the one that answers. */
static void answered_child(int to_parent, char **command)
{
	int listener = answered_listener();
	char go;

	if (write(to_parent, &listener, sizeof(listener)) != sizeof(listener) ||
	    read(to_parent, &go, 1) != 1 || listener < 0)
		_exit(125);
	execvp(command[0], command);
	_exit(127);
}

/* A call whose asker was killed meanwhile needs no answer. */
static int answered_one(int listener, answered_fn answer, void *data)
{
	struct seccomp_notif asked;
	struct seccomp_notif_resp told;
	int r;

	memset(&asked, 0, sizeof(asked));
	memset(&told, 0, sizeof(told));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
		return errno == EINTR || errno == ENOENT ? 0 : -1;
	r = answer(&asked, data);
	told.id = asked.id;
	if (r == ANSWERED_BY_KERNEL)
		told.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		told.error = r;
	r = ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &told);
	return r < 0 && errno != ENOENT ? -1 : 0;
}

/* The command's status; 125: it could not be run so, 126: it was killed. */
static int answered_run(char **command, answered_fn answer, void *data)
{
	struct pollfd fds[2] = {{.events = POLLIN}, {.events = POLLIN}};
	int both[2], status, there;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) < 0)
		return 125;
	child = fork();
	if (child == 0)
		answered_child(both[1], command);
	fds[1].fd = (int)syscall(SYS_pidfd_open, child, 0);
	if (read(both[0], &there, sizeof(there)) != sizeof(there))
		return 125;
	fds[0].fd = (int)syscall(SYS_pidfd_getfd, fds[1].fd, there, 0);
	if (fds[0].fd < 0 || write(both[0], "", 1) != 1)
		return 125;
	while (poll(fds, 2, -1) > 0 && !fds[1].revents)
		if (answered_one(fds[0].fd, answer, data) < 0)
			return 125;
	if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return 126;
	return WEXITSTATUS(status);
}

#endif
