/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "scan/scan_sources.h"
#include "scan/scan_hidden.h"
#include "scan/scan_net.h"

enum { TYPE_XDP = 37 }; /* enum bpf_attach_type, kernel ABI */

static void scan_dev_add_xdp(const struct scan_net *net, const struct nl_link *link)
{
	for (size_t i = 0; i < link->nr_xdp; i++)
		scan_found(net->g,
			   &(struct graph_attachment){.program = link->xdp[i].prog_id,
						      .kind = GRAPH_XDP,
						      .attach_type = TYPE_XDP,
						      .netns = net->netns,
						      .netns_ino = net->ino,
						      .dev = link->name,
						      .ifindex = (uint32_t)link->ifindex,
						      .hook = GRAPH_INGRESS,
						      .flags = link->xdp[i].flags});
}

struct hook {
	enum graph_attach_kind kind;
	uint32_t attach_type;
	enum graph_hook hook;
	const char *link_kind; /* only devices of this kind; NULL: all */
};

/*
 * A netkit pair runs its programs on what leaves a device: those of the primary device
 * itself, and those that it holds for its peer.
 */
static const struct hook hooks[] = {
	{GRAPH_TCX, DEV_QUERY_TCX_INGRESS, GRAPH_INGRESS, NULL},
	{GRAPH_TCX, DEV_QUERY_TCX_EGRESS, GRAPH_EGRESS, NULL},
	{GRAPH_NETKIT, DEV_QUERY_NETKIT_PRIMARY, GRAPH_EGRESS, "netkit"},
	{GRAPH_NETKIT, DEV_QUERY_NETKIT_PEER, GRAPH_INGRESS, "netkit"},
};

static void scan_dev_add_programs(const struct scan_net *net, const struct nl_link *link,
				  const struct hook *hook, const struct dev_query *q)
{
	for (uint32_t i = 0; i < q->nr; i++)
		scan_found(net->g,
			   &(struct graph_attachment){.program = q->prog_ids[i],
						      .kind = hook->kind,
						      .attach_type = hook->attach_type,
						      .link_id = q->link_ids[i],
						      .order = i + 1,
						      .of = q->nr,
						      .netns = net->netns,
						      .netns_ino = net->ino,
						      .dev = link->name,
						      .ifindex = (uint32_t)link->ifindex,
						      .hook = hook->hook});
}

/* What the kernel says of a device that went away, or that has no such hook. */
static bool is_nothing(int r)
{
	return r == -ENODEV || r == -ENOENT || r == -ENXIO || r == -EOPNOTSUPP ||
	       r == -EACCES;
}

/* By a policy; a netkit device says EACCES that is not the primary one of its pair. */
static bool is_refused(const struct hook *hook, int r)
{
	return r == -EPERM || (r == -EACCES && hook->kind != GRAPH_NETKIT);
}

/* False: this kernel knows no such hook, or we may not ask; no device would answer. */
static bool scan_dev_query(const struct scan_net *net, dev_query_bpf bpf,
			   const struct nl_link *link, const struct hook *hook)
{
	struct dev_query q;
	int r = dev_query(bpf, link->ifindex, hook->attach_type, &q);
	bool refused = is_refused(hook, r);

	if (r == 0)
		scan_dev_add_programs(net, link, hook, &q);
	else if (refused || (r != -EINVAL && !is_nothing(r)))
		scan_hidden_net(
			net, hook->kind == GRAPH_TCX ? "tcx programs" : "netkit programs",
			refused ? NULL : link->name, err_words(r));
	return r != -EINVAL && !refused;
}

void scan_dev(const struct scan_net *net, dev_query_bpf bpf)
{
	bool unknown[array_size(hooks)] = {false};

	for (size_t i = 0; i < net->nr_links; i++) {
		const struct nl_link *link = &net->links[i];

		scan_dev_add_xdp(net, link);
		for (size_t h = 0; h < array_size(hooks); h++) {
			const char *kind = hooks[h].link_kind;

			if (!unknown[h] && (!kind || strcmp(link->kind, kind) == 0))
				unknown[h] = !scan_dev_query(net, bpf, link, &hooks[h]);
		}
	}
}
