/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/wrap.h"
#include "commands.h"
#include "def/attach_types.h"
#include "kernel/bpf_names.h"
#include "held_pin.h"
#include "left.h"
#include "options.h"
#include "parse.h"
#include "print.h"
#include "run.h"
#include "verbs/apply_verbs.h"
#include "verbs/batch_run.h"
#include "verbs/choice.h"
#include "verbs/complete.h"
#include "verbs/option_use.h"

/* --- prog --------------------------------------------------- */

static int prog_show(struct args *a, void *tool, struct err *err)
{
	struct prog_show_request req;
	int r = parse_prog_show(a, &req, err);

	return r < 0 ? r : run_prog_show(tool, &req, err);
}

static int prog_pin(struct args *a, void *tool, struct err *err)
{
	struct prog_pin_request req;
	int r = parse_prog_pin(a, &req, err);

	return r < 0 ? r : run_prog_pin(tool, &req, err);
}

static int prog_load(struct args *a, void *tool, struct err *err)
{
	auto_release(load_request_release) struct load_request req;
	int r = parse_load(a, false, &req, err);

	return r < 0 ? r : run_load(tool, &req, err);
}

static int prog_loadall(struct args *a, void *tool, struct err *err)
{
	auto_release(load_request_release) struct load_request req;
	int r = parse_load(a, true, &req, err);

	return r < 0 ? r : run_load(tool, &req, err);
}

#define LOAD_SYNOPSIS                                                                \
	"OBJ PATH [type TYPE] [map " MAP_OVERRIDE_USAGE "]... [set " CONSTANTS_USAGE \
	"]... [pinmaps DIR] [autoattach [cgroup " CGROUP_USAGE "]]"

/* bpftool's order, which decides what an abbreviation means. */
static const struct verb prog_verbs[] = {
	{"show", prog_show, "[" PROG_REF_USAGE "]", "What is loaded.", NULL, false,
	 "pinned /sys/fs/bpf/acct"},
	{"list", prog_show, "[" PROG_REF_USAGE "]", "The same as show.", NULL, false,
	 "name count_cgroup"},
	{"pin", prog_pin, PROG_REF_USAGE " PATH", "Pin a loaded program in bpffs.", NULL,
	 false, "pinned /sys/fs/bpf/acct /sys/fs/bpf/acct2"},
	{"load", prog_load, LOAD_SYNOPSIS, "Load the first program and pin it as PATH.",
	 NULL, false, "cg.o /sys/fs/bpf/acct"},
	{"loadall", prog_loadall, LOAD_SYNOPSIS,
	 "Load every program and pin it as PATH/FUNCTION.", NULL, false,
	 "cg.o /sys/fs/bpf/all"},
	{.name = NULL},
};

/* --- link --------------------------------------------------- */

static int link_show(struct args *a, void *tool, struct err *err)
{
	struct link_show_request req;
	int r = parse_link_show(a, &req, err);

	return r < 0 ? r : run_link_show(tool, &req, err);
}

static int link_pin(struct args *a, void *tool, struct err *err)
{
	struct link_pin_request req;
	int r = parse_link_pin(a, &req, err);

	return r < 0 ? r : run_link_pin(tool, &req, err);
}

static int link_detach(struct args *a, void *tool, struct err *err)
{
	struct link_detach_request req;
	int r = parse_link_detach(a, &req, err);

	return r < 0 ? r : run_link_detach(tool, &req, err);
}

static int link_update(struct args *a, void *tool, struct err *err)
{
	struct link_update_request req;
	int r = parse_link_update(a, &req, err);

	return r < 0 ? r : run_link_update(tool, &req, err);
}

/* bpftool's order, which decides what an abbreviation means; then ours. */
static const struct verb link_verbs[] = {
	{"show", link_show, "[" LINK_REF_USAGE "]", "What links exist.", NULL, false,
	 "pinned /sys/fs/bpf/link"},
	{"list", link_show, "[" LINK_REF_USAGE "]", "The same as show.", NULL, false, ""},
	{"pin", link_pin, LINK_REF_USAGE " PATH", "Pin a link in bpffs.", NULL, false,
	 "pinned /sys/fs/bpf/link /sys/fs/bpf/link2"},
	{"detach", link_detach, LINK_REF_USAGE, "End the attachment.", NULL, false,
	 "pinned /sys/fs/bpf/link"},
	{"update", link_update, LINK_REF_USAGE " PROG [old PROG]",
	 "Put another program in the link's place, without a gap.", NULL, false,
	 "pinned /sys/fs/bpf/link pinned /sys/fs/bpf/acct"},
	{.name = NULL},
};

/* --- cgroup ------------------------------------------------- */

