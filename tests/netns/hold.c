/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps what is pinned alive until it is killed, in ways that no command line has:
 *
 *	hold open PIN     has the map or program open
 *	hold socket PIN   a socket runs the program, which is not open any more
 *	hold memory PIN   has the array (BPF_F_MMAPABLE) mapped, and not open any more
 *	hold leader PIN   as open, by a second thread; the first one has ended
 *	hold thread PIN   as open, by a second thread with descriptors of its own
 *
 * "ready" on stdout says that it holds.
 */
#include <bpf/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_ATTACH_BPF
#define SO_ATTACH_BPF 50
#endif

static void say_ready(void)
{
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

/* /proc/PID/fd of a process whose first thread ended is empty. */
static void *outlive(void *first)
{
	pthread_join(*(pthread_t *)first, NULL);
	say_ready();
	return NULL;
}

static void *leave_table(void *path)
{
	if (unshare(CLONE_FILES) < 0 || bpf_obj_get(path) < 0) {
		perror(path);
		_exit(1);
	}
	say_ready();
	return NULL;
}

int main(int argc, char **argv)
{
	static pthread_t first, other;
	int fd, sock;

	if (argc != 3)
		return 2;
	first = pthread_self();
	if (strcmp(argv[1], "thread") == 0) {
		if (pthread_create(&other, NULL, leave_table, argv[2]) == 0)
			pthread_join(other, NULL);
		return 1;
	}
	fd = bpf_obj_get(argv[2]);
	if (fd < 0) {
		perror(argv[2]);
		return 1;
	}
	if (strcmp(argv[1], "socket") == 0) {
		sock = socket(AF_UNIX, SOCK_DGRAM, 0);
		if (sock < 0 ||
		    setsockopt(sock, SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd)) < 0) {
			perror("SO_ATTACH_BPF");
			return 1;
		}
		close(fd);
	}
	if (strcmp(argv[1], "memory") == 0) {
		if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED) {
			perror("mmap");
			return 1;
		}
		close(fd);
	}
	if (strcmp(argv[1], "leader") == 0) {
		if (pthread_create(&other, NULL, outlive, &first) != 0)
			return 1;
		/* Not pthread_exit(): it unwinds by the shared libgcc, and ours is linked in. */
		syscall(SYS_exit, 0);
	}
	say_ready();
	return 0;
}
