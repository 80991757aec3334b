/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * old_kernel FEATURE[,FEATURE...] CMD...: runs it on a kernel without these features of bpf(2):
 * calls that use them fail as they do where they are not known.
 *
 *	batch map_btf map_extra names link link_update link_detach tcx cgroup_order
 *	preorder unix token path_fd read_only
 *
 * Without cgroup_order the lists of cgroups have no revision either: they are read for CMD.
 *
 * Status 124: CMD asked for none of them, and a test would look at nothing.
 */
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

/* Words of bpf_attr by their place, since headers may be older than what is taken away. */
struct call {
	unsigned int cmd;
	uint32_t attr[40];
};

enum {
	W_MAP_FLAGS = 4,
	W_MAP_NAME = 7,
	W_MAP_BTF = 12,
	W_MAP_EXTRA = 16,
	W_LOAD_NAME = 12,
	W_LOAD_ATTACH_TYPE = 17,
	W_ATTACH_TYPE = 2,
	W_ATTACH_FLAGS = 3,
	W_ATTACH_ANCHOR = 5,
	W_ATTACH_REVISION = 6,
	W_LINK_FLAGS = 3,
	W_LINK_REVISION = 6,
	W_QUERY_TYPE = 1,
	W_QUERY_FLAGS = 3,
	W_QUERY_IDS = 4,
	W_QUERY_NR = 6,
	W_QUERY_ID_FLAGS = 8,
	QUERY_OLD_SIZE = 40,
	QUERY_MOST = 64,
	W_OBJ_FLAGS = 3,
	TCX_INGRESS = 46,
	TCX_EGRESS = 47,
	UNIX_FIRST = 49,
	UNIX_LAST = 53,
	TOKEN_CREATE = 36,
	LINK_DETACH = 34,
};

static bool any(const struct call *c, int from, int to)
{
	for (int i = from; i < to; i++)
		if (c->attr[i])
			return true;
	return false;
}

static bool uses_type(const struct call *c, uint32_t first, uint32_t last)
{
	uint32_t type;

	switch (c->cmd) {
	case BPF_PROG_ATTACH:
	case BPF_PROG_DETACH:
	case BPF_LINK_CREATE:
		type = c->attr[W_ATTACH_TYPE];
		break;
	case BPF_PROG_QUERY:
		type = c->attr[W_QUERY_TYPE];
		break;
	case BPF_PROG_LOAD:
		type = c->attr[W_LOAD_ATTACH_TYPE];
		break;
	default:
		return false;
	}
	return type >= first && type <= last;
}

static bool uses_batch(const struct call *c)
{
	return c->cmd >= BPF_MAP_LOOKUP_BATCH && c->cmd <= BPF_MAP_DELETE_BATCH;
}

static bool uses_map_btf(const struct call *c)
{
	return c->cmd == BPF_MAP_CREATE && any(c, W_MAP_BTF, W_MAP_BTF + 3);
}

static bool uses_map_extra(const struct call *c)
{
	return c->cmd == BPF_MAP_CREATE && any(c, W_MAP_EXTRA, W_MAP_EXTRA + 2);
}

static bool uses_names(const struct call *c)
{
	return (c->cmd == BPF_MAP_CREATE && any(c, W_MAP_NAME, W_MAP_NAME + 4)) ||
	       (c->cmd == BPF_PROG_LOAD && any(c, W_LOAD_NAME, W_LOAD_NAME + 4));
}

static bool uses_link(const struct call *c)
{
	return c->cmd == BPF_LINK_CREATE;
}

static bool uses_link_update(const struct call *c)
{
	return c->cmd == BPF_LINK_UPDATE;
}

static bool uses_link_detach(const struct call *c)
{
	return c->cmd == LINK_DETACH;
}

static bool uses_tcx(const struct call *c)
{
	return c->cmd != BPF_PROG_LOAD && uses_type(c, TCX_INGRESS, TCX_EGRESS);
}

