/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The last look before pins go, while their names are gone already: it must be short, since
 * a stock loader that comes meanwhile makes a map of its own.
 */
#include <time.h>

#include "base/alloc.h"
#include "kernel/proc.h"
#include "kernel/prog_fd.h"
#include "scan/gc_private.h"

enum {
	/* Whoever lists objects has each of them open for a moment. */
	TAKEN_LOOKS = 3,
	TAKEN_STEP_MS = 2,
};

struct taken_search {
	const struct idle_pins *rows;
	const struct graph *g;
	uint32_t map; /* 0: none was taken */
	struct strbuf *words;
};

static bool is_row(const struct taken_search *s, uint32_t map)
{
	for (size_t i = 0; i < s->rows->nr; i++)
		if (s->rows->items[i].kind == IDLE_MAP && s->rows->items[i].id == map)
			return true;
	return false;
}

static void find_holder(uint32_t pid, const char *comm, const struct proc_fd *fd,
			void *ctx)
{
	struct taken_search *s = ctx;
	const struct usage_mark mark = {.by = USAGE_OPEN, .id = pid, .comm = comm};

	if (s->map || fd->kind != BPF_FD_MAP || !is_row(s, fd->id))
		return;
	s->map = fd->id;
	usage_words(s->words, mark);
}

/* A program that came after the graph was read, with one of the maps. */
static int find_newcomer(uint32_t id, int fd, const struct bpf_prog_info *info, void *ctx)
{
	struct taken_search *s = ctx;
	const struct usage_mark mark = {.by = USAGE_ATTACHED, .id = id};
	auto_free uint32_t *maps = NULL;
	size_t nr = 0;
	int r;

	(void)info;
	if (graph_find_program(s->g, id))
		return 0;
	r = prog_fd_maps(fd, &maps, &nr);
	if (r < 0)
		return r;
	for (size_t i = 0; i < nr; i++) {
		if (!is_row(s, maps[i]))
			continue;
		s->map = maps[i];
		usage_words(s->words, mark);
		return 1;
	}
	return 0;
}

static bool has_maps(const struct idle_pins *rows)
{
	for (size_t i = 0; i < rows->nr; i++)
		if (rows->items[i].kind == IDLE_MAP)
			return true;
	return false;
}

/*
 * Open files first: a loader that ends between the two looks has left a program by the
 * second. Maps only: a program's last pin may have been its life.
 */
bool gc_is_taken(const struct idle_pins *rows, const struct graph *g, uint32_t *map,
		 struct strbuf *words)
{
	const struct timespec step = {.tv_nsec = TAKEN_STEP_MS * 1000000L};

	for (int looks = 1; has_maps(rows); looks++) {
		struct taken_search s = {.rows = rows, .g = g, .words = words};
		struct proc_unseen unseen;

		sb_clear(words);
		if (proc_each_fd(find_holder, &s, &unseen) < 0 ||
		    (unseen.nr && !proc_unseen_is_refused(&unseen))) {
			sb_add(words, "open files cannot be seen");
			*map = rows->items[0].id;
			return true;
		}
		if (!s.map && prog_fd_each(find_newcomer, &s) < 0) {
			sb_add(words, "programs and their maps cannot be listed");
			s.map = rows->items[0].id;
		}
		*map = s.map;
		if (!s.map || looks == TAKEN_LOOKS)
			return s.map != 0;
		nanosleep(&step, NULL);
	}
	return false;
}
