/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "kernel/caps.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_id.h"
#include "kernel/nl_sock.h"
#include "kernel/prog_fd.h"
#include "load/apply_state.h"
#include "netlink/nl_filter.h"

enum { STATE_SKIP = TCA_CLS_FLAGS_SKIP_HW | TCA_CLS_FLAGS_SKIP_SW };

static void state_program_freep(struct apply_program **program)
{
	if (!*program)
		return;
	cleanup_close(&(*program)->fd);
	free((*program)->name);
	free((*program)->maps);
	free(*program);
}

static void state_list_freep(struct apply_list **list)
{
	if (*list)
		cgroup_query_release(&(*list)->q);
	free(*list);
}

void apply_state_release(struct apply_state *state)
{
	for (size_t i = 0; i < state->nr_programs; i++)
		state_program_freep(&state->programs[i]);
	for (size_t i = 0; i < state->nr_lists; i++)
		state_list_freep(&state->lists[i]);
	free(state->programs);
	free(state->lists);
	cgroup_links_release(&state->links);
	*state = (struct apply_state)APPLY_STATE_INIT;
}

static bool state_keeps(const uint32_t *keep, size_t nr, uint32_t id)
{
	for (size_t i = 0; i < nr; i++)
		if (keep[i] == id)
			return true;
	return false;
}

void apply_state_renew(struct apply_state *state, const uint32_t *keep, size_t nr)
{
	size_t kept = 0;

	for (size_t i = 0; i < state->nr_programs; i++) {
		struct apply_program *program = state->programs[i];

		if (state_keeps(keep, nr, program->is.id))
			state->programs[kept++] = program;
		else
			state_program_freep(&program);
	}
	state->nr_programs = kept;
	for (size_t i = 0; i < state->nr_lists; i++)
		state_list_freep(&state->lists[i]);
	state->nr_lists = 0;
	cgroup_links_release(&state->links);
}

/* --- programs --- */

static int state_read_program(struct apply_program *program, uint32_t id, struct err *err)
{
	struct bpf_prog_info info;
	int r;

	program->fd = prog_fd_by_id(id);
	r = program->fd < 0 ? program->fd : prog_fd_info(program->fd, &info);
	if (r == 0)
		r = prog_fd_maps(program->fd, &program->maps, &program->nr_maps);
	if (r < 0) {
		err_set(err, r, "look at program id %u", id);
		return caps_explain(err, CAPS_IDS);
	}
	program->is = (struct apply_identity){.id = id, .load_time = info.load_time};
	memcpy(program->is.tag, info.tag, sizeof(program->is.tag));
	program->type = info.type;
	program->name = prog_fd_name(program->fd, &info);
	return 0;
}

int apply_state_program(struct apply_state *state, uint32_t id,
			const struct apply_program **ret, struct err *err)
{
	auto_release(state_program_freep) struct apply_program *program = NULL;
	int r;

	/* What was found last is what the next place has, too. */
	for (size_t i = state->nr_programs; i-- > 0;)
		if (state->programs[i]->is.id == id) {
			*ret = state->programs[i];
			return 0;
		}
	program = xcalloc(1, sizeof(*program));
	program->fd = -1;
	r = state_read_program(program, id, err);
	if (r < 0)
		return r;
	array_grow(state->programs, state->nr_programs);
	*ret = state->programs[state->nr_programs++] = take_ptr(program);
	return 0;
}

/* --- filters --- */

static int state_take_filter(const struct nlmsghdr *nlh, void *ctx)
{
	auto_release(nl_filter_release) struct nl_filter f = {.ifindex = 0};
	struct apply_hook *hook = ctx;
	struct apply_filter *item;
	int r = nl_filter_parse(&f, nlh);

	if (r < 0)
		return r;
	array_grow(hook->items, hook->nr);
	item = &hook->items[hook->nr++];
	/* The header of a preference has no handle, and tells its protocol and kind. */
	*item = (struct apply_filter){.chain = f.chain,
				      .handle = f.has_options ? f.handle : 0,
				      .pref = f.pref,
				      .protocol = f.protocol,
				      .is_bpf = strcmp(f.kind, "bpf") == 0,
				      .direct_action = f.direct_action,
				      .has_classid = f.has_classid,
				      .has_actions = f.has_actions,
				      .is_skipping = f.gen_flags & STATE_SKIP,
				      .prog_id =
					      f.prog == NL_FILTER_EBPF ? f.prog_id : 0};
	memcpy(item->kind, f.kind, sizeof(item->kind));
	return 0;
}

static void state_drop_filters(void *ctx)
{
	((struct apply_hook *)ctx)->nr = 0;
}

int apply_state_hook(const struct apply_ns *ns, struct apply_dev *dev, uint32_t parent,
		     struct apply_hook **ret, struct err *err)
{
	struct apply_hook *hook = &dev->hooks[parent == NL_PARENT_EGRESS];
	const struct nl_filter place = {.ifindex = dev->ifindex, .parent = parent};
	char buf[256] __attribute__((aligned(8)));
	int r = 0;

