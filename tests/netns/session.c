/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One command that goes to tc, to a cgroup, and pins, through load/session.h alone. Run by
 * session.sh as `session OBJ DEV CGROUP LINK_PIN PIN commit|leave [replace]`.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "def/attach_types.h"
#include "legacy/object_def.h"
#include "load/object.h"
#include "load/session.h"
#include "netlink/nl_filter.h"

static int select_both(struct session *s, struct object_program **tc,
		       struct object_program **cg, struct err *err)
{
	int r = session_select(s, "tc", NULL, tc, err);

	return r < 0 ? r : session_select(s, NULL, "from_cgroup", cg, err);
}

static int attach_both(struct session *s, char **argv, bool replace, struct err *err)
{
	const struct session_tc filter = {.dev = argv[2],
					  .parent = NL_PARENT_INGRESS,
					  .pref = 7,
					  .handle = 3,
					  .replace = replace};
	struct session_cgroup entry = {
		.path = argv[3],
		.type = attach_type_by_section("cgroup_skb/egress"),
		.flags = BPF_F_ALLOW_MULTI};
	struct object_program *tc, *cg;
	int r = select_both(s, &tc, &cg, err);

	if (r == 0)
		r = session_load(s, err);
	if (r == 0)
		r = session_attach_tc(s, tc, &filter, err);
	if (r == 0)
		r = session_attach_cgroup(s, cg, &entry, err);
	entry.link_pin = argv[4];
	if (r == 0)
		r = session_attach_cgroup(s, cg, &entry, err);
	return r < 0 ? r : session_pin(s, tc->fd, argv[5], err);
}

int main(int argc, char **argv)
{
	const struct share_opts opts = {.reader = MAPS_READER_TC};
	bool commit = argc > 6 && strcmp(argv[6], "commit") == 0;
	auto_session *s = NULL;
	auto_err err = ERR_INIT;
	int r;

	if (argc < 7)
		return 2;
	r = session_new(&s, argv[1], &opts, &err);
	if (r == 0)
		r = attach_both(s, argv, argc > 7, &err);
	if (r < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	puts("attached");
	fflush(stdout);
	if (commit)
		session_commit(s);
	return 0;
}
