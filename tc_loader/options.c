/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "options.h"

static int set_batch(struct args *a, void *request, struct err *err)
{
	struct cli *cli = request;

	(void)err;
	/* Without a file tc 6.1 shows its usage; 7.1 fails. */
	cli->tc.batch = args_next(a);
	return 0;
}

static int set_names(struct args *a, void *request, struct err *err)
{
	(void)a;
	(void)request;
	(void)err;
	log_warn("class names are not offered: numbers are shown");
	return 0;
}

enum { MANY = KEYWORD_MANY, QUIET = KEYWORD_MANY | KEYWORD_HIDDEN };

#define TC_BOOL(member) KEYWORD_BOOL(struct cli, tc.member)
#define TC_TEXT(member) KEYWORD_TEXT(struct cli, tc.member)

/*
 * Row order is tc's abbreviation order, with one difference: "-c" is colour, as tc's help
 * says and its parser does not. Some tc takes where they change nothing for the commands
 * offered here.
 */
static const struct keyword tc_options[] = {
	{"-statistics", MANY, NULL, NULL, "counters", TC_BOOL(stats)},
	{"-stats", QUIET, NULL, NULL, NULL, TC_BOOL(stats)},
	{"-details", MANY, NULL, NULL, "load time, user and BTF of programs",
	 TC_BOOL(details)},
	{"-raw", MANY, NULL, NULL, "handles in full", TC_BOOL(raw)},
	{"-pretty", MANY, NULL, NULL, "JSON with line breaks", TC_BOOL(tool.pretty)},
	{"-graph", QUIET | KEYWORD_NOTHING},
	{"-Version", MANY, NULL, NULL, NULL, KEYWORD_BOOL(struct cli, version)},
	{"-iec", QUIET | KEYWORD_NOTHING},
	{"-help", MANY, NULL, NULL, NULL, KEYWORD_BOOL(struct cli, help)},
	{"-force", MANY, NULL, NULL, "a batch goes on after an error", TC_BOOL(force)},
	{"-batch", MANY, set_batch, "FILE", "commands from FILE, - for stdin"},
	{"-netns", MANY, NULL, "NAME", "in this network namespace",
	 KEYWORD_TEXT(struct cli, netns)},
	{"-Numeric", MANY, NULL, NULL, "protocols as numbers", TC_BOOL(numeric)},
	{"-names", QUIET, set_names},
	{"-nm", KEYWORD_EXACT | QUIET, set_names},
	{"-cf", KEYWORD_EXACT | QUIET | KEYWORD_NOTHING, NULL, "FILE"},
	{"-color", MANY, NULL, NULL, NULL, TC_BOOL(color)},
	{"-conf", QUIET | KEYWORD_NOTHING, NULL, "FILE"},
	{"-timestamp", MANY, NULL, NULL, "before the events of monitor",
	 TC_BOOL(timestamp)},
	{"-tshort", MANY, NULL, NULL, "the same, on one line", TC_BOOL(tshort)},
	{"-json", MANY, NULL, NULL, NULL, TC_BOOL(tool.json)},
	{"-oneline", MANY, NULL, NULL, NULL, TC_BOOL(oneline)},
	{"-brief", QUIET, NULL, NULL, NULL, TC_BOOL(brief)},
	/* Of tc 6.9 and later. */
	{"-echo", KEYWORD_EXACT | MANY, NULL, NULL, "show what a request has made",
	 TC_BOOL(echo)},
	{.name = NULL},
};

/* What tc has not, beside the options that both tools share. */
static const struct keyword own_options[] = {
	{"--help", 0, NULL, NULL, NULL, KEYWORD_BOOL(struct cli, help)},
	{"--version", 0, NULL, NULL, NULL, KEYWORD_BOOL(struct cli, version)},
	{"--hand-over", 0, NULL, "PATH",
	 "run what is not offered here with the tc at PATH", TC_TEXT(hand_over.path)},
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

/* A word with two dashes: the number of words it takes. */
static int long_option(struct cli *cli, struct args *a, struct err *err)
{
	const char *value = a->argc > 1 ? a->argv[1] : NULL;
	int n = tool_option(&cli->tc.tool, args_peek(a), value, err);

	if (n == 0)
		n = keyword_option(own_options, args_peek(a), value, cli, err);
	for (int i = 0; i < n; i++)
		args_next(a);
	return n;
}

/* What a line is to tc that is handed over: neither where the lines are nor where we are. */
static bool is_for_tc(const struct keyword *row)
{
	static const char *const ours[] = {"-batch", "-force", "-netns", "-Version",
					   "-help"};

	for (size_t i = 0; i < array_size(ours); i++)
		if (strcmp(row->name, ours[i]) == 0)
			return false;
	return true;
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
static int next_option(struct cli *cli, struct args *a, struct err *err)
{
	const char *word = args_peek(a);
	const struct args from = *a;
	const struct keyword *row;
	auto_strbuf hint = STRBUF_INIT;
	int r;

	if (!word || word[0] != '-')
		return 0;
	if (word[1] == '-') {
		r = long_option(cli, a, err);
		if (r != 0)
			return r;
	}
	row = word[1] != '-' ? keyword_find(tc_options, word) : NULL;
	if (!row && !color_word(&cli->tc, word)) {
		keyword_near(tc_options, word, &hint);
		if (!hint.len)
			tool_option_near(word, &hint);
		return err_say(err, -EINVAL, "option '%s' is unknown%s", word,
			       hint.len ? sb_text(&hint) : "; try 'tc_loader -help'");
	}
	args_next(a);
	r = row ? keyword_take(row, a, cli, err) : 0;
	if (r == 0)
		options_hand_over(&cli->tc, row, &from, a);
	return r < 0 ? r : 1;
}

int options_parse(struct cli *cli, struct args *a, struct err *err)
{
	int r;

	do {
		r = next_option(cli, a, err);
		/* tc answers -V at once and looks at nothing behind it. */
	} while (r > 0 && !cli->version && !cli->help);
	return r < 0 ? r : 0;
}

void options_usage(struct strbuf *out)
{
	auto_strbuf words = STRBUF_INIT;

	keyword_usage(tc_options, &words);
	sb_addf(out, "OPTIONS: %s\n", sb_text(&words));
	tool_option_usage(out);
	for (const struct keyword *o = own_options; o->name; o++)
		if (o->help)
			sb_addf(out, "%s %s\n\t%s\n", o->name, o->value, o->help);
}

void options_words(struct strbuf *out)
{
	keyword_usage(tc_options, out);
	sb_add_char(out, ' ');
	keyword_usage(own_options, out);
	sb_add_char(out, ' ');
	tool_option_words(out);
}
