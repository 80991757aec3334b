/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A container as its user sees it: a command as root of a user, mount and network namespace of
 * its own, with a bpffs at DIR to which the rights that are named were delegated.
 *
 *	userns DIR [delegate_cmds=any]... -- CMD...
 *
 * Only root of the initial user namespace may delegate, and only to a file system that was
 * opened inside (Linux 6.9): the descriptor goes out, the rights are set, CMD's side mounts.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int checked(long r, const char *what)
{
	if (r < 0) {
		fprintf(stderr, "userns: %s: %s\n", what, strerror(errno));
		exit(125);
	}
	return (int)r;
}

static void fd_send(int sock, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)),
			      .cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS}};
	char byte = 'f';
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	checked(sendmsg(sock, &msg, 0), "send a descriptor");
}

static int fd_receive(int sock)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	int fd;

	if (recvmsg(sock, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		exit(125);
	memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	return fd;
}

static void await(int sock)
{
	char byte;

	if (read(sock, &byte, 1) != 1)
		exit(125);
}

static void put(pid_t pid, const char *name, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = checked(open(path, O_WRONLY | O_CLOEXEC), path);
	checked(write(fd, text, strlen(text)), path);
	close(fd);
}

static void inside(int sock, const char *dir, char **cmd)
{
	int fs, mnt;

	checked(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET), "unshare");
	checked(write(sock, "n", 1), "write");
	await(sock);
	checked(setresgid(0, 0, 0), "setresgid");
	checked(setresuid(0, 0, 0), "setresuid");
	fs = checked(syscall(SYS_fsopen, "bpf", 1 /* FSOPEN_CLOEXEC */), "fsopen");
	fd_send(sock, fs);
	await(sock);
	mnt = checked(syscall(SYS_fsmount, fs, 1 /* FSMOUNT_CLOEXEC */, 0), "fsmount");
	checked(syscall(SYS_move_mount, mnt, "", AT_FDCWD, dir,
			4 /* MOVE_MOUNT_F_EMPTY_PATH */),
		dir);
	close(sock);
	execvp(cmd[0], cmd);
	checked(-1, cmd[0]);
}

/* "name=value" to the file system; ends at "--". */
static char **delegate(int fs, char **options)
{
	for (; *options && strcmp(*options, "--") != 0; options++) {
		char *value = strchr(*options, '=');

		if (!value)
			exit(125);
		*value++ = '\0';
		checked(syscall(SYS_fsconfig, fs, 1 /* FSCONFIG_SET_STRING */, *options,
				value, 0),
			*options);
	}
	checked(syscall(SYS_fsconfig, fs, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0),
		"create a bpffs");
	return options;
}

int main(int argc, char **argv)
{
	char **cmd = argv;
	int socks[2], status;
	pid_t pid;

	while (*cmd && strcmp(*cmd, "--") != 0)
		cmd++;
	if (argc < 4 || !*cmd || !cmd[1])
		return 125;
	checked(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socks), "socketpair");
	pid = checked(fork(), "fork");
	if (pid == 0) {
		close(socks[0]);
		inside(socks[1], argv[1], cmd + 1);
	}
	close(socks[1]);
	await(socks[0]);
	put(pid, "uid_map", "0 0 1\n");
	put(pid, "gid_map", "0 0 1\n");
	checked(write(socks[0], "m", 1), "write");
	delegate(fd_receive(socks[0]), argv + 2);
	checked(write(socks[0], "d", 1), "write");
	checked(waitpid(pid, &status, 0), "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