	*ret = hook;
	if (hook->read || dev->qdisc == APPLY_QDISC_NONE)
		return 0;
	r = nl_filter_build(buf, sizeof(buf), &place, NL_FILTER_SHOW);
	if (r == 0)
		r = nl_sock_dump(ns->sock, (struct nlmsghdr *)buf, state_take_filter,
				 state_drop_filters, hook, err);
	if (r < 0)
		return err->code ? err_context(err, "filters of dev '%s'", dev->name)
				 : err_set(err, r, "filters of dev '%s'", dev->name);
	hook->read = true;
	return 0;
}

/* --- cgroups --- */

/* The first list that does not come before that one: they are kept in order. */
static size_t state_find_list(const struct apply_state *state, uint64_t cgroup_id,
			      uint32_t type)
{
	size_t low = 0, high = state->nr_lists;

	while (low < high) {
		const size_t middle = (low + high) / 2;
		const struct apply_list *list = state->lists[middle];

		if (list->cgroup_id < cgroup_id ||
		    (list->cgroup_id == cgroup_id && list->type < type))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int state_open_cgroup(const char *cgroup, uint64_t cgroup_id, struct err *err)
{
	uint64_t id;
	auto_close int fd = cgroup_id_open(cgroup, &id, err);
	int gone = fd == -ENOENT || fd == -ENOTDIR ? cgroup_fd_is_gone(cgroup) : 1;

	if (gone < 0)
		return err_set(err, gone, "cgroup '%s'", cgroup);
	if (!gone)
		return err_say(
			err, -EXDEV,
			"cgroup '%s': no cgroup v2 tree is mounted where it was, so that it may still be there; mount it, or run this where it is",
			cgroup);
	if (fd < 0)
		return fd;
	if (id != cgroup_id)
		return err_say(err, -ENOENT, "cgroup '%s' is another one by now", cgroup);
	return take_fd(&fd);
}

int apply_state_list(struct apply_state *state, const char *cgroup, uint64_t cgroup_id,
		     int fd, const struct attach_type *type,
		     const struct apply_list **ret, struct err *err)
{
	auto_release(state_list_freep) struct apply_list *list = NULL;
	auto_close int opened = -1;
	const size_t at = state_find_list(state, cgroup_id, type->value);
	int r;

	if (at < state->nr_lists && state->lists[at]->cgroup_id == cgroup_id &&
	    state->lists[at]->type == type->value) {
		*ret = state->lists[at];
		return 0;
	}
	if (fd < 0)
		fd = opened = state_open_cgroup(cgroup, cgroup_id, err);
	if (fd < 0)
		return fd;
	list = xcalloc(1, sizeof(*list));
	list->cgroup_id = cgroup_id;
	list->type = type->value;
	r = cgroup_fd_query(fd, type->value, false, &list->q);
	if (r < 0) {
		err_set(err, r, "'%s': read its %s programs", cgroup, type->name);
		return caps_explain(err, CAPS_CGROUP);
	}
	array_grow(state->lists, state->nr_lists);
	memmove(&state->lists[at + 1], &state->lists[at],
		(state->nr_lists++ - at) * sizeof(*state->lists));
	*ret = state->lists[at] = take_ptr(list);
	return 0;
}

int apply_state_is_direct(struct apply_state *state, const struct apply_list *list,
			  uint32_t prog_id, bool *ret, struct err *err)
{
	size_t entries = 0;
	int r;

	*ret = false;
	for (size_t i = 0; i < list->q.nr; i++)
		entries += list->q.prog_ids[i] == prog_id;
	if (!entries)
		return 0;
	r = cgroup_links_read(&state->links);
	if (r < 0) {
		err_set(err, r, "look at the links of cgroups");
		return caps_explain(err, CAPS_IDS);
	}
	for (size_t i = 0; i < state->links.nr && entries; i++)
		entries -= cgroup_link_is_at(&state->links.items[i], list->cgroup_id,
					     list->type, prog_id);
	*ret = entries > 0;
	return 0;
}

int apply_state_link(const char *pin, uint64_t cgroup_id, uint32_t attach_type,
		     enum apply_link *ret, struct link_fd_info *info, struct err *err)
{
	auto_close int fd = link_fd_by_pin(pin);
	int r;

	*info = (struct link_fd_info){.id = 0};
	*ret = APPLY_LINK_OTHER;
	if (fd == -ENOENT || fd == -ENOTDIR) {
		*ret = APPLY_LINK_NONE;
		return 0;
	}
	if (fd == -EMEDIUMTYPE)
		return 0;
	r = fd < 0 ? fd : link_fd_info(fd, info);
	if (r < 0)
		return err_set(err, r, "link pinned '%s'", pin);
	if (info->type == LINK_FD_CGROUP && !info->cgroup_id)
		*ret = APPLY_LINK_DEAD;
	else if (info->type == LINK_FD_CGROUP && info->cgroup_id == cgroup_id &&
		 info->attach_type == attach_type)
		*ret = APPLY_LINK_HERE;
	return 0;
}
