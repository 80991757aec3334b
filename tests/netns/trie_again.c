/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * trie_again CMD…: runs it, and deletes the key that its walk of a trie told last, once, as
 * it asks for what is behind: the kernel begins anew at the first one then. 124: it walked
 * through none.
 */
#include <bpf/bpf.h>

#include "answered.h"

struct again {
	bool done;
};

static bool is_trie(int fd, struct bpf_map_info *info)
{
	uint32_t size = sizeof(*info);

	memset(info, 0, size);
	return bpf_obj_get_info_by_fd(fd, info, &size) == 0 &&
	       info->type == BPF_MAP_TYPE_LPM_TRIE && info->key_size <= 64;
}

static int again_answer(const struct seccomp_notif *asked, void *data)
{
	struct again *again = data;
	struct bpf_map_info info;
	union bpf_attr attr;
	char key[64];
	int fd;

	if (again->done || asked->data.args[0] != BPF_MAP_LOOKUP_BATCH ||
	    !asker_attr(asked, &attr, sizeof(attr)) || !attr.batch.in_batch)
		return ANSWERED_BY_KERNEL;
	fd = asker_fd(asked, attr.batch.map_fd);
	again->done = is_trie(fd, &info) &&
		      asker_read(asked, attr.batch.in_batch, key, info.key_size) &&
		      bpf_map_delete_elem(fd, key) == 0;
	close(fd);
	return ANSWERED_BY_KERNEL;
}

int main(int argc, char **argv)
{
	struct again again = {.done = false};
	int status = argc < 2 ? 125 : answered_run(argv + 1, again_answer, &again);

	return again.done ? status : 124;
}
