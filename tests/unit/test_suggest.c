/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
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
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_mistake_is_seen),
		cmocka_unit_test(far_words_are_not_offered),
		cmocka_unit_test(nearest_and_first_wins),
		cmocka_unit_test(long_names_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