static bool uses_order(const struct call *c)
{
	if (uses_type(c, TCX_INGRESS, TCX_EGRESS))
		return false;
	if (c->cmd == BPF_LINK_CREATE)
		return c->attr[W_LINK_FLAGS] & 0x18 ||
		       any(c, W_LINK_REVISION, W_LINK_REVISION + 2);
	return c->cmd == BPF_PROG_ATTACH &&
	       (c->attr[W_ATTACH_FLAGS] & 0x18 ||
		any(c, W_ATTACH_ANCHOR, W_ATTACH_ANCHOR + 3));
}

static bool uses_preorder(const struct call *c)
{
	return c->cmd == BPF_PROG_ATTACH && c->attr[W_ATTACH_FLAGS] & 0x40;
}

static bool uses_unix(const struct call *c)
{
	return uses_type(c, UNIX_FIRST, UNIX_LAST);
}

static bool uses_token(const struct call *c)
{
	return c->cmd == TOKEN_CREATE;
}

static bool uses_path_fd(const struct call *c)
{
	return (c->cmd == BPF_OBJ_GET || c->cmd == BPF_OBJ_PIN) &&
	       c->attr[W_OBJ_FLAGS] & 1 << 14;
}

static bool uses_read_only(const struct call *c)
{
	return c->cmd == BPF_OBJ_GET && c->attr[W_OBJ_FLAGS] & BPF_F_RDONLY;
}

static const struct old {
	const char *name;
	bool (*uses)(const struct call *c);
} olds[] = {
	{"batch", uses_batch},
	{"map_btf", uses_map_btf},
	{"map_extra", uses_map_extra},
	{"names", uses_names},
	{"link", uses_link},
	{"link_update", uses_link_update},
	{"link_detach", uses_link_detach},
	{"tcx", uses_tcx},
	{"cgroup_order", uses_order},
	{"preorder", uses_preorder},
	{"unix", uses_unix},
	{"token", uses_token},
	{"path_fd", uses_path_fd},
	{"read_only", uses_read_only},
};

static int bpf_listener(void)
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

