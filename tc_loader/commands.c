/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/suggest.h"
#include "base/wrap.h"

#include "commands.h"
#include "hand_over.h"
#include "lines.h"
#include "options.h"
#include "parse.h"
#include "load/program_cache.h"
#include "run.h"
#include "tc.h"
#include "usage.h"
#include "usage_grammar.h"
#include "verbs/apply_verbs.h"
#include "verbs/choice.h"
#include "verbs/complete.h"
#include "verbs/option_use.h"

#define VERB(object, name, op)                                                  \
	static int object##_##name(struct args *a, void *tool, struct err *err) \
	{                                                                       \
		return lines_##object(tool, op, a, err);                        \
	}

VERB(qdisc, add, NL_QDISC_ADD)
VERB(qdisc, change, NL_QDISC_CHANGE)
VERB(qdisc, replace, NL_QDISC_REPLACE)
VERB(qdisc, link, NL_QDISC_LINK)
VERB(qdisc, delete, NL_QDISC_DEL)
VERB(qdisc, show, NL_QDISC_SHOW)
VERB(filter, add, NL_FILTER_ADD)
VERB(filter, change, NL_FILTER_CHANGE)
VERB(filter, replace, NL_FILTER_REPLACE)
VERB(filter, delete, NL_FILTER_DEL)
VERB(filter, get, NL_FILTER_GET)
VERB(filter, show, NL_FILTER_SHOW)

/* Row order is tc's abbreviation order. */
static const struct verb qdisc_verbs[] = {
	{.name = "add", .run = qdisc_add, .example = "dev eth0 clsact"},
	{.name = "change", .run = qdisc_change, .example = "dev eth0 clsact"},
	{.name = "replace", .run = qdisc_replace, .example = "dev eth0 clsact"},
	{.name = "link", .run = qdisc_link, .example = "dev eth0 clsact"},
	{.name = "delete", .run = qdisc_delete, .example = "dev eth0 clsact"},
	{.name = "list", .run = qdisc_show, .example = "dev eth0"},
	{.name = "show", .run = qdisc_show, .example = "dev eth0"},
	{.name = "lst", .run = qdisc_show, .example = "dev eth0"},
	{.name = NULL},
};

static const struct verb filter_verbs[] = {
	{.name = "add", .run = filter_add, .example = "dev eth0 ingress bpf da obj tc.o"},
	{.name = "change",
	 .run = filter_change,
	 .example = "dev v0 ingress pref 7 handle 1 bpf da obj tc.o"},
	{.name = "replace",
	 .run = filter_replace,
	 .example = "dev v0 ingress pref 7 handle 1 bpf da obj tc.o"},
	{.name = "delete", .run = filter_delete, .example = "dev eth0 ingress pref 7"},
	{.name = "get",
	 .run = filter_get,
	 .example = "dev eth0 ingress protocol all pref 7 handle 1 bpf"},
	{.name = "list", .run = filter_show, .example = "dev eth0 ingress"},
	{.name = "show", .run = filter_show, .example = "dev eth0 ingress"},
	{.name = "lst", .run = filter_show, .example = "dev eth0 ingress"},
	{.name = NULL},
};

/* Lines that are tc's, by what stands behind the object's word. */
static bool always_tcs(const struct args *a)
{
	(void)a;
	return true;
}

/* The verb, and in words what stands behind it; NULL: there is none, or it is help. */
static const struct verb *line_verb(const struct verb *verbs, const struct args *a,
				    struct args *words)
{
	*words = *a;
	if (!args_more(a) || args_is_prefix(args_peek(a), "help"))
		return NULL;
	return verb_find(verbs, args_next(words));
}

static bool qdisc_is_tcs(const struct args *a)
{
	struct args words;
	const struct verb *v = line_verb(qdisc_verbs, a, &words);

	if (!v)
		return words.argc < a->argc;
	return v->run != qdisc_show &&
	       parse_qdisc_is_other(v->run == qdisc_add ? NL_QDISC_ADD : NL_QDISC_CHANGE,
				    &words);
}

static bool filter_is_tcs(const struct args *a)
{
	struct args words;
	const struct verb *v = line_verb(filter_verbs, a, &words);

	if (!v)
		return words.argc < a->argc;
	return v->run != filter_show && parse_filter_is_other(&words);
}

static bool exec_is_tcs(const struct args *a)
{
	return args_more(a) && !args_is_prefix(args_peek(a), "bpf") &&
	       !args_is_prefix(args_peek(a), "help");
}

struct command {
	const char *name;
	const struct verb *verbs; /* NULL: tc's alone */
	void (*usage)(struct strbuf *out);
	char *lone; /* the verb when none is said */
	bool ours;  /* a verb of both tools */
	/* Is it to be handed over? What a list shows tells run_* only. NULL: never. */
	bool (*is_tcs)(const struct args *a);
};

