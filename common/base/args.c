/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/args.h"
#include "base/suggest.h"

const char *args_peek(const struct args *a)
{
	return a->argc > 0 ? a->argv[0] : NULL;
}

const char *args_next(struct args *a)
{
	if (a->argc <= 0)
		return NULL;
	a->argc--;
	return *a->argv++;
}

bool args_take(struct args *a, const char *word)
{
	if (a->argc <= 0 || strcmp(a->argv[0], word) != 0)
		return false;
	args_next(a);
	return true;
}

int args_value(struct args *a, const char *keyword, const char *what, const char **ret,
	       struct err *err)
{
	const char *word = args_next(a);

	if (!word)
		return err_say(err, -EINVAL, "'%s' needs a value: %s", keyword, what);
	*ret = word;
	return 0;
}

int args_to_number(const char *keyword, const char *word, uint64_t min, uint64_t max,
		   uint64_t *ret, struct err *err)
{
	uintmax_t value;
	char *end;

	errno = 0;
	value = strtoumax(word, &end, 0);
	/* strtoumax() takes "-1" and " 1"; a number here starts with a digit. */
	if (!isdigit((unsigned char)word[0]) || *end || errno || value < min ||
	    value > max)
		return err_say(err, -EINVAL,
			       "%s '%s': not a number from %" PRIu64 " to %" PRIu64,
			       keyword, word, min, max);
	*ret = value;
	return 0;
}

int args_number(struct args *a, const char *keyword, uint64_t min, uint64_t max,
		uint64_t *ret, struct err *err)
{
	const char *word = NULL;
	int r = args_value(a, keyword, "NUMBER", &word, err);

	return r < 0 ? r : args_to_number(keyword, word, min, max, ret, err);
}

bool args_is_prefix(const char *word, const char *name)
{
	const char *at = word;

	while (*at && *at == *name) {
		at++;
		name++;
	}
	return at != word && !*at;
}

const struct keyword *keyword_find(const struct keyword *rows, const char *word)
{
	for (; rows->name; rows++) {
		bool fits =
			rows->flags & KEYWORD_EXACT
				? *word == *rows->name && strcmp(word, rows->name) == 0
				: args_is_prefix(word, rows->name);

		if (fits)
			return rows;
	}
	return NULL;
}

void keyword_near(const struct keyword *rows, const char *word, struct strbuf *out)
{
	struct suggest near = {.word = word};

	for (; rows->name; rows++)
		suggest_offer(&near, rows->name);
	suggest_hint(&near, out);
}

int keyword_take(const struct keyword *row, struct args *a, void *request,
		 struct err *err)
{
	char *member = (char *)request + row->at;
	const char *unused;

	if (row->set)
		return row->set(a, member, err);
	if (row->value)
		return args_value(a, row->name, row->value,
				  row->flags & KEYWORD_NOTHING ? &unused
							       : (const char **)member,
				  err);
	if (!(row->flags & KEYWORD_NOTHING))
		*(bool *)member = true;
	return 0;
}

int keyword_parse(const struct keyword *rows, struct args *a, void *request,
		  struct err *err)
{
	uint64_t seen = 0;

	while (args_more(a)) {
		const struct keyword *row = keyword_find(rows, args_peek(a));
		uint64_t bit;
		int r;

		if (!row)
			return 0;
		bit = UINT64_C(1) << (row - rows);
		if (seen & bit && !(row->flags & (KEYWORD_MANY | KEYWORD_AGAIN)))
			return err_say(err, -EINVAL, "duplicate '%s'", row->name);
		seen |= bit;
		args_next(a);
		r = keyword_take(row, a, request, err);
		if (r < 0)
			return r;
		if (row->flags & KEYWORD_LAST)
			return 0;
	}
	return 0;
}