static void call_read(struct call *ret, const struct seccomp_notif *asked)
{
	size_t size = asked->data.args[2];
	char path[64];
	int fd;

	memset(ret, 0, sizeof(*ret));
	ret->cmd = (unsigned int)asked->data.args[0];
	snprintf(path, sizeof(path), "/proc/%u/mem", asked->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (pread(fd, ret->attr, size < sizeof(ret->attr) ? size : sizeof(ret->attr),
		  (off_t)asked->data.args[1]) < 0)
		memset(ret->attr, 0, sizeof(ret->attr));
	close(fd);
}

/* The memory of the one that asked. */
static bool memory_set(int mem, uint64_t at, const void *from, size_t size)
{
	return !at || pwrite(mem, from, size, (off_t)at) == (ssize_t)size;
}

static uint64_t pointer_at(const struct call *call, int word)
{
	uint64_t ret;

	memcpy(&ret, &call->attr[word], sizeof(ret));
	return ret;
}

/* A cgroup's list as a kernel without revisions tells it: 0, or -errno. */
static int query_without_revision(const struct seccomp_notif *asked,
				  const struct call *call)
{
	uint32_t ids[QUERY_MOST], id_flags[QUERY_MOST], attr[16] = {0};
	uint64_t to[] = {(uintptr_t)ids, (uintptr_t)id_flags};
	int pidfd = (int)syscall(__NR_pidfd_open, asked->pid, 0), r;
	int fd = (int)syscall(__NR_pidfd_getfd, pidfd, call->attr[0], 0);
	size_t nr;
	char path[64];
	int mem;

	snprintf(path, sizeof(path), "/proc/%u/mem", asked->pid);
	mem = open(path, O_RDWR | O_CLOEXEC);
	memcpy(attr, call->attr, QUERY_OLD_SIZE);
	if (attr[W_QUERY_NR] > QUERY_MOST)
		attr[W_QUERY_NR] = QUERY_MOST;
	attr[0] = (uint32_t)fd;
	if (pointer_at(call, W_QUERY_IDS))
		memcpy(&attr[W_QUERY_IDS], &to[0], sizeof(to[0]));
	if (pointer_at(call, W_QUERY_ID_FLAGS))
		memcpy(&attr[W_QUERY_ID_FLAGS], &to[1], sizeof(to[1]));
	r = syscall(__NR_bpf, BPF_PROG_QUERY, attr, QUERY_OLD_SIZE) < 0 ? -errno : 0;
	nr = sizeof(*ids) *
	     (attr[W_QUERY_NR] < QUERY_MOST ? attr[W_QUERY_NR] : QUERY_MOST);
	if (r == 0 &&
	    (!memory_set(mem, asked->data.args[1] + 4 * W_QUERY_FLAGS,
			 &attr[W_QUERY_FLAGS], 4) ||
	     !memory_set(mem, asked->data.args[1] + 4 * W_QUERY_NR, &attr[W_QUERY_NR],
			 4) ||
	     !memory_set(mem, pointer_at(call, W_QUERY_IDS), ids, nr) ||
	     !memory_set(mem, pointer_at(call, W_QUERY_ID_FLAGS), id_flags, nr)))
		r = -EFAULT;
	close(mem);
	close(fd);
	close(pidfd);
	return r;
}

static bool is_taken(const struct call *call, const char *features)
{
	for (size_t i = 0; i < sizeof(olds) / sizeof(*olds); i++) {
		size_t n = strlen(olds[i].name);
		const char *at = features;

		while ((at = strstr(at, olds[i].name))) {
			if ((at == features || at[-1] == ',') &&
			    (at[n] == ',' || !at[n]) && olds[i].uses(call))
				return true;
			at += n;
		}
	}
	return false;
}

static int answer(int listener, const char *features, unsigned int *seen)
{
	struct seccomp_notif asked;
	struct seccomp_notif_resp answer;
	struct call call;

	memset(&asked, 0, sizeof(asked));
	memset(&answer, 0, sizeof(answer));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
		return errno == EINTR || errno == ENOENT ? 0 : -1;
	answer.id = asked.id;
	call_read(&call, &asked);
	if (is_taken(&call, features)) {
		answer.error = -EINVAL;
		++*seen;
	} else if (call.cmd == BPF_PROG_QUERY && strstr(features, "cgroup_order") &&
		   !uses_type(&call, TCX_INGRESS, TCX_EGRESS)) {
		answer.error = query_without_revision(&asked, &call);
		++*seen;
	} else {
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	}
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) < 0 && errno != ENOENT
		       ? -1
		       : 0;
}

/* In the child: the rule binds it and what it starts, not the one that answers. */
static void command_run(int to_parent, char **command)
{
	int listener = bpf_listener();
	char go;

	if (write(to_parent, &listener, sizeof(listener)) != sizeof(listener) ||
	    read(to_parent, &go, 1) != 1 || listener < 0)
		_exit(125);
	execvp(command[0], command);
	_exit(127);
}

int main(int argc, char **argv)
{
	struct pollfd fds[2] = {{.events = POLLIN}, {.events = POLLIN}};
	unsigned int seen = 0;
	int both[2], status, there;
	pid_t child;

	if (argc < 3 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) < 0)
		return 125;
	child = fork();
	if (child == 0)
		command_run(both[1], argv + 2);
	fds[1].fd = (int)syscall(__NR_pidfd_open, child, 0);
	if (read(both[0], &there, sizeof(there)) != sizeof(there))
		return 125;
	fds[0].fd = (int)syscall(__NR_pidfd_getfd, fds[1].fd, there, 0);
	if (fds[0].fd < 0 || write(both[0], "", 1) != 1)
		return 125;
	while (poll(fds, 2, -1) > 0 && !fds[1].revents)
		if (answer(fds[0].fd, argv[1], &seen) < 0)
			return 125;
	if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return 126;
	return seen ? WEXITSTATUS(status) : 124;
}