static int cgroup_show(struct args *a, void *tool, struct err *err)
{
	struct cgroup_show_request req;
	int r = parse_cgroup_show(a, &req, err);

	return r < 0 ? r : run_cgroup_show(tool, &req, err);
}

static int cgroup_tree(struct args *a, void *tool, struct err *err)
{
	struct cgroup_show_request req;
	int r = parse_cgroup_tree(a, &req, err);

	return r < 0 ? r : run_cgroup_show(tool, &req, err);
}

static int cgroup_attach(struct args *a, void *tool, struct err *err)
{
	auto_release(attach_request_release) struct attach_request req;
	int r = parse_attach(a, &req, err);

	if (r == 0)
		r = run_attach(tool, &req, err);
	/* bpftool has no objects here. */
	if (r < 0)
		err->own = req.object;
	return r;
}

static int cgroup_detach(struct args *a, void *tool, struct err *err)
{
	auto_release(detach_request_release) struct detach_request req;
	int r = parse_detach(a, &req, err);

	if (r == 0)
		r = run_detach(tool, &req, err);
	/* bpftool has no objects here. */
	if (r < 0)
		err->own = req.object;
	return r;
}

static const struct verb cgroup_verbs[] = {
	{"show", cgroup_show, CGROUP_USAGE " [effective]", "Programs attached to CGROUP.",
	 NULL, false, "/sys/fs/cgroup/app effective"},
	{"list", cgroup_show, CGROUP_USAGE " [effective]", "The same as show.", NULL,
	 false, "/sys/fs/cgroup/app"},
	{"tree", cgroup_tree, "[" CGROUP_USAGE "] [effective]",
	 "Programs attached to it and every cgroup below.", NULL, false,
	 "/sys/fs/cgroup/app"},
	{"attach", cgroup_attach,
	 "[each] " CGROUP_USAGE " TYPE {" PROG_REF_USAGE
	 " | obj FILE [section S] [program P] [map " MAP_OVERRIDE_USAGE
	 "]... [set " CONSTANTS_USAGE
	 "]...} [multi|override] [replace [PROG]] [preorder] [{before|after} [PROG|LINK]] [link pinned PATH]",
	 "Attach a program, loading it first if it is in an object file.", NULL, false,
	 "/sys/fs/cgroup/app egress obj cg.o"},
	{"detach", cgroup_detach,
	 "[each] " CGROUP_USAGE " TYPE {" PROG_REF_USAGE
	 " | [all] obj FILE [section S] [program P] [map " MAP_OVERRIDE_USAGE
	 "]... [set " CONSTANTS_USAGE "]... | link " LINK_REF_USAGE "}",
	 "Take that program back, or all that came from that object.", NULL, false,
	 "/sys/fs/cgroup/app egress obj cg.o"},
	{.name = NULL},
};

/* --- objects ------------------------------------------------ */

void commands_version(struct tool *tool)
{
	print_version(tool, MAPSHARE_VERSION, bpf_names_libbpf_version());
}

static int run_version(struct args *a, void *tool, struct err *err)
{
	(void)a;
	(void)err;
	commands_version(tool);
	return 0;
}

static int run_batch(struct args *a, void *tool, struct err *err);

/* bpftool's objects first, then ours: one letter means here what it means there. */
static const struct verb objects[] = {
	{"batch", run_batch, "file FILE", "Run the commands in FILE, - is stdin.", NULL,
	 false, "file lines.txt"},
	{"prog", NULL, NULL, NULL, prog_verbs, false, NULL},
	{"map", NULL, NULL, NULL, map_verbs, false, NULL},
	{"link", NULL, NULL, NULL, link_verbs, false, NULL},
	{"cgroup", NULL, NULL, NULL, cgroup_verbs, false, NULL},
	{"object", NULL, NULL, NULL, object_verbs, false, NULL},
	{"share", NULL, NULL, NULL, share_verbs, false, NULL},
	{"feature", NULL, NULL, NULL, feature_verbs, false, NULL},
	APPLY_ROW(plan, APPLY_LINE_USAGE, APPLY_HELP_PLAN),
	APPLY_ROW(apply, APPLY_FOLLOW_USAGE, APPLY_HELP_APPLY),
	APPLY_ROW(check, APPLY_LINE_USAGE, APPLY_HELP_CHECK),
	APPLY_ROW(remove, APPLY_LINE_USAGE, APPLY_HELP_REMOVE),
	BUGREPORT_ROW,
	{"version", run_version, NULL, "Versions of this tool and of libbpf.", NULL,
	 false, ""},
	{.name = NULL},
};

