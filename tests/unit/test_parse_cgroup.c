/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../cgroup_loader/parse.h"
#include "def/attach_types.h"

enum { WORDS_MAX = 32 };

/* A line cut at its blanks. */
struct line {
	char text[256];
	char *argv[WORDS_MAX];
	struct args args;
};

static struct args *cut(struct line *l, const char *text)
{
	char *save = NULL;

	snprintf(l->text, sizeof(l->text), "%s", text);
	l->args = (struct args){.argv = l->argv};
	for (char *w = strtok_r(l->text, " ", &save); w; w = strtok_r(NULL, " ", &save))
		l->argv[l->args.argc++] = w;
	return &l->args;
}

static int attach(const char *text, struct line *l, struct attach_request *req,
		  struct err *err)
{
	return parse_attach(cut(l, text), req, err);
}

/* "" if the line is taken, else why not. */
static const char *refusal(const char *text)
{
	static char why[ERR_TEXT_MAX];
	auto_release(attach_request_release) struct attach_request req;
	auto_err err = ERR_INIT;
	struct line l;
	int r = attach(text, &l, &req, &err);

	assert_true(r == 0 || r == -EINVAL);
	assert_int_equal(r, err.code);
	strcpy(why, r == 0 ? "" : err.text);
	return why;
}

static void assert_refused(const char *text, const char *part)
{
	const char *why = refusal(text);

	if (!strstr(why, part))
		fail_msg("'%s': '%s' does not say '%s'", text, why, part);
}

static void attach_takes_every_kind_of_program(void **state)
{
	struct attach_request req;
	struct err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(attach("/cg ingress id 0x10", &l, &req, &err), 0);
	assert_string_equal(req.cgroup.what, "/cg");
	assert_int_equal(req.type->value, 0);
	assert_int_equal(req.prog.kind, PROG_REF_ID);
	assert_int_equal(req.prog.id, 16);
	assert_null(req.object);
	assert_false(req.multi || req.override || req.replace);
	attach_request_release(&req);

	assert_int_equal(attach("cg c6 tag 0123456789abcdEF m", &l, &req, &err), -EINVAL);
	attach_request_release(&req);
	assert_int_equal(attach("cg connect6 tag 0123456789abcdEF m", &l, &req, &err), 0);
	assert_int_equal(req.prog.kind, PROG_REF_TAG);
	assert_int_equal(req.prog.tag[0], 0x01);
	assert_int_equal(req.prog.tag[7], 0xef);
	assert_true(req.multi);
	attach_request_release(&req);

	assert_int_equal(attach("cg bind4 n count o repl", &l, &req, &err), 0);
	assert_int_equal(req.prog.kind, PROG_REF_NAME);
	assert_string_equal(req.prog.what, "count");
	assert_true(req.override && req.replace);
	attach_request_release(&req);

	assert_int_equal(attach("cg bind4 p /x link p /y", &l, &req, &err), 0);
	assert_int_equal(req.prog.kind, PROG_REF_PINNED);
	assert_string_equal(req.prog.what, "/x");
	assert_string_equal(req.link_pin, "/y");
	attach_request_release(&req);
}

static void attach_takes_an_object_and_its_words(void **state)
{
	struct attach_request req;
	struct err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(
		attach("cg egress obj x.o section cgroup/skb program count map name "
		       "stats id 7 map idx 2 pinned /p multi link pinned /l",
		       &l, &req, &err),
		0);
	assert_string_equal(req.object, "x.o");
	assert_string_equal(req.section, "cgroup/skb");
	assert_string_equal(req.program, "count");
	assert_string_equal(req.link_pin, "/l");
	assert_true(req.multi);
	assert_int_equal(req.maps.nr, 2);
	assert_string_equal(req.maps.items[0].map, "stats");
	assert_int_equal(req.maps.items[0].id, 7);
	assert_int_equal(req.maps.items[1].idx, 2);
	assert_string_equal(req.maps.items[1].what, "/p");
	attach_request_release(&req);
}

/* bpftool's words rank before ours. */
static void m_is_multi_and_p_is_program(void **state)
{
	struct attach_request req;
	struct err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(attach("cg egress obj x.o m p count s sec r", &l, &req, &err),
			 0);
	assert_true(req.multi && req.replace);
	assert_string_equal(req.program, "count");
	assert_string_equal(req.section, "sec");
	attach_request_release(&req);
}

