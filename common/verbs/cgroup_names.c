/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/cgroup_id.h"
#include "verbs/cgroup_names.h"

static bool name_of_id(uint64_t id, struct strbuf *ret)
{
	static struct cgroup_tree tree;
	char path[PATH_MAX];

	if (!tree.asked)
		cgroup_tree_open(&tree);
	if (cgroup_tree_path(&tree, id, path) < 0)
		return false;
	sb_add(ret, path);
	return true;
}

const struct readable_names cgroup_names = {
	.cgroup_path = name_of_id,
	.cgroup_id = cgroup_id_of,
};
