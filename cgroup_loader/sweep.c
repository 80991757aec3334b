/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "base/alloc.h"
#include "base/log.h"
#include "def/attach_types.h"
#include "kernel/caps.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_id.h"
#include "kernel/cgroup_refusal.h"
#include "kernel/link_fd.h"
#include "kernel/link_pin.h"
#include "kernel/prog_fd.h"
#include "run.h"
#include "load/object.h"
#include "load/same_program.h"
#include "load/session.h"
#include "sweep.h"

void sweep_release(struct sweep *s)
{
	session_free(s->session);
	for (size_t i = 0; s->found && i < s->cgroups->nr; i++)
		cgroup_rows_release(&s->found[i]);
	free(s->found);
	sb_release(&s->unseen);
	cgroup_links_release(&s->links);
	pin_index_release(&s->pins);
}

/* --- look ------------------------------------------------- */

/* Compared with every program of the object that was loaded. */
static enum same_answer is_from_object(struct sweep *s, uint32_t id)
{
	enum same_answer answer = SAME_NO;
	struct object *obj = session_object(s->session);
	struct object_program *progs;
	size_t nr;

	progs = object_programs(obj, &nr);
	for (size_t i = 0; i < nr && answer != SAME_YES; i++) {
		auto_strbuf why = STRBUF_INIT;
		enum same_answer one;

		if (progs[i].fd < 0)
			continue;
		one = same_program_id(obj, progs[i].fd, id, &why);
		if (one == SAME_UNKNOWN && !s->unseen.len)
			sb_add(&s->unseen, sb_text(&why));
		if (one != SAME_NO)
			answer = one;
	}
	return answer;
}

static int look_into(struct sweep *s, const char *path, struct cgroup_rows *found,
		     struct err *err)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	auto_close int fd = cgroup_fd_open(path, err);
	int r;

	if (fd < 0)
		return fd;
	r = cgroup_fd_query(fd, s->req->type->value, false, &q);
	if (r < 0) {
		err_set(err, r, "'%s': query %s", path, s->req->type->name);
		return caps_explain(err, CAPS_CGROUP);
	}
	s->nr_there += q.nr;
	for (size_t i = 0; i < q.nr; i++) {
		enum same_answer answer = is_from_object(s, q.prog_ids[i]);

		s->nr_unseen += answer == SAME_UNKNOWN;
		if (answer != SAME_YES)
			continue;
		r = run_describe(found, s->req->type, q.prog_ids[i], q.flags);
		/* It went since the list was read; the cgroup has others still. */
		if (r < 0 && r != -ENOENT)
			return err_set(err, r, "program id %u", q.prog_ids[i]);
	}
	s->nr_found += found->nr;
	return 0;
}

static int explain_nothing(const struct sweep *s, struct err *err)
{
	const char *first = s->cgroups->items[0];
	auto_free char *where = s->cgroups->nr == 1
					? xasprintf("'%s'", first)
					: xasprintf("%zu cgroups, '%s' and others",
						    s->cgroups->nr, first);

	if (s->nr_unseen)
		return err_say(
			err, -EPERM,
			"%s: whether %zu of the %zu programs attached to %s came from '%s' cannot be determined: %s",
			where, s->nr_unseen, s->nr_there, s->req->type->name,
			s->req->object, sb_text(&s->unseen));
	if (!s->nr_there)
		return err_say(err, -ENOENT, "%s: nothing is attached to %s", where,
			       s->req->type->name);
	return err_say(err, -ENOENT,
		       "%s: none of the %zu programs attached to %s came from '%s'",
		       where, s->nr_there, s->req->type->name, s->req->object);
}

int sweep_look(struct sweep *s, struct err *err)
{
	int r = 0;

	s->found = xcalloc(s->cgroups->nr, sizeof(*s->found));
	for (size_t i = 0; i < s->cgroups->nr && r == 0; i++) {
		s->found[i].path = xstrdup(s->cgroups->items[i]);
		r = look_into(s, s->found[i].path, &s->found[i], err);
		/* Of many, one may go meanwhile. */
		if ((r == -ENOENT || r == -ENODEV) && s->cgroups->nr > 1) {
			err_release(err);
			r = 0;
		}
	}
	if (r == 0 && !s->nr_found)
		return explain_nothing(s, err);
	return r;
}

/* --- act -------------------------------------------------- */

/* A link that holds nothing keeps its pin in the next one's way. */
static void remove_pins(struct sweep *s, uint32_t link_id)
{
	if (!s->pins_read)
		pin_index_read(&s->pins, BPF_FD_LINK);
	s->pins_read = true;
	link_pin_drop_all(&s->pins, link_id);
}