int keyword_option(const struct keyword *rows, const char *word, const char *value,
		   void *request, struct err *err)
{
	const char *equals = strchr(word, '=');
	size_t n = equals ? (size_t)(equals - word) : strlen(word);
	char *words[1];
	struct args a = {.argv = words};
	int r;

	while (rows->name &&
	       (strlen(rows->name) != n || strncmp(rows->name, word, n) != 0))
		rows++;
	if (!rows->name)
		return 0;
	if (!rows->value && equals)
		return err_say(err, -EINVAL, "'%s' takes no value", rows->name);
	if (equals)
		value = equals + 1;
	if (rows->value && (!value || !*value))
		return err_say(err, -EINVAL, "'%s' needs a value: %s", rows->name,
			       rows->value);
	words[0] = (char *)value;
	a.argc = rows->value != NULL;
	r = keyword_take(rows, &a, request, err);
	if (r < 0)
		return r;
	return rows->value && !equals ? 2 : 1;
}

void keyword_usage(const struct keyword *rows, struct strbuf *out)
{
	for (; rows->name; rows++) {
		if (rows->flags & KEYWORD_HIDDEN)
			continue;
		sb_add_sep(out, " ", "[");
		sb_add(out, rows->name);
		if (rows->value && strchr(rows->value, '|') &&
		    !strchr("{[", *rows->value))
			sb_addf(out, " {%s}", rows->value);
		else if (rows->value)
			sb_addf(out, " %s", rows->value);
		sb_add(out, rows->flags & KEYWORD_MANY ? "]..." : "]");
	}
}

const struct verb *verb_find(const struct verb *rows, const char *word)
{
	for (; rows->name; rows++)
		if (args_is_prefix(word, rows->name))
			return rows;
	return NULL;
}

static void verb_line(const char *prefix, const struct verb *v, struct strbuf *out)
{
	sb_addf(out, "%s %s%s%s\n", prefix, v->name, v->synopsis ? " " : "",
		v->synopsis ? v->synopsis : "");
	if (v->help)
		sb_addf(out, "\t%s\n", v->help);
}

void verb_example(const char *prefix, const struct verb *v, struct strbuf *out)
{
	if (v->example)
		sb_addf(out, "  e.g. %s %s%s%s\n", prefix, v->name,
			*v->example ? " " : "", v->example);
}

void verb_usage(const char *prefix, const struct verb *rows, struct strbuf *out)
{
	for (; rows->name; rows++) {
		if (rows->verbs) {
			auto_strbuf below = STRBUF_INIT;

			sb_addf(&below, "%s %s", prefix, rows->name);
			verb_usage(sb_text(&below), rows->verbs, out);
		} else {
			verb_line(prefix, rows, out);
		}
	}
}

const struct verb *verb_synopsis(const struct verb *rows, struct args *a,
				 struct strbuf *out)
{
	const char *word = args_next(a);
	const struct verb *v = word ? verb_find(rows, word) : NULL;

	if (!word) {
		sb_add(out, "{help");
		for (const struct verb *row = rows; row->name; row++)
			sb_addf(out, "|%s", row->name);
		sb_add_char(out, '}');
		return rows;
	}
	if (!v)
		return NULL;
	sb_addf(out, "%s ", v->name);
	if (v->verbs)
		return verb_synopsis(v->verbs, a, out);
	sb_add(out, v->synopsis ? v->synopsis : "");
	return NULL;
}

static const struct verb *verb_named(const struct verb *rows, const char *name)
{
	for (; rows->name; rows++)
		if (strcmp(rows->name, name) == 0)
			return rows;
	return NULL;
}

bool args_names_file(const char *word)
{
	size_t n = strlen(word);

	return strchr(word, '/') || (n > 2 && strcmp(word + n - 2, ".o") == 0);
}

const char *args_handle_missing(const char *word)
{
	if (strchr(word, '/'))
		return "'pinned' goes before a path";
	if (isdigit((unsigned char)word[0]))
		return "'id' goes before a number";
	return "'name' goes before a name";
}

static int unknown_verb(const char *prefix, const struct verb *rows, const char *word,
			struct err *err)
{
	struct suggest near = {.word = word};
	auto_strbuf names = STRBUF_INIT, hint = STRBUF_INIT;

