/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where one of libbpf's probes fails for want of memory, it takes the kernel for an old one,
 * leaves something out and says nothing; binding constants may fail by itself, too. A load
 * that succeeds so has less than the object says.
 */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/map_fd.h"
#include "kernel/prog_fd.h"
#include "load/object_private.h"

void object_say_lost_mmap(const struct object_map *m, const struct bpf_map_info *info)
{
	if (m->def.map_flags & ~info->map_flags & BPF_F_MMAPABLE)
		log_warn(
			"map '%s' is created without flag 0x%x (mmapable): libbpf's probe for it failed",
			m->def.name, BPF_F_MMAPABLE);
}

/* What a kernel says to BTF that is newer than it is. */
static bool lost_btf_is_usual(int code)
{
	return code == -EINVAL || code == -E2BIG || code == -EOPNOTSUPP;
}

void object_say_lost_btf(const struct object *obj, const char *what, int code)
{
	if (lost_btf_is_usual(code))
		log_debug("object '%s': the kernel does not take its BTF, %s go without",
			  obj->path, what);
	else
		log_warn(
			"object '%s': its BTF could not be loaded, %s go without: members have no names there, and later loads cannot compare layouts: %s",
			obj->path, what, code ? err_words(code) : "libbpf left it out");
}

static bool map_is_rodata(const struct map_handle *h)
{
	const char *name = bpf_map__name(h->map);
	const char *section = strstr(name, ".rodata");

	return bpf_map__is_internal(h->map) && section &&
	       (section[7] == '\0' || section[7] == '.');
}

/* libbpf binds constants to every program, for those that read metadata from outside. */
void object_say_lost_rodata(const struct object *obj)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		const struct object_map *m = &obj->maps[i];

		if (!m->id || !map_is_rodata(&obj->handles[i]))
			continue;
		for (size_t k = 0; k < obj->nr_programs; k++) {
			const struct object_program *p = &obj->programs[k];

			if (p->wanted && !prog_fd_has_map(p->fd, m->id))
				log_warn(
					"program '%s' does not hold map '%s' (id %u), which goes with its last user: libbpf could not bind it",
					p->name, m->def.name, m->id);
		}
	}
}