static const struct command commands[] = {
	{"qdisc", qdisc_verbs, parse_qdisc_usage, (char[]){"show"}, false, qdisc_is_tcs},
	{"class", NULL, NULL, NULL, false, always_tcs},
	{"filter", filter_verbs, parse_filter_usage, (char[]){"show"}, false,
	 filter_is_tcs},
	{"chain", NULL, NULL, NULL, false, always_tcs},
	{"actions", NULL, NULL, NULL, false, always_tcs},
	{"monitor", NULL, lines_monitor_usage, NULL, false, always_tcs},
	{"exec", NULL, NULL, NULL, false, exec_is_tcs},
	{"help", NULL, NULL, NULL, false, NULL},
	{"object", object_verbs, NULL, NULL, true, NULL},
	{"map", map_verbs, NULL, NULL, true, NULL},
	{"share", share_verbs, NULL, NULL, true, NULL},
	{"feature", feature_verbs, NULL, (char[]){"show"}, true, NULL},
	{"plan", apply_verbs, NULL, NULL, true, NULL},
	{"apply", apply_verbs, NULL, NULL, true, NULL},
	{"check", apply_verbs, NULL, NULL, true, NULL},
	{"remove", apply_verbs, NULL, NULL, true, NULL},
	{"bugreport", apply_verbs, NULL, NULL, true, NULL},
};

static const struct command *find(const char *word)
{
	for (size_t i = 0; i < array_size(commands); i++)
		if (args_is_prefix(word, commands[i].name))
			return &commands[i];
	return NULL;
}

/* Objects of bpftool's that are ours in cgroup_loader. */
static bool tc_other_tool(const char *word)
{
	static const char *const objects[] = {"prog", "cgroup", "link"};

	for (size_t i = 0; i < array_size(objects); i++)
		if (strcmp(word, objects[i]) == 0)
			return true;
	return false;
}

static int unknown_object(const char *word, struct err *err)
{
	struct suggest near = {.word = word};
	auto_strbuf hint = STRBUF_INIT;

	for (size_t i = 0; i < array_size(commands); i++)
		suggest_offer(&near, commands[i].name);
	if (tc_other_tool(word))
		sb_addf(&hint, "; 'cgroup_loader %s' has it", word);
	else if (verb_find(filter_verbs, word))
		sb_addf(&hint, "; 'filter', 'qdisc' or another object goes before '%s'",
			word);
	else
		suggest_hint(&near, &hint);
	return err_say(err, -EINVAL, "object '%s' is unknown%s", word,
		       hint.len ? sb_text(&hint) : "; try 'tc_loader help'");
}

static int not_offered(const struct command *c, struct err *err)
{
	return err_say(err, -EINVAL, "'%s' is not offered here; use tc, or --hand-over",
		       c->name);
}

static int run_verb(struct tc *tc, const struct command *c, struct args *a,
		    struct err *err)
{
	auto_free char *prefix = xasprintf("tc_loader %s", c->name);
	auto_strbuf usage = STRBUF_INIT;
	char *lone[] = {c->lone, NULL};
	struct args alone = {.argv = lone, .argc = 1};
	const struct verb *v;
	int r;

	/* tc's own usage goes by object, not by verb. */
	if (c->usage && args_more(a) && args_is_prefix(args_peek(a), "help")) {
		c->usage(&usage);
		wrap_print(&usage, stderr);
		return 0;
	}
	v = c->usage && a->argc > 1 ? verb_find(c->verbs, args_peek(a)) : NULL;
	if (v && strcmp(a->argv[1], "help") == 0) {
		args_next(a);
		return v->run(a, tc, err);
	}
	if (c->lone && !args_more(a))
		a = &alone;
	r = verb_run(prefix, c->verbs, a, tc, &usage, err);
	if (c->verbs == map_verbs && strstr(sb_text(&usage), " TYPE"))
		choice_map_types(&usage);
	wrap_print(&usage, tc->tool.out);
	return r;
}

/* Verbs without an object: the word that names one is the table's. */
static int run_lone_verb(struct tc *tc, const struct args *a, struct err *err)
{
	struct args line = {.argv = a->argv - 1, .argc = a->argc + 1};
	auto_strbuf usage = STRBUF_INIT;
	int r = verb_run("tc_loader", apply_verbs, &line, tc, &usage, err);

	wrap_print(&usage, tc->tool.out);
	return r;
}

/* "OBJECT [VERB] --help", and "help OBJECT [VERB]": what tc has no word for. */
static int help_about(const struct tc *tc, const struct command *c, struct args *a,
		      struct err *err)
{
	auto_free char *prefix = xasprintf("tc_loader %s", c->name);
	const struct verb *v =
		args_more(a) && c->verbs ? verb_find(c->verbs, args_peek(a)) : NULL;
	auto_strbuf usage = STRBUF_INIT;
	int r = 0;

