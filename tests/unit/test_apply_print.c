/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The words of plan, apply, check and remove, and how their reports look. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "def/attach_types.h"
#include "load/apply.h"
#include "load/apply_report.h"
#include "netlink/nl_filter.h"
#include "verbs/apply_line.h"
#include "verbs/apply_print.h"
#include "verbs/tool.h"

static struct apply_conf conf = {.file = (char[]){"acct.yaml"},
				 .name = {.text = (char[]){"acct"}}};

static struct apply_step *add(struct apply_report *r, enum apply_step_kind kind,
			      const char *dev, const char *cgroup, const char *program)
{
	struct apply_step *s = apply_report_add(r, kind);

	s->dev = dev;
	s->cgroup = cgroup;
	s->program = program;
	s->type = cgroup ? attach_type_by_name("egress") : NULL;
	return s;
}

static void fill(struct apply_report *r)
{
	struct apply_step *s = apply_report_add(r, APPLY_STEP_REUSE);

	s->map = "usage";
	s->pin = "/bpf/usage";
	s->id = 27;
	s = add(r, APPLY_STEP_ATTACH, "veth-a", NULL, "acct_drop");
	s->parent = NL_PARENT_INGRESS;
	s->preference = 10;
	s->handle = 1;
	s->protocol = 3;
	s = add(r, APPLY_STEP_REPLACE, NULL, "/cg/x", "count");
	s->id = 31;
	s->new_id = 44;
	s->mode = APPLY_LINK;
	s->pin = "/bpf/link";
	s = add(r, APPLY_STEP_KEEP, NULL, "/cg/y\n", "count");
	s->id = 31;
	s = add(r, APPLY_STEP_PENDING, "eth*", NULL, NULL);
	s->why = "no interface fits";
	s->at = (struct apply_at){.line = 3, .column = 6};
	s = add(r, APPLY_STEP_REFUSE, "v0", NULL, "f");
	s->netns = "n";
	s->parent = NL_PARENT_EGRESS;
	s->id = 5;
	s->why = "another program is there";
	s->at = (struct apply_at){.line = 4, .column = 1};
}

static void assert_text(enum apply_print_verb verb, const struct apply_report *r,
			bool color, const char *text)
{
	auto_strbuf out = STRBUF_INIT;

	apply_print_text(&out, verb, &conf, r, color);
	assert_string_equal(sb_text(&out), text);
}

static void a_plan_has_a_line_for_each_step(void **state)
{
	auto_apply_report r = APPLY_REPORT_INIT;

	(void)state;
	fill(&r);
	assert_text(
		APPLY_PRINT_PLAN, &r, false,
		"= reuse    map 'usage'                            id 27 at /bpf/usage\n"
		"+ attach   dev veth-a ingress pref 10 handle 0x1  acct_drop\n"
		"~ replace  cgroup /cg/x egress                    count id 31 -> id 44 link at /bpf/link\n"
		"= keep     cgroup /cg/y\\x0a egress                count id 31\n"
		"? pending  dev eth*                               no interface fits (acct.yaml:3:6)\n"
		"! refuse   netns n dev v0 egress                  f id 5: another program is there (acct.yaml:4:1)\n"
		"acct: 2 to do, 2 kept, 1 pending, 1 refused\n");
}

static void a_check_shows_what_differs(void **state)
{
	auto_apply_report r = APPLY_REPORT_INIT, same = APPLY_REPORT_INIT;

	(void)state;
	add(&r, APPLY_STEP_KEEP, "v0", NULL, "f");
	apply_report_add(&r, APPLY_STEP_LOAD)->object = "tc";
	add(&r, APPLY_STEP_ATTACH, "v1", NULL, "f");
	assert_text(APPLY_PRINT_CHECK, &r, false,
		    "+ attach   dev v1  f\nacct: 1 different\n");
	add(&same, APPLY_STEP_KEEP, "v0", NULL, "f");
	same.in_sync = true;
	assert_text(APPLY_PRINT_CHECK, &same, false, "acct: in sync\n");
	assert_text(APPLY_PRINT_PLAN, &same, false,
		    "= keep     dev v0  f\nacct: in sync, 1 kept\n");
}

