/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>

#include "load/attach_again.h"
#include "base/alloc.h"
#include "base/log.h"
#include "def/attach_types.h"
#include "kernel/bpffs.h"
#include "kernel/caps.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_id.h"
#include "kernel/cgroup_links.h"
#include "kernel/cgroup_refusal.h"
#include "kernel/link_fd.h"
#include "kernel/link_pin.h"
#include "load/again_judge.h"

struct again_list {
	const struct again_want *want;
	int cgroup_fd;
	struct cgroup_query q;
};

static void again_list_release(struct again_list *l)
{
	cgroup_query_release(&l->q);
}

static struct again_judge again_judge_of(const struct again_want *want, const char *path)
{
	return (struct again_judge){.obj = want->obj,
				    .prog_fd = want->prog_fd,
				    .where = path,
				    .hook = want->type->name,
				    AGAIN_JUDGE_INIT};
}

/* An entry of a link is the link's place, not this one. 1, 0, or -errno: it cannot be told. */
static int has_direct_entry(const struct again_judge *j, uint32_t id)
{
	const struct again_list *l = j->ctx;
	struct cgroup_links *links = l->want->links;
	size_t entries = 0;
	uint64_t cgroup_id;
	int r = cgroup_links_read(links);

	if (r == 0)
		r = cgroup_id_get(l->cgroup_fd, &cgroup_id);
	if (r < 0)
		return r;
	for (size_t i = 0; i < l->q.nr; i++)
		entries += l->q.prog_ids[i] == id;
	for (size_t i = 0; i < links->nr && entries; i++)
		entries -= cgroup_link_is_at(&links->items[i], cgroup_id,
					     l->want->type->value, id);
	return entries > 0;
}

static int again_settle(const struct again_list *l, const struct again_judge *j,
			struct again *ret, struct err *err)
{
	bool multi = l->want->flags & BPF_F_ALLOW_MULTI;

	if (j->unread.len && (multi || !l->want->replace))
		return again_judge_refuse(j, l->q.prog_ids, l->q.nr, err);
	return multi ? again_judge_settle(j, l->want->replace,
					  "'replace PROG' says which one to replace", ret,
					  err)
		     : 0;
}

/*
 * Unseen it might be attached twice, or take the place of another one. A BPF token attaches in a
 * user namespace, where no list may be asked for: beside what is there, which 'multi' never
 * touches. A type the kernel lacks is the attach's to refuse.
 */
static int again_unseen(const struct again_want *want, const char *path, int code,
			struct err *err)
{
	if (code == -EINVAL)
		return 0;
	if (code != -EPERM || !caps_in_user_ns())
		return cgroup_refusal_unseen(path, want->type, code, err);
	if (want->flags & BPF_F_ALLOW_MULTI) {
		log_warn(
			"'%s': a user namespace cannot see what is attached to %s: this program is added to it",
			path, want->type->name);
		return 0;
	}
	return err_say(
		err, code,
		"'%s': a user namespace cannot see what is attached to %s, which this might displace; 'multi' attaches beside it",
		path, want->type->name);
}

int again_look(const struct again_want *want, int cgroup_fd, const char *path,
	       struct again *ret, struct err *err)
{
	auto_release(again_list_release) struct again_list l = {.want = want,
								.cgroup_fd = cgroup_fd};
	auto_release(again_judge_release) struct again_judge j =
		again_judge_of(want, path);
	int r;

	j.ctx = &l;
	if (want->flags & BPF_F_ALLOW_MULTI)
		j.counts = has_direct_entry;
	*ret = (struct again){.kind = AGAIN_ATTACH};
	if (!want->obj)
		return 0;
	r = cgroup_fd_query(cgroup_fd, want->type->value, false, &l.q);
	if (r < 0)
		return again_unseen(want, path, r, err);
	/* What is of another mode is the attach's to refuse. */
	ret->revision = l.q.revision;
	if (l.q.nr && cgroup_mode_of(l.q.flags) != want->flags)
		return 0;
	for (size_t i = 0; i < l.q.nr; i++) {
		if (again_judge(&j, l.q.prog_ids[i]) != SAME_YES)
			continue;
		ret->kind = AGAIN_SAME;
		ret->prog_id = l.q.prog_ids[i];
		return 0;
	}
	return again_settle(&l, &j, ret, err);
}

/* --- links ------------------------------------------------ */

/*
 * As again_probe_pin(), of a link that is there. A removed cgroup's keeps its id for a while, for
 * as long as sockets hold the cgroup.
 */
static int again_link_state(const struct again_want *want, int cgroup_fd,
			    const struct link_fd_info *info)
{
	uint64_t id;
	int r = info->type == LINK_FD_CGROUP ? cgroup_id_get(cgroup_fd, &id) : 0;

	if (r < 0)
		return r;
	if (info->type != LINK_FD_CGROUP)
		return AGAIN_PIN_TAKEN;
	if (info->attach_type == want->type->value && info->cgroup_id == id)
		return AGAIN_PIN_HERE;
	r = info->cgroup_id ? cgroup_fd_is_removed(cgroup_fd, info->cgroup_id) : 1;
	return r < 0 ? r : r ? AGAIN_PIN_DEAD : AGAIN_PIN_TAKEN;
}

int again_probe_pin(const struct again_want *want, int cgroup_fd, const char *pin,
		    struct err *err)
{
	auto_close int fd = link_pin_open(pin);
	struct link_fd_info info;
	int r;

	if (fd == -ENOENT)
		return AGAIN_PIN_NONE;
	if (fd == -EMEDIUMTYPE || fd == -ENOTDIR)
		return AGAIN_PIN_TAKEN;
	r = fd < 0 ? fd : link_fd_info(fd, &info);
	if (r == 0)
		r = again_link_state(want, cgroup_fd, &info);
	return r < 0 ? err_set(err, r, "link pinned '%s'", pin) : r;
}

static int refuse_link(const struct again_want *want, const char *pin,
		       const struct link_fd_info *info, struct err *err)
{
	if (info->type != LINK_FD_CGROUP)
		return err_say(
			err, -EEXIST,
			"pin '%s': File exists: link id %u, which is not a cgroup's", pin,
			info->id);
	return err_say(
		err, -EEXIST,
		"pin '%s': File exists: link id %u of program id %u, attached to %s of the cgroup with id %" PRIu64
		", not to %s here; choose another path, or remove that pin",
		pin, info->id, info->prog_id,
		attach_type_by_value(info->attach_type)
			? attach_type_by_value(info->attach_type)->name
			: "another type",
		info->cgroup_id, want->type->name);
}

int again_look_link(const struct again_want *want, int cgroup_fd, const char *pin,
		    struct again *ret, struct err *err)
{
	struct link_fd_info info;
	int r;

	*ret = (struct again){.kind = AGAIN_ATTACH};
	r = again_judge_pin(pin, &info, ret, err);
	if (r <= 0)
		return r;
	r = again_link_state(want, cgroup_fd, &info);
	if (r < 0)
		return err_set(err, r, "link pinned '%s'", pin);
	if (r == AGAIN_PIN_HERE) {
		const struct again_judge j = again_judge_of(want, NULL);

		return again_judge_link(&j, pin, info.prog_id, want->replace, ret, err);
	}
	if (r != AGAIN_PIN_DEAD)
		return refuse_link(want, pin, &info, err);
	ret->kind = AGAIN_REVIVE;
	return 0;
}
