/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/caps.h"
#include "kernel/link_fd.h"
#include "scan/scan_sources.h"
#include "scan/graph_scan.h"

static enum graph_attach_kind scan_link_kind_of(uint32_t link_type)
{
	switch (link_type) {
	case LINK_FD_CGROUP:
		return GRAPH_CGROUP;
	case LINK_FD_XDP:
		return GRAPH_XDP;
	case LINK_FD_TCX:
		return GRAPH_TCX;
	case LINK_FD_NETKIT:
		return GRAPH_NETKIT;
	default:
		return GRAPH_LINK;
	}
}

static int scan_link_add_link(int fd, const struct link_fd_info *info, void *ctx)
{
	(void)fd;
	if (info->prog_id)
		scan_program(ctx, info->prog_id);
	graph_add_link(ctx, &(struct graph_link){.id = info->id,
						 .type = info->type,
						 .program = info->prog_id,
						 .kind = scan_link_kind_of(info->type),
						 .attach_type = info->attach_type,
						 .ifindex = info->ifindex,
						 .cgroup_id = info->cgroup_id,
						 .dead = link_fd_is_dead(info),
						 .target = link_fd_target(info),
						 .map = info->map_id});
	return 0;
}

int scan_links(struct graph *g, struct err *err)
{
	int r = link_fd_each(scan_link_add_link, g);

	/* Before Linux 5.8 links have no ids. */
	if (r == 0 || r == -EINVAL)
		return 0;
	err_set(err, r, "list links");
	caps_explain(err, CAPS_IDS);
	graph_add_hidden(g, GRAPH_FROM_LINK, "%s", err->text);
	err_release(err);
	return 0;
}

void scan_found(struct graph *g, const struct graph_attachment *at)
{
	graph_add_attachment(g, at);
	scan_program(g, at->program);
}
