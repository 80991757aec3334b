/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What stands at the places now: filters by chain, preference and handle, the programs of
 * cgroups, links, and which program each of them runs. Everything is asked once. Only looks.
 */
#ifndef LOAD_APPLY_STATE_H
#define LOAD_APPLY_STATE_H

#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_links.h"
#include "kernel/link_fd.h"
#include "load/apply_places.h"
#include "load/apply_record.h"

struct apply_program {
	struct apply_identity is;
	uint32_t type;
	char *name;     /* of the function; owned */
	int fd;         /* owned: while it is open the id is no other program's */
	uint32_t *maps; /* owned; ids, in the kernel's order */
	size_t nr_maps;
};

struct apply_list {
	uint64_t cgroup_id;
	uint32_t type; /* enum bpf_attach_type */
	struct cgroup_query q;
};

struct apply_state {
	struct apply_program **programs; /* owned, and each of them */
	size_t nr_programs;
	struct apply_list **lists; /* likewise */
	size_t nr_lists;
	struct cgroup_links links;
};

#define APPLY_STATE_INIT         \
	{                        \
		.programs = NULL \
	}
#define auto_apply_state auto_release(apply_state_release) struct apply_state
void apply_state_release(struct apply_state *state);

/*
 * Forgets what may have changed, and every program but those: they stay loaded as long as the
 * state is.
 */
void apply_state_renew(struct apply_state *state, const uint32_t *keep, size_t nr);

/* -ENOENT: there is none of that id; -EPERM names what is missing. The state's. */
int apply_state_program(struct apply_state *state, uint32_t id,
			const struct apply_program **ret, struct err *err) must_check;

/* The hook of an interface; the places'. */
int apply_state_hook(const struct apply_ns *ns, struct apply_dev *dev, uint32_t parent,
		     struct apply_hook **ret, struct err *err) must_check;

/* The list of a cgroup; the state's, until the next one is asked for. fd is it; -1: by its path. */
int apply_state_list(struct apply_state *state, const char *cgroup, uint64_t cgroup_id,
		     int fd, const struct attach_type *type,
		     const struct apply_list **ret, struct err *err) must_check;

/* Does the program stand in that list by itself, and not through a link? */
int apply_state_is_direct(struct apply_state *state, const struct apply_list *list,
			  uint32_t prog_id, bool *ret, struct err *err) must_check;

enum apply_link { APPLY_LINK_NONE, APPLY_LINK_HERE, APPLY_LINK_DEAD, APPLY_LINK_OTHER };

/* What pin holds, as seen from that cgroup; info of a link. */
int apply_state_link(const char *pin, uint64_t cgroup_id, uint32_t attach_type,
		     enum apply_link *ret, struct link_fd_info *info,
		     struct err *err) must_check;

#endif
