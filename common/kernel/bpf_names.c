/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/alloc.h"
#include "base/path_absent.h"
#include "def/attach_types.h"
#include "kernel/bpf_names.h"
#include "kernel/link_fd.h"

int bpf_names_prog_type(const char *section, uint32_t *prog_type, uint32_t *attach_type)
{
	const struct attach_type *cgroup = attach_type_by_section(section);
	auto_free char *slashed = xasprintf("%s/", section);
	enum bpf_prog_type type;
	enum bpf_attach_type attach;

	if (prog_type_by_section(section, prog_type, attach_type)) {
		if (cgroup)
			*attach_type = cgroup->value;
		return 0;
	}
	if (libbpf_prog_type_by_name(section, &type, &attach) < 0 &&
	    libbpf_prog_type_by_name(slashed, &type, &attach) < 0)
		return -EINVAL;
	*prog_type = type;
	*attach_type = attach;
	return 0;
}

const char *bpf_names_attach_type(uint32_t value)
{
	const char *ours = attach_type_name(value);

	return ours ? ours : libbpf_bpf_attach_type_str(value);
}

const char *bpf_names_link_type(uint32_t type)
{
	/* Newer than the oldest libbpf that this is built with. */
	static const char *const newer[] = {
		[LINK_FD_NETFILTER] = "netfilter",       [LINK_FD_TCX] = "tcx",
		[LINK_FD_UPROBE_MULTI] = "uprobe_multi", [LINK_FD_NETKIT] = "netkit",
		[LINK_FD_SOCKMAP] = "sockmap",
	};

	if (type < array_size(newer) && newer[type])
		return newer[type];
	return libbpf_bpf_link_type_str(type);
}

const char *bpf_names_libbpf_version(void)
{
	const char *version = libbpf_version_string();

	return version[0] == 'v' ? version + 1 : version;
}

struct kernel_btf {
	struct btf *btf; /* NULL: could not be read */
};

int kernel_btf_present(void)
{
	return path_there("/sys/kernel/btf/vmlinux", R_OK);
}

char *kernel_btf_name(struct kernel_btf **btf, uint32_t type_id)
{
	const struct btf_type *type;
	const char *name;

	if (!type_id)
		return xstrdup("");
	if (!*btf) {
		*btf = xcalloc(1, sizeof(**btf));
		(*btf)->btf = btf__load_vmlinux_btf();
	}
	type = (*btf)->btf ? btf__type_by_id((*btf)->btf, type_id) : NULL;
	name = type ? btf__name_by_offset((*btf)->btf, type->name_off) : NULL;
	return xstrdup(name ? name : "");
}

void kernel_btf_free(struct kernel_btf *btf)
{
	if (btf)
		btf__free(btf->btf);
	free(btf);
}
