/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <sys/stat.h>

#include "load/attach_again.h"
#include "base/alloc.h"
#include "def/attach_types.h"
#include "kernel/bpffs.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_links.h"
#include "kernel/cgroup_refusal.h"
#include "kernel/link_fd.h"
#include "kernel/prog_fd.h"
#include "load/same_program.h"

/* How another program gets in, where the one that is there has the same name. */
#define WAYS_OUT                                                                  \
	"'replace' puts this one in its place; to have both, 'prog load' it and " \
	"attach it by 'pinned PATH'"

struct look {
	const struct again_want *want;
	int cgroup_fd;
	const char *path;
	struct cgroup_query q;
	struct cgroup_query others; /* of the same function name, but not the same */
	struct strbuf differs;      /* how the last of them differs */
	struct strbuf unread;       /* why the answer is not known */
};

static void attach_again_look_release(struct look *l)
{
	cgroup_query_release(&l->q);
	cgroup_query_release(&l->others);
	sb_release(&l->differs);
	sb_release(&l->unread);
}

/* An entry of a link is the link's place, not this one. */
static bool has_direct_entry(const struct look *l, uint32_t id)
{
	struct cgroup_links *links = l->want->links;
	size_t entries = 0;

	if (cgroup_links_read(links) < 0)
		return true;
	for (size_t i = 0; i < l->q.nr; i++)
		entries += l->q.prog_ids[i] == id;
	for (size_t i = 0; i < links->nr && entries; i++)
		entries -= cgroup_link_is_at(&links->items[i], l->cgroup_fd,
					     l->want->type->value, id);
	return entries > 0;
}

static enum same_answer attach_again_judge(struct look *l, uint32_t id)
{
	auto_close int fd = prog_fd_by_id(id);
	auto_strbuf why = STRBUF_INIT;
	enum same_answer answer;

	if (fd == -ENOENT)
		return SAME_NO;
	if (fd >= 0 && same_function(l->want->prog_fd, fd) == 0)
		return SAME_NO;
	if (fd >= 0 && l->want->flags & BPF_F_ALLOW_MULTI && !has_direct_entry(l, id))
		return SAME_NO;
	answer = fd < 0 ? same_program_id(l->want->obj, l->want->prog_fd, id, &why)
			: same_program(l->want->obj, l->want->prog_fd, fd, &why);
	if (answer == SAME_UNKNOWN && !l->unread.len)
		sb_add(&l->unread, sb_text(&why));
	if (answer == SAME_NO) {
		array_grow(l->others.prog_ids, l->others.nr);
		l->others.prog_ids[l->others.nr++] = id;
		sb_clear(&l->differs);
		sb_add(&l->differs, sb_text(&why));
	}
	return answer;
}

static int refuse_unknown(const struct look *l, struct err *err)
{
	auto_strbuf who = STRBUF_INIT;

	cgroup_say_programs(&who, &l->q);
	return err_say(
		err, -EEXIST,
		"'%s': %s has %s, and whether that is this program already cannot be determined: %s",
		l->path, l->want->type->name, sb_text(&who), sb_text(&l->unread));
}

/* Beside others of its name a program goes only where that was asked for. */
static int settle_multi(const struct look *l, struct again *ret, struct err *err)
{
	auto_strbuf who = STRBUF_INIT;

	if (l->unread.len)
		return refuse_unknown(l, err);
	if (!l->others.nr)
		return 0;
	cgroup_say_programs(&who, &l->others);
	if (l->others.nr > 1)
		return err_say(
			err, -EEXIST,
			"'%s': %s has several programs of that function name: %s; 'replace PROG' says which one to replace",
			l->path, l->want->type->name, sb_text(&who));
	if (!l->want->replace)
		return err_say(err, -EEXIST,
			       "'%s': %s has %s already, but not the same: %s; " WAYS_OUT,
			       l->path, l->want->type->name, sb_text(&who),
			       sb_text(&l->differs));
	ret->kind = AGAIN_SWAP;
	ret->prog_id = l->others.prog_ids[0];
	return 0;
}

int again_look(const struct again_want *want, int cgroup_fd, const char *path,
	       struct again *ret, struct err *err)
{
	auto_release(attach_again_look_release) struct look l = {.want = want,
								 .cgroup_fd = cgroup_fd,
								 .path = path,
								 .differs = STRBUF_INIT,
								 .unread = STRBUF_INIT};

