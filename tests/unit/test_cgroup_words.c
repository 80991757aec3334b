/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "../../cgroup_loader/parse.h"
#include "words.h"

#define WORDS_VERB(name, type)                                              \
	static int words_##name(struct args *a, void *ret, struct err *err) \
	{                                                                   \
		_Static_assert(sizeof(type) <= WORDS_REQUEST_MAX, "");      \
		return parse_##name(a, ret, err);                           \
	}

WORDS_VERB(prog_show, struct prog_show_request)
WORDS_VERB(prog_pin, struct prog_pin_request)
WORDS_VERB(cgroup_show, struct cgroup_show_request)
WORDS_VERB(cgroup_tree, struct cgroup_show_request)
WORDS_VERB(attach, struct attach_request)
WORDS_VERB(detach, struct detach_request)
WORDS_VERB(link_show, struct link_show_request)
WORDS_VERB(link_pin, struct link_pin_request)
WORDS_VERB(link_detach, struct link_detach_request)
WORDS_VERB(link_update, struct link_update_request)

static int words_load(struct args *a, void *ret, struct err *err)
{
	return parse_load(a, false, ret, err);
}

static int words_loadall(struct args *a, void *ret, struct err *err)
{
	return parse_load(a, true, ret, err);
}

static void words_release_load(void *req)
{
	load_request_release(req);
}

static void words_release_attach(void *req)
{
	attach_request_release(req);
}

static void words_release_detach(void *req)
{
	detach_request_release(req);
}

static const struct words_verb verbs[] = {
	{"prog show", words_prog_show, NULL, "id 1", ""},
	{"prog pin", words_prog_pin, NULL, "id 1 /pin", "", .ignores = true},
	{"prog load", words_load, words_release_load, "x.o /pin", ""},
	{"prog load", words_load, words_release_load, "x.o /pin autoattach", ""},
	{"prog loadall", words_loadall, words_release_load, "x.o /pin", ""},
	{"prog loadall", words_loadall, words_release_load, "x.o /pin autoattach", ""},
	{"cgroup show", words_cgroup_show, NULL, "/cg", ""},
	{"cgroup tree", words_cgroup_tree, NULL, "/cg", ""},
	{"cgroup attach", words_attach, words_release_attach, "/cg ingress id 1", ""},
	{"cgroup attach", words_attach, words_release_attach, "/cg ingress obj x.o", ""},
	{"cgroup detach", words_detach, words_release_detach, "/cg ingress id 1", ""},
	{"cgroup detach", words_detach, words_release_detach, "/cg ingress obj x.o", ""},
	{"cgroup detach", words_detach, words_release_detach, "/cg ingress all obj x.o",
	 ""},
	{"cgroup detach", words_detach, words_release_detach, "/cg ingress link id 1",
	 ""},
	{"link show", words_link_show, NULL, "id 1", ""},
	{"link pin", words_link_pin, NULL, "id 1 /pin", "", .ignores = true},
	{"link detach", words_link_detach, NULL, "id 1", ""},
	{"link update", words_link_update, NULL, "id 1 id 2", ""},
};

/* tests/lint/request_fields.sh sees that none is missing. */
static const struct keyword *const tables[] = {
	prog_ref_words, link_ref_words,      load_words,          cgroup_show_words,
	attach_words,   attach_object_words, detach_object_words, link_update_words,
};

static void every_word_has_an_effect_or_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_size(verbs); i++)
		for (size_t k = 0; k < array_size(tables); k++)
			words_try_all(&verbs[i], tables[k]);
}

/* In front of a cgroup, by no table. */
static void each_has_an_effect_or_is_refused(void **state)
{
	static const struct keyword each[] = {{.name = "each"}, {.name = NULL}};
	static const struct words_verb fronts[] = {
		{"cgroup attach", words_attach, words_release_attach, "",
		 "/cg ingress id 1"},
		{"cgroup detach", words_detach, words_release_detach, "",
		 "/cg ingress id 1"},
		{"cgroup detach", words_detach, words_release_detach, "",
		 "/cg ingress obj x.o"},
		{"cgroup detach", words_detach, words_release_detach, "",
		 "/cg ingress link id 1"},
		{"cgroup show", words_cgroup_show, NULL, "/cg", ""},
		{"cgroup tree", words_cgroup_tree, NULL, "/cg", ""},
	};

	(void)state;
	for (size_t i = 0; i < array_size(fronts); i++)
		words_try_all(&fronts[i], each);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_has_an_effect_or_is_refused),
		cmocka_unit_test(each_has_an_effect_or_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