	for (; rows->name; rows++) {
		sb_add_sep(&names, ", ", rows->name);
		suggest_offer(&near, rows->name);
		/* A verb whose object was left out. */
		if (rows->verbs && verb_named(rows->verbs, word))
			sb_addf(&hint, "%s'%s %s'", hint.len ? ", " : "; did you mean ",
				rows->name, word);
	}
	if (hint.len)
		sb_add_char(&hint, '?');
	else
		suggest_hint(&near, &hint);
	return err_say(err, -EINVAL,
		       "unknown command '%s' of '%s'; use one of %s, or help%s", word,
		       prefix, sb_text(&names), sb_text(&hint));
}

/* A table is either all ours, or its first verb is not. */
static int verb_failed(const struct verb *v, int r, struct err *err)
{
	if (r < 0 && v->own)
		err->own = true;
	return r;
}

/* The words that led to a table: put together only where somebody is told. */
struct verb_path {
	const struct verb_path *outer;
	const char *word;
};

static void verb_path_add(const struct verb_path *path, struct strbuf *out)
{
	if (path->outer)
		verb_path_add(path->outer, out);
	sb_add_sep(out, " ", path->word);
}

static int verb_unknown(const struct verb_path *path, const struct verb *rows,
			const char *word, struct err *err)
{
	auto_strbuf prefix = STRBUF_INIT;

	verb_path_add(path, &prefix);
	return verb_failed(rows, unknown_verb(sb_text(&prefix), rows, word, err), err);
}

static int verb_help_at(const struct verb_path *path, const struct verb *rows,
			const struct verb *one, struct strbuf *usage)
{
	auto_strbuf prefix = STRBUF_INIT;

	verb_path_add(path, &prefix);
	if (one) {
		verb_line(sb_text(&prefix), one, usage);
		verb_example(sb_text(&prefix), one, usage);
	} else {
		verb_usage(sb_text(&prefix), rows, usage);
	}
	return 0;
}

static int verb_run_below(const struct verb_path *path, const struct verb *rows,
			  struct args *a, void *tool, struct strbuf *usage,
			  struct err *err)
{
	const char *word = args_next(a);
	const struct verb *v = word ? verb_find(rows, word) : rows;

	if (word && (strcmp(word, "help") == 0 || (!v && args_is_prefix(word, "help"))))
		return verb_help_at(path, rows, NULL, usage);
	if (!v)
		return verb_unknown(path, rows, word, err);
	if (v->verbs) {
		const struct verb_path below = {path, v->name};

		return verb_run_below(&below, v->verbs, a, tool, usage, err);
	}
	if (a->argc == 1 && strcmp(a->argv[0], "help") == 0)
		return verb_help_at(path, rows, v, usage);
	return verb_failed(v, v->run(a, tool, err), err);
}

int verb_run(const char *prefix, const struct verb *rows, struct args *a, void *tool,
	     struct strbuf *usage, struct err *err)
{
	const struct verb_path path = {NULL, prefix};

	return verb_run_below(&path, rows, a, tool, usage, err);
}

static int verb_help_below(const struct verb_path *path, const struct verb *rows,
			   struct args *a, struct strbuf *usage, struct err *err)
{
	const char *word = args_next(a);
	const struct verb *v = word ? verb_find(rows, word) : NULL;

	if (!word || strcmp(word, "help") == 0)
		return verb_help_at(path, rows, NULL, usage);
	if (!v)
		return verb_unknown(path, rows, word, err);
	if (v->verbs) {
		const struct verb_path below = {path, v->name};

		return verb_help_below(&below, v->verbs, a, usage, err);
	}
	return verb_help_at(path, rows, v, usage);
}

int verb_help(const char *prefix, const struct verb *rows, struct args *a,
	      struct strbuf *usage, struct err *err)
{
	const struct verb_path path = {NULL, prefix};

	return verb_help_below(&path, rows, a, usage, err);
}
