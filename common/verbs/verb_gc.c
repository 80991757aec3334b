/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/log.h"
#include "share/gc.h"
#include "verbs/share_verbs.h"
#include "verbs/tool.h"
#include "view/gc_view.h"

/* As with the other share verbs: 1 is a verdict, not a failure. */
enum { STATUS_FAILED = 255 };

static int print(const struct tool *tool, const struct idle_pins *pins, bool deleted,
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

static int gc(struct args *a, const struct tool *tool, struct err *err)
{
	bool delete = args_take(a, "--delete");
	auto_idle_pins pins = {.nr = 0};
	int r;

	if (!delete &&args_more(a))
		return err_say(err, -EINVAL, "what is '%s'? only --delete may follow",
			       args_peek(a));
	for (int i = 0; i < a->argc; i++)
		if (a->argv[i][0] == '-')
			return err_say(err, -EINVAL, "what is '%s'? --delete takes paths",
				       a->argv[i]);
	if (!delete)
		r = gc_list(&pins, err);
	else if (args_more(a))
		r = gc_delete_named(a->argv, (size_t)a->argc, &pins, err);
	else
		r = gc_delete_kept(&pins, err);
	/* JSON has one document, and a failure takes it. */
	if (r < 0 && !tool->json && pins.nr)
		r = print(tool, &pins, delete, err) < 0 ? err->code : r;
	if (r < 0)
		return r;
	for (size_t i = 0; i < pins.nr_hidden; i++)
		log_warn("not seen: %s", pins.hidden[i]);
	return print(tool, &pins, delete, err);
}

int share_run_gc(struct args *a, void *tool, struct err *err)
{
	int r = gc(a, tool, err);

	return r < 0 ? err_status(err, STATUS_FAILED) : r;
}
