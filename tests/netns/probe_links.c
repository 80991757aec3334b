/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Links of programs that trace, through bpf(2) alone, pinned at LINK-PIN:
 *
 *	probe_links uprobes LINK-PIN FLAGS FILE PID OFFSET:REF-CTR-OFFSET:COOKIE...
 *	probe_links kprobes LINK-PIN FLAGS FUNCTION:COOKIE...
 *	probe_links uprobe LINK-PIN COOKIE FILE OFFSET REF-CTR-OFFSET RETPROBE
 *	probe_links kprobe LINK-PIN COOKIE FUNCTION OFFSET RETPROBE
 *	probe_links event LINK-PIN COOKIE TYPE CONFIG    as perf_event_open(2) has them
 *	probe_links told LINK-PIN     does the kernel say what it is attached to?
 *	probe_links cookies LINK-PIN  and which cookies a link of kprobes has? (Linux 6.9)
 *
 * PID 0: every process. Ends with 3 where the kernel has no such links, or does not tell.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LIST_MAX = 16, TYPE_PERF_EVENT = 41, TYPE_KPROBES = 42, TYPE_UPROBES = 48 };

static int checked(int r, const char *what)
{
	if (r < 0) {
		int code = errno;

		fprintf(stderr, "probe_links: %s: %s\n", what, strerror(code));
		exit(code == EOPNOTSUPP || code == EINVAL || code == ENOENT ? 3 : 1);
	}
	return r;
}

static int bpf(int cmd, void *attr, size_t size)
{
	return (int)syscall(__NR_bpf, cmd, attr, size);
}

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 0);
}

static int load_program(uint32_t type, uint32_t attach_type)
{
	static const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.expected_attach_type = attach_type;
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = 2;
	attr.license = (uintptr_t) "GPL";
	memcpy(attr.prog_name, "traces", 7);
	return checked(bpf(BPF_PROG_LOAD, &attr, sizeof(attr)), "load");
}

static void pin(int fd, const char *path)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.pathname = (uintptr_t)path;
	checked(bpf(BPF_OBJ_PIN, &attr, sizeof(attr)), path);
}

static void make_uprobes(char **argv, int nr)
{
	static uint64_t offsets[LIST_MAX], refs[LIST_MAX], cookies[LIST_MAX];
	struct {
		uint32_t prog_fd, target, attach_type, flags;
		uint64_t path, offsets, refs, cookies;
		uint32_t cnt, probe_flags, pid, pad;
	} attr = {.attach_type = TYPE_UPROBES,
		  .path = (uintptr_t)argv[2],
		  .offsets = (uintptr_t)offsets,
		  .refs = (uintptr_t)refs,
		  .cookies = (uintptr_t)cookies,
		  .probe_flags = (uint32_t)number(argv[1]),
		  .pid = (uint32_t)number(argv[3])};

	for (int i = 4; i < nr && attr.cnt < LIST_MAX; i++, attr.cnt++) {
		char *end;

		offsets[attr.cnt] = strtoull(argv[i], &end, 0);
		refs[attr.cnt] = strtoull(end + 1, &end, 0);
		cookies[attr.cnt] = number(end + 1);
	}
	attr.prog_fd = (uint32_t)load_program(BPF_PROG_TYPE_KPROBE, TYPE_UPROBES);
	pin(checked(bpf(BPF_LINK_CREATE, &attr, sizeof(attr)), "create the link"),
	    argv[0]);
}

static void make_kprobes(char **argv, int nr)
{
	static const char *names[LIST_MAX];
	static uint64_t cookies[LIST_MAX];
	struct {
		uint32_t prog_fd, target, attach_type, flags;
		uint32_t probe_flags, cnt;
		uint64_t names, addrs, cookies;
	} attr = {.attach_type = TYPE_KPROBES,
		  .probe_flags = (uint32_t)number(argv[1]),
		  .names = (uintptr_t)names,
		  .cookies = (uintptr_t)cookies};

	for (int i = 2; i < nr && attr.cnt < LIST_MAX; i++, attr.cnt++) {
		names[attr.cnt] = strtok(argv[i], ":");
		cookies[attr.cnt] = number(strtok(NULL, ":"));
	}
	attr.prog_fd = (uint32_t)load_program(BPF_PROG_TYPE_KPROBE, TYPE_KPROBES);
	pin(checked(bpf(BPF_LINK_CREATE, &attr, sizeof(attr)), "create the link"),
	    argv[0]);
}

