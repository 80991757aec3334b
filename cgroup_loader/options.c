/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "options.h"
#include "verbs/apply_verbs.h"

static int set_pretty(struct args *a, void *request, struct err *err)
{
	struct cli *cli = request;

	(void)a;
	(void)err;
	cli->tool.json = true;
	cli->tool.pretty = true;
	return 0;
}

#define TOOL_BOOL(member) KEYWORD_BOOL(struct cli, tool.member)

/* How programs get into the kernel is our business: -L and -l change nothing. */
static const struct keyword cgroup_options[] = {
	{"--json", 0, NULL, NULL, "answer in JSON", TOOL_BOOL(json), 'j'},
	{"--pretty", 0, set_pretty, NULL, "answer in indented JSON", .letter = 'p'},
	{"--bpffs", 0, NULL, NULL, "show where programs are pinned", TOOL_BOOL(show_pins),
	 'f'},
	{"--nomount", 0, NULL, NULL, "never mount a BPF file system",
	 TOOL_BOOL(share.no_mount), 'n'},
	{"--mapcompat", 0, NULL, NULL, "ignore unknown members of BTF-defined maps",
	 TOOL_BOOL(share.relaxed_maps), 'm'},
	{"--verbose", 0, NULL, NULL, "tell more than bpftool does", TOOL_BOOL(verbose),
	 'v'},
	{"--debug", 0, NULL, NULL, "print what is being done",
	 KEYWORD_BOOL(struct cli, debug), 'd'},
	{"--use-loader", KEYWORD_NOTHING, NULL, NULL, "accepted, no effect",
	 .letter = 'L'},
	{"--legacy", KEYWORD_NOTHING, NULL, NULL, "accepted, no effect", .letter = 'l'},
	{"--version", 0, NULL, NULL, "print the version",
	 KEYWORD_BOOL(struct cli, version), 'V'},
	{"--help", 0, NULL, NULL, "print this", KEYWORD_BOOL(struct cli, help), 'h'},
	{.name = NULL},
};

static const struct keyword *find_letter(char letter)
{
	for (const struct keyword *o = cgroup_options; o->name; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

/* "-follow" has one dash too few; "-1" is a number. */
static int letter_unknown(const char *word, char letter, struct err *err)
{
	auto_free char *as_long = xasprintf("-%s", word);
	auto_strbuf near = STRBUF_INIT;

	if (strlen(word) > 3) {
		keyword_near(cgroup_options, as_long, &near);
		if (!near.len)
			tool_option_near(as_long, &near);
	}
	if (near.len)
		return err_say(err, -EINVAL, "unknown option '%s'%s", word,
			       sb_text(&near));
	if (strlen(word) > 4)
		return err_say(
			err, -EINVAL,
			"unknown option '-%c' in '%s'; long options begin with two dashes",
			letter, word);
	return err_say(err, -EINVAL,
		       "unknown option '-%c'; put a word that begins with '-' after '--'",
		       letter);
}

/* "-jf": one letter after the other. */
static int take_letters(struct cli *cli, const char *word, struct err *err)
{
	struct args none = {.argc = 0};

	for (const char *c = word + 1; *c; c++) {
		const struct keyword *o = find_letter(*c);
		int r;

		if (!o)
			return letter_unknown(word, *c, err);
		r = keyword_take(o, &none, cli, err);
		if (r < 0)
			return r;
	}
	return 1;
}

/* Commands that read options of their own. */
static bool has_own_options(const struct args *words)
{
	const char *object = words->argc ? words->argv[0] : "";
	const struct verb *of_map = words->argc > 1 && args_is_prefix(object, "map")
					    ? verb_find(map_verbs, words->argv[1])
					    : NULL;

	return args_is_prefix(object, "share") ||
	       (of_map && strcmp(of_map->name, "migrate") == 0) ||
	       (strlen(object) > 2 && verb_find(apply_verbs, object));
}

static int options_unknown(const char *word, struct err *err)
{
	auto_strbuf near = STRBUF_INIT;

	keyword_near(cgroup_options, word, &near);
	if (!near.len)
		tool_option_near(word, &near);
	return err_say(err, -EINVAL, "unknown option '%s'%s", word,
		       near.len ? sb_text(&near) : "; --help lists them");
}

/*
 * One of the words "--x"; returns how many words it took. What is not known here stays in
 * its place among the words if theirs.
 */
static int take_long(struct cli *cli, char *word, const char *value, bool theirs,
		     struct args *words, struct err *err)
{
	int r = keyword_option(cgroup_options, word, value, cli, err);

	if (r == 0)
		r = tool_option(&cli->tool, word, value, err);
	if (r != 0)
		return r;
	if (!theirs)
		return options_unknown(word, err);
	words->argv[words->argc++] = word;
	return 1;
}

/* What is left moves up to where it was read. */
int options_parse(struct cli *cli, struct args *a, struct err *err)
{
	struct args words = {.argv = a->argv};

	for (int i = 0; i < a->argc;) {
		char *word = a->argv[i];
		bool theirs = has_own_options(&words);
		int r = 1;

		if (strcmp(word, "--") == 0) {
			while (++i < a->argc)
				words.argv[words.argc++] = a->argv[i];
			break;
		}
		if (strncmp(word, "--", 2) == 0)
			r = take_long(cli, word, i + 1 < a->argc ? a->argv[i + 1] : NULL,
				      theirs, &words, err);
		else if (word[0] == '-' && word[1])
			r = take_letters(cli, word, err);
		else
			words.argv[words.argc++] = word;
		if (r < 0)
			return r;
		i += r;
	}
	*a = words;
	return 0;
}

void options_usage(struct strbuf *out)
{
	sb_add(out, "Options, anywhere on the line up to '--':\n");
	for (const struct keyword *o = cgroup_options; o->name; o++)
		sb_addf(out, "-%c, %s\n\t%s\n", o->letter, o->name, o->help);
	tool_option_usage(out);
}

void options_words(struct strbuf *out)
{
	keyword_usage(cgroup_options, out);
	for (const struct keyword *o = cgroup_options; o->name; o++)
		sb_addf(out, " [-%c]", o->letter);
	sb_add_char(out, ' ');
	tool_option_words(out);
}