	*ret = (struct again){.kind = AGAIN_ATTACH};
	/* What cannot be seen, or is of another mode, is the attach's to refuse. */
	if (!want->obj || cgroup_fd_query(cgroup_fd, want->type->value, false, &l.q) < 0)
		return 0;
	ret->revision = l.q.revision;
	if (l.q.nr && cgroup_mode_of(l.q.flags) != want->flags)
		return 0;
	for (size_t i = 0; i < l.q.nr; i++) {
		if (attach_again_judge(&l, l.q.prog_ids[i]) != SAME_YES)
			continue;
		ret->kind = AGAIN_SAME;
		ret->prog_id = l.q.prog_ids[i];
		return 0;
	}
	if (want->flags & BPF_F_ALLOW_MULTI)
		return settle_multi(&l, ret, err);
	return l.unread.len && !want->replace ? refuse_unknown(&l, err) : 0;
}

/* --- links ------------------------------------------------ */

static bool is_here(const struct again_want *want, int cgroup_fd,
		    const struct link_fd_info *info)
{
	struct stat st;

	return info->type == LINK_FD_CGROUP && info->attach_type == want->type->value &&
	       fstat(cgroup_fd, &st) == 0 && info->cgroup_id == st.st_ino;
}

/* A removed cgroup's link keeps its id for a while, for as long as sockets hold the cgroup. */
static bool is_dead(const struct link_fd_info *info, int cgroup_fd)
{
	return info->type == LINK_FD_CGROUP &&
	       (!info->cgroup_id || cgroup_fd_is_removed(cgroup_fd, info->cgroup_id));
}

enum again_pin again_probe_pin(const struct again_want *want, int cgroup_fd,
			       const char *pin)
{
	auto_close int fd = link_fd_by_pin(pin);
	struct link_fd_info info;

	if (fd == -ENOENT)
		return AGAIN_PIN_FREE;
	if (fd < 0 || link_fd_info(fd, &info) < 0)
		return AGAIN_PIN_TAKEN;
	if (is_here(want, cgroup_fd, &info))
		return AGAIN_PIN_HERE;
	return is_dead(&info, cgroup_fd) ? AGAIN_PIN_FREE : AGAIN_PIN_TAKEN;
}

static enum same_answer judge_link(const struct again_want *want, uint32_t there,
				   struct strbuf *why)
{
	struct bpf_prog_info info;

	if (want->obj)
		return same_program_id(want->obj, want->prog_fd, there, why);
	if (prog_fd_info(want->prog_fd, &info) == 0 && info.id == there)
		return SAME_YES;
	sb_add(why, "it has another id");
	return SAME_NO;
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

static int settle_link(const struct again_want *want, const char *pin,
		       const struct link_fd_info *info, struct again *ret,
		       struct err *err)
{
	struct cgroup_query q = {.prog_ids = (uint32_t *)&info->prog_id, .nr = 1};
	auto_strbuf why = STRBUF_INIT, who = STRBUF_INIT;
	enum same_answer answer = judge_link(want, info->prog_id, &why);

	if (answer == SAME_YES || want->replace) {
		ret->kind = answer == SAME_YES ? AGAIN_SAME : AGAIN_SWAP;
		return 0;
	}
	cgroup_say_programs(&who, &q);
	if (answer == SAME_UNKNOWN)
		return err_say(
			err, -EEXIST,
			"pin '%s': its link has %s, and whether that is this program already cannot be determined: %s",
			pin, sb_text(&who), sb_text(&why));
	return err_say(
		err, -EEXIST,
		"pin '%s': its link has %s, not the same: %s; 'replace' swaps it in place",
		pin, sb_text(&who), sb_text(&why));
}

int again_look_link(const struct again_want *want, int cgroup_fd, const char *pin,
		    struct again *ret, struct err *err)
{
	auto_close int fd = link_fd_by_pin(pin);
	struct link_fd_info info;
	int r;

	*ret = (struct again){.kind = AGAIN_ATTACH};
	if (fd == -ENOENT)
		return 0;
	if (fd == -EMEDIUMTYPE)
		return err_say(
			err, -EEXIST,
			"pin '%s': File exists, and is not a link; choose another path, or remove it",
			pin);
	if (fd == -EACCES && !bpffs_is(pin))
		return err_say(err, fd, "'%s' is not on a BPF file system", pin);
	r = fd < 0 ? fd : link_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "link pinned '%s'", pin);
	ret->link_id = info.id;
	ret->prog_id = info.prog_id;
	if (is_here(want, cgroup_fd, &info))
		return settle_link(want, pin, &info, ret, err);
	if (!is_dead(&info, cgroup_fd))
		return refuse_link(want, pin, &info, err);
	ret->kind = AGAIN_REVIVE;
	return 0;
}
