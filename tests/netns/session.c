/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One command that goes to tc, to a cgroup, and pins, through load/session.h alone. Run by
 * session.sh as `session OBJ DEV CGROUP LINK_PIN PIN commit|leave [replace]`. What the
 * environment's MEDDLE says is run by a shell before the end; EXCLUSIVE: no link, and in place
 * of what is attached alone.
 */
#include <linux/bpf.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "def/attach_types.h"
#include "kernel/cgroup_fd.h"
#include "legacy/object_def.h"
#include "load/attach_cgroup.h"
#include "load/attach_tc.h"
#include "load/object.h"
#include "load/select.h"
#include "load/session.h"

static int attach_filter(struct session *s, const struct object_program *prog,
			 const char *dev, bool replace, struct err *err)
{
	auto_release(attach_tc_release) struct attach_tc at = {.undo = NULL};
	struct nl_filter f = {.ifindex = (int)if_nametoindex(dev),
			      .parent = NL_PARENT_INGRESS,
			      .pref = 7,
			      .handle = 3,
			      .protocol = 3,
			      .kind = "bpf",
			      .has_options = true,
			      .direct_action = true};
	const struct session_tc where = {.op = replace ? NL_FILTER_REPLACE
						       : NL_FILTER_ADD,
					 .f = &f,
					 .dev = dev,
					 .at = &at};
	int r = session_sock(s, &at.sock, err);

	return r < 0 ? r : session_attach_tc(s, prog, &where, err);
}

static int attach_entry(struct session *s, const struct object_program *prog,
			char *cgroup, const char *link_pin, struct err *err)
{
	bool alone = getenv("EXCLUSIVE");
	const struct cgroup_attach_opts opts = {.flags = alone ? 0 : BPF_F_ALLOW_MULTI,
						.replace = alone};
	const struct cgroup_paths one = {.items = &cgroup, .nr = 1};
	auto_release(attach_cgroup_release) struct attach_cgroup at = {
		.opts = &opts,
		.cgroups = &one,
		.link_pin = link_pin,
		.want = {.type = attach_type_by_section("cgroup_skb/egress"),
			 .replace = alone}};

	return session_attach_cgroup(s, prog, &at, err);
}

static int attach_both(struct session *s, char **argv, bool replace, struct err *err)
{
	struct object_program *tc, *cg;
	int r = object_want(session_object(s), "tc", NULL, &tc, err);

	if (r == 0)
		r = object_want(session_object(s), NULL, "from_cgroup", &cg, err);
	if (r == 0)
		r = session_load(s, err);
	if (r == 0)
		r = attach_filter(s, tc, argv[2], replace, err);
	if (r == 0)
		r = attach_entry(s, cg, argv[3], NULL, err);
	if (r == 0 && !getenv("EXCLUSIVE"))
		r = attach_entry(s, cg, argv[3], argv[4], err);
	return r < 0 ? r : session_pin(s, tc->fd, argv[5], err);
}

int main(int argc, char **argv)
{
	const struct share_opts opts = {.reader = MAPS_READER_TC};
	bool commit = argc > 6 && strcmp(argv[6], "commit") == 0;
	auto_session *s = session_new(&opts);
	auto_err err = ERR_INIT;
	int r;

	if (argc < 7)
		return 2;
	r = session_open(s, argv[1], &err);
	if (r == 0)
		r = attach_both(s, argv, argc > 7, &err);
	if (r < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	puts("attached");
	fflush(stdout);
	if (getenv("MEDDLE") && system(getenv("MEDDLE")) != 0)
		return 2;
	if (commit)
		session_commit(s);
	return 0;
}
