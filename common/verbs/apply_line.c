/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "verbs/apply_line.h"
#include "verbs/tool.h"

static const char state_dir[] = "--state-dir";

/* "--state-dir DIR" and "--state-dir=DIR": how many words; 0: another one. */
static int line_state_dir(struct apply_line *line, const char *word, const char *value,
			  struct err *err)
{
	const size_t n = strlen(state_dir);
	const bool equals = strncmp(word, state_dir, n) == 0 && word[n] == '=';

	if (!equals && strcmp(word, state_dir) != 0)
		return 0;
	if (line->state_dir)
		return err_say(err, -EINVAL, "duplicate '%s'", state_dir);
	value = equals ? word + n + 1 : value;
	if (!value || !*value)
		return err_say(err, -EINVAL, "'%s' needs a value: DIR", state_dir);
	line->state_dir = value;
	return equals ? 1 : 2;
}

/* One and two dashes, as the two tools write their own options. */
static bool line_is_json(struct tool *tool, const char *word)
{
	const char *name = word + strspn(word, "-");
	const bool pretty = strcmp(name, "p") == 0 || strcmp(name, "pretty") == 0;

	if (!pretty && strcmp(name, "j") != 0 && strcmp(name, "json") != 0)
		return false;
	tool->json = true;
	tool->pretty |= pretty;
	return true;
}

static int line_option(struct apply_line *line, const char *verb, struct tool *tool,
		       struct args *a, struct err *err)
{
	const char *word = args_peek(a), *value = a->argc > 1 ? a->argv[1] : NULL;
	int n = line_is_json(tool, word) ? 1 : line_state_dir(line, word, value, err);

	if (n == 0)
		n = tool_option(tool, word, value, err);
	if (n == 0)
		return err_say(
			err, -EINVAL,
			"unknown option '%s' for %s; put a file that begins with '-' after '--'",
			word, verb);
	for (int i = 0; i < n; i++)
		args_next(a);
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
	if (r == 0 && !ret->nr)
		r = err_say(err, -EINVAL, "'%s' needs a file: %s FILE|DIR...", verb,
			    verb);
	return r;
}

void apply_line_release(struct apply_line *line)
{
	free(line->files);
}
