/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The verdict of share check as people and scripts read it. Pure.
 */
#ifndef VIEW_SHARE_VIEW_H
#define VIEW_SHARE_VIEW_H

#include "base/strbuf.h"
#include "graph/share_report.h"
#include "view/json_out.h"

/*
 * The verdict in the first line, then a line per user, the users of one map together:
 *
 *	shared: map 'stats', id 27, 2 attached programs
 *		id 27: program 41 'in' sched_cls, tc ingress dev v0 pref 1 handle 0x1
 *		id 27: program 42 'out' cgroup_skb, cgroup /a cgroup_inet_egress
 *
 * then what is not counted or not known: programs whose attachment was not found, dead
 * links, pins whose migration has not ended, places without a program, what was not seen.
 */
void share_view_text(struct strbuf *out, const struct share_report *r);

/*
 * {"verdicts":[...]}, whatever their number; the man pages have what is in each.
 */
void share_view_json(struct strbuf *out, const struct share_report *reports, size_t nr,
		     enum json_layout layout);

/*
 * Remarks that belong on stderr, a line each: a name compared only as far as the kernel
 * keeps it, maps of the name that no attached program uses.
 */
void share_view_notes(struct strbuf *out, const struct share_report *r);

#endif
