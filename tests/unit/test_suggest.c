/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/suggest.h"

/* What is said for word, where these are the names. */
static void check_hint(const char *word, const char *const *names, const char *want)
{
	struct suggest s = {.word = word};
	auto_strbuf hint = STRBUF_INIT;

	for (; *names; names++)
		suggest_offer(&s, *names);
	suggest_hint(&s, &hint);
	assert_string_equal(sb_text(&hint), want);
}

static const char *const hook_names[] = {"dev", "ingress", "egress", "parent", NULL};

static void one_mistake_is_seen(void **state)
{
	(void)state;
	check_hint("ingres", hook_names, "; did you mean 'ingress'?");
	check_hint("ingresss", hook_names, "; did you mean 'ingress'?");
	check_hint("igress", hook_names, "; did you mean 'ingress'?");
	check_hint("ingerss", hook_names, "; did you mean 'ingress'?");
	check_hint("agress", hook_names, "; did you mean 'egress'?");
	check_hint("dve", hook_names, "; did you mean 'dev'?");
	check_hint("INGRESS", hook_names, "; did you mean 'ingress'?");
}

static void far_words_are_not_offered(void **state)
{
	(void)state;
	check_hint("xdp", hook_names, "");
	check_hint("d", hook_names, "");
	check_hint("", hook_names, "");
	check_hint("out", hook_names, "");
	check_hint("dev", hook_names, "");
}

static void nearest_and_first_wins(void **state)
{
	const char *const near[] = {"counters", "counter2", "counter", NULL};
	const char *const alike[] = {"map_a", "map_b", NULL};

	(void)state;
	check_hint("countr", near, "; did you mean 'counter'?");
	check_hint("map_c", alike, "; did you mean 'map_a'?");
}

static void long_names_are_left_alone(void **state)
{
	char longer[200], edge[65];
	const char *const names[] = {longer, edge, NULL};

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	memset(edge, 'y', sizeof(edge) - 1);
	edge[sizeof(edge) - 1] = '\0';
	check_hint(longer + 1, names, "");
	longer[64] = '\0';
	check_hint(longer + 1, names + 1, "");
	check_hint(edge + 1, names + 1,
		   "; did you mean "
		   "'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy'?");
	memmove(longer, edge + 1, sizeof(edge) - 1);
	check_hint(edge, names,
		   "; did you mean "
		   "'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy'?");
}

/* Beginnings are meant; how many mistakes a word may hold goes by the longer of the two. */
static void length_sets_what_is_a_mistake(void **state)
{
	static const struct {
		const char *word, *name;
		bool meant;
	} cases[] = {
		{"a", "ab", false},
		{"in", "ingress", true},
		{"hashmap", "hash", true},
		{"egresses", "egr", false},
		{"ab", "abc", true},
		{"abc", "ab", true},
		{"abc", "abd", true},
		{"abc", "axy", false},
		{"abcde", "abcxy", false},
		{"abcde", "abcdx", true},
		{"abcdef", "abcdxy", true},
		{"abcdef", "abcxyz", false},
		{"abcdefgh", "abcdefxy", true},
		{"abcdefgh", "abcdexyz", false},
		{"abcdefghi", "abcdefxyz", true},
		{"abcd", "abcdef", true},
		{"abc", "abcde", true},
		{"abcdef", "abcd", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *const names[] = {cases[i].name, NULL};
		char want[64] = "";

		if (cases[i].meant)
			snprintf(want, sizeof(want), "; did you mean '%s'?",
				 cases[i].name);
		check_hint(cases[i].word, names, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_mistake_is_seen),
		cmocka_unit_test(far_words_are_not_offered),
		cmocka_unit_test(nearest_and_first_wins),
		cmocka_unit_test(long_names_are_left_alone),
		cmocka_unit_test(length_sets_what_is_a_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
