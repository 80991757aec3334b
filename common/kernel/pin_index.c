/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "kernel/bpffs.h"
#include "kernel/pin_index.h"

struct reading {
	struct pin_index *index;
	enum bpf_fd_kind kind;
	int failed; /* why one could not be told: the first -errno */
};

/* Gone, of another kind, or the kernel's own maps.debug, a link with a name only it may give. */
static bool pin_index_is_nothing(const char *path, int r)
{
	return r == -ENOENT || r == -EMEDIUMTYPE ||
	       (r == -EACCES && strchr(strrchr(path, '/'), '.'));
}

static int pin_index_add_pin(const char *path, void *ctx)
{
	struct reading *reading = ctx;
	auto_close int fd = bpf_fd_by_pin_to_read(path, reading->kind);
	struct pin_index *index = reading->index;
	uint32_t id = 0;
	enum bpf_fd_kind kind;
	int r = fd;

	if (fd >= 0)
		r = bpf_fd_kind_read(fd, &kind);
	if (fd >= 0 && r == 0)
		r = kind == BPF_FD_UNKNOWN ? -EIO : bpf_fd_id(fd, &id);
	if (r < 0) {
		if (!pin_index_is_nothing(path, r) && !reading->failed)
			reading->failed = r;
		return 0;
	}
	array_grow(index->pins, index->nr);
	index->pins[index->nr++] = (struct pin_entry){.id = id, .path = xstrdup(path)};
	return 0;
}

static void pin_index_unseen(struct pin_index *index, int why)
{
	if (!index->unseen)
		index->unseen = why;
}

static int pin_index_add_mount(const char *path, void *ctx)
{
	struct reading *reading = ctx;
	int r = bpffs_each_pin(path, pin_index_add_pin, ctx);

	if (r == 0)
		r = reading->failed;
	/* One that is covered by another has nothing to show. */
	if (r < 0 && r != -ENOENT) {
		log_warn("not all pins below '%s' can be seen: %s", path, err_words(r));
		pin_index_unseen(reading->index, r);
	}
	reading->failed = 0;
	return 0;
}

/*
 * Several pins of one object stand in bpftool's output in the order of a hash table that
 * adds at the head of a chain and, each time it grows (from 4 slots, at three quarters),
 * turns the chains round. Scripts compare such lists, so ours have that order too.
 */
static void order_as_bpftool(struct pin_index *index)
{
	struct pin_entry *row = xcalloc(2 * index->nr + 1, sizeof(*row));
	size_t first = index->nr, end = first, room = 0;
	bool head_first = true;

	for (size_t i = 0; i < index->nr; i++) {
		if ((i + 1) * 4 / 3 > room) {
			room = room ? 2 * room : 4;
			head_first = !head_first;
		}
		if (head_first)
			row[--first] = index->pins[i];
		else
			row[end++] = index->pins[i];
	}
	for (size_t i = 0; i < index->nr; i++)
		index->pins[i] = head_first ? row[first + i] : row[end - 1 - i];
	free(row);
}

void pin_index_read(struct pin_index *ret, enum bpf_fd_kind kind)
{
	struct reading reading = {.index = ret, .kind = kind};
	int r;

	*ret = (struct pin_index){.nr = 0};
	r = bpffs_each_mount(pin_index_add_mount, &reading);
	if (r < 0) {
		log_warn("not all pins can be seen: mounts cannot be read: %s",
			 err_words(r));
		pin_index_unseen(ret, r);
	}
	order_as_bpftool(ret);
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
