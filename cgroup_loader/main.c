/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "def/attach_types.h"
#include "kernel/bpf_names.h"
#include "kernel/caller_ns.h"
#include "left.h"
#include "print.h"
#include "run.h"
#include "verbs/batch_run.h"
#include "verbs/choice.h"
#include "verbs/tool.h"

/* bpftool ends with this whatever went wrong. */
enum { EXIT_USUAL = 255 };

struct cli {
	struct tool tool;
	bool debug, help, version;
};

/* --- options ---------------------------------------------- */

static void set_json(struct cli *cli)
{
	cli->tool.json = true;
}

static void set_pretty(struct cli *cli)
{
	cli->tool.json = true;
	cli->tool.pretty = true;
}

static void set_pins(struct cli *cli)
{
	cli->tool.show_pins = true;
}

static void set_nomount(struct cli *cli)
{
	cli->tool.share.no_mount = true;
}

static void set_mapcompat(struct cli *cli)
{
	cli->tool.share.relaxed_maps = true;
}

static void cgroup_tool_set_verbose(struct cli *cli)
{
	cli->tool.verbose = true;
}

static void cgroup_tool_set_debug(struct cli *cli)
{
	cli->debug = true;
}

static void set_version(struct cli *cli)
{
	cli->version = true;
}

static void cgroup_tool_set_help(struct cli *cli)
{
	cli->help = true;
}

/* How programs get into the kernel is our business: the result is the same. */
static void set_nothing(struct cli *cli)
{
	(void)cli;
}

static const struct option {
	char letter;
	const char *name;
	void (*set)(struct cli *cli);
	const char *help;
} options[] = {
	{'j', "json", set_json, "answer in JSON"},
	{'p', "pretty", set_pretty, "answer in indented JSON"},
	{'f', "bpffs", set_pins, "show where programs are pinned"},
	{'n', "nomount", set_nomount, "never mount a BPF file system"},
	{'m', "mapcompat", set_mapcompat, "ignore unknown members of BTF-defined maps"},
	{'v', "verbose", cgroup_tool_set_verbose, "tell more than bpftool does"},
	{'d', "debug", cgroup_tool_set_debug, "say what is being done"},
	{'L', "use-loader", set_nothing, "accepted, no effect"},
	{'l', "legacy", set_nothing, "accepted, no effect"},
	{'V', "version", set_version, "print the version"},
	{'h', "help", cgroup_tool_set_help, "print this"},
};

static const struct option *find_letter(char letter)
{
	for (size_t i = 0; i < array_size(options); i++)
		if (options[i].letter == letter)
			return &options[i];
	return NULL;
}

/* "-jf": one letter after the other. */
static int take_letters(struct cli *cli, const char *word, struct err *err)
{
	for (const char *c = word + 1; *c; c++) {
		const struct option *o = find_letter(*c);

		if (!o)
			return err_say(
				err, -EINVAL,
				"unknown option '-%c'; put a word that begins with '-' after '--'",
				*c);
		o->set(cli);
	}
	return 1;
}

/* Objects whose commands read options of their own. */
static bool has_own_options(const char *object)
{
	return args_is_prefix(object, "share");
}

/*
 * One of the words "--x"; returns how many words it took. What is not known here stays in
 * its place among the words if theirs.
 */
static int take_long(struct cli *cli, char *word, const char *value, bool theirs,
		     struct args *words, struct err *err)
{
	int r;

	for (size_t i = 0; i < array_size(options); i++) {
		if (strcmp(word + 2, options[i].name) == 0) {
			options[i].set(cli);
			return 1;
		}
	}
	r = tool_option(&cli->tool, word, value, err);
	if (r != 0)
		return r;
	if (!theirs)
		return err_say(err, -EINVAL, "unknown option '%s'", word);
	words->argv[words->argc++] = word;
	return 1;
}

/* Options may stand anywhere in front of "--"; what is left moves to words. */
static int take_options(struct cli *cli, int argc, char **argv, struct args *words,
			struct err *err)
{
	for (int i = 1; i < argc;) {
		char *word = argv[i];
		bool theirs = words->argc && has_own_options(words->argv[0]);
		int r = 1;

		if (strcmp(word, "--") == 0) {
			while (++i < argc)
				words->argv[words->argc++] = argv[i];
			break;
		}
		if (strncmp(word, "--", 2) == 0)
			r = take_long(cli, word, argv[i + 1], theirs, words, err);
		else if (word[0] == '-' && word[1])
			r = take_letters(cli, word, err);
		else
			words->argv[words->argc++] = argv[i];
		if (r < 0)
			return r;
		i += r;
	}
	return 0;
}

/* --- objects ---------------------------------------------- */

static int run_version(struct args *a, void *ctx, struct err *err)
{
	(void)a;
	(void)err;
	print_version(ctx, MAPSHARE_VERSION, bpf_names_libbpf_version());
	return 0;
}

static int cgroup_tool_run_batch(struct args *a, void *tool, struct err *err);

