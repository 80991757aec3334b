/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading a command line by tables. A grammar is a row per word; the parser, the usage
 * line and the check of the man page all read those rows. Order of rows is the
 * abbreviation order (first row that fits wins, as in tc and bpftool): do not sort them.
 */
#ifndef BASE_ARGS_H
#define BASE_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

/* A cursor over borrowed words. */
struct args {
	char **argv;
	int argc; /* words left */
};

/* Is a word left? */
static inline bool args_more(const struct args *a)
{
	return a->argc > 0;
}

/* The next word, NULL at the end. peek leaves it there. */
const char *args_peek(const struct args *a);
const char *args_next(struct args *a);

/* True, and the word is consumed, if the next one is exactly word. */
bool args_take(struct args *a, const char *word);

/* The value behind keyword: -EINVAL "'dev' needs a value: NAME" at the end of the line.
 */
int args_value(struct args *a, const char *keyword, const char *what, const char **ret,
	       struct err *err) must_check;

/*
 * As args_value(), a number in C notation (10, 0x10, 010) within min..max;
 * "pref '70000': not a number from 0 to 65535".
 */
int args_number(struct args *a, const char *keyword, uint64_t min, uint64_t max,
		uint64_t *ret, struct err *err) must_check;
/* The same for a word already in hand. */
int args_to_number(const char *keyword, const char *word, uint64_t min, uint64_t max,
		   uint64_t *ret, struct err *err) must_check;

/* Is word a non-empty prefix of name? */
bool args_is_prefix(const char *word, const char *name);

enum keyword_flags {
	KEYWORD_PREFIX = 0,       /* any non-empty prefix fits */
	KEYWORD_EXACT = 1 << 0,   /* the whole word only */
	KEYWORD_MANY = 1 << 1,    /* may be repeated; else "duplicate" */
	KEYWORD_LAST = 1 << 2,    /* ends the list: what follows is not looked at */
	KEYWORD_HIDDEN = 1 << 3,  /* not in the usage */
	KEYWORD_AGAIN = 1 << 4,   /* may be repeated, to no effect */
	KEYWORD_NOTHING = 1 << 5, /* accepted, with its value; changes nothing */
};

/*
 * One word of a grammar. value is how the usage writes what follows it ("NAME"), NULL for
 * nothing. set() finds the cursor behind the word, reads its values and stores them: it is
 * handed the request, or the member of it that KEYWORD_MEMBER names. A row without set()
 * ends with KEYWORD_BOOL or KEYWORD_TEXT: the member that becomes true, or points to the
 * value.
 */
struct keyword {
	const char *name;
	unsigned int flags;
	int (*set)(struct args *a, void *request, struct err *err);
	const char *value;
	const char *help; /* a few words, for the long help */
	size_t at;        /* offset of that member */
	char letter;      /* of an option: "-x" stands for it; 0: none */
};

/* A member of another type than the one meant does not compile. */
#define KEYWORD_MEMBER(type, member, of) \
	.at = _Generic(((type *)NULL)->member, of : offsetof(type, member))
#define KEYWORD_BOOL(type, member) KEYWORD_MEMBER(type, member, bool)
#define KEYWORD_TEXT(type, member) KEYWORD_MEMBER(type, member, const char *)

/* rows end with name == NULL. NULL: no row fits. */
const struct keyword *keyword_find(const struct keyword *rows, const char *word);

/* Adds "; did you mean 'NAME'?" if word is a mistyped name of a row; see base/suggest.h. */
void keyword_near(const struct keyword *rows, const char *word, struct strbuf *out);

/* What the row says, its word consumed already: the values, and into the request. */
int keyword_take(const struct keyword *row, struct args *a, void *request,
		 struct err *err) must_check;

/*
 * Reads words while rows know them; stops in front of the first other one (no error) or
 * behind a KEYWORD_LAST row. At most 64 rows. -EINVAL: a value is wrong, or a word that
 * is not KEYWORD_MANY stands twice.
 */
int keyword_parse(const struct keyword *rows, struct args *a, void *request,
		  struct err *err) must_check;

/*
 * "--NAME", "--NAME VALUE" or "--NAME=VALUE" of rows whose names are so written: the number
 * of words it takes, 0: not one of theirs, -EINVAL: its value is missing, empty or wrong.
 */
int keyword_option(const struct keyword *rows, const char *word, const char *value,
		   void *request, struct err *err) must_check;

/* A path, or NAME.o: what can be no keyword. */
bool args_names_file(const char *word);

/* What most probably is missing before a word where 'id N', 'name NAME' or 'pinned PATH' goes. */
const char *args_handle_missing(const char *word);

/* "[dev NAME] [pref N]": for usage lines. */
void keyword_usage(const struct keyword *rows, struct strbuf *out);

/*
 * A command: "filter add". run() reads the rest of the line and acts. Returns 0, a
 * positive exit status that is a result (share check: 1), or -errno with err filled.
 */
struct verb {
	const char *name;
	int (*run)(struct args *a, void *tool, struct err *err);
	const char *synopsis;     /* what may follow the name; one line, NULL: nothing */
	const char *help;         /* one sentence */
	const struct verb *verbs; /* in place of run: a table one level down */
	bool own;                 /* neither tc's nor bpftool's; see struct err */
	const char *example;      /* what follows the name in an example; "" nothing */
};

/* Prefix match, first row wins; rows end with name == NULL. */
const struct verb *verb_find(const struct verb *rows, const char *word);

/*
 * Finds and runs the verb that the next word names, down through tables. "help" at any
 * level writes the usage of that level to *usage and returns 0 without running anything;
 * so does "help" directly behind a verb. Without a word the first row runs, as in tc and
 * bpftool. Unknown: -EINVAL naming the word and the words that exist. err->own is set where
 * a verb of our own failed.
 */
int verb_run(const char *prefix, const struct verb *rows, struct args *a, void *tool,
	     struct strbuf *usage, struct err *err) must_check;

/*
 * The help of what the words name: the usage lines of a table, or those of a verb with its
 * example. Words behind a verb are not looked at. Unknown: as verb_run().
 */
int verb_help(const char *prefix, const struct verb *rows, struct args *a,
	      struct strbuf *usage, struct err *err) must_check;

/*
 * What may stand on a line that begins with these words, as base/synopsis.h reads it: "map dump
 * {id N|...}"; where the next word is a verb, all of the table, which is returned, else NULL.
 */
const struct verb *verb_synopsis(const struct verb *rows, struct args *a,
				 struct strbuf *out);

/* "e.g. tc_loader filter add ...", if v has one. */
void verb_example(const char *prefix, const struct verb *v, struct strbuf *out);

/* The usage lines of a table, one per verb, each with prefix in front. */
void verb_usage(const char *prefix, const struct verb *rows, struct strbuf *out);

#endif