static void wrong_attach_lines_say_why(void **state)
{
	(void)state;
	assert_refused("", "CGROUP");
	assert_refused("cg", "CGROUP TYPE");
	assert_refused("cg ingres5 id 1", "attach type 'ingres5' is unknown");
	assert_refused(
		"cg ingress",
		"a program is missing: {id N|tag TAG|name NAME|pinned PATH} or obj FILE");
	assert_refused("cg ingress foo 1", "'foo' names no program");
	assert_refused("cg ingress id", "'id' needs a value");
	assert_refused("cg ingress id 4294967296", "not a number");
	assert_refused("cg ingress id x", "not a number");
	assert_refused("cg ingress tag 0123", "16 hex digits");
	assert_refused("cg ingress tag 0123456789abcdeg", "16 hex digits");
	assert_refused("cg ingress tag 0x23456789abcdef", "16 hex digits");
	assert_refused("cg ingress pinned", "'pinned' needs a value");
	assert_refused("cg ingress obj", "'obj' needs a value");
	assert_refused("cg ingress id 1 multi override", "exclude each other");
	assert_refused("cg ingress id 1 replace replace", "duplicate 'replace'");
	assert_refused("cg ingress id 1 foo", "unknown word 'foo'");
	assert_refused("cg ingress id 1 section x", "unknown word 'section'");
	assert_refused("cg ingress id 1 link", "link pinned PATH");
	assert_refused("cg ingress id 1 link /x", "link pinned PATH");
	assert_refused("cg ingress id 1 link pinned", "'link pinned' needs a value");
	assert_refused("cg ingress id 1 link pinned /x override", "always 'multi'");
	assert_refused("cg ingress obj x section", "'section' needs a value");
	assert_refused("cg ingress obj x map name a id 1 map name a id 2", "a");
	assert_string_equal(refusal("cg ingress id 1 multi link pinned /x"), "");
}

static void detach_takes_a_program_and_ignores_the_rest(void **state)
{
	struct detach_request req;
	struct err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(parse_detach(cut(&l, "cg egress pinned /p"), &req, &err), 0);
	assert_int_equal(req.type->value, 1);
	assert_string_equal(req.prog.what, "/p");
	detach_request_release(&req);
	assert_null(req.ignored);
	assert_int_equal(parse_detach(cut(&l, "cg egress pinned /p multi"), &req, &err),
			 0);
	assert_string_equal(req.ignored, "multi");
	detach_request_release(&req);
	assert_int_equal(parse_detach(cut(&l, "cg egress link pinned /p x"), &req, &err),
			 -EINVAL);
	detach_request_release(&req);
}

static void detach_takes_an_object_or_a_link(void **state)
{
	struct detach_request req;
	struct err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(parse_detach(cut(&l, "cg egress obj x.o sec s map idx 1 id 2"),
				      &req, &err),
			 0);
	assert_string_equal(req.object, "x.o");
	assert_string_equal(req.section, "s");
	assert_int_equal(req.maps.nr, 1);
	detach_request_release(&req);
	assert_int_equal(parse_detach(cut(&l, "cg egress all obj x.o"), &req, &err), 0);
	assert_string_equal(req.object, "x.o");
	detach_request_release(&req);
	assert_int_equal(parse_detach(cut(&l, "cg egress link pinned /l"), &req, &err),
			 0);
	assert_true(req.by_link);
	assert_string_equal(req.link.path, "/l");
	detach_request_release(&req);
	assert_int_equal(parse_detach(cut(&l, "cg egress all"), &req, &err), -EINVAL);
	assert_non_null(strstr(err.text, "does not record who attached what"));
	detach_request_release(&req);
	assert_int_equal(parse_detach(cut(&l, "cg egress all id 3"), &req, &err),
			 -EINVAL);
	detach_request_release(&req);
}

