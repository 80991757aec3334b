/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel holds in a list of programs of a device, through bpf(2) alone:
 *
 *	tcx_list DEVICE TYPE            a word for each, in order: PROGRAM, or PROGRAM/LINK
 *	tcx_list revision DEVICE TYPE   how often the list was changed
 *
 * TYPE is the number of an attach type: 46 tcx ingress, 47 egress.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LIST_MAX = 64 };

/* The query part of union bpf_attr as of Linux 6.6. */
struct list {
	uint32_t ifindex, type, flags, attach_flags;
	uint64_t programs;
	uint32_t count, pad;
	uint64_t program_flags, links, link_flags, revision;
};

int main(int argc, char **argv)
{
	uint32_t programs[LIST_MAX] = {0}, links[LIST_MAX] = {0};
	int revision = argc == 4 && strcmp(argv[1], "revision") == 0;
	struct list list = {.programs = (uintptr_t)programs,
			    .links = (uintptr_t)links,
			    .count = LIST_MAX};

	if (argc != 3 && !revision)
		return 2;
	list.ifindex = if_nametoindex(argv[argc - 2]);
	list.type = (uint32_t)strtoul(argv[argc - 1], NULL, 0);
	if (syscall(__NR_bpf, BPF_PROG_QUERY, &list, sizeof(list)) < 0) {
		fprintf(stderr, "tcx_list: %s\n", strerror(errno));
		return 1;
	}
	if (revision)
		printf("%" PRIu64 "\n", list.revision);
	for (uint32_t i = 0; !revision && i < list.count; i++)
		if (links[i])
			printf("%s%u/%u", i ? " " : "", programs[i], links[i]);
		else
			printf("%s%u", i ? " " : "", programs[i]);
	if (!revision)
		printf("\n");
	return 0;
}
