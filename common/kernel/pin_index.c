/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/alloc.h"
#include "kernel/bpffs.h"
#include "kernel/pin_index.h"

struct reading {
	struct pin_index *index;
	enum bpf_fd_kind kind;
};

static int add_pin(const char *path, void *ctx)
{
	const struct reading *reading = ctx;
	auto_close int fd = bpf_fd_by_pin(path, reading->kind);
	struct pin_index *index = reading->index;
	uint32_t id;

	/* The kernel's own maps.debug is a link, other people's pins may be closed to us.
	 */
	if (fd < 0 || bpf_fd_id(fd, &id) < 0)
		return 0;
	array_grow(index->pins, index->nr);
	index->pins[index->nr++] = (struct pin_entry){.id = id, .path = xstrdup(path)};
	return 0;
}

static int add_mount(const char *path, void *ctx)
{
	/* A mount that is covered by another, or cannot be read, has nothing to show. */
	bpffs_each_pin(path, add_pin, ctx);
	return 0;
}

void pin_index_read(struct pin_index *ret, enum bpf_fd_kind kind)
{
	struct reading reading = {.index = ret, .kind = kind};

	*ret = (struct pin_index){.nr = 0};
	bpffs_each_mount(add_mount, &reading);
}

void pin_index_release(struct pin_index *index)
{
	if (!index)
		return;
	for (size_t i = 0; i < index->nr; i++)
		free(index->pins[i].path);
	free(index->pins);
	*index = (struct pin_index){.nr = 0};
}
