/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "options.h"
#include "tc.h"

struct state {
	struct options *opts;
	struct tc *tc;
};

#define FLAG(fn, target)                                              \
	static int fn(struct args *a, void *request, struct err *err) \
	{                                                             \
		struct state *s = request;                            \
                                                                      \
		(void)a;                                              \
		(void)err;                                            \
		s->target = true;                                     \
		return 0;                                             \
	}

FLAG(set_stats, tc->stats)
FLAG(set_details, tc->details)
FLAG(set_raw, tc->raw)
FLAG(set_pretty, tc->tool.pretty)
FLAG(set_version, opts->version)
FLAG(set_help, opts->help)
FLAG(set_force, tc->force)
FLAG(set_numeric, tc->numeric)
FLAG(set_color, tc->color)
FLAG(set_json, tc->tool.json)
FLAG(set_oneline, tc->oneline)
FLAG(set_echo, tc->echo)
FLAG(set_brief, tc->brief)
FLAG(set_timestamp, tc->timestamp)
FLAG(set_tshort, tc->tshort)

/* tc takes these where they change nothing for the commands offered here. */
static int options_ignore(struct args *a, void *request, struct err *err)
{
	(void)a;
	(void)request;
	(void)err;
	return 0;
}

static int set_batch(struct args *a, void *request, struct err *err)
{
	struct state *s = request;

	(void)err;
	/* Without a file tc 6.1 shows its usage; 7.1 fails. */
	s->tc->batch = args_next(a);
	return 0;
}

static int set_netns(struct args *a, void *request, struct err *err)
{
	struct state *s = request;

	return args_value(a, "-netns", "NAME", &s->opts->netns, err);
}

static int set_names(struct args *a, void *request, struct err *err)
{
	(void)a;
	(void)request;
	(void)err;
	log_warn("class names are not offered: numbers are shown");
	return 0;
}

static int set_conf(struct args *a, void *request, struct err *err)
{
	const char *file;

	(void)request;
	return args_value(a, "-conf", "FILE", &file, err);
}

enum { MANY = KEYWORD_MANY, QUIET = KEYWORD_MANY | KEYWORD_HIDDEN };

/*
 * Row order is tc's abbreviation order, with one difference: "-c" is colour, as tc's help
 * says and its parser does not.
 */
static const struct keyword rows[] = {
	{"-statistics", MANY, set_stats, NULL, "counters"},
	{"-stats", QUIET, set_stats, NULL, NULL},
	{"-details", MANY, set_details, NULL, "load time, user and BTF of programs"},
	{"-raw", MANY, set_raw, NULL, "handles in full"},
	{"-pretty", MANY, set_pretty, NULL, "JSON with line breaks"},
	{"-graph", QUIET, options_ignore, NULL, NULL},
	{"-Version", MANY, set_version, NULL, NULL},
	{"-iec", QUIET, options_ignore, NULL, NULL},
	{"-help", MANY, set_help, NULL, NULL},
	{"-force", MANY, set_force, NULL, "a batch goes on after an error"},
	{"-batch", MANY, set_batch, "FILE", "commands from FILE, - for stdin"},
	{"-netns", MANY, set_netns, "NAME", "in this network namespace"},
	{"-Numeric", MANY, set_numeric, NULL, "protocols as numbers"},
	{"-names", QUIET, set_names, NULL, NULL},
	{"-nm", KEYWORD_EXACT | QUIET, set_names, NULL, NULL},
	{"-cf", KEYWORD_EXACT | QUIET, set_conf, "FILE", NULL},
	{"-color", MANY, set_color, NULL, NULL},
	{"-conf", QUIET, set_conf, "FILE", NULL},
	{"-timestamp", MANY, set_timestamp, NULL, "before the events of monitor"},
	{"-tshort", MANY, set_tshort, NULL, "the same, on one line"},
	{"-json", MANY, set_json, NULL, NULL},
	{"-oneline", MANY, set_oneline, NULL, NULL},
	{"-brief", QUIET, set_brief, NULL, NULL},
	/* Of tc 6.9 and later. */
	{"-echo", KEYWORD_EXACT | MANY, set_echo, NULL, "show what a request has made"},
	{.name = NULL},
};

