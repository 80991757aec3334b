/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>

#include "format/attach_types.h"
#include "format/graph_words.h"

static void add_hook_and_dev(struct strbuf *out, const struct graph_attachment *at)
{
	if (at->hook != GRAPH_HOOK_NONE)
		sb_add(out, at->hook == GRAPH_EGRESS ? " egress" : " ingress");
	if (at->dev)
		sb_addf(out, " dev %s", at->dev);
	else if (at->ifindex)
		sb_addf(out, " ifindex %" PRIu32, at->ifindex);
	if (at->netns)
		sb_addf(out, " netns %s", at->netns);
}

static void add_tc_place(struct strbuf *out, const struct graph_attachment *at)
{
	add_hook_and_dev(out, at);
	if (at->block)
		sb_addf(out, " block %" PRIu32, at->block);
	if (at->chain)
		sb_addf(out, " chain %" PRIu32, at->chain);
	sb_addf(out, " pref %" PRIu32 " handle 0x%" PRIx32, at->pref, at->handle);
}

static void add_cgroup_place(struct strbuf *out, const struct graph_attachment *at)
{
	const struct attach_type *type = attach_type_by_value(at->attach_type);

	sb_addf(out, " %s ", at->path ? at->path : "?");
	if (type)
		sb_add(out, type->name);
	else
		sb_addf(out, "type %" PRIu32, at->attach_type);
}

void graph_place_text(struct strbuf *out, const struct graph_attachment *at)
{
	static const char *const kinds[] = {
		[GRAPH_TC] = "tc",   [GRAPH_TCX] = "tcx",       [GRAPH_NETKIT] = "netkit",
		[GRAPH_XDP] = "xdp", [GRAPH_CGROUP] = "cgroup", [GRAPH_LINK] = "link",
	};

	sb_add(out, kinds[at->kind]);
	if (at->kind == GRAPH_TC)
		add_tc_place(out, at);
	else if (at->kind == GRAPH_CGROUP)
		add_cgroup_place(out, at);
	else
		add_hook_and_dev(out, at);
	if (at->link_id)
		sb_addf(out, at->kind == GRAPH_LINK ? " %" PRIu32 : " link %" PRIu32,
			at->link_id);
}
