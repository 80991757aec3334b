/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * value_writes OBJECT: what is known of each program's writes to each of its maps, a line for
 * each: "program map: 0:8 20:4; doubt: …". Numbers are what is added to, offset and size.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/element_plan.h"
#include "kernel/prog_fd.h"
#include "load/value_writes.h"

enum { VALUE_MAX = 88 };

static void tell(const char *program, const struct bpf_insn *insns, size_t nr,
		 const struct bpf_map *map, const struct btf *btf)
{
	auto_value_writes writes = {.nr = 0};
	struct bpf_map_info info = {0};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_map__fd(map), &info, &len))
		return;
	value_writes_scan(&writes, program, insns, nr,
			  &(struct value_writes_map){
				  info.id, element_lock_at(btf, info.btf_value_type_id)});
	if (!writes.nr && !writes.doubt)
		return;
	printf("%s %s:", program, info.name);
	for (uint32_t offset = 0; offset < VALUE_MAX; offset += 4)
		for (uint32_t size = 4; size <= 8; size += 4)
			if (value_writes_adds(&writes, offset, size))
				printf(" %u:%u", offset, size);
	printf("%s%s\n", writes.doubt ? " doubt: " : "",
	       writes.doubt ? writes.doubt : "");
}

int main(int argc, char **argv)
{
	struct bpf_object *obj = argc == 2 ? bpf_object__open(argv[1]) : NULL;
	struct bpf_program *prog;
	struct bpf_map *map;

	if (!obj || bpf_object__load(obj))
		return 1;
	bpf_object__for_each_program(prog, obj)
	{
		auto_free struct bpf_insn *insns = NULL;
		size_t nr = 0;

		if (prog_fd_insns(bpf_program__fd(prog), &insns, &nr) < 0)
			return 1;
		bpf_object__for_each_map(map, obj) tell(bpf_program__name(prog), insns,
							nr, map, bpf_object__btf(obj));
	}
	bpf_object__close(obj);
	return 0;
}
