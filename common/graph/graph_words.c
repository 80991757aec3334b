/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>

#include "def/attach_types.h"
#include "def/mapdef.h"
#include "graph/graph_words.h"

/* Kernel ABI: linux/bpf.h, linux/if_link.h */
enum { ALLOW_OVERRIDE = 1, ALLOW_MULTI = 2 };
enum { XDP_SKB = 2, XDP_DRV = 4, XDP_HW = 8 };
enum { LINK_RAW_TRACEPOINT = 1, LINK_CGROUP = 3, LINK_NETNS = 5, LINK_SOCKMAP = 14 };

static const char *or_number(const char *name, uint32_t type, struct strbuf *scratch)
{
	if (name)
		return name;
	sb_clear(scratch);
	sb_addf(scratch, "type %" PRIu32, type);
	return sb_text(scratch);
}

const char *graph_words_prog_type(uint32_t type, struct strbuf *scratch)
{
	return or_number(prog_type_name(type), type, scratch);
}

const char *graph_words_map_type(uint32_t type, struct strbuf *scratch)
{
	return or_number(mapdef_type_name(type), type, scratch);
}

const char *graph_words_kind(enum graph_attach_kind kind)
{
	static const char *const names[] = {
		[GRAPH_TC] = "tc",   [GRAPH_TCX] = "tcx",       [GRAPH_NETKIT] = "netkit",
		[GRAPH_XDP] = "xdp", [GRAPH_CGROUP] = "cgroup", [GRAPH_LINK] = "link",
	};

	return names[kind];
}

const char *graph_words_hook(enum graph_hook hook)
{
	if (hook == GRAPH_HOOK_NONE)
		return NULL;
	return hook == GRAPH_EGRESS ? "egress" : "ingress";
}

const char *graph_words_flags(const struct graph_attachment *at)
{
	if (at->kind == GRAPH_CGROUP && at->flags & ALLOW_MULTI)
		return "multi";
	if (at->kind == GRAPH_CGROUP && at->flags & ALLOW_OVERRIDE)
		return "override";
	if (at->kind != GRAPH_XDP)
		return NULL;
	if (at->flags & XDP_DRV)
		return "drv";
	if (at->flags & XDP_SKB)
		return "skb";
	return at->flags & XDP_HW ? "hw" : NULL;
}

const char *graph_words_attach_type(const struct graph_attachment *at)
{
	if (at->kind == GRAPH_TC)
		return NULL;
	/* Links that have none leave the zero of a cgroup type. */
	if (at->kind == GRAPH_LINK && at->attach_type == 0)
		return NULL;
	return attach_type_name(at->attach_type);
}

static void graph_words_add_device(struct strbuf *out, const struct graph_attachment *at)
{
	if (at->dev)
		sb_addf(out, " dev %s", at->dev);
	else if (at->ifindex)
		sb_addf(out, " ifindex %" PRIu32, at->ifindex);
	if (at->netns)
		sb_addf(out, " netns %s", at->netns);
}

static void graph_words_add_word(struct strbuf *out, const char *word)
{
	if (word)
		sb_addf(out, " %s", word);
}

static void graph_words_add_type(struct strbuf *out, const struct graph_attachment *at)
{
	auto_strbuf scratch = STRBUF_INIT;

	graph_words_add_word(out, or_number(graph_words_attach_type(at), at->attach_type,
					    &scratch));
}

/* Without an attach type the kind of the link says more than nothing. */
static void add_link_type(struct strbuf *out, const struct graph_attachment *at)
{
	if (at->attach_type)
		graph_words_add_type(out, at);
	else if (at->link_type == LINK_RAW_TRACEPOINT)
		graph_words_add_word(out, "raw_tracepoint");
}

void graph_words_handle(struct strbuf *out, uint32_t handle)
{
	sb_addf(out, "%" PRIx32 ":", handle >> 16);
	if (handle & 0xffff)
		sb_addf(out, "%" PRIx32, handle & 0xffff);
}