/* What stands for TYPE in the lines of this object's help. */
static void add_types(const char *object, struct strbuf *out)
{
	const struct verb *v = verb_find(objects, object);
	struct choice types;

	if (!strstr(sb_text(out), " TYPE"))
		return;
	if (v && v->verbs == map_verbs)
		choice_map_types(out);
	if (!v || v->verbs != cgroup_verbs)
		return;
	choice_begin(&types, "TYPE", out);
	for (const struct attach_type *t = attach_types; t->name; t++)
		choice_add(&types, t->name);
	choice_end(&types);
	choice_begin(&types, "TYPE in short", out);
	for (const struct attach_type *t = attach_types; t->name; t++)
		if (t->alias)
			choice_add(&types, t->alias);
	choice_end(&types);
}

void commands_usage(const char *name, struct strbuf *out)
{
	sb_addf(out, "Usage: %s [OPTIONS] OBJECT {COMMAND|help} ...\n\n", name);
	verb_usage(name, objects, out);
	sb_add(out, "\nOBJECT := {");
	for (const struct verb *v = objects; v->name; v++)
		if (v->verbs)
			sb_addf(out, "%s %s", v == objects + 1 ? "" : " |", v->name);
	sb_add(out, " }\n\n");
	options_usage(out);
}

static void commands_print(const struct tool *tool, const struct strbuf *usage)
{
	if (tool->json)
		fputs("null\n", tool->out);
	else
		wrap_print(usage, tool->out);
}

int commands_help(struct tool *tool, struct args *words, struct err *err)
{
	const char *object = args_peek(words);
	auto_strbuf usage = STRBUF_INIT;
	int r = 0;

	if (!object || args_is_prefix(object, "help"))
		commands_usage(tool->name, &usage);
	else
		r = left_to_bpftool(objects, words, err);
	if (r == 0 && !usage.len) {
		r = verb_help(tool->name, objects, words, &usage, err);
		add_types(object, &usage);
	}
	if (r == 0)
		commands_print(tool, &usage);
	return r;
}

int commands_check_options(const struct tool *tool, const struct args *words,
			   struct err *err)
{
	/* Those in front of a batch are for each of its lines that has a use for them. */
	if (args_is_prefix(words->argc ? words->argv[0] : "", objects[0].name))
		return 0;
	return option_use_check(tool, "", objects, words, err);
}

/* One command without options. */
int commands_run(struct tool *tool, struct args *words, struct err *err)
{
	const char *object = args_peek(words);
	auto_strbuf usage = STRBUF_INIT;
	int r = 0;

	/* "h" is help, as there. */
	if (!object || args_is_prefix(object, "help")) {
		args_next(words);
		return commands_help(tool, words, err);
	} else {
		r = left_to_bpftool(objects, words, err);
		if (r == 0)
			r = verb_run(tool->name, objects, words, tool, &usage, err);
		if (usage.len)
			add_types(object, &usage);
	}
	if (usage.len)
		commands_print(tool, &usage);
	return r;
}

static const struct verb *cgroup_synopsis(struct args *words, struct strbuf *out)
{
	return verb_synopsis(objects, words, out);
}

int commands_complete(const struct tool *tool, const struct args *words)
{
	const struct complete_grammar grammar = {options_words, cgroup_synopsis, false};

	return complete_run(tool, &grammar, words);
}

/* Only these know how to use, and when to let go of, what a line before held open. */
static bool may_hold(const struct args *words)
{
	const struct verb *object = verb_find(objects, args_peek(words));
	const struct verb *v = object && object->verbs == cgroup_verbs && words->argc > 1
				       ? verb_find(cgroup_verbs, words->argv[1])
				       : NULL;

	return v && (v->run == cgroup_attach || v->run == cgroup_detach);
}

static int run_batch_line(struct tool *tool, struct args *words, struct err *err)
{
	if (args_peek(words)[0] == '-')
		return err_say(
			err, -EINVAL,
			"'%s': options stand in front of 'batch', for all its lines",
			args_peek(words));
	if (!may_hold(words))
		held_pin_drop(tool->held);
	return commands_run(tool, words, err);
}

static int run_batch(struct args *a, void *ctx, struct err *err)
{
	struct tool tool = *(struct tool *)ctx;
	auto_release(held_pin_end) struct held_pin held = {.path = NULL};
	const char *word = args_next(a), *path;
	bool said = false;
	int r;

	if (!word || !args_is_prefix(word, "file"))
		return err_say(err, -EINVAL, "'batch' needs 'file FILE'");
	r = args_value(a, "file", "FILE", &path, err);
	if (r == 0 && args_more(a))
		r = err_say(err, -EINVAL, "unknown word '%s' at the end", args_peek(a));
	tool.held = &held;
	if (r == 0)
		r = batch_run_file(&tool, path, run_batch_line, &said, err);
	/* A second document would not be valid JSON. */
	if (r < 0 && said) {
		if (err->log)
			tool_print_log(err->log);
		return err->status ? err->status : COMMANDS_FAILED;
	}
	return r;
}
