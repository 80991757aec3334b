/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpf_names.h"
#include "kernel/link_fd.h"
#include "kernel/map_fd.h"
#include "kernel/prog_fd.h"
#include "verbs/complete_ref.h"
#include "verbs/complete_tree.h"

/* What "id N" is about, by the brackets that it stands in: they are the same everywhere. */
static enum bpf_fd_kind atom_kind(const struct synopsis_atom *atom)
{
	const char *group = atom->group;

	if (atom->keyword && strcmp(atom->keyword, "link") == 0)
		return BPF_FD_LINK;
	if (strcmp(group, "id N|pinned PATH") == 0)
		return BPF_FD_LINK;
	if (strstr(group, "tag TAG") || !strstr(group, "name NAME"))
		return BPF_FD_PROG;
	return BPF_FD_MAP;
}

struct about {
	struct complete *c;
	const char *keyword;
};

static void offer_object(const struct about *to, uint32_t id, const char *name,
			 const char *type)
{
	auto_free char *number = xasprintf("%u", id);
	auto_free char *about =
		xasprintf("%s%s%s", name, *name && type ? ", " : "", type ? type : "");
	auto_free char *which =
		xasprintf("%s%sid %u", type ? type : "", type ? ", " : "", id);

	if (strcmp(to->keyword, "id") == 0 || strcmp(to->keyword, "link") == 0)
		complete_offer(to->c, number, about);
	else
		complete_offer(to->c, name, which);
}

static int offer_map(uint32_t id, int fd, const struct bpf_map_info *info, void *ctx)
{
	(void)fd;
	offer_object(ctx, id, info->name, mapdef_type_name(info->type));
	return 0;
}

static int offer_prog(uint32_t id, int fd, const struct bpf_prog_info *info, void *ctx)
{
	const struct about *to = ctx;
	char tag[2 * sizeof(info->tag) + 1];

	(void)fd;
	if (strcmp(to->keyword, "tag") != 0) {
		offer_object(to, id, info->name, prog_type_name(info->type));
		return 0;
	}
	for (size_t i = 0; i < sizeof(info->tag); i++)
		snprintf(tag + 2 * i, 3, "%02x", info->tag[i]);
	complete_offer(to->c, tag, info->name);
	return 0;
}

static int offer_link(int fd, const struct link_fd_info *info, void *ctx)
{
	(void)fd;
	offer_object(ctx, info->id, "", bpf_names_link_type(info->type));
	return 0;
}

void complete_refs(struct complete *c, const struct synopsis_atom *atom)
{
	struct about to = {c, atom->keyword ? atom->keyword : "name"};
	int r;

	switch (atom_kind(atom)) {
	case BPF_FD_LINK:
		r = link_fd_each(offer_link, &to);
		break;
	case BPF_FD_PROG:
		r = prog_fd_each(offer_prog, &to);
		break;
	default:
		r = map_fd_each(offer_map, &to);
	}
	/* Without the rights to ask there is nothing to offer. */
	(void)r;
}

/* What may not be opened may be what is wanted. */
static bool pin_fits(const char *path, enum bpf_fd_kind kind)
{
	auto_close int fd = bpf_fd_by_pin(path, kind);

	return fd >= 0 || fd == -EACCES || fd == -EPERM;
}

static bool pin_is_map(const char *path)
{
	return pin_fits(path, BPF_FD_MAP);
}

static bool pin_is_prog(const char *path)
{
	return pin_fits(path, BPF_FD_PROG);
}

static bool pin_is_link(const char *path)
{
	return pin_fits(path, BPF_FD_LINK);
}

void complete_pins(struct complete *c, const struct synopsis_atom *atom)
{
	enum bpf_fd_kind kind = atom_kind(atom);

	complete_tree(c, "bpf",
		      kind == BPF_FD_MAP    ? pin_is_map
		      : kind == BPF_FD_PROG ? pin_is_prog
					    : pin_is_link);
}
