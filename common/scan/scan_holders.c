/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdio.h>

#include "kernel/proc.h"
#include "scan/scan_hidden.h"
#include "scan/scan_sources.h"
#include "scan/graph_scan.h"

/* A namespace in which no process is lives as long as somebody has it open. */
static void add_netns(struct graph *g, const struct proc_fd *fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/fd/%u", fd->tid, fd->number);
	scan_netns(g, fd->netns, path);
}

/* Who has a link open keeps its program too. */
static void add_holder(uint32_t pid, const char *comm, const struct proc_fd *fd,
		       void *ctx)
{
	struct graph_holder h = {.id = fd->id, .pid = pid, .comm = comm};

	if (fd->netns) {
		add_netns(ctx, fd);
		return;
	}
	switch (fd->kind) {
	case BPF_FD_MAP:
		h.of = GRAPH_OF_MAP;
		break;
	case BPF_FD_PROG:
		h.of = GRAPH_OF_PROGRAM;
		break;
	default:
		h.of = GRAPH_OF_LINK;
	}
	graph_add_holder(ctx, &h);
	if (h.of == GRAPH_OF_LINK && fd->prog_id) {
		h.of = GRAPH_OF_PROGRAM;
		h.id = fd->prog_id;
		graph_add_holder(ctx, &h);
	}
}

void scan_holders(struct graph *g)
{
	const struct graph_hidden hidden = {.source = GRAPH_FROM_OPEN, .failed = true};
	struct proc_unseen unseen;
	int r = proc_each_fd(add_holder, g, &unseen);

	if (r < 0)
		graph_add_hidden_at(g, &hidden, "open files of processes: %s",
				    err_words(r));
	else
		scan_hidden_processes(g, GRAPH_FROM_OPEN, "open files", &unseen);
}