static int detach_link_id(struct sweep *s, uint32_t id, struct err *err)
{
	auto_close int fd = link_fd_by_id(id);
	int r = fd == -ENOENT ? 0 : fd;

	if (fd >= 0)
		r = link_fd_detach(fd);
	if (r < 0)
		return err_set(err, r, "detach link id %u", id);
	remove_pins(s, id);
	return 0;
}

/* How many of them there were. */
static int sweep_known_links(struct sweep *s, uint64_t cgroup_id, const char *path,
			     uint32_t prog_id, struct err *err)
{
	int nr = 0, r = cgroup_links_read(&s->links);

	if (r < 0) {
		err_set(err, r, "'%s': find the link of program id %u", path, prog_id);
		return caps_explain(err, CAPS_IDS);
	}
	for (size_t i = 0; i < s->links.nr && r == 0; i++)
		if (cgroup_link_is_at(&s->links.items[i], cgroup_id, s->req->type->value,
				      prog_id)) {
			r = detach_link_id(s, s->links.items[i].id, err);
			nr++;
		}
	return r < 0 ? r : nr;
}

/*
 * Entries that are links': the kernel takes them back only through the links. 1: detached, 0: it
 * stands there no more.
 */
static int detach_links(struct sweep *s, int cgroup_fd, uint64_t cgroup_id,
			const char *path, uint32_t prog_id, struct err *err)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	int nr = sweep_known_links(s, cgroup_id, path, prog_id, err), r;

	if (nr == 0) {
		/* Of one that was made since they were read. */
		cgroup_links_release(&s->links);
		nr = sweep_known_links(s, cgroup_id, path, prog_id, err);
	}
	if (nr != 0)
		return nr < 0 ? nr : 1;
	r = cgroup_fd_query(cgroup_fd, s->req->type->value, false, &q);
	if (r < 0)
		return err_set(err, r, "'%s': query %s", path, s->req->type->name);
	if (!cgroup_holds(&q, prog_id))
		return 0;
	return err_say(
		err, -EBUSY,
		"'%s': program id %u stays attached to %s: it is a link's that is not among the machine's links",
		path, prog_id, s->req->type->name);
}

static int detach_one(struct sweep *s, int cgroup_fd, uint64_t cgroup_id,
		      const char *path, uint32_t id, struct err *err)
{
	auto_close int fd = prog_fd_by_id(id);
	auto_err direct = ERR_INIT;
	int r;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return err_set(err, fd, "program id %u", id);
	r = cgroup_fd_detach(cgroup_fd, path, s->req->type, fd, &direct);
	if (r == 0)
		r = 1;
	else if (r == -ENOENT)
		r = detach_links(s, cgroup_fd, cgroup_id, path, id, err);
	else
		err_say(err, r, "%s", direct.text);
	s->nr_gone += r > 0;
	return r < 0 ? r : 0;
}

static int sweep_cgroup(struct sweep *s, const struct cgroup_rows *found, struct err *err)
{
	auto_close int fd = -1;
	uint64_t id;
	int r = 0;

	if (!found->nr)
		return 0;
	fd = cgroup_id_open(found->path, &id, err);
	if (fd < 0)
		return fd;
	for (size_t i = 0; i < found->nr && r == 0; i++)
		r = detach_one(s, fd, id, found->path, found->rows[i].id, err);
	return r;
}

/* What is detached stays so: where it stood in the lists it could not come again. */
static int sweep_say_half(const struct sweep *s, struct err *err)
{
	auto_free char *why = xstrdup(err->text);

	return err_say(err, err->code,
		       "%s; %zu program%s detached already, run it again for the others",
		       why, s->nr_gone, s->nr_gone == 1 ? " is" : "s are");
}

int sweep_out(struct sweep *s, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < s->cgroups->nr && r == 0; i++) {
		r = sweep_cgroup(s, &s->found[i], err);
		/* A cgroup that went meanwhile took its programs along. */
		if (r == -ENODEV || (r == -ENOENT && s->cgroups->nr > 1)) {
			err_release(err);
			r = 0;
		}
	}
	if (r == 0 && s->nr_unseen)
		log_warn(
			"whether %zu more programs came from '%s' cannot be determined: %s",
			s->nr_unseen, s->req->object, sb_text(&s->unseen));
	return r < 0 && s->nr_gone ? sweep_say_half(s, err) : r;
}
