/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* bare_open FILE: an object opened by libbpf, and closed. */
#include <bpf/libbpf.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct bpf_object *obj = argc == 2 ? bpf_object__open_file(argv[1], NULL) : NULL;

	if (!obj) {
		fprintf(stderr, "bare_open: %s\n", argc == 2 ? argv[1] : "FILE");
		return 1;
	}
	bpf_object__close(obj);
	return 0;
}
