/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "../../tc_loader/parse.h"
#include "words.h"

#define WORDS_QDISC(name, op)                                                     \
	static int words_qdisc_##name(struct args *a, void *ret, struct err *err) \
	{                                                                         \
		return parse_qdisc(ret, op, a, err);                              \
	}
#define WORDS_FILTER(name, op)                                                     \
	static int words_filter_##name(struct args *a, void *ret, struct err *err) \
	{                                                                          \
		return parse_filter(ret, op, a, err);                              \
	}

WORDS_QDISC(add, NL_QDISC_ADD)
WORDS_QDISC(change, NL_QDISC_CHANGE)
WORDS_QDISC(replace, NL_QDISC_REPLACE)
WORDS_QDISC(link, NL_QDISC_LINK)
WORDS_QDISC(delete, NL_QDISC_DEL)
WORDS_QDISC(show, NL_QDISC_SHOW)
WORDS_FILTER(add, NL_FILTER_ADD)
WORDS_FILTER(change, NL_FILTER_CHANGE)
WORDS_FILTER(replace, NL_FILTER_REPLACE)

/* What a command that makes no filter says about a program is read by nobody. */
static void words_no_program(const struct request_filter *req)
{
	const struct request_bpf none = {.source = SOURCE_NONE};

	assert_memory_equal(&req->bpf, &none, sizeof(none));
	assert_false(req->has_options || req->direct_action || req->skip_hw ||
		     req->skip_sw || req->has_classid || req->ops);
}

static int words_no_options(enum nl_filter_op op, struct args *a, void *ret,
			    struct err *err)
{
	const struct request_filter *req = ret;
	int r = parse_filter(ret, op, a, err);

	/* What of tcx is meant is said by the program. */
	if (!req->tcx.tcx && !req->tcx.netkit)
		words_no_program(req);
	return r;
}

static int words_filter_delete(struct args *a, void *ret, struct err *err)
{
	return words_no_options(NL_FILTER_DEL, a, ret, err);
}

static int words_filter_get(struct args *a, void *ret, struct err *err)
{
	return words_no_options(NL_FILTER_GET, a, ret, err);
}

static int words_filter_show(struct args *a, void *ret, struct err *err)
{
	return words_no_options(NL_FILTER_SHOW, a, ret, err);
}

static int words_exec(struct args *a, void *ret, struct err *err)
{
	return parse_exec(ret, a, err);
}

static void words_release_filter(void *req)
{
	request_filter_release(req);
}

static void words_release_exec(void *req)
{
	request_exec_release(req);
}

/* clsact and ingress have one handle, whatever is said. */
#define QDISC(name, back, passes)                                          \
	{                                                                  \
		"qdisc " #name, words_qdisc_##name, NULL, "", back, passes \
	}
#define FILTER(name, front, back)                                                       \
	{                                                                               \
		"filter " #name, words_filter_##name, words_release_filter, front, back \
	}
#define EXEC(front)                                               \
	{                                                         \
		"exec", words_exec, words_release_exec, front, "" \
	}

static const struct words_verb verbs[] = {
	QDISC(add, "clsact", "handle"),
	QDISC(change, "clsact", "handle"),
	QDISC(change, "parent ffff:fff1", NULL),
	QDISC(replace, "parent ffff:fff1", NULL),
	QDISC(link, "parent ffff:fff1", NULL),
	QDISC(delete, "parent ffff:fff1", NULL),
	QDISC(show, "", NULL),
	FILTER(add, "", ""),
	FILTER(add, "", "bpf"),
	FILTER(add, "bpf", ""),
	FILTER(add, "bpf", "object-file x.o"),
	FILTER(add, "bpf object-file x.o", ""),
	FILTER(change, "", ""),
	FILTER(change, "", "bpf"),
	FILTER(change, "bpf object-file x.o", ""),
	FILTER(replace, "", ""),
	FILTER(replace, "", "bpf"),
	FILTER(replace, "bpf object-file x.o", ""),
	FILTER(delete, "", ""),
	FILTER(delete, "", "bpf"),
	FILTER(delete, "bpf", ""),
	FILTER(get, "dev v ingress pref 1 protocol ip handle 1", "bpf"),
	FILTER(get, "dev v ingress pref 1 protocol ip handle 1 bpf", ""),
	FILTER(show, "", ""),
	FILTER(show, "dev v tcx", ""),
	FILTER(add, "dev v ingress bpf object-file x.o tcx", ""),
	FILTER(replace, "devs v egress bpf object-pinned /p tcx", ""),
	FILTER(replace, "dev v ingress bpf object-file x.o clsact", ""),
	FILTER(delete, "dev v ingress bpf link pinned /l tcx", ""),
	FILTER(delete, "dev v netkit peer bpf object-file x.o", ""),
	EXEC("bpf"),
	EXEC("bpf import /socket"),
	EXEC("bpf graft /map object-file x.o"),
	EXEC("bpf graft /map object-pinned /prog"),
};

/* tests/lint/request_fields.sh sees that none is missing. */
static const struct keyword *const tables[] = {
	qdisc_change_words,  qdisc_show_words, filter_words,     filter_bpf_words,
	filter_object_words, exec_words,       exec_graft_words,
};

static void every_word_has_an_effect_or_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_size(verbs); i++)
		for (size_t k = 0; k < array_size(tables); k++)
			words_try_all(&verbs[i], tables[k]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_has_an_effect_or_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
