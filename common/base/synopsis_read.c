/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/synopsis_private.h"

/* Where in the text, and in what. */
struct reading {
	struct synopsis *s;
	const char *at;
	const char *group; /* behind the innermost open bracket; NULL: outside */
	int option;
};

static int step_add(struct synopsis *s, int kind, int to, int option)
{
	array_grow(s->steps, (size_t)s->nr);
	s->steps[s->nr] = (struct step){.kind = kind, .to = to, .option = option};
	return s->nr++;
}

/* The end of a part in brackets, at its last one. */
static const char *part_end(const char *at)
{
	int depth = 0;

	for (; *at; at++) {
		depth += *at == '{' || *at == '[';
		depth -= *at == '}' || *at == ']';
		if (depth < 0)
			break;
	}
	return at;
}

static const char *synopsis_skip_blanks(const char *at)
{
	while (*at == ' ')
		at++;
	return at;
}

static bool take_dots(struct reading *r)
{
	if (strncmp(r->at, "...", 3) != 0)
		return false;
	r->at += 3;
	return true;
}

static bool is_literal_group(const char *at)
{
	return strncmp(at, "{MEMBER:", 8) == 0;
}

static size_t atom_length(const char *at)
{
	const char *end = at;

	while (*end && (!strchr(" |[]{}", *end) || (end > at && end[-1] == '=') ||
			(end == at && is_literal_group(at)))) {
		if (*end == '{')
			end = part_end(end + 1);
		if (*end)
			end++;
	}
	return (size_t)(end - at);
}

/* word is the atom before it in the same sequence, NULL: there is none. */
static void atom_read(struct reading *r, const char **word, bool tight)
{
	size_t n = atom_length(r->at);
	bool again = n > 3 && memcmp(r->at + n - 3, "...", 3) == 0 && *r->at != '{';
	char *text = xstrndup(r->at, again ? n - 3 : n);
	const char *first;

	for (int i = 0; i < (again ? 2 : 1); i++) {
		struct synopsis_atom *atom;
		int at;

		/* Once more, or go on. */
		if (i)
			step_add(r->s, STEP_SPLIT, r->s->nr + 3, r->option);
		at = step_add(r->s, STEP_ATOM, NOWHERE, r->option);
		r->s->steps[at].tight = tight && !i;
		atom = &r->s->steps[at].atom;
		atom->text = i ? xstrdup(text) : text;
		atom->value =
			isupper((unsigned char)*text) || *text == '@' || *text == '{';
		atom->keyword = *word ? xstrdup(*word) : NULL;
		atom->group = r->group ? xstrndup(r->group,
						  (size_t)(part_end(r->group) - r->group))
				       : xstrdup("");
		if (i)
			step_add(r->s, STEP_JUMP, at - 1, r->option);
	}
	r->at += n;
	first = isupper((unsigned char)*text) || *text == '{' ? NULL : text;
	*word = first;
}

static void alternatives_read(struct reading *r, const char *word);

/* "[...]", r->at behind the first bracket. */
static void option_read(struct reading *r)
{
	struct synopsis *s = r->s;
	const int outer = r->option;
	int me = s->nr_options < SYNOPSIS_PARTS ? s->nr_options++ : SYNOPSIS_PARTS - 1;
	int at = step_add(s, STEP_OPTION, NOWHERE, me);

	r->option = me;
	s->options[me] = (struct option_part){.start = s->nr, .dashed = *r->at == '-'};
	alternatives_read(r, NULL);
	step_add(s, STEP_BACK, NOWHERE, me);
	s->steps[at].to = s->nr;
	r->option = outer;
	if (*r->at)
		r->at++;
	s->options[me].again = take_dots(r);
}

static void braces_read(struct reading *r, const char *word)
{
	int start = r->s->nr;

	alternatives_read(r, word);
	if (*r->at)
		r->at++;
	if (take_dots(r))
		/* Once more, or go on. */
		step_add(r->s, STEP_SPLIT, start, r->option);
}

static void sequence_read(struct reading *r, const char *word)
{
	while (r->at = synopsis_skip_blanks(r->at), *r->at && !strchr("|]}", *r->at)) {
		const char *group = r->group;

		if (*r->at != '[' && (*r->at != '{' || is_literal_group(r->at))) {
			atom_read(r, &word, word != NULL);
			continue;
		}
		r->group = r->at + 1;
		if (*r->at++ == '[')
			option_read(r);
		else
			braces_read(r, word);
		r->group = group;
		word = NULL;
	}
}

static void alternatives_read(struct reading *r, const char *word)
{
	int jumps[64], nr = 0;

	for (;;) {
		int split = step_add(r->s, STEP_SPLIT, NOWHERE, r->option);

		sequence_read(r, word);
		if (*r->at != '|' || nr == 64)
			break;
		jumps[nr++] = step_add(r->s, STEP_JUMP, NOWHERE, r->option);
		r->s->steps[split].to = r->s->nr;
		r->at++;
	}
	for (int i = 0; i < nr; i++)
		r->s->steps[jumps[i]].to = r->s->nr;
}

struct synopsis *synopsis_new(const char *text)
{
	struct synopsis *s = xcalloc(1, sizeof(*s));
	struct reading r = {.s = s, .at = text, .option = NOWHERE};

	alternatives_read(&r, NULL);
	step_add(s, STEP_END, NOWHERE, NOWHERE);
	return s;
}

void synopsis_freep(struct synopsis **s)
{
	for (int i = 0; *s && i < (*s)->nr; i++) {
		free((*s)->steps[i].atom.text);
		free((*s)->steps[i].atom.keyword);
		free((*s)->steps[i].atom.group);
	}
	if (*s)
		free((*s)->steps);
	free(*s);
	*s = NULL;
}