static void cgroups_go_by_pid_and_unit_too(void **state)
{
	struct cgroup_show_request req;
	struct err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(parse_cgroup_show(cut(&l, "pid 12 eff"), &req, &err), 0);
	assert_int_equal(req.cgroup.kind, CGROUP_REF_PID);
	assert_int_equal(req.cgroup.pid, 12);
	assert_true(req.effective);
	assert_int_equal(parse_cgroup_tree(cut(&l, "unit x"), &req, &err), 0);
	assert_int_equal(req.cgroup.kind, CGROUP_REF_UNIT);
	assert_string_equal(req.cgroup.what, "x");
	assert_int_equal(parse_cgroup_show(cut(&l, "pid"), &req, &err), 0);
	assert_int_equal(req.cgroup.kind, CGROUP_REF_PATH);
	assert_int_equal(parse_cgroup_show(cut(&l, "pid 0"), &req, &err), -EINVAL);
	assert_int_equal(parse_cgroup_show(cut(&l, "pid x"), &req, &err), -EINVAL);
}

static void order_words_take_an_anchor_or_none(void **state)
{
	struct attach_request req;
	struct err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(attach("each cg ingress id 1 multi before id 7 preorder", &l,
				&req, &err),
			 0);
	assert_true(req.each && req.before && req.anchored && req.preorder);
	assert_int_equal(req.anchor.id, 7);
	attach_request_release(&req);
	assert_int_equal(attach("cg ingress id 1 after multi", &l, &req, &err), 0);
	assert_true(req.after && req.multi && !req.anchored);
	attach_request_release(&req);
	assert_int_equal(attach("cg ingress obj x replace id 7 p fn", &l, &req, &err), 0);
	assert_true(req.swap);
	assert_int_equal(req.swapped.id, 7);
	assert_string_equal(req.program, "fn");
	attach_request_release(&req);
	assert_refused("cg ingress id 1 before after", "exclude each other");
	assert_refused("cg ingress id 1 replace id 2 override", "for lists of 'multi'");
	assert_refused("cg ingress id 1 replace id 2 preorder", "keeps the position");
	assert_refused("cg ingress id 1 link pinned /x replace id 2",
		       "'replace' without PROG");
	assert_refused("cg ingress id 1 link pinned /x before name n",
		       "ordered by another link");
	assert_refused("cg ingress id 1 before id", "unknown word 'id'");
}

static void show_and_tree_differ_in_the_cgroup(void **state)
{
	struct cgroup_show_request req = {.effective = false};
	struct err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(parse_cgroup_show(cut(&l, "cg"), &req, &err), 0);
	assert_string_equal(req.cgroup.what, "cg");
	assert_false(req.effective);
	assert_int_equal(parse_cgroup_show(cut(&l, "cg eff"), &req, &err), 0);
	assert_true(req.effective);
	assert_int_equal(parse_cgroup_show(cut(&l, ""), &req, &err), -EINVAL);
	assert_int_equal(parse_cgroup_show(cut(&l, "cg effective effective"), &req, &err),
			 -EINVAL);
	assert_int_equal(parse_cgroup_show(cut(&l, "cg cg2"), &req, &err), -EINVAL);
	assert_non_null(strstr(err.text, "'cg2'"));
	assert_int_equal(parse_cgroup_tree(cut(&l, ""), &req, &err), 0);
	assert_null(req.cgroup.what);
	/* As in bpftool: the first word is the root, whatever it is. */
	assert_int_equal(parse_cgroup_tree(cut(&l, "effective"), &req, &err), 0);
	assert_string_equal(req.cgroup.what, "effective");
	assert_false(req.effective);
	assert_int_equal(parse_cgroup_tree(cut(&l, "root e"), &req, &err), 0);
	assert_true(req.effective);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attach_takes_every_kind_of_program),
		cmocka_unit_test(attach_takes_an_object_and_its_words),
		cmocka_unit_test(m_is_multi_and_p_is_program),
		cmocka_unit_test(wrong_attach_lines_say_why),
		cmocka_unit_test(detach_takes_a_program_and_ignores_the_rest),
		cmocka_unit_test(detach_takes_an_object_or_a_link),
		cmocka_unit_test(cgroups_go_by_pid_and_unit_too),
		cmocka_unit_test(order_words_take_an_anchor_or_none),
		cmocka_unit_test(show_and_tree_differ_in_the_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
