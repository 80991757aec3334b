/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "verbs/complete.h"
#include "verbs/complete_value.h"
#include "verbs/option_use.h"

static const char *verb_about(const struct verb *verbs, const char *name)
{
	for (; verbs && verbs->name; verbs++)
		if (strcmp(verbs->name, name) == 0)
			return verbs->help;
	return NULL;
}

static bool is_too_late(const struct complete *c, const struct synopsis_atom *atom)
{
	auto_free char *option = xasprintf("[%s]", atom->group);

	/* What the verb itself has stands behind it. */
	return c->too_late && *atom->group && !strstr(c->line, option) &&
	       strstr(c->too_late, option);
}

/* Options are many: they are offered once a dash is typed. */
static void complete_atom(const struct synopsis_atom *atom, void *ctx)
{
	struct complete *c = ctx;

	if (is_too_late(c, atom))
		return;
	if (atom->value)
		complete_value(c, atom);
	else if (*atom->text != '-' || *c->word == '-')
		complete_offer(c, atom->text, verb_about(c->verbs, atom->text));
}

/* --- the line ----------------------------------------------- */

/* Does an option of the grammar, of which word is a beginning, take a value? */
static bool option_has_value(const char *options, const char *word)
{
	size_t n = strlen(word);

	if (strchr(word, '='))
		return false;
	for (const char *at = options; (at = strchr(at, '[')); at++) {
		if (strncmp(at + 1, word, n) != 0)
			continue;
		at += 1 + n;
		while (isalnum((unsigned char)*at) || *at == '-')
			at++;
		return *at == ' ';
	}
	return false;
}

/* The words that are neither options nor their values, *ret of them; the caller frees. */
static char **words_plain(char *const *words, size_t nr, const char *options, int *ret)
{
	char **plain = xcalloc(nr + 1, sizeof(*plain));
	int n = 0;

	for (size_t i = 0; i < nr; i++) {
		if (*words[i] != '-' || !words[i][1])
			plain[n++] = words[i];
		else if (option_has_value(options, words[i]))
			i++;
	}
	*ret = n;
	return plain;
}

/* What other rows of the help explain, in their own words. */
static const struct {
	const char *name, *as;
} references[] = {
	{"PROG", "{id N|tag TAG|name NAME|pinned PATH}"},
	{"LINK", "{id N|pinned PATH}"},
	{"|MAP", "|{id N|pinned FILE|name NAME}"},
};

static void expand_references(const char *text, struct strbuf *out)
{
	while (*text) {
		const char *as = NULL;
		size_t n = 1;

		for (size_t i = 0; i < array_size(references); i++) {
			size_t length = strlen(references[i].name);

			if (strncmp(text, references[i].name, length) != 0 ||
			    isalnum((unsigned char)text[length]))
				continue;
			as = references[i].as;
			n = length;
		}
		if (as)
			sb_add(out, as);
		else
			sb_add_char(out, *text);
		text += n;
	}
}

int complete_run(const struct tool *tool, const struct complete_grammar *grammar,
		 const struct args *words)
{
	auto_strbuf options = STRBUF_INIT, line = STRBUF_INIT, text = STRBUF_INIT;
	auto_strbuf some = STRBUF_INIT;
	size_t nr = words->argc ? (size_t)words->argc - 1 : 0;
	auto_free const struct synopsis_atom **taken = xcalloc(nr + 1, sizeof(*taken));
	auto_free char **plain = NULL;
	auto_release(synopsis_freep) struct synopsis *s = NULL;
	struct complete c = {.tool = tool, .words = words->argv, .nr = nr};
	struct args verbs = {.argc = 0};

	grammar->options(&options);
	plain = words_plain(words->argv, nr, sb_text(&options), &verbs.argc);
	verbs.argv = plain;
	option_use_words(&some);
	if (verbs.argc)
		c.too_late = sb_text(grammar->in_front ? &options : &some);
	c.verbs = grammar->line(&verbs, &line);
	c.line = sb_text(&line);
	sb_add(&text, sb_text(&options));
	sb_add_char(&text, ' ');
	expand_references(sb_text(&line), &text);
	s = synopsis_new(sb_text(&text));
	c.word = words->argc ? words->argv[nr] : "";
	c.taken = taken;
	synopsis_next(s, words->argv, nr, taken, complete_atom, &c);
	if (c.files || c.dirs)
		fputs(c.files ? "\tfiles\n" : "\tdirs\n", tool->out);
	if (c.nospace)
		fputs("\tnospace\n", tool->out);
	text_list_release(&c.offered);
	return 0;
}
