/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 *	extend OBJECT PROGRAM PIN TARGET [MAP-PIN]
 *
 * loads that program alone, for what its section says, with TARGET, a program's id, to be on
 * (0: none) and the map of MAP-PIN for each of its maps; attaches it, and pins the link, or the
 * program where nothing attaches it. Prints the program's id.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void checked(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "extend: %s: %s\n", what, strerror(-r));
	exit(1);
}

static int opened(int fd, const char *what)
{
	checked(fd < 0 ? -1 : 0, what);
	return fd;
}

int main(int argc, char **argv)
{
	struct bpf_prog_info info = {.id = 0};
	__u32 size = sizeof(info);
	struct bpf_object *obj;
	struct bpf_program *prog, *other;
	struct bpf_link *link;
	struct bpf_map *map;

	if (argc < 5)
		return 2;
	obj = bpf_object__open_file(argv[1], NULL);
	checked(obj ? 0 : -1, argv[1]);
	prog = bpf_object__find_program_by_name(obj, argv[2]);
	checked(prog ? 0 : -1, argv[2]);
	bpf_object__for_each_program(other, obj)
		bpf_program__set_autoload(other, other == prog);
	bpf_object__for_each_map(map, obj)
	{
		if (argc < 6 || bpf_map__is_internal(map))
			continue;
		checked(bpf_map__reuse_fd(map, opened(bpf_obj_get(argv[5]), argv[5])),
			"reuse the map");
	}
	if (atoi(argv[4]))
		checked(bpf_program__set_attach_target(
				prog,
				opened(bpf_prog_get_fd_by_id((__u32)atoi(argv[4])),
				       argv[4]),
				NULL),
			"set the target");
	checked(bpf_object__load(obj), "load");
	if (bpf_program__type(prog) == BPF_PROG_TYPE_SYSCALL) {
		checked(bpf_program__pin(prog, argv[3]), "pin");
	} else {
		link = bpf_program__attach(prog);
		checked(link ? 0 : -1, "attach");
		checked(bpf_link__pin(link, argv[3]), "pin the link");
	}
	checked(bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &size), "info");
	printf("%u\n", info.id);
	return 0;
}
