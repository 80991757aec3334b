/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "base/alloc.h"
#include "base/log.h"
#include "load/apply.h"
#include "load/apply_files.h"
#include "verbs/apply_line.h"
#include "verbs/apply_print.h"
#include "verbs/apply_verbs.h"
#include "verbs/terminal.h"
#include "verbs/tool.h"
#include "verbs/verb_follow.h"

/* 1 is an answer, so every failure ends with this in both tools. */
enum { STATUS_DIFFERS = 1, STATUS_FAILED = 255 };

/* The text and the document that grow file by file. */
struct apply_answer {
	enum apply_print_verb verb;
	struct strbuf text;
	struct json_object *files;
	bool color;
	int status;
};

static void apply_answer_release(struct apply_answer *answer)
{
	sb_release(&answer->text);
	json_out_put(&answer->files);
}

static int run_file(const struct apply_conf *conf, const struct apply_opts *opts,
		    enum apply_print_verb verb, struct apply_report *report,
		    struct err *err)
{
	switch (verb) {
	case APPLY_PRINT_APPLY:
		return apply_run(conf, opts, report, err);
	case APPLY_PRINT_REMOVE:
		return apply_remove(conf, opts, report, err);
	case APPLY_PRINT_PLAN:
	case APPLY_PRINT_CHECK:
		break;
	}
	return apply_look(conf, opts, report, err);
}

static int answer_file(struct apply_answer *answer, const struct tool *tool,
		       const struct apply_conf *conf, const struct apply_opts *opts,
		       struct err *err)
{
	auto_apply_report report = APPLY_REPORT_INIT;
	int r = run_file(conf, opts, answer->verb, &report, err);

	if (r < 0)
		return r;
	if (tool->json)
		json_out_list_add(answer->files,
				  apply_print_json(answer->verb, conf, &report));
	else
		apply_print_text(&answer->text, answer->verb, conf, &report,
				 answer->color);
	if (answer->verb == APPLY_PRINT_CHECK && !report.in_sync)
		answer->status = STATUS_DIFFERS;
	if (report.nr_refused)
		answer->status = STATUS_DIFFERS;
	return 0;
}

static int answer_write(struct apply_answer *answer, const struct tool *tool,
			struct err *err)
{
	if (tool->json)
		apply_print_document(&answer->text, &answer->files,
				     tool->pretty ? JSON_BPFTOOL : JSON_COMPACT);
	if (fputs(sb_text(&answer->text), tool->out) < 0)
		return err_set(err, -errno, "write the answer");
	return answer->status;
}

/* JSON is one document, and a failure takes it; what was done before is a remark then. */
static int answer_failed(struct apply_answer *answer, const struct tool *tool,
			 const struct apply_confs *confs, size_t failed, struct err *err)
{
	const bool acts =
		answer->verb == APPLY_PRINT_APPLY || answer->verb == APPLY_PRINT_REMOVE;

	if (!tool->json)
		fputs(sb_text(&answer->text), tool->out);
	for (size_t i = 0; acts && i < failed; i++)
		log_info("%s: done before the failure, and kept",
			 confs->items[i].name.text);
	if (confs->nr > 1)
		err_context(err, "%s", confs->items[failed].name.text);
	return err->code;
}

static int run_files(struct args *a, struct tool *tool, enum apply_print_verb verb,
		     const char *word, struct err *err)
{
	auto_release(apply_answer_release) struct apply_answer answer = {.verb = verb};
	auto_apply_confs confs = {.nr = 0};
	auto_apply_line line = {.nr = 0};
	struct apply_opts opts = {.share = &tool->share};
	int r = apply_line_parse(&line, word, tool, a, err);

	opts.state_dir = line.state_dir;
	if (r == 0 && line.follow) {
		r = follow_files(tool, &line, &opts, err);
		return r < 0 ? err_status(err, STATUS_FAILED) : 0;
	}
	r = r ? r : apply_files_read(&confs, line.files, line.nr, err);
	if (r < 0)
		return err_status(err, STATUS_FAILED);
	answer.files = json_out_list();
	answer.color = terminal_of(tool->out).color;
	for (size_t i = 0; i < confs.nr; i++) {
		r = answer_file(&answer, tool, &confs.items[i], &opts, err);
		if (r < 0) {
			answer_failed(&answer, tool, &confs, i, err);
			return err_status(err, STATUS_FAILED);
		}
	}
	r = answer_write(&answer, tool, err);
	return r < 0 ? err_status(err, STATUS_FAILED) : r;
}

int apply_verb_plan(struct args *a, void *tool, struct err *err)
{
	return run_files(a, tool, APPLY_PRINT_PLAN, "plan", err);
}

int apply_verb_apply(struct args *a, void *tool, struct err *err)
{
	return run_files(a, tool, APPLY_PRINT_APPLY, "apply", err);
}

int apply_verb_check(struct args *a, void *tool, struct err *err)
{
	return run_files(a, tool, APPLY_PRINT_CHECK, "check", err);
}

int apply_verb_remove(struct args *a, void *tool, struct err *err)
{
	return run_files(a, tool, APPLY_PRINT_REMOVE, "remove", err);
}

const struct verb apply_verbs[] = {
	APPLY_ROW(plan, APPLY_LINE_USAGE, APPLY_HELP_PLAN),
	APPLY_ROW(apply, APPLY_FOLLOW_USAGE, APPLY_HELP_APPLY),
	APPLY_ROW(check, APPLY_LINE_USAGE, APPLY_HELP_CHECK),
	APPLY_ROW(remove, APPLY_LINE_USAGE, APPLY_HELP_REMOVE),
	BUGREPORT_ROW,
	{.name = NULL},
};
