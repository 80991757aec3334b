/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "load/apply.h"
#include "load/apply_report.h"
#include "netlink/nl_filter.h"

static const char *const step_words[] = {
	[APPLY_STEP_CREATE] = "create",   [APPLY_STEP_REUSE] = "reuse",
	[APPLY_STEP_QDISC] = "qdisc",     [APPLY_STEP_LOAD] = "load",
	[APPLY_STEP_ATTACH] = "attach",   [APPLY_STEP_REPLACE] = "replace",
	[APPLY_STEP_ADOPT] = "adopt",     [APPLY_STEP_KEEP] = "keep",
	[APPLY_STEP_DETACH] = "detach",   [APPLY_STEP_FORGET] = "forget",
	[APPLY_STEP_PENDING] = "pending", [APPLY_STEP_REFUSE] = "refuse",
	[APPLY_STEP_MIGRATE] = "migrate",
};

const char *apply_step_word(enum apply_step_kind kind)
{
	return step_words[kind];
}

static void place_dev(const struct apply_step *s, struct strbuf *out)
{
	if (s->netns && s->netns[0])
		sb_addf(out, "netns %s%s", s->netns, s->dev ? " " : "");
	if (!s->dev)
		return;
	sb_addf(out, "dev %s", s->dev);
	if (s->kind == APPLY_STEP_QDISC)
		sb_add(out, " clsact");
	else if (s->parent)
		sb_addf(out, " %s%s",
			s->parent == NL_PARENT_EGRESS ? "egress" : "ingress",
			s->tcx ? " tcx" : "");
	if (s->chain)
		sb_addf(out, " chain %u", s->chain);
	if (s->preference)
		sb_addf(out, " pref %u", s->preference);
	if (s->handle)
		sb_addf(out, " handle 0x%x", s->handle);
}

void apply_step_place(const struct apply_step *s, struct strbuf *out)
{
	if (s->dev || s->netns) {
		place_dev(s, out);
	} else if (s->cgroup) {
		sb_addf(out, "cgroup %s", s->cgroup);
		if (s->type)
			sb_addf(out, " %s",
				s->type->alias ? s->type->alias : s->type->name);
	} else if (s->map) {
		sb_addf(out, "map '%s'", s->map);
	} else if (s->object) {
		sb_addf(out, "object '%s'", s->object);
	}
}

struct apply_step *apply_report_add(struct apply_report *report,
				    enum apply_step_kind kind)
{
	struct apply_step *step;

	array_grow(report->steps, report->nr);
	step = &report->steps[report->nr++];
	*step = (struct apply_step){.kind = kind};
	report->nr_refused += kind == APPLY_STEP_REFUSE;
	report->nr_pending += kind == APPLY_STEP_PENDING;
	return step;
}

const char *apply_report_own(struct apply_report *report, char *text)
{
	auto_free char *owned = text;

	array_grow(report->strings, report->nr_strings);
	report->strings[report->nr_strings++] = owned;
	return take_ptr(owned);
}

void apply_report_release(struct apply_report *report)
{
	for (size_t i = 0; i < report->nr_strings; i++)
		free(report->strings[i]);
	free(report->strings);
	free(report->steps);
	*report = (struct apply_report)APPLY_REPORT_INIT;
}
