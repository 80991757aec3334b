/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../cgroup_loader/parse.h"

enum { WORDS_MAX = 16 };

/* A line cut at its blanks. */
struct line {
	char text[128];
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

static void show_takes_one_link_or_none(void **state)
{
	struct link_show_request req;
	auto_err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(parse_link_show(cut(&l, ""), &req, &err), 0);
	assert_false(req.given);
	assert_int_equal(parse_link_show(cut(&l, "i 0x10"), &req, &err), 0);
	assert_true(req.given);
	assert_int_equal(req.link.id, 16);
	assert_null(req.link.path);
	assert_int_equal(parse_link_show(cut(&l, "pin /x"), &req, &err), 0);
	assert_string_equal(req.link.path, "/x");
	assert_int_equal(parse_link_show(cut(&l, "id 1 2"), &req, &err), -EINVAL);
	assert_int_equal(parse_link_show(cut(&l, "name x"), &req, &err), -EINVAL);
}

static void pin_and_detach_want_a_link(void **state)
{
	struct link_detach_request detach;
	struct link_pin_request req;
	auto_err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(parse_link_pin(cut(&l, "id 1 /p"), &req, &err), 0);
	assert_string_equal(req.path, "/p");
	assert_int_equal(parse_link_pin(cut(&l, "id 1"), &req, &err), -EINVAL);
	assert_int_equal(parse_link_pin(cut(&l, ""), &req, &err), -EINVAL);
	assert_int_equal(parse_link_detach(cut(&l, "pinned /p"), &detach, &err), 0);
	assert_string_equal(detach.link.path, "/p");
	assert_int_equal(parse_link_detach(cut(&l, ""), &detach, &err), -EINVAL);
	assert_int_equal(parse_link_detach(cut(&l, "id 1 x"), &detach, &err), -EINVAL);
}

static void update_takes_a_program_and_its_predecessor(void **state)
{
	struct link_update_request req;
	auto_err err = ERR_INIT;
	struct line l;

	(void)state;
	assert_int_equal(parse_link_update(cut(&l, "id 1 pinned /p"), &req, &err), 0);
	assert_false(req.checked);
	assert_int_equal(parse_link_update(cut(&l, "id 1 id 2 old id 3"), &req, &err), 0);
	assert_true(req.checked);
	assert_int_equal(req.prog.id, 2);
	assert_int_equal(req.old.id, 3);
	assert_int_equal(parse_link_update(cut(&l, "id 1"), &req, &err), -EINVAL);
	assert_int_equal(parse_link_update(cut(&l, "id 1 id 2 old"), &req, &err),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(show_takes_one_link_or_none),
		cmocka_unit_test(pin_and_detach_want_a_link),
		cmocka_unit_test(update_takes_a_program_and_its_predecessor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