static void a_run_says_what_it_came_to(void **state)
{
	auto_apply_report r = APPLY_REPORT_INIT;

	(void)state;
	assert_text(APPLY_PRINT_REMOVE, &r, false, "acct: nothing to remove\n");
	add(&r, APPLY_STEP_KEEP, "v0", NULL, "f");
	r.nr_kept = 1;
	assert_text(APPLY_PRINT_APPLY, &r, false,
		    "= keep     dev v0  f\nacct: in sync, nothing loaded, 1 kept\n");
	add(&r, APPLY_STEP_DETACH, "v1", NULL, "f");
	add(&r, APPLY_STEP_ATTACH, "v2", NULL, "f");
	r.nr_detached = r.nr_attached = 1;
	assert_text(APPLY_PRINT_APPLY, &r, true,
		    "\033[2m= keep   \033[0m  dev v0  f\n"
		    "\033[31m- detach \033[0m  dev v1  f\n"
		    "\033[32m+ attach \033[0m  dev v2  f\n"
		    "acct: 1 attached, 1 detached, 1 kept\n");
}

static void json_uses_the_keys_of_the_file(void **state)
{
	auto_apply_report r = APPLY_REPORT_INIT;
	auto_strbuf out = STRBUF_INIT;
	struct json_object *files = json_out_list();

	(void)state;
	fill(&r);
	json_out_list_add(files, apply_print_json(APPLY_PRINT_CHECK, &conf, &r));
	apply_print_document(&out, &files, JSON_COMPACT);
	assert_null(files);
	assert_string_equal(
		sb_text(&out),
		"{\"files\":[{\"name\":\"acct\",\"file\":\"acct.yaml\",\"in_sync\":false,\"pending\":1,\"refused\":1,\"steps\":["
		"{\"step\":\"attach\",\"program\":\"acct_drop\",\"interface\":\"veth-a\",\"hook\":\"ingress\",\"preference\":10,\"handle\":1,\"protocol\":\"all\"},"
		"{\"step\":\"replace\",\"program\":\"count\",\"pin\":\"/bpf/link\",\"cgroup\":\"/cg/x\",\"type\":\"cgroup_inet_egress\",\"mode\":\"link\",\"id\":31,\"new_id\":44},"
		"{\"step\":\"pending\",\"interface\":\"eth*\",\"why\":\"no interface fits\",\"line\":3,\"column\":6},"
		"{\"step\":\"refuse\",\"program\":\"f\",\"netns\":\"n\",\"interface\":\"v0\",\"hook\":\"egress\",\"id\":5,\"why\":\"another program is there\",\"line\":4,\"column\":1}]}]}\n");
}

/* --- the line --- */

static int parse(struct apply_line *line, struct tool *tool, char *words[],
		 struct err *err)
{
	struct args a = {.argv = words};

	while (words[a.argc])
		a.argc++;
	return apply_line_parse(line, "plan", tool, &a, err);
}

static void options_stand_anywhere_among_the_files(void **state)
{
	char *words[] = {
		(char[]){"-j"}, (char[]){"a.yaml"},        (char[]){"--state-dir"},
		(char[]){"/s"}, (char[]){"--pin-root=/p"}, (char[]){"--pretty"},
		(char[]){"--"}, (char[]){"-b.yaml"},       NULL};
	auto_apply_line line = {.nr = 0};
	auto_err err = ERR_INIT;
	struct tool tool = {.name = "x"};

	(void)state;
	assert_int_equal(parse(&line, &tool, words, &err), 0);
	assert_int_equal(line.nr, 2);
	assert_string_equal(line.files[0], "a.yaml");
	assert_string_equal(line.files[1], "-b.yaml");
	assert_string_equal(line.state_dir, "/s");
	assert_string_equal(tool.share.pin_root, "/p");
	assert_true(tool.json && tool.pretty);
}

static void wrong_lines_are_refused(void **state)
{
	struct {
		char *words[4];
		const char *error;
	} lines[] = {
		{{NULL}, "'plan' needs a file: plan FILE|DIR..."},
		{{(char[]){"-x"}, NULL},
		 "unknown option '-x' for plan; write a file that begins with '-' as ./-x"},
		{{(char[]){"--state-dir"}, NULL}, "'--state-dir' needs a value: DIR"},
		{{(char[]){"--state-dir="}, NULL}, "'--state-dir' needs a value: DIR"},
		{{(char[]){""}, NULL}, "'plan': an empty name of a file"},
	};

	(void)state;
	for (size_t i = 0; i < array_size(lines); i++) {
		auto_apply_line line = {.nr = 0};
		auto_err err = ERR_INIT;
		struct tool tool = {.name = "x"};

		assert_int_equal(parse(&line, &tool, lines[i].words, &err), -EINVAL);
		assert_string_equal(err.text, lines[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_has_a_line_for_each_step),
		cmocka_unit_test(a_check_shows_what_differs),
		cmocka_unit_test(a_run_says_what_it_came_to),
		cmocka_unit_test(json_uses_the_keys_of_the_file),
		cmocka_unit_test(options_stand_anywhere_among_the_files),
		cmocka_unit_test(wrong_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
