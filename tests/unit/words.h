/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every word of a tool, by its parsers' own tables, at every verb: the line is refused, and
 * the refusal names the word, or the request is another one than without it.
 */
#ifndef TESTS_UNIT_WORDS_H
#define TESTS_UNIT_WORDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/args.h"
#include "base/cleanup.h"
#include "base/log.h"

enum { WORDS_LINE_MAX = 64, WORDS_REQUEST_MAX = 4096 };

/* A verb, and a line that it takes: words are put between front and back. */
struct words_verb {
	const char *name;
	int (*parse)(struct args *a, void *request, struct err *err);
	void (*release)(void *request);
	const char *front, *back;
	const char *passes; /* of which the page says that it changes nothing here */
	bool ignores;       /* what stands behind, and a remark says so */
};

/* What a parser made of a line. */
struct words_outcome {
	int result;
	char text[ERR_TEXT_MAX];
	_Alignas(16) char request[WORDS_REQUEST_MAX];
};

/* The last remark. */
static char words_remark[ERR_TEXT_MAX];

static void words_note(enum log_level level, const char *line)
{
	(void)level;
	snprintf(words_remark, sizeof(words_remark), "%s", line);
}

/* How usages write a value, and one: not what any parser takes when nothing is said. */
static const struct {
	const char *value, *sample;
} words_samples[] = {
	{"N", "7"},
	{"NAME", "some"},
	{"NAME=VALUE", "some=7"},
	{"PATH", "/some"},
	{"FILE", "/some.o"},
	{"DIR", "/some"},
	{"SECTION", "some"},
	{"FUNCTION", "some"},
	{"TEXT", "1,6_0_0_0"},
	{"TAG", "0123456789abcdef"},
	{"KEY", "7"},
	{"MAJ:", "7:"},
	{"CLASSID", "7:7"},
	{"TYPE", "xdp"},
	{"CGROUP", "/some"},
	{"MAP", "/some"},
	{"CMD...", "some"},
	{"PROG", "id 7"},
	{"[PROG]", "id 7"},
	{"[PROG|LINK]", "id 7"},
	{"pinned PATH", "pinned /some"},
	{"PATTERN|@FILE", "some*"},
	{"{primary|peer}", "peer"},
	{"[id N|link N|pinned PATH]", "link 7"},
	{"{cls|act|xdp|lwt_in|lwt_out|lwt_xmit|lwt_seg6local}", "xdp"},
	{"{idx N|name MAP} {id N|pinned PATH|name NAME|private|shared}",
	 "name some private"},
};

static const char *words_sample(const struct keyword *row)
{
	if (!row->value)
		return "";
	for (size_t i = 0; i < array_size(words_samples); i++)
		if (strcmp(words_samples[i].value, row->value) == 0)
			return words_samples[i].sample;
	fail_msg("'%s %s': no sample of such a value", row->name, row->value);
	return "";
}

/* Cut at its blanks; in bytecode "_" stands for one. */
static void words_cut(struct args *a, char *line)
{
	char *rest = NULL;

	a->argc = 0;
	for (char *w = strtok_r(line, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
		assert_true(a->argc < WORDS_LINE_MAX);
		a->argv[a->argc++] = w;
		for (char *c = w; strchr(w, ',') && (c = strchr(c, '_'));)
			*c = ' ';
	}
}

static void words_run(struct words_outcome *ret, const struct words_verb *v,
		      const char *added)
{
	static _Alignas(16) char owner[WORDS_REQUEST_MAX];
	static char line[512];
	char *argv[WORDS_LINE_MAX];
	struct args a = {.argv = argv};
	auto_err err = ERR_INIT;

	/* The front's words stand where they stood, so pointers to them are equal. */
	snprintf(line, sizeof(line), "%s %s %s", v->front, added, v->back);
	words_cut(&a, line);
	*ret = (struct words_outcome){.result = 0};
	ret->result = v->parse(&a, ret->request, &err);
	snprintf(ret->text, sizeof(ret->text), "%s", err.text);
	/* What was owned is only compared from here on. */
	memcpy(owner, ret->request, sizeof(owner));
	if (v->release)
		v->release(owner);
}

/*
 * By the word, short or in full, or by its value or the word that it does not go with, in
 * quotes.
 */
static bool words_named(const struct words_verb *v, const struct keyword *rows,
			const struct keyword *row, const char *added, const char *text)
{
	char line[256], quoted[64], *rest = NULL;

	/* Of an alias the refusal names the whole word. */
	for (const struct keyword *r = rows; r->name; r++)
		if (r->set == row->set && r->at == row->at && strstr(text, r->name))
			return true;
	for (size_t n = strlen(row->name); n > 1; n--) {
		snprintf(quoted, sizeof(quoted), "'%.*s'", (int)n, row->name);
		if (strstr(text, quoted))
			return true;
	}
	snprintf(line, sizeof(line), "%s %s %s", v->front, added, v->back);
	for (char *w = strtok_r(line, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
		snprintf(quoted, sizeof(quoted), "'%s'", w);
		if (strstr(text, quoted))
			return true;
	}
	return false;
}

static void words_try(const struct words_verb *v, const struct keyword *rows,
		      const struct keyword *row)
{
	static struct words_outcome without, again, with;
	char added[128];

	snprintf(added, sizeof(added), "%s %s", row->name, words_sample(row));
	words_run(&without, v, "");
	words_run(&again, v, "");
	assert_memory_equal(&without, &again, sizeof(without));
	if (without.result < 0)
		fail_msg("%s: '%s %s': %s", v->name, v->front, v->back, without.text);
	words_remark[0] = '\0';
	log_to(words_note, LOG_WARN);
	words_run(&with, v, added);
	if (v->ignores && with.result == 0 &&
	    words_named(v, rows, row, added, words_remark))
		return;
	if (with.result < 0 && words_named(v, rows, row, added, with.text))
		return;
	if ((row->flags & KEYWORD_NOTHING ||
	     (v->passes && strcmp(v->passes, row->name) == 0)) &&
	    with.result == without.result)
		return;
	if (with.result < 0)
		fail_msg("%s: '%s %s %s': refused, but not by its name: %s", v->name,
			 v->front, added, v->back, with.text);
	if (memcmp(&without, &with, sizeof(with)) == 0)
		fail_msg("%s: '%s %s %s': accepted without effect", v->name, v->front,
			 added, v->back);
}

static void words_try_all(const struct words_verb *v, const struct keyword *rows)
{
	for (const struct keyword *row = rows; row->name; row++)
		words_try(v, rows, row);
}

#endif
