/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/libbpf.h>

#include "../../cgroup_loader/parse.h"

enum { WORDS_MAX = 32 };

struct line {
	char text[512];
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

static void assert_refused(const char *text, const char *part)
{
	struct load_request req;
	auto_err err = ERR_INIT;
	struct line l;

	assert_int_equal(parse_load(cut(&l, text), false, &req, &err), -EINVAL);
	load_request_release(&req);
	if (!strstr(err.text, part))
		fail_msg("'%s': '%s' does not say '%s'", text, err.text, part);
}

static void load_takes_bpftools_words(void **state)
{
	struct load_request req;
	struct err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(parse_load(cut(&l, "x.o /p"), false, &req, &err), 0);
	assert_string_equal(req.object, "x.o");
	assert_string_equal(req.path, "/p");
	assert_false(req.all || req.typed);
	assert_int_equal(req.maps.nr, 0);
	assert_null(req.pinmaps);
	load_request_release(&req);

	assert_int_equal(parse_load(cut(&l,
					"x.o /p map idx 0 id 5 map name b name c pinm /d "
					"t cgroup_skb/egress"),
				    true, &req, &err),
			 0);
	assert_true(req.all && req.typed);
	assert_int_equal(req.maps.nr, 2);
	assert_int_equal(req.maps.items[0].idx, 0);
	assert_int_equal(req.maps.items[0].target, OVERRIDE_ID);
	assert_string_equal(req.maps.items[1].map, "b");
	assert_int_equal(req.maps.items[1].target, OVERRIDE_NAME);
	assert_string_equal(req.pinmaps, "/d");
	load_request_release(&req);
}

static void assert_type(const char *name, uint32_t prog_type, uint32_t attach_type)
{
	struct load_request req;
	auto_err err = ERR_INIT;
	char text[128];
	struct line l;

	snprintf(text, sizeof(text), "x.o /p type %s", name);
	if (parse_load(cut(&l, text), false, &req, &err) != 0)
		fail_msg("type '%s': %s", name, err.text);
	assert_int_equal(req.prog_type, prog_type);
	assert_int_equal(req.attach_type, attach_type);
	load_request_release(&req);
}

static void types_are_written_like_sections(void **state)
{
	(void)state;
	assert_type("cgroup_skb/egress", 8, 1);
	assert_type("cgroup/skb", 8, 0);
	assert_type("cgroup/sock", 9, 2);
	assert_type("sockops", 13, 3);
	assert_type("cgroup/dev", 15, 6);
	assert_type("cgroup/connect_unix", 18, 49);
	assert_type("socket", 1, 0);
	assert_type("classifier", 3, 0);
	assert_type("xdp", 6, 37);
	/* Known to libbpf only with what follows the slash. */
	assert_type("kprobe", 2, 0);
	assert_refused("x.o /p type bogus", "type 'bogus' is unknown");
	assert_refused("x.o /p type cgroup_skb", "type 'cgroup_skb' is unknown");
	assert_refused("x.o /p type xdp type xdp", "duplicate 'type'");
}

static void wrong_load_lines_say_why(void **state)
{
	(void)state;
	assert_refused("", "OBJ PATH");
	assert_refused("x.o", "OBJ PATH");
	assert_refused("x.o /p foo", "unknown word 'foo'");
	assert_refused("x.o /p autoatach", "; did you mean 'autoattach'?");
	assert_refused("x.o /p autoattach autoattach", "duplicate 'autoattach'");
	assert_refused("x.o /p type", "'type' needs a value");
	assert_refused("x.o /p pinmaps", "'pinmaps' needs a value");
	assert_refused("x.o /p pinmaps /a pinmaps /b", "duplicate 'pinmaps'");
	assert_refused("x.o /p map idx 0 id 1 map idx 0 id 2", "0");
	assert_refused("x.o /p map", "map");
}

static void show_takes_at_most_one_program(void **state)
{
	struct prog_show_request req = {.given = true};
	struct err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(parse_prog_show(cut(&l, ""), &req, &err), 0);
	assert_false(req.given);
	assert_int_equal(parse_prog_show(cut(&l, "i 010"), &req, &err), 0);
	assert_true(req.given);
	assert_int_equal(req.prog.id, 8);
	assert_int_equal(parse_prog_show(cut(&l, "id 1 id 2"), &req, &err), -EINVAL);
	assert_int_equal(parse_prog_show(cut(&l, "id"), &req, &err), -EINVAL);
	assert_int_equal(parse_prog_show(cut(&l, "obj x.o"), &req, &err), -EINVAL);
}

static void pin_takes_a_program_and_a_path(void **state)
{
	struct prog_pin_request req;
	struct err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(parse_prog_pin(cut(&l, "name count /p"), &req, &err), 0);
	assert_string_equal(req.prog.what, "count");
	assert_string_equal(req.path, "/p");
	assert_int_equal(parse_prog_pin(cut(&l, "id 3"), &req, &err), -EINVAL);
	/* bpftool reads no further. */
	assert_int_equal(parse_prog_pin(cut(&l, "id 3 /p /q"), &req, &err), 0);
	assert_string_equal(req.path, "/p");
	assert_int_equal(parse_prog_pin(cut(&l, "/p"), &req, &err), -EINVAL);
}

static void names_have_127_bytes_at_most(void **state)
{
	struct prog_show_request req;
	struct err err = ERR_INIT;
	char text[200] = "name ";
	struct line l;

	(void)state;
	memset(text + 5, 'a', 127);
	assert_int_equal(parse_prog_show(cut(&l, text), &req, &err), 0);
	assert_int_equal(strlen(req.prog.what), 127);
	text[5 + 127] = 'a';
	assert_int_equal(parse_prog_show(cut(&l, text), &req, &err), -EINVAL);
	assert_non_null(strstr(err.text, "127"));
}

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(load_takes_bpftools_words),
		cmocka_unit_test(types_are_written_like_sections),
		cmocka_unit_test(wrong_load_lines_say_why),
		cmocka_unit_test(show_takes_at_most_one_program),
		cmocka_unit_test(pin_takes_a_program_and_a_path),
		cmocka_unit_test(names_have_127_bytes_at_most),
	};

	libbpf_set_print(quiet);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