static void add_order(struct strbuf *out, const struct graph_attachment *at)
{
	if (at->of > 1)
		sb_addf(out, " %" PRIu32 " of %" PRIu32, at->order, at->of);
}

static void add_tc(struct strbuf *out, const struct graph_attachment *at)
{
	graph_words_add_word(out, graph_words_hook(at->hook));
	graph_words_add_device(out, at);
	if (at->parent) {
		sb_add(out, " parent ");
		graph_words_handle(out, at->parent);
	}
	if (at->block)
		sb_addf(out, " block %" PRIu32, at->block);
	if (at->chain)
		sb_addf(out, " chain %" PRIu32, at->chain);
	sb_addf(out, " pref %" PRIu32 " handle 0x%" PRIx32, at->pref, at->handle);
}

static void add_cgroup(struct strbuf *out, const struct graph_attachment *at)
{
	if (at->path)
		sb_addf(out, " %s", at->path);
	else
		sb_addf(out, " id %" PRIu64 " (not in the tree seen here)",
			at->cgroup_id);
	graph_words_add_type(out, at);
}

/* Enum bpf_link_type, kernel ABI. */
static const char *target_of(uint32_t link_type)
{
	switch (link_type) {
	case LINK_CGROUP:
		return "cgroup";
	case LINK_NETNS:
		return "network namespace";
	case LINK_SOCKMAP:
		return "map";
	default:
		return "device";
	}
}

static void graph_words_add_dead(struct strbuf *out, const struct graph_attachment *at)
{
	if (at->kind != GRAPH_LINK)
		sb_add(out, " link");
	sb_addf(out, " %" PRIu32, at->link_id);
	graph_words_add_type(out, at);
	sb_addf(out, " (dead: its %s is gone)", target_of(at->link_type));
}

void graph_words_place(struct strbuf *out, const struct graph_attachment *at)
{
	sb_add(out, graph_words_kind(at->kind));
	if (at->dead) {
		graph_words_add_dead(out, at);
		return;
	}
	switch (at->kind) {
	case GRAPH_TC:
		add_tc(out, at);
		return;
	case GRAPH_TCX:
	case GRAPH_NETKIT:
		graph_words_add_word(out, graph_words_hook(at->hook));
		graph_words_add_device(out, at);
		add_order(out, at);
		break;
	case GRAPH_XDP:
		graph_words_add_word(out, graph_words_flags(at));
		graph_words_add_device(out, at);
		break;
	case GRAPH_CGROUP:
		add_cgroup(out, at);
		break;
	case GRAPH_LINK:
		sb_addf(out, " %" PRIu32, at->link_id);
		add_link_type(out, at);
		graph_words_add_device(out, at);
		return;
	}
	if (at->link_id)
		sb_addf(out, " link %" PRIu32, at->link_id);
	/* The kernel tells the number of a link's device, not where that is. */
	if (at->kind == GRAPH_XDP && !at->dev)
		sb_add(out, " (in one of several network namespaces)");
}

static void graph_words_add_slot(struct strbuf *out, const struct graph_slot *slot)
{
	sb_addf(out, "map %" PRIu32, slot->map);
	if (slot->has_key)
		sb_addf(out, " %s %" PRIu32, slot->redirect ? "entry" : "slot",
			slot->key);
}

void graph_words_user(struct strbuf *out, const struct graph_attachment *at,
		      uint32_t program, const struct graph_slot *call,
		      const struct graph_slot *inner)
{
	graph_words_place(out, at);
	if (call && at->program != program) {
		sb_addf(out, ", by %s from program %" PRIu32 " (",
			call->redirect ? "redirect" : "tail call", at->program);
		graph_words_add_slot(out, call);
		sb_add_char(out, ')');
	}
	if (inner) {
		sb_add(out, ", through ");
		graph_words_add_slot(out, inner);
	}
}

/* Whether it goes on, the graph does not know: what is beside the pin is the same. */
void graph_words_migrates(struct strbuf *out, const struct graph_pin *pin)
{
	sb_addf(out,
		"'%s': a 'map migrate' of it was interrupted, or is under way; run it again to finish it",
		pin->path);
}