/* -color=always|auto|never */
static bool color_word(struct tc *tc, const char *word)
{
	const char *equals = strchr(word, '=');

	if (!equals || equals - word < 2 || strncmp(word, "-color", equals - word) != 0)
		return false;
	if (strcmp(equals, "=always") == 0)
		tc->color = true;
	else if (strcmp(equals, "=auto") == 0 || strcmp(equals, "=never") == 0)
		tc->color = false;
	else
		return false;
	tc->color_auto = strcmp(equals, "=auto") == 0;
	return true;
}

/* --hand-over PATH, --hand-over=PATH: the number of its words, 0: another one. */
static int set_hand_over(struct tc *tc, const char *word, const char *value,
			 struct err *err)
{
	static const char name[] = "--hand-over";
	size_t n = strlen(name);
	bool equals;

	if (strncmp(word, name, n) != 0 || (word[n] && word[n] != '='))
		return 0;
	equals = word[n] == '=';
	value = equals ? word + n + 1 : value;
	if (!value || !*value)
		return err_say(err, -EINVAL, "'%s' needs a value: PATH", name);
	tc->hand_over.path = value;
	return equals ? 1 : 2;
}

/* A word with two dashes: one that both tools share, or --help and --version. */
static int long_option(struct state *s, struct args *a, struct err *err)
{
	const char *word = args_peek(a);
	int n = tool_option(&s->tc->tool, word, a->argc > 1 ? a->argv[1] : NULL, err);

	if (n == 0 && strcmp(word, "--help") == 0)
		n = s->opts->help = true;
	else if (n == 0 && strcmp(word, "--version") == 0)
		n = s->opts->version = true;
	else if (n == 0)
		n = set_hand_over(s->tc, word, a->argc > 1 ? a->argv[1] : NULL, err);
	for (int i = 0; i < n; i++)
		args_next(a);
	return n;
}

/* What a line is to tc that is handed over: neither where the lines are nor where we are. */
static bool is_for_tc(const struct keyword *row)
{
	return row->set != set_batch && row->set != set_force && row->set != set_netns &&
	       row->set != set_version && row->set != set_help;
}

/* Under its full name: "-c" is another option to tc. row NULL: -color=WHEN. */
static void options_hand_over(struct tc *tc, const struct keyword *row,
			      const struct args *from, const struct args *to)
{
	if (row && !is_for_tc(row))
		return;
	hand_over_add_option(&tc->hand_over, row ? row->name : from->argv[0]);
	for (int i = 1; i < from->argc - to->argc; i++)
		hand_over_add_option(&tc->hand_over, from->argv[i]);
}

/* 1: an option was read, 0: none stands there. */
static int next_option(struct state *s, struct args *a, struct err *err)
{
	const char *word = args_peek(a);
	const struct args from = *a;
	const struct keyword *row;
	auto_strbuf hint = STRBUF_INIT;
	int r;

	if (!word || word[0] != '-')
		return 0;
	if (word[1] == '-') {
		r = long_option(s, a, err);
		if (r != 0)
			return r;
	}
	row = word[1] && word[1] != '-' ? keyword_find(rows, word) : NULL;
	if (!row && !color_word(s->tc, word)) {
		keyword_near(rows, word, &hint);
		return err_say(err, -EINVAL, "option '%s' is unknown%s", word,
			       hint.len ? sb_text(&hint) : "; try 'tc_loader -help'");
	}
	args_next(a);
	r = row ? row->set(a, s, err) : 0;
	if (r == 0)
		options_hand_over(s->tc, row, &from, a);
	return r < 0 ? r : 1;
}

int options_parse(struct options *ret, struct tc *tc, struct args *a, struct err *err)
{
	struct options opts = {.netns = NULL};
	struct state s = {.opts = &opts, .tc = tc};
	int r;

	do {
		r = next_option(&s, a, err);
		/* tc answers -V at once and looks at nothing behind it. */
	} while (r > 0 && !opts.version && !opts.help);
	if (r >= 0)
		*ret = opts;
	return r < 0 ? r : 0;
}

void options_usage(struct strbuf *out)
{
	auto_strbuf words = STRBUF_INIT;

	keyword_usage(rows, &words);
	sb_addf(out, "OPTIONS: %s\n", sb_text(&words));
	tool_option_usage(out);
	sb_add(out,
	       "--hand-over PATH\n\trun what is not offered here with the tc at PATH\n");
}
