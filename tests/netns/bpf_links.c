/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Attachments that the installed tc and bpftool cannot make, through bpf(2) alone:
 *
 *	bpf_links link PROGRAM-PIN TARGET TYPE LINK-PIN     prints the link's id
 *	bpf_links attach PROGRAM-PIN DEVICE TYPE            without a link
 *	bpf_links netns TYPE LINK-PIN    a program of its own, our namespace
 *	bpf_links netfilter LINK-PIN     a program of its own, IPv4, local in, priority 7
 *	bpf_links hold PIN... -- CMD...  opens the pins and runs CMD
 *	bpf_links target LINK-PIN        prints the number of what a link of a cgroup, a
 *	                                 device or a namespace is attached to; 0: gone
 *
 * TARGET is a cgroup directory or a device; TYPE the number of an attach type.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int checked(int r, const char *what)
{
	if (r < 0) {
		fprintf(stderr, "bpf_links: %s: %s\n", what, strerror(errno));
		exit(1);
	}
	return r;
}

static int bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

static int open_pin(const char *path)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uintptr_t)path;
	return checked(bpf(BPF_OBJ_GET, &attr), path);
}

static void pin(int fd, const char *path)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.pathname = (uintptr_t)path;
	checked(bpf(BPF_OBJ_PIN, &attr), path);
}

/* An interface index, or a directory's descriptor; both are what the kernel wants. */
static uint32_t target(const char *name)
{
	unsigned int ifindex = strchr(name, '/') ? 0 : if_nametoindex(name);

	return ifindex ? ifindex
		       : (uint32_t)checked(open(name, O_RDONLY | O_DIRECTORY), name);
}

static void make_link(int prog, uint32_t where, uint32_t type, const char *path)
{
	struct bpf_link_info info;
	union bpf_attr attr;
	int link;

	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (uint32_t)prog;
	attr.link_create.target_fd = where;
	attr.link_create.attach_type = type;
	link = checked(bpf(BPF_LINK_CREATE, &attr), "create the link");
	pin(link, path);
	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)link;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	checked(bpf(BPF_OBJ_GET_INFO_BY_FD, &attr), "info of the link");
	printf("%u\n", info.id);
}

static void attach(int prog, uint32_t where, uint32_t type)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = where;
	attr.attach_bpf_fd = (uint32_t)prog;
	attr.attach_type = type;
	checked(bpf(BPF_PROG_ATTACH, &attr), "attach");
}

/* Linux 6.4; newer than the headers may be. */
enum { TYPE_NETFILTER_PROG = 32, TYPE_NETFILTER = 45, LOCAL_IN = 1, PRIORITY = 7 };

/* Returns 1 at once: sk_lookup and netfilter pass, a flow dissector drops nothing of ours. */
static int load_program(uint32_t type)
{
	static const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type == BPF_SK_LOOKUP    ? BPF_PROG_TYPE_SK_LOOKUP
			 : type == TYPE_NETFILTER ? TYPE_NETFILTER_PROG
						  : BPF_PROG_TYPE_FLOW_DISSECTOR;
	attr.expected_attach_type = type;
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = 2;
	attr.license = (uintptr_t) "GPL";
	memcpy(attr.prog_name, "in_netns", 9);
	return checked(bpf(BPF_PROG_LOAD, &attr), "load");
}

static void make_netfilter(const char *path)
{
	struct {
		uint32_t prog_fd, target, attach_type, flags;
		uint32_t pf, hook;
		int32_t priority;
		uint32_t nf_flags;
	} attr = {.prog_fd = (uint32_t)load_program(TYPE_NETFILTER),
		  .attach_type = TYPE_NETFILTER,
		  .pf = AF_INET,
		  .hook = LOCAL_IN,
		  .priority = PRIORITY};

	pin(checked((int)syscall(__NR_bpf, BPF_LINK_CREATE, &attr, sizeof(attr)),
		    "create the link"),
	    path);
}

static void hold(char **argv)
{
	for (; *argv && strcmp(*argv, "--") != 0; argv++) {
		/* The kernel opens them close-on-exec. */
		checked(fcntl(open_pin(*argv), F_SETFD, 0), *argv);
	}
	if (*argv && argv[1])
		checked(execvp(argv[1], argv + 1), argv[1]);
}

/* One place in the info has all three; a cgroup's number is 64 bits wide. */
static void print_target(const char *path)
{
	struct bpf_link_info info;
	union bpf_attr attr;

	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)open_pin(path);
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	checked(bpf(BPF_OBJ_GET_INFO_BY_FD, &attr), "info of the link");
	printf("%u\n", info.netns.netns_ino);
}

int main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "link") == 0)
		make_link(open_pin(argv[2]), target(argv[3]),
			  (uint32_t)strtoul(argv[4], NULL, 0), argv[5]);
	else if (argc == 5 && strcmp(argv[1], "attach") == 0)
		attach(open_pin(argv[2]), target(argv[3]),
		       (uint32_t)strtoul(argv[4], NULL, 0));
	else if (argc == 4 && strcmp(argv[1], "netns") == 0)
		make_link(load_program((uint32_t)strtoul(argv[2], NULL, 0)),
			  (uint32_t)checked(open("/proc/self/ns/net", O_RDONLY), "netns"),
			  (uint32_t)strtoul(argv[2], NULL, 0), argv[3]);
	else if (argc == 3 && strcmp(argv[1], "netfilter") == 0)
		make_netfilter(argv[2]);
	else if (argc == 3 && strcmp(argv[1], "target") == 0)
		print_target(argv[2]);
	else if (argc > 3 && strcmp(argv[1], "hold") == 0)
		hold(argv + 2);
	else
		return 2;
	return 0;
}