static void link_event(struct perf_event_attr *event, uint32_t prog_type,
		       const char *cookie, const char *path)
{
	struct {
		uint32_t prog_fd, target, attach_type, flags;
		uint64_t cookie;
	} attr = {.attach_type = TYPE_PERF_EVENT, .cookie = number(cookie)};

	event->size = sizeof(*event);
	event->sample_period = 1000 * 1000 * 1000;
	event->disabled = 1;
	attr.target = (uint32_t)checked(
		(int)syscall(__NR_perf_event_open, event, -1, 0, -1, 0), "event");
	attr.prog_fd = (uint32_t)load_program(prog_type, 0);
	pin(checked(bpf(BPF_LINK_CREATE, &attr, sizeof(attr)), "create the link"), path);
}

/* The kernel numbers these sources as they come. */
static uint32_t event_source(const char *name)
{
	char path[128], text[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", name);
	f = fopen(path, "re");
	if (!f || !fgets(text, sizeof(text), f))
		checked(-1, path);
	return (uint32_t)number(text);
}

static void make_event(char **argv)
{
	struct perf_event_attr event = {.type = (uint32_t)number(argv[2]),
					.config = number(argv[3])};

	link_event(&event,
		   event.type == PERF_TYPE_TRACEPOINT ? BPF_PROG_TYPE_TRACEPOINT
						      : BPF_PROG_TYPE_PERF_EVENT,
		   argv[1], argv[0]);
}

static void make_uprobe(char **argv)
{
	struct perf_event_attr event = {.type = event_source("uprobe"),
					.config = number(argv[5]) | number(argv[4]) << 32,
					.config1 = (uintptr_t)argv[2],
					.config2 = number(argv[3])};

	link_event(&event, BPF_PROG_TYPE_KPROBE, argv[1], argv[0]);
}

static void make_kprobe(char **argv)
{
	struct perf_event_attr event = {.type = event_source("kprobe"),
					.config = number(argv[4]),
					.config1 = (uintptr_t)argv[2],
					.config2 = number(argv[3])};

	link_event(&event, BPF_PROG_TYPE_KPROBE, argv[1], argv[0]);
}

/* The words of bpf_link_info; 4 is the first behind type, id and program. */
static void read_info(const char *path, void *info, size_t size)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uintptr_t)path;
	fd = checked(bpf(BPF_OBJ_GET, &attr, sizeof(attr)), path);
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = (uint32_t)size;
	attr.info.info = (uintptr_t)info;
	checked(bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)), "info");
	close(fd);
}

/* A kernel that is silent leaves 0. */
static int is_told(const char *path)
{
	uint32_t info[32] = {0};

	read_info(path, info, sizeof(info));
	for (size_t i = 4; i < sizeof(info) / sizeof(info[0]); i++)
		if (info[i])
			return 0;
	return 3;
}

/* One that does not know of cookies leaves what is in their place. */
static int cookies_told(const char *path)
{
	uint64_t addrs[LIST_MAX], cookies[LIST_MAX], info[16] = {0};

	memset(cookies, 0xff, sizeof(cookies));
	info[2] = (uintptr_t)addrs;
	info[3] = LIST_MAX; /* and no flags */
	info[5] = (uintptr_t)cookies;
	read_info(path, info, sizeof(info));
	return cookies[0] == UINT64_MAX ? 3 : 0;
}

int main(int argc, char **argv)
{
	/* Before Linux 5.11 programs count against it. */
	(void)setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
	if (argc == 3 && strcmp(argv[1], "told") == 0)
		return is_told(argv[2]);
	if (argc == 3 && strcmp(argv[1], "cookies") == 0)
		return cookies_told(argv[2]);
	if (argc > 6 && strcmp(argv[1], "uprobes") == 0)
		make_uprobes(argv + 2, argc - 2);
	else if (argc > 4 && strcmp(argv[1], "kprobes") == 0)
		make_kprobes(argv + 2, argc - 2);
	else if (argc == 6 && strcmp(argv[1], "event") == 0)
		make_event(argv + 2);
	else if (argc == 8 && strcmp(argv[1], "uprobe") == 0)
		make_uprobe(argv + 2);
	else if (argc == 7 && strcmp(argv[1], "kprobe") == 0)
		make_kprobe(argv + 2);
	else
		return 2;
	return 0;
}
