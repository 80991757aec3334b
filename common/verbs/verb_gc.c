/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/log.h"
#include "scan/gc.h"
#include "verbs/share_verbs.h"
#include "verbs/tool.h"
#include "view/gc_view.h"

/* As with the other share verbs: 1 is a verdict, not a failure. */
enum { STATUS_FAILED = 255 };

static int gc_print(const struct tool *tool, const struct idle_pins *pins, bool deleted,
		    struct err *err)
{
	auto_strbuf out = STRBUF_INIT;

	if (tool->json)
		gc_view_json(&out, pins, deleted ? "deleted" : "idle",
			     tool->pretty ? JSON_BPFTOOL : JSON_COMPACT);
	else if (deleted)
		gc_view_removed(&out, pins);
	else
		gc_view_text(&out, pins);
	if (fputs(sb_text(&out), tool->out) < 0)
		return err_set(err, -errno, "write the answer");
	return 0;
}

static int gc_gc(struct args *a, const struct tool *tool, struct err *err)
{
	struct gc_opts opts = {.pin_root = tool->share.pin_root};
	auto_idle_pins pins = {.nr = 0};
	bool remove = false, named;
	int r;

	while (args_more(a) && args_peek(a)[0] == '-') {
		if (args_take(a, "--delete"))
			remove = true;
		else if (args_take(a, "--force-unseen"))
			opts.force_unseen = true;
		else
			return err_say(
				err, -EINVAL,
				"unknown option '%s' for share gc; use '--delete' or '--force-unseen'",
				args_peek(a));
	}
	if (!remove && (args_more(a) || opts.force_unseen))
		return err_say(err, -EINVAL,
			       "'%s' has no meaning without --delete; put it before",
			       args_more(a) ? args_peek(a) : "--force-unseen");
	for (int i = 0; i < a->argc; i++)
		if (a->argv[i][0] == '-')
			return err_say(
				err, -EINVAL,
				"option '%s' must precede the paths of 'share gc --delete'",
				a->argv[i]);
	named = args_more(a);
	if (!remove)
		r = gc_list(&opts, &pins, err);
	else if (named)
		r = gc_delete_named(&opts, a->argv, (size_t)a->argc, &pins, err);
	else
		r = gc_delete_kept(&opts, &pins, err);
	/* JSON has one document, and a failure takes it. */
	if (r < 0 && !tool->json && pins.nr)
		r = gc_print(tool, &pins, remove, err) < 0 ? err->code : r;
	if (r < 0)
		return r;
	for (size_t i = 0; i < pins.nr_hidden; i++)
		log_warn("not seen: %s", pins.hidden[i]);
	r = gc_print(tool, &pins, remove, err);
	if (r == 0 && remove && !named && !pins.nr && !tool->json)
		log_info(
			"nothing is removed: --delete without paths removes kept prog arrays that no program needs; name the pins to remove, as 'share gc' lists them");
	return r;
}

int share_run_gc(struct args *a, void *tool, struct err *err)
{
	int r = gc_gc(a, tool, err);

	return r < 0 ? err_status(err, STATUS_FAILED) : r;
}
