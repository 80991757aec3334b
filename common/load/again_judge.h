/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The programs of one list, each compared with the one that is to be attached: what
 * attach_again.c (cgroups) and attach_tcx_look.c (devices) have in common.
 */
#ifndef LOAD_AGAIN_JUDGE_H
#define LOAD_AGAIN_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "load/attach_again.h"
#include "load/same_program.h"

struct link_fd_info;
struct object;

struct again_judge {
	/* Borrowed, set by the caller. obj NULL: only the program of the same id is the same. */
	struct object *obj;
	int prog_fd;
	const char *where; /* the cgroup, the device */
	const char *hook;  /* "cgroup_inet_egress", "tcx ingress" */
	/* Of the same function: does it count at all? -errno: unknown. NULL: all do. */
	int (*counts)(const struct again_judge *j, uint32_t id);
	void *ctx; /* counts()' */

	uint32_t *others; /* owned: of the same function name, but not the same */
	size_t nr_others;
	struct strbuf differs; /* how the last of them differs */
	struct strbuf unread;  /* why the answer is not known */
};

#define AGAIN_JUDGE_INIT .differs = STRBUF_INIT, .unread = STRBUF_INIT

/* SAME_NO also of another function, and of what does not count. */
enum same_answer again_judge(struct again_judge *j, uint32_t id);
/*
 * After all of a list, none of which is the same: beside others of its name a program goes
 * only where that was asked for. ret becomes AGAIN_SWAP, or stays. -EEXIST in words.
 */
int again_judge_settle(const struct again_judge *j, bool replace, const char *several,
		       struct again *ret, struct err *err) must_check;
/* -EEXIST: whether one of the nr programs in ids is the same cannot be told. */
int again_judge_refuse(const struct again_judge *j, const uint32_t *ids, size_t nr,
		       struct err *err);
/* The program at one pin's link: by comparison, or where there is no object by id. */
enum same_answer again_judge_program(const struct again_judge *j, uint32_t id,
				     struct strbuf *why) must_check;
/* The same, and what follows for a pinned link that is at the right place; -EEXIST in words. */
int again_judge_link(const struct again_judge *j, const char *pin, uint32_t id,
		     bool replace, struct again *ret, struct err *err) must_check;
/*
 * What is pinned there: 0 nothing, 1 a link, with ret's ids and *info filled. -EEXIST in words:
 * something else.
 */
int again_judge_pin(const char *pin, struct link_fd_info *info, struct again *ret,
		    struct err *err) must_check;
/* -EEXIST: the link at that pin is of no interface, or of another hook or interface. */
int again_judge_refuse_dev(const struct again_judge *j, const char *pin,
			   const struct link_fd_info *info, struct err *err);
void again_judge_release(struct again_judge *j);

#endif
