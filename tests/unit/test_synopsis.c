/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "base/synopsis.h"

/* Some come more than once. */
static void list_atom(const struct synopsis_atom *atom, void *ctx)
{
	if (!strstr(sb_text(ctx), atom->text))
		sb_add_sep(ctx, " ", atom->text);
}

/* The words are parted by blanks. */
static void offers(const char *synopsis, const char *line, const char *want)
{
	auto_release(synopsis_freep) struct synopsis *s = synopsis_new(synopsis);
	auto_free char *copy = xstrdup(line);
	const struct synopsis_atom *taken[16];
	auto_strbuf out = STRBUF_INIT;
	char *words[16];
	size_t nr = 0;

	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		words[nr++] = word;
	synopsis_next(s, words, nr, taken, list_atom, &out);
	assert_string_equal(sb_text(&out), want);
}

static void words_come_in_order(void **state)
{
	(void)state;
	offers("", "", "");
	offers("FILE type TYPE", "", "FILE");
	offers("FILE type TYPE", "x", "type");
	offers("FILE type TYPE", "x type", "TYPE");
	offers("FILE type TYPE", "x ty", "TYPE");
	offers("FILE type TYPE", "x type hash", "");
	offers("FILE...", "", "FILE");
	offers("FILE...", "x y", "FILE");
}

static void alternatives(void **state)
{
	(void)state;
	offers("{id N|name NAME|all} PATH", "", "id name all");
	offers("{id N|name NAME|all} PATH", "id", "N");
	offers("{id N|name NAME|all} PATH", "all", "PATH");
	offers("{NAME|id N}...", "x id 1", "NAME id");
	/* A keyword is no value, a beginning of one may be. */
	offers("{NAME x|id N y}", "id", "N");
	offers("{NAME x|id N y}", "i", "x N");
	offers("key {[hex] BYTES|{MEMBER:VALUE,...}}", "key",
	       "BYTES hex {MEMBER:VALUE,...}");
}

static void what_may_be_left_out_stands_anywhere(void **state)
{
	const char *load =
		"OBJ [type TYPE] [map {idx N|name MAP} {id N|new}]... [auto [at CG]]";

	(void)state;
	offers(load, "", "OBJ");
	offers(load, "x", "type map auto");
	offers(load, "x type", "TYPE");
	offers(load, "x type t", "map auto");
	offers(load, "x auto", "at type map");
	offers(load, "x auto at /cg", "type map");
	offers(load, "x map", "idx name");
	offers(load, "x map idx 0", "id new");
	offers(load, "x map idx 0 new", "type map auto");
	offers("{id N|obj FILE [section S]} [multi] [link pinned PATH]", "obj x multi",
	       "section link");
	offers("{id N|obj FILE [section S]} [multi] [link pinned PATH]", "id 1 multi",
	       "link");
	offers("[--x DIR] VERB [y]", "", "VERB --x");
	offers("[--x DIR] VERB [y]", "v", "--x y");
	offers("[--x DIR] VERB [y]", "v y --x", "DIR");
	offers("[each] CG TYPE [y]", "", "CG each");
	offers("[each] CG TYPE [y]", "c", "TYPE");
	offers("[obj-file F] [obj-pin P]", "obj", "F");
}

static void what_fits_nowhere_is_passed_over(void **state)
{
	(void)state;
	offers("key BYTES value BYTES", "key 1 2 3", "value");
	offers("FILE key N type TYPE [flags N]", "x type", "TYPE");
	offers("FILE key N type TYPE [flags N]", "x type y", "flags");
	offers("FILE key N type TYPE [flags N]", "x flags 1", "key");
	offers("a [b", "a", "b");
	offers("a } b", "a", "");
}

static void what_words_were_taken_for(void **state)
{
	auto_release(synopsis_freep) struct synopsis *s =
		synopsis_new("{id N|tag TAG} [--merge MEMBER={add|new}]");
	const struct synopsis_atom *taken[5];
	char words[][8] = {"id", "7", "nothing", "--merge", "x=add"};
	char *line[] = {words[0], words[1], words[2], words[3], words[4]};
	auto_strbuf out = STRBUF_INIT;

	(void)state;
	synopsis_next(s, line, 5, taken, list_atom, &out);
	assert_string_equal(sb_text(&out), "");
	assert_string_equal(taken[1]->text, "N");
	assert_string_equal(taken[1]->keyword, "id");
	assert_string_equal(taken[1]->group, "id N|tag TAG");
	assert_true(taken[1]->value);
	assert_null(taken[2]);
	assert_string_equal(taken[4]->text, "MEMBER={add|new}");
	assert_string_equal(taken[4]->keyword, "--merge");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_come_in_order),
		cmocka_unit_test(alternatives),
		cmocka_unit_test(what_may_be_left_out_stands_anywhere),
		cmocka_unit_test(what_fits_nowhere_is_passed_over),
		cmocka_unit_test(what_words_were_taken_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
