/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "base/log.h"
#include "kernel/caps.h"
#include "kernel/link_fd.h"
#include "kernel/link_pin.h"
#include "kernel/prog_fd.h"
#include "load/same_program.h"
#include "load/tcx_leave.h"

struct tcx_leavers {
	struct dev_query q;
	uint32_t ids[DEV_QUERY_MAX], links[DEV_QUERY_MAX];
	size_t nr;
};

static int tcx_leavers_read(struct tcx_leavers *l, const struct dev_hook *hook,
			    const char *dev, int prog_fd, struct err *err)
{
	int r = dev_query(dev_query_kernel, hook->ifindex, hook->attach_type, &l->q);

	if (r == -EINVAL)
		return 0;
	if (r < 0) {
		err_set(err, r, "'%s': query %s", dev, dev_hook_name(hook->attach_type));
		return caps_explain(err, CAPS_CGROUP);
	}
	for (uint32_t i = 0; i < l->q.nr; i++) {
		auto_close int fd = prog_fd_by_id(l->q.prog_ids[i]);

		if (fd == -ENOENT)
			continue;
		r = fd < 0 ? fd : same_function(prog_fd, fd);
		if (r < 0) {
			err_set(err, r, "'%s': compare program id %u", dev,
				l->q.prog_ids[i]);
			return caps_explain(err, CAPS_IDS);
		}
		if (!r)
			continue;
		l->ids[l->nr] = l->q.prog_ids[i];
		l->links[l->nr++] = l->q.link_ids[i];
	}
	return 0;
}

/* What stands at the pin that was named. 0: nothing. */
static int tcx_leave_link(struct tcx_leave *ret, const char *pin, uint32_t *link_id,
			  struct err *err)
{
	auto_close int fd = link_fd_by_pin(pin);
	struct link_fd_info info = {.id = 0};
	int r = fd < 0 ? fd : link_fd_info(fd, &info);

	*link_id = 0;
	/* A run before this one may have come that far. */
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return err_set(err, r, "link pinned '%s'", pin);
	if (info.type != LINK_FD_TCX && info.type != LINK_FD_NETKIT)
		return err_say(err, -EINVAL, "pin '%s': link id %u is not a device's",
			       pin, info.id);
	if (link_fd_is_dead(&info))
		ret->dead_link = info.id;
	else
		*link_id = info.id;
	return 0;
}

static int tcx_leave_settle(struct tcx_leave *ret, const struct tcx_leavers *l,
			    const char *dev, uint32_t link_id, struct err *err)
{
	const char *hook = dev_hook_name(ret->goes.hook.attach_type);
	auto_strbuf who = STRBUF_INIT;

	prog_fd_say(&who, l->ids, l->nr);
	if (l->nr > 1)
		return err_say(
			err, -EEXIST,
			"'%s': %s has several programs of that function name: %s; delete those that are not to be moved ('filter delete … tcx id N')",
			dev, hook, sb_text(&who));
	if (link_id && (!l->nr || l->links[0] != link_id))
		return err_say(
			err, -EEXIST,
			"pin '%s': link id %u holds no program of that function name at %s of '%s'",
			ret->goes.link_pin, link_id, hook, dev);
	if (l->nr && l->links[0] && !link_id)
		return err_say(
			err, -EEXIST,
			"'%s': %s has %s, held by link id %u; name that link's pin ('link pinned PATH') to move it",
			dev, hook, sb_text(&who), l->links[0]);
	ret->goes.prog_id = l->nr ? l->ids[0] : 0;
	ret->goes.link_id = link_id;
	return 0;
}

int tcx_leave_find(struct tcx_leave *ret, const struct dev_hook *hook, const char *dev,
		   int prog_fd, const char *link_pin, struct err *err)
{
	struct tcx_leavers l = {.nr = 0};
	uint32_t link_id = 0;
	int r;

	*ret = (struct tcx_leave){
		.goes = {.hook = *hook, .dev = dev, .link_pin = link_pin}};
	r = tcx_leavers_read(&l, hook, dev, prog_fd, err);
	if (r == 0 && link_pin)
		r = tcx_leave_link(ret, link_pin, &link_id, err);
	return r < 0 ? r : tcx_leave_settle(ret, &l, dev, link_id, err);
}

/* The pin first: where it cannot go, the program is still there. */
int tcx_leave_drop(const struct tcx_leave *leave, struct err *err)
{
	const struct detach_tcx *goes = &leave->goes;
	int r = 0;

	if (leave->dead_link)
		r = link_pin_remove(goes->link_pin, leave->dead_link, err);
	if (r == 0 && goes->prog_id)
		r = detach_tcx(goes, err);
	if (r == 0 && goes->prog_id)
		log_info("'%s': program id %u moved from tcx to clsact", goes->dev,
			 goes->prog_id);
	return r;
}
