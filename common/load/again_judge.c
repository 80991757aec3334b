/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "kernel/bpffs.h"
#include "kernel/dev_attach.h"
#include "kernel/link_fd.h"
#include "kernel/link_pin.h"
#include "kernel/prog_fd.h"
#include "load/again_judge.h"

/* How another program gets in, where the one that is there has the same name. */
#define WAYS_OUT                                                                        \
	"'replace' puts this one in its place; to have both, load it apart and attach " \
	"it by its pin"

enum same_answer again_judge_program(const struct again_judge *j, uint32_t id,
				     struct strbuf *why)
{
	struct bpf_prog_info info;
	int r;

	if (j->obj)
		return same_program_id(j->obj, j->prog_fd, id, why);
	r = prog_fd_info(j->prog_fd, &info);
	if (r < 0)
		return same_program_unread(id, r, why);
	if (info.id == id)
		return SAME_YES;
	sb_add(why, "it has another id");
	return SAME_NO;
}

/* Of what function it is was not read: it may be one that nobody wants to replace. */
static enum same_answer again_judge_unread(const struct again_judge *j, uint32_t id,
					   int code, struct strbuf *why)
{
	auto_strbuf unused = STRBUF_INIT;

	if (!j->obj && again_judge_program(j, id, &unused) == SAME_YES)
		return SAME_YES;
	return same_program_unread(id, code, why);
}

enum same_answer again_judge(struct again_judge *j, uint32_t id)
{
	auto_close int fd = prog_fd_by_id(id);
	int same = fd < 0 ? fd : same_function(j->prog_fd, fd);
	auto_strbuf why = STRBUF_INIT;
	enum same_answer answer = SAME_UNKNOWN;
	int counts;

	if (fd == -ENOENT || same == 0)
		return SAME_NO;
	counts = fd >= 0 && j->counts ? j->counts(j, id) : 1;
	if (counts == 0)
		return SAME_NO;
	if (counts < 0)
		sb_addf(&why, "whether a link holds program id %" PRIu32 ": %s", id,
			err_words(counts));
	else
		answer = same < 0 ? again_judge_unread(j, id, same, &why)
				  : again_judge_program(j, id, &why);
	if (answer == SAME_UNKNOWN && !j->unread.len)
		sb_add(&j->unread, sb_text(&why));
	if (answer == SAME_NO) {
		array_grow(j->others, j->nr_others);
		j->others[j->nr_others++] = id;
		sb_clear(&j->differs);
		sb_add(&j->differs, sb_text(&why));
	}
	return answer;
}

int again_judge_refuse(const struct again_judge *j, const uint32_t *ids, size_t nr,
		       struct err *err)
{
	auto_strbuf who = STRBUF_INIT;

	prog_fd_say(&who, ids, nr);
	return err_say(
		err, -EEXIST,
		"'%s': %s has %s, and whether that is this program already cannot be determined: %s",
		j->where, j->hook, sb_text(&who), sb_text(&j->unread));
}

int again_judge_settle(const struct again_judge *j, bool replace, const char *several,
		       struct again *ret, struct err *err)
{
	auto_strbuf who = STRBUF_INIT;

	if (!j->nr_others)
		return 0;
	prog_fd_say(&who, j->others, j->nr_others);
	if (j->nr_others > 1)
		return err_say(
			err, -EEXIST,
			"'%s': %s has several programs of that function name: %s; %s",
			j->where, j->hook, sb_text(&who), several);
	if (!replace)
		return err_say(err, -EEXIST,
			       "'%s': %s has %s already, but not the same: %s; " WAYS_OUT,
			       j->where, j->hook, sb_text(&who), sb_text(&j->differs));
	ret->kind = AGAIN_SWAP;
	ret->prog_id = j->others[0];
	return 0;
}

int again_judge_link(const struct again_judge *j, const char *pin, uint32_t id,
		     bool replace, struct again *ret, struct err *err)
{
	auto_strbuf why = STRBUF_INIT, who = STRBUF_INIT;
	enum same_answer answer = again_judge_program(j, id, &why);

	if (answer == SAME_YES || replace) {
		ret->kind = answer == SAME_YES ? AGAIN_SAME : AGAIN_SWAP;
		return 0;
	}
	prog_fd_say(&who, &id, 1);
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

int again_judge_pin(const char *pin, struct link_fd_info *info, struct again *ret,
		    struct err *err)
{
	auto_close int fd = link_pin_open(pin);
	int r;

	if (fd == -ENOENT)
		return 0;
	if (fd == -EMEDIUMTYPE)
		return err_say(
			err, -EEXIST,
			"pin '%s': File exists, and is not a link; choose another path, or remove it",
			pin);
	if (fd == -EACCES && bpffs_is_outside(pin))
		return err_say(err, fd, "'%s' is not on a BPF file system", pin);
	r = fd < 0 ? fd : link_fd_info(fd, info);
	if (r < 0)
		return err_set(err, r, "link pinned '%s'", pin);
	ret->link_id = info->id;
	ret->prog_id = info->prog_id;
	return 1;
}

int again_judge_refuse_dev(const struct again_judge *j, const char *pin,
			   const struct link_fd_info *info, struct err *err)
{
	if (info->type != LINK_FD_TCX && info->type != LINK_FD_NETKIT &&
	    info->type != LINK_FD_XDP)
		return err_say(
			err, -EEXIST,
			"pin '%s': File exists: link id %u, which is not a device's", pin,
			info->id);
	return err_say(
		err, -EEXIST,
		"pin '%s': File exists: link id %u of program id %u, attached to %s of another interface (if%u), not to %s of '%s'; choose another path, or remove that pin",
		pin, info->id, info->prog_id, dev_hook_name(info->attach_type),
		info->ifindex, j->hook, j->where);
}

void again_judge_release(struct again_judge *j)
{
	free(j->others);
	sb_release(&j->differs);
	sb_release(&j->unread);
}
