/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One element of the old map as one of the new, and what the types are like. */
#include <errno.h>
#include <string.h>

#include "kernel/cpus.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "load/migrate_private.h"

/* Linux 6.9, and newer than 6.18 */
enum { TYPE_ARENA = 33, TYPE_RHASH = 35 };

int migrate_check_type(const struct migration *m, struct err *err)
{
	const char *name = mapdef_type_name(m->old.type), *why;

	if (mapdef_can_migrate(&m->old_def))
		return map_io_sized(&m->old)
			       ? 0
			       : err_say(err, -ENODATA,
					 "map '%s': the number of CPUs is unknown",
					 m->opts->pin);
	switch (m->old.type) {
	case BPF_MAP_TYPE_PROG_ARRAY:
		why = "a live prog array is not refilled; load the new programs with a new one, and replace the program that calls into it";
		break;
	case BPF_MAP_TYPE_QUEUE:
	case BPF_MAP_TYPE_STACK:
		why = "reading its elements takes them out";
		break;
	case BPF_MAP_TYPE_RINGBUF:
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
	case BPF_MAP_TYPE_USER_RINGBUF:
		why = "it hands events on and holds nothing";
		break;
	case BPF_MAP_TYPE_BLOOM_FILTER:
		why = "what is in it cannot be listed";
		break;
	case TYPE_RHASH:
		why = "no kernel was there to try it with";
		break;
	case TYPE_ARENA:
		why = "it is memory with addresses of itself in it";
		break;
	default:
		why = "what is in it belongs to sockets, devices, tasks, files or the kernel";
		break;
	}
	return err_say(err, -EOPNOTSUPP, "map '%s' of type %s cannot be migrated: %s",
		       m->opts->pin, name ? name : "unknown", why);
}

bool migrate_is_array(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       type == BPF_MAP_TYPE_ARRAY_OF_MAPS;
}

bool migrate_is_lru(uint32_t type)
{
	return type == BPF_MAP_TYPE_LRU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

bool migrate_is_zero(const char *bytes, size_t n)
{
	return n == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0);
}

void migrate_convert(const struct migration *m, const void *old_key,
		     const void *old_value, void *new_key, void *new_value)
{
	const struct element_plan *plan = &m->report->plan;
	size_t from = map_io_stride(&m->old), to = map_io_stride(&m->new);
	unsigned int slots = map_io_is_percpu(&m->old) ? possible_cpus() : 1;

	if (plan->key_same)
		memcpy(new_key, old_key, plan->new_key_size);
	else
		element_plan_key(plan, old_key, new_key);
	if (plan->value_same) {
		memcpy(new_value, old_value, map_io_value_bytes(&m->new));
		return;
	}
	for (unsigned int i = 0; i < slots; i++)
		element_plan_value(plan, (const char *)old_value + i * from,
				   (char *)new_value + i * to);
}

int migrate_store_inner(const struct migration *m, const void *key, uint32_t id,
			uint64_t flags)
{
	auto_close int fd = map_fd_by_id(id);

	return fd < 0 ? fd : map_io_update(m->new_fd, key, &fd, flags);
}
