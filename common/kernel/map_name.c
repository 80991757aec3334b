/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/btf.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/btf_vars.h"
#include "kernel/map_fd.h"

/* The one map of the object's BTF whose name begins with the kernel's bytes; or NULL. */
static char *only_variable(const struct btf *btf, const char *kernel)
{
	auto_free struct btf_variable *vars = NULL;
	size_t nr = btf_vars_in(btf, ".maps", &vars), n = strlen(kernel);
	const char *found = NULL;

	for (size_t i = 0; i < nr; i++) {
		if (strncmp(vars[i].name, kernel, n) != 0)
			continue;
		if (found)
			return NULL;
		found = vars[i].name;
	}
	return found ? xstrdup(found) : NULL;
}

char *map_fd_name(const struct bpf_map_info *info, bool *whole)
{
	auto_free char *kernel = xstrndup(info->name, sizeof(info->name));
	struct btf *btf = NULL;
	char *name = NULL;

	*whole = strlen(kernel) < sizeof(info->name) - 1;
	if (*whole || !info->btf_id)
		return take_ptr(kernel);
	btf = btf__load_from_kernel_by_id(info->btf_id);
	if (btf)
		name = only_variable(btf, kernel);
	btf__free(btf);
	*whole = name != NULL;
	return name ? name : take_ptr(kernel);
}
