/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Places that are hard to find, held until we are killed:
 *
 *	hide socket PROGRAM-PIN READY     SO_ATTACH_BPF, the program's descriptor closed
 *	hide thread READY CMD...          CMD runs in a network namespace that only our
 *	                                  second thread is in
 *	hide fd READY CMD...              ... that only a descriptor of ours keeps
 *	hide table READY CMD...           ... of a thread with descriptors of its own
 *	hide entry MAP-PIN KEY IFINDEX PROGRAM-PIN
 *	                                  puts both into that devmap's entry, and ends
 *
 * The file READY appears when that is done.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int checked(int r, const char *what)
{
	if (r < 0) {
		fprintf(stderr, "hide: %s: %s\n", what, strerror(errno));
		exit(1);
	}
	return r;
}

static void be_ready(const char *path)
{
	close(checked(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), path));
	for (;;)
		pause();
}

static void run_here(char **argv)
{
	int status = 0;
	pid_t pid = checked(fork(), "fork");

	if (pid == 0)
		checked(execvp(argv[0], argv), argv[0]);
	checked(waitpid(pid, &status, 0), "wait");
	if (status)
		exit(1);
}

static int pinned(const char *path)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uintptr_t)path;
	return checked((int)syscall(__NR_bpf, BPF_OBJ_GET, &attr, sizeof(attr)), path);
}

static void hide_in_entry(char **argv)
{
	uint32_t key = (uint32_t)atoi(argv[1]);
	uint32_t value[2] = {(uint32_t)atoi(argv[2]), (uint32_t)pinned(argv[3])};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)pinned(argv[0]);
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)value;
	checked((int)syscall(__NR_bpf, BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)),
		"update");
	exit(0);
}

static void hide_in_socket(const char *pin, const char *ready)
{
	int sock = checked(socket(AF_INET, SOCK_DGRAM, 0), "socket"), prog = pinned(pin);

	checked(setsockopt(sock, SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog)),
		"attach");
	close(prog);
	be_ready(ready);
}

/* argv: READY CMD... */
static void *hide_in_thread(void *argv)
{
	checked(unshare(CLONE_NEWNET), "unshare");
	run_here((char **)argv + 1);
	be_ready(((char **)argv)[0]);
	return NULL;
}

static void hide_in_fd(char **argv)
{
	int back =
		checked(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), "netns");

	checked(unshare(CLONE_NEWNET), "unshare");
	run_here(argv + 1);
	checked(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), "netns");
	checked(setns(back, CLONE_NEWNET), "go back");
	close(back);
	be_ready(argv[0]);
}

static void *hide_in_table(void *argv)
{
	checked(unshare(CLONE_FILES), "unshare");
	hide_in_fd(argv);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc == 4 && strcmp(argv[1], "socket") == 0)
		hide_in_socket(argv[2], argv[3]);
	else if (argc == 6 && strcmp(argv[1], "entry") == 0)
		hide_in_entry(argv + 2);
	else if (argc > 3 && strcmp(argv[1], "fd") == 0)
		hide_in_fd(argv + 2);
	else if (argc > 3 && strcmp(argv[1], "thread") == 0 &&
		 pthread_create(&thread, NULL, hide_in_thread, argv + 2) == 0)
		pthread_join(thread, NULL);
	else if (argc > 3 && strcmp(argv[1], "table") == 0 &&
		 pthread_create(&thread, NULL, hide_in_table, argv + 2) == 0)
		pthread_join(thread, NULL);
	return 2;
}