/* bpftool's objects first, then ours: one letter means here what it means there. */
static const struct verb objects[] = {
	{"batch", cgroup_tool_run_batch, "file FILE",
	 "Run the commands in FILE, - is stdin.", NULL, false},
	{"prog", NULL, NULL, NULL, prog_verbs, false},
	{"map", NULL, NULL, NULL, map_verbs, false},
	{"link", NULL, NULL, NULL, link_verbs, false},
	{"cgroup", NULL, NULL, NULL, cgroup_verbs, false},
	{"object", NULL, NULL, NULL, object_verbs, false},
	{"share", NULL, NULL, NULL, share_verbs, false},
	{"version", run_version, NULL, "Versions of this tool and of libbpf.", NULL,
	 false},
	{.name = NULL},
};

/* What stands for TYPE in the lines of this object's help. */
static void add_types(const char *object, struct strbuf *out)
{
	const struct verb *v = verb_find(objects, object);
	struct choice types;

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

static void add_usage(const char *name, struct strbuf *out)
{
	sb_addf(out, "Usage: %s [OPTIONS] OBJECT {COMMAND|help} ...\n\n", name);
	verb_usage(name, objects, out);
	sb_add(out, "\nOBJECT := {");
	for (const struct verb *v = objects; v->name; v++)
		if (v->verbs)
			sb_addf(out, "%s %s", v == objects + 1 ? "" : " |", v->name);
	sb_add(out, " }\n\nOptions, anywhere on the line up to '--':\n");
	for (size_t i = 0; i < array_size(options); i++)
		sb_addf(out, "-%c, --%s\n\t%s\n", options[i].letter, options[i].name,
			options[i].help);
	tool_option_usage(out);
}

/* One command without options. */
static int cgroup_tool_run_line(struct tool *tool, struct args *words, struct err *err)
{
	const char *object = args_peek(words);
	auto_strbuf usage = STRBUF_INIT;
	int r = 0;

	/* "h" is help, as there. */
	if (!object || args_is_prefix(object, "help")) {
		add_usage(tool->name, &usage);
	} else {
		r = left_to_bpftool(objects, words, err);
		if (r == 0)
			r = verb_run(tool->name, objects, words, tool, &usage, err);
		if (usage.len)
			add_types(object, &usage);
	}
	if (usage.len)
		fputs(tool->json ? "null\n" : sb_text(&usage), tool->out);
	return r;
}

static int run_batch_line(struct tool *tool, struct args *words, struct err *err)
{
	if (args_peek(words)[0] == '-')
		return err_say(
			err, -EINVAL,
			"'%s': options stand in front of 'batch', for all its lines",
			args_peek(words));
	return cgroup_tool_run_line(tool, words, err);
}

static int cgroup_tool_run_batch(struct args *a, void *ctx, struct err *err)
{
	struct tool *tool = ctx;
	const char *word = args_next(a), *path;
	bool said = false;
	int r;

	if (!word || !args_is_prefix(word, "file"))
		return err_say(err, -EINVAL, "'batch' needs 'file FILE'");
	r = args_value(a, "file", "FILE", &path, err);
	if (r == 0 && args_more(a))
		r = err_say(err, -EINVAL, "unknown word '%s' at the end", args_peek(a));
	if (r == 0)
		r = batch_run_file(tool, path, run_batch_line, &said, err);
	/* A second document would not be valid JSON. */
	if (r < 0 && said) {
		if (err->log)
			tool_print_log(err->log);
		return err->status ? err->status : EXIT_USUAL;
	}
	return r;
}

static int cgroup_tool_run(struct cli *cli, struct args *words, struct err *err)
{
	struct args none = {.argc = 0};

	auto_strbuf usage = STRBUF_INIT;

	if (cli->version)
		return run_version(words, &cli->tool, err);
	/* Help that nobody asked for is no answer: nothing was said. */
	if (!cli->help && !args_more(words) && !cli->tool.json) {
		add_usage(cli->tool.name, &usage);
		fputs(sb_text(&usage), stderr);
		return 0;
	}
	return cgroup_tool_run_line(&cli->tool, cli->help ? &none : words, err);
}

int main(int argc, char **argv)
{
	struct cli cli = {
		.tool = {.name = "cgroup_loader",
			 .out = stdout,
			 .share = {.reader = MAPS_READER_CGROUP, .guard_foreign = true}},
	};
	auto_free char **words = xcalloc((size_t)argc + 1, sizeof(*words));
	struct args a = {.argv = words};
	auto_free char *line = NULL;
	auto_err err = ERR_INIT;
	int r;

	caller_ns_allow(true);
	r = take_options(&cli, argc, argv, &a, &err);
	tool_log_to(cli.tool.name, cli.debug);
	line = tool_line(&a);
	cli.tool.share.tool = cli.tool.name;
	cli.tool.share.line = line;
	if (r == 0)
		r = cgroup_tool_run(&cli, &a, &err);
	return tool_finish(&cli.tool, r, &err, EXIT_USUAL);
}
