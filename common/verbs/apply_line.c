/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "verbs/apply_line.h"
#include "verbs/tool.h"

static const struct keyword line_options[] = {
	{"--follow", KEYWORD_EXACT, NULL, NULL, NULL,
	 KEYWORD_BOOL(struct apply_line, follow)},
	{"--state-dir", 0, NULL, "DIR", NULL, KEYWORD_TEXT(struct apply_line, state_dir)},
	{.name = NULL},
};

/* What a tool reads in front of its object may stand behind it, too. */
static const struct keyword line_tool_options[] = {
	{"-j", KEYWORD_EXACT, NULL, NULL, NULL, KEYWORD_BOOL(struct tool, json)},
	{"--json", KEYWORD_EXACT, NULL, NULL, NULL, KEYWORD_BOOL(struct tool, json)},
	{"-p", KEYWORD_EXACT, NULL, NULL, NULL, KEYWORD_BOOL(struct tool, pretty)},
	{"--pretty", KEYWORD_EXACT, NULL, NULL, NULL, KEYWORD_BOOL(struct tool, pretty)},
	{.name = NULL},
};

static int line_option_unknown(const char *word, const char *verb, struct err *err)
{
	auto_strbuf hint = STRBUF_INIT;

	if (strcmp(word, "--dry-run") == 0)
		sb_add(&hint, "; 'plan' shows what apply would do");
	else
		keyword_near(line_options, word, &hint);
	if (!hint.len)
		sb_addf(&hint, "; write a file that begins with '-' as ./%s", word);
	return err_say(err, -EINVAL, "unknown option '%s' for %s%s", word, verb,
		       sb_text(&hint));
}

static int line_option(struct apply_line *line, const char *verb, struct tool *tool,
		       struct args *a, struct err *err)
{
	const char *word = args_peek(a), *value = a->argc > 1 ? a->argv[1] : NULL;
	int n = keyword_option(line_options, word, value, line, err);

	if (n == 0)
		n = keyword_option(line_tool_options, word, value, tool, err);
	if (n == 0)
		n = tool_option(tool, word, value, err);
	if (n == 0)
		return line_option_unknown(word, verb, err);
	for (int i = 0; i < n; i++)
		args_next(a);
	tool->json |= tool->pretty;
	return n < 0 ? n : 0;
}

int apply_line_parse(struct apply_line *ret, const char *verb, struct tool *tool,
		     struct args *a, struct err *err)
{
	bool only_files = false;
	int r = 0;

	while (r == 0 && args_more(a)) {
		const char *word = args_peek(a);

		if (!only_files && args_take(a, "--")) {
			only_files = true;
		} else if (!only_files && word[0] == '-') {
			r = line_option(ret, verb, tool, a, err);
		} else if (!*word) {
			r = err_say(err, -EINVAL, "'%s': an empty name of a file", verb);
		} else {
			array_grow(ret->files, ret->nr);
			ret->files[ret->nr++] = args_next(a);
		}
	}
	if (r == 0 && ret->follow && strcmp(verb, "apply") != 0)
		r = err_say(err, -EINVAL, "'--follow' is for 'apply', not for '%s'",
			    verb);
	if (r == 0 && !ret->nr)
		r = err_say(err, -EINVAL, "'%s' needs a file: %s FILE|DIR...", verb,
			    verb);
	return r;
}

void apply_line_release(struct apply_line *line)
{
	free(line->files);
}
