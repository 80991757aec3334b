/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "devices.h"
#include "kernel/bpf_fd.h"
#include "kernel/link_fd.h"
#include "kernel/link_pin.h"
#include "kernel/prog_fd.h"
#include "kernel/stop_hold.h"
#include "load/attach_tcx.h"
#include "load/detach_tcx.h"
#include "load/object.h"
#include "load/same_program.h"
#include "load/session.h"
#include "program.h"
#include "request.h"
#include "run.h"
#include "run_tcx.h"
#include "tc.h"

/* What is to go: the program of that id, of that link, or what is the same as the object's. */
struct tcx_goner {
	struct tc *tc;
	const struct request_filter *req;
	struct session *session; /* borrowed; with the object; NULL: none */
	const struct object_program *prog;
	uint32_t prog_id, link_id; /* 0: not by it */
	struct strbuf unseen;      /* why a program could not be compared */
};

static void tcx_goner_release(struct tcx_goner *g)
{
	sb_release(&g->unseen);
}

static bool tcx_goes(struct tcx_goner *g, const struct dev_query *q, uint32_t i)
{
	auto_strbuf why = STRBUF_INIT;
	enum same_answer answer;

	if (g->link_id)
		return q->link_ids[i] == g->link_id;
	if (g->prog_id)
		return q->prog_ids[i] == g->prog_id;
	answer = same_program_id(session_object(g->session), g->prog->fd, q->prog_ids[i],
				 &why);
	if (answer == SAME_UNKNOWN && !g->unseen.len)
		sb_add(&g->unseen, sb_text(&why));
	return answer == SAME_YES;
}

static int tcx_nothing(const struct tcx_goner *g, const char *dev,
		       const struct dev_query *q, struct err *err)
{
	const char *hook = dev_hook_name(g->req->tcx.attach_type);
	auto_strbuf who = STRBUF_INIT;

	prog_fd_say(&who, q->prog_ids, q->nr);
	if (g->unseen.len)
		return err_say(
			err, -EPERM,
			"'%s': whether one of %s at %s came from '%s' cannot be determined: %s",
			dev, sb_text(&who), hook, g->req->bpf.path, sb_text(&g->unseen));
	return err_say(err, -ENOENT, "'%s': %s does not have that program, but %s", dev,
		       hook, q->nr ? sb_text(&who) : "none");
}

static struct detach_tcx tcx_detach_of(const struct tcx_goner *g,
				       const struct nl_link *dev,
				       const struct dev_query *q, uint32_t i)
{
	return (struct detach_tcx){.hook = {dev->ifindex, g->req->tcx.attach_type},
				   .dev = dev->name,
				   .prog_id = q->prog_ids[i],
				   .link_id = q->link_ids[i],
				   .link_pin = g->req->tcx.link_pin};
}

/* If one of them may not go, all stay. */
static int tcx_delete_at(const struct nl_link *dev, void *ctx, struct err *err)
{
	struct tcx_goner *g = ctx;
	bool goes[DEV_QUERY_MAX] = {false};
	struct detach_tcx d;
	struct dev_query q;
	size_t gone = 0;
	int r = attach_tcx_query(g->req->tcx.attach_type, dev, &q, err);

	for (uint32_t i = 0; r == 0 && i < q.nr; i++) {
		goes[i] = tcx_goes(g, &q, i);
		gone += goes[i];
		d = tcx_detach_of(g, dev, &q, i);
		if (goes[i])
			r = detach_tcx_check(&d, err);
	}
	for (uint32_t i = 0; r == 0 && i < q.nr; i++) {
		if (!goes[i])
			continue;
		keep_watch_add(&g->tc->going, q.prog_ids[i]);
		d = tcx_detach_of(g, dev, &q, i);
		r = detach_tcx(&d, err);
	}
	return r == 0 && !gone ? tcx_nothing(g, dev->name, &q, err) : r;
}

/* --- a link by its pin ------------------------------------ */

/* Where it lost its interface the pin is all that is left of it. */
static int tcx_delete_dead(const struct tcx_goner *g, const struct link_fd_info *info,
			   struct err *err)
{
	int r = link_pin_remove(g->req->tcx.link_pin, info->id, err);

	if (r == 0)
		log_info("pin '%s': link id %u had lost its device; the pin is removed",
			 g->req->tcx.link_pin, info->id);
	return r;
}

/* 1: it was dead, and that is all. */
static int tcx_find_link(struct tcx_goner *g, struct err *err)
{
	const char *pin = g->req->tcx.link_pin;
	auto_close int fd = link_fd_by_pin(pin);
	struct link_fd_info info;
	int r = fd < 0 ? fd : link_fd_info(fd, &info);

	if (r == -EMEDIUMTYPE)
		return err_say(err, r, "pin '%s' is not a link", pin);
	if (r < 0)
		return err_set(err, r, "link pinned '%s'", pin);
	if (info.type != LINK_FD_TCX && info.type != LINK_FD_NETKIT)
		return err_say(err, -EINVAL, "pin '%s': link id %u is not a device's",
			       pin, info.id);
	g->link_id = info.id;
	if (!link_fd_is_dead(&info))
		return 0;
	r = tcx_delete_dead(g, &info, err);
	return r < 0 ? r : 1;
}

static int tcx_find_goner(struct tcx_goner *g, struct err *err)
{
	int r;

	if (g->req->tcx.id) {
		g->prog_id = g->req->tcx.id;
		return 0;
	}
	if (g->req->tcx.link_pin)
		return tcx_find_link(g, err);
	r = run_tcx_program(g->session, g->req, &g->prog, err);
	if (r < 0 || session_object(g->session))
		return r;
	r = bpf_fd_id(g->prog->fd, &g->prog_id);
	return r < 0 ? err_set(err, r, "object-pinned '%s'", g->req->bpf.path) : 0;
}

static int tcx_delete_devs(struct tcx_goner *g, const struct devices *devs,
			   struct err *err)
{
	size_t failed;

	if (devs->nr == 1)
		return tcx_delete_at(devs->items, g, err);
	failed = devices_each(devs, tcx_delete_at, g);
	return failed ? err_say(err, -EIO, "%zu of %zu interfaces failed", failed,
				devs->nr)
		      : 0;
}

int run_tcx_delete(struct tc *tc, const struct request_filter *req, struct err *err)
{
	auto_stop_hold hold = STOP_HOLD_INIT;
	const struct share_opts opts = program_opts(tc, &req->bpf);
	auto_release(devices_release) struct devices devs = {.nr = 0};
	auto_session *s = session_new(&opts); /* never committed */
	auto_release(tcx_goner_release) struct tcx_goner g = {
		.tc = tc, .req = req, .session = s, .unseen = STRBUF_INIT};
	int r = run_tcx_devices(tc, req, &devs, err);

	if (r < 0)
		return r;
	stop_hold_begin(&hold);
	r = tcx_find_goner(&g, err);
	if (r == 0)
		r = tcx_delete_devs(&g, &devs, err);
	run_drop_kept(tc, false);
	if (r < 0 && !err->status)
		return err_status(err, TC_KERNEL);
	return r < 0 ? r : 0;
}
