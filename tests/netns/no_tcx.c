/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * no_tcx CMD…: runs it on a kernel before Linux 6.6, to whose bpf(2) the attach types of tcx
 * and everything newer are unknown: EINVAL. 124: it asked for none of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST_UNKNOWN = 46 }; /* BPF_TCX_INGRESS */

/* The listener for bpf(2) with one of the commands that take an attach type. */
static int type_listener(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_bpf, 0, 6),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BPF_PROG_ATTACH, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BPF_PROG_DETACH, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BPF_PROG_QUERY, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BPF_LINK_CREATE, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog prog = {sizeof(code) / sizeof(*code), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
}

static int asked_type(const struct seccomp_notif *asked, uint32_t *ret)
{
	size_t at = asked->data.args[0] == BPF_PROG_QUERY
			    ? offsetof(union bpf_attr, query.attach_type)
			    : offsetof(union bpf_attr, attach_type);
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/mem", asked->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1
		   : pread(fd, ret, sizeof(*ret), (off_t)asked->data.args[1] + (off_t)at);
	close(fd);
	return n == sizeof(*ret) ? 0 : -1;
}

static int answer(int listener, unsigned int *seen)
{
	struct seccomp_notif asked;
	struct seccomp_notif_resp answer;
	uint32_t type;

	memset(&asked, 0, sizeof(asked));
	memset(&answer, 0, sizeof(answer));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
		return errno == EINTR || errno == ENOENT ? 0 : -1;
	answer.id = asked.id;
	if (asked_type(&asked, &type) < 0)
		return -1;
	if (type >= FIRST_UNKNOWN) {
		++*seen;
		answer.error = -EINVAL;
	} else {
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	}
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	int listener = type_listener(), status;
	struct pollfd fds[2] = {{.fd = listener, .events = POLLIN}};
	unsigned int seen = 0;
	pid_t child;

	if (argc < 2 || listener < 0)
		return 125;
	child = fork();
	if (child == 0) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	fds[1] = (struct pollfd){.fd = (int)syscall(__NR_pidfd_open, child, 0),
				 .events = POLLIN};
	while (poll(fds, 2, -1) > 0 && !fds[1].revents)
		if (answer(listener, &seen) < 0)
			return 125;
	if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return 126;
	return seen ? WEXITSTATUS(status) : 124;
}
