/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "kernel/caps.h"
#include "kernel/link_fd.h"
#include "kernel/link_pin.h"
#include "kernel/pin_index.h"
#include "kernel/prog_fd.h"
#include "load/detach_tcx.h"

static int detach_tcx_entry(const struct detach_tcx *d, struct err *err)
{
	auto_close int fd = prog_fd_by_id(d->prog_id);
	int r = fd < 0 ? fd : dev_detach(&d->hook, fd, 0);

	if (r == 0 || r == -ENOENT || r == -ENODEV)
		return 0;
	err_set(err, r, "'%s': detach program id %u from %s", d->dev, d->prog_id,
		dev_hook_name(d->hook.attach_type));
	return caps_explain(err, fd < 0 ? CAPS_IDS : CAPS_ATTACH);
}

/* Those of the link, or the one that was named. */
static size_t detach_tcx_pins(const struct detach_tcx *d, struct pin_index *pins)
{
	size_t nr = 0;

	pin_index_read(pins, BPF_FD_LINK);
	for (size_t i = 0; i < pins->nr; i++)
		nr += pins->pins[i].id == d->link_id;
	return nr;
}

static int detach_tcx_cut(const struct detach_tcx *d, struct err *err)
{
	auto_close int fd = link_fd_by_id(d->link_id);
	int r = fd == -ENOENT ? 0 : fd;

	if (fd >= 0)
		r = link_fd_detach(fd);
	if (r == 0)
		return 0;
	err_set(err, r, "'%s': detach link id %u", d->dev, d->link_id);
	return caps_explain(err, fd < 0 ? CAPS_IDS : CAPS_ATTACH);
}

int detach_tcx_check(const struct detach_tcx *d, struct err *err)
{
	auto_pin_index pins = {.nr = 0};

	if (!d->link_id || d->link_pin || detach_tcx_pins(d, &pins))
		return 0;
	if (pins.unseen)
		return err_set(err, pins.unseen,
			       "'%s': whether link id %u has a pin cannot be seen",
			       d->dev, d->link_id);
	return err_say(
		err, -EBUSY,
		"'%s': program id %u is held by link id %u, which has no pin here: it belongs to the process that has it open; 'cgroup_loader link detach id %u' cuts it off",
		d->dev, d->prog_id, d->link_id, d->link_id);
}

static int detach_tcx_link(const struct detach_tcx *d, struct err *err)
{
	auto_pin_index pins = {.nr = 0};
	int r = detach_tcx_check(d, err);

	if (r == 0 && !d->link_pin)
		detach_tcx_pins(d, &pins);
	if (r == 0)
		r = detach_tcx_cut(d, err);
	if (r < 0)
		return r;
	if (d->link_pin)
		link_pin_drop(d->link_pin, d->link_id);
	link_pin_drop_all(&pins, d->link_id);
	return 0;
}

int detach_tcx(const struct detach_tcx *d, struct err *err)
{
	return d->link_id ? detach_tcx_link(d, err) : detach_tcx_entry(d, err);
}