	if (strcmp(c->name, "exec") == 0) {
		parse_exec_bpf_usage(&usage);
		sb_add(&usage, "  e.g. tc_loader exec bpf debug\n");
	} else if (c->verbs == apply_verbs) {
		*a = (struct args){.argv = a->argv - 1, .argc = a->argc + 1};
		r = verb_help("tc_loader", apply_verbs, a, &usage, err);
	} else if (c->usage) {
		c->usage(&usage);
		if (v)
			verb_example(prefix, v, &usage);
	} else if (c->verbs) {
		r = verb_help(prefix, c->verbs, a, &usage, err);
	} else {
		r = not_offered(c, err);
	}
	if (c->verbs == map_verbs && strstr(sb_text(&usage), " TYPE"))
		choice_map_types(&usage);
	if (r == 0)
		wrap_print(&usage, tc->tool.out);
	return r;
}

/* "--help" is no name of anything a line may be about. */
static bool help_is_asked(struct args *a)
{
	if (!args_more(a) || strcmp(a->argv[a->argc - 1], "--help") != 0)
		return false;
	a->argc--;
	return true;
}

/* Options in front of a batch are for each of its lines that has a use for them. */
static int check_options(const struct tc *tc, const struct command *c,
			 const struct args *a, struct err *err)
{
	const struct args line = {.argv = a->argv - 1, .argc = a->argc + 1};
	struct tool given = {.name = NULL};
	bool lone = c->verbs == apply_verbs;

	if (!tc->batch)
		given = tc->tool;
	/* Those of a command that exec runs are not ours. */
	if (strcmp(c->name, "exec") != 0)
		option_use_behind(a, &given);
	return option_use_check(&given, lone ? "" : c->name, c->verbs, lone ? &line : a,
				err);
}

static int run_command(struct tc *tc, const struct command *c, const char *word,
		       struct args *a, struct err *err)
{
	const struct command *about;
	int r;

	tc->json_errors = c && c->ours;
	/* Our own verbs and exec write to maps and slots behind the cache's back. */
	if (c && (c->ours || strcmp(c->name, "exec") == 0))
		program_cache_clear(tc->cache);
	if (!word)
		return 0;
	if (!c)
		return unknown_object(word, err);
	if (help_is_asked(a))
		return help_about(tc, c, a, err);
	r = strcmp(c->name, "help") == 0 ? 0 : check_options(tc, c, a, err);
	if (r < 0)
		return r;
	if (strcmp(c->name, "monitor") == 0)
		return lines_monitor(tc, a, err);
	if (strcmp(c->name, "exec") == 0)
		return lines_exec(tc, a, err);
	if (c->verbs == apply_verbs)
		return run_lone_verb(tc, a, err);
	if (c->verbs)
		return run_verb(tc, c, a, err);
	if (strcmp(c->name, "help") != 0)
		return not_offered(c, err);
	about = args_more(a) ? find(args_next(a)) : NULL;
	if (about && about != c)
		return help_about(tc, about, a, err);
	usage_print();
	return 0;
}

static bool names_bpf(const struct args *line)
{
	for (int i = 0; i < line->argc; i++)
		if (strcmp(line->argv[i], "bpf") == 0)
			return true;
	return false;
}

static int run_with_tc(struct tc *tc, const struct args *line, struct err *err)
{
	/* An action of kind bpf may have written to maps and slots. */
	if (names_bpf(line))
		program_cache_clear(tc->cache);
	tc->json_errors = false;
	return hand_over_line(tc, line, err);
}

int commands_run(struct tc *tc, struct args *a, struct err *err)
{
	const struct args line = *a;
	const char *word = args_next(a);
	const struct command *c = word ? find(word) : NULL;
	int r;

	if (word && tc->hand_over.path && (!c || (c->is_tcs && c->is_tcs(a))))
		return run_with_tc(tc, &line, err);
	r = run_command(tc, c, word, a, err);
	return r == TC_NOT_OURS ? run_with_tc(tc, &line, err) : r;
}

/* --- completion --------------------------------------------- */

static const struct verb *tc_synopsis(struct args *a, struct strbuf *out)
{
	const struct args line = *a;
	const char *word = args_next(a);
	const struct command *c = word ? find(word) : NULL;
	auto_strbuf usage = STRBUF_INIT;

	if (!word) {
		sb_add(out, "{help");
		for (size_t i = 0; i < array_size(commands); i++)
			if (commands[i].verbs || commands[i].usage)
				sb_addf(out, "|%s", commands[i].name);
		sb_add(out, "|exec}");
	} else if (c && (c->usage || strcmp(c->name, "exec") == 0)) {
		if (c->usage)
			c->usage(&usage);
		else
			parse_exec_bpf_usage(&usage);
		usage_grammar(sb_text(&usage), out);
	} else if (c && c->verbs == apply_verbs) {
		*a = line;
		return verb_synopsis(apply_verbs, a, out);
	} else if (c && c->verbs) {
		sb_addf(out, "%s ", c->name);
		return verb_synopsis(c->verbs, a, out);
	}
	return NULL;
}

int commands_complete(const struct tool *tool, const struct args *words)
{
	const struct complete_grammar grammar = {options_words, tc_synopsis, true};

	return complete_run(tool, &grammar, words);
}
