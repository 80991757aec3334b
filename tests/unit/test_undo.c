/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "kernel/pin_lock.h"
#include "kernel/undo.h"

/* What happened, in order: "-c" a step taken back, "!c" one that failed, "~c" dropped. */
static struct strbuf told;
static int lock_seen_open,
	seen_open; /* the latter: how many descriptors the last step saw */
static int lock_fd;

struct step {
	char name;
	int fails; /* -errno */
};

static int count_open(void)
{
	int nr = 0;

	for (int fd = 0; fd < 256; fd++)
		nr += fcntl(fd, F_GETFD) >= 0;
	return nr;
}

static int step_back(void *data, struct err *err)
{
	const struct step *s = data;

	seen_open = count_open();
	if (lock_fd > 0)
		lock_seen_open += fcntl(lock_fd, F_GETFD) >= 0;
	sb_addf(&told, "%c%c", s->fails ? '!' : '-', s->name);
	return s->fails ? err_say(err, s->fails, "step %c", s->name) : 0;
}

static void step_drop(void *data)
{
	struct step *s = data;

	sb_addf(&told, "~%c", s->name);
	free(s);
}

static void push(struct undo *u, char name, int fails)
{
	struct step *s = xcalloc(1, sizeof(*s));

	*s = (struct step){name, fails};
	undo_push(u, step_back, s, step_drop);
}

static int fresh(void **state)
{
	(void)state;
	sb_clear(&told);
	lock_seen_open = lock_fd = 0;
	return 0;
}

static int leave(void **state)
{
	(void)state;
	sb_release(&told);
	return 0;
}

static void newest_first(void **state)
{
	struct undo *u = undo_new();

	(void)state;
	push(u, 'a', 0);
	push(u, 'b', 0);
	push(u, 'c', 0);
	undo_free(u);
	assert_string_equal(sb_text(&told), "-c~c-b~b-a~a");
}

static void commit_keeps_all(void **state)
{
	struct undo *u = undo_new();

	(void)state;
	push(u, 'a', 0);
	push(u, 'b', 0);
	undo_commit(u);
	assert_string_equal(sb_text(&told), "~b~a");
	push(u, 'c', 0);
	undo_free(u);
	assert_string_equal(sb_text(&told), "~b~a-c~c");
}

/* Whichever step fails, in journals of every length, the others are still taken back. */
static void every_step_may_fail(void **state)
{
	(void)state;
	for (int nr = 1; nr <= 6; nr++) {
		for (int bad = 0; bad < nr; bad++) {
			struct undo *u = undo_new();
			auto_strbuf want = STRBUF_INIT;
			auto_err err = ERR_INIT;

			sb_clear(&told);
			for (int i = 0; i < nr; i++)
				push(u, (char)('a' + i), i == bad ? -EIO : 0);
			for (int i = nr - 1; i >= 0; i--)
				sb_addf(&want, "%c%c~%c", i == bad ? '!' : '-', 'a' + i,
					'a' + i);
			assert_int_equal(undo_rewind(u, 0, &err), -EIO);
			assert_string_equal(sb_text(&told), sb_text(&want));
			assert_non_null(strstr(err.text, "cannot be taken back: step"));
			undo_free(u);
			assert_string_equal(sb_text(&told), sb_text(&want));
		}
	}
}

static struct strbuf warned;

static void hear_warning(enum log_level level, const char *line)
{
	(void)level;
	sb_addf(&warned, "%s;", line);
}

static void each_failure_is_told_once(void **state)
{
	struct undo *u = undo_new();

	(void)state;
	log_to(hear_warning, LOG_WARN);
	push(u, 'a', -EIO);
	push(u, 'b', 0);
	push(u, 'c', -EPERM);
	undo_free(u);
	log_to(NULL, LOG_WARN);
	assert_string_equal(sb_text(&told), "!c~c-b~b!a~a");
	assert_string_equal(sb_text(&warned), "cannot be taken back: step a;"
					      "cannot be taken back: step c;");
	sb_release(&warned);
}

static void rewinds_to_a_depth(void **state)
{
	struct undo *u = undo_new();
	auto_err err = ERR_INIT;
	size_t depth;

	(void)state;
	push(u, 'a', 0);
	depth = undo_depth(u);
	push(u, 'b', 0);
	push(u, 'c', 0);
	assert_int_equal(undo_rewind(u, depth, &err), 0);
	assert_string_equal(sb_text(&told), "-c~c-b~b");
	undo_commit(u);
	assert_string_equal(sb_text(&told), "-c~c-b~b~a");
	undo_free(u);
}

/* "/" is locked; the descriptor is the journal's. */
static void hold_root(struct undo *u)
{
	auto_close int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(pin_locks_add(undo_locks(u), dir, PIN_LOCK_ALONE, "/"), 0);
	assert_int_equal(undo_locks(u)->nr, 1);
	lock_fd = undo_locks(u)->fds[0];
	assert_true(lock_fd > 0);
}

static void locks_go_last(void **state)
{
	struct undo *u = undo_new();

	(void)state;
	push(u, 'a', 0);
	hold_root(u);
	push(u, 'b', 0);
	undo_free(u);
	assert_int_equal(lock_seen_open, 2);
	assert_int_equal(fcntl(lock_fd, F_GETFD), -1);
	undo_free(NULL);
}

static void commit_releases_locks(void **state)
{
	struct undo *u = undo_new();

	(void)state;
	hold_root(u);
	undo_commit(u);
	assert_int_equal(fcntl(lock_fd, F_GETFD), -1);
	assert_int_equal(undo_locks(u)->nr, 0);
	undo_free(u);
}

/* A journal whose step was never done, one that is rewound, and those of a batch. */
static void spare_descriptors_are_let_go(void **state)
{
	int before = count_open();
	struct undo *u = undo_new();
	struct undo_spares spares;
	auto_err err = ERR_INIT;

	(void)state;
	undo_reserve(u);
	assert_int_equal(count_open(), before + UNDO_SPARES);
	undo_free(u);
	assert_int_equal(count_open(), before);

	undo_spares_share(&spares);
	for (int i = 0; i < 3; i++) {
		u = undo_new();
		push(u, 'a', 0);
		assert_int_equal(count_open(), before + UNDO_SPARES);
		if (i == 1)
			undo_commit(u);
		if (i == 2)
			assert_int_equal(undo_rewind(u, 0, &err), 0);
		undo_free(u);
	}
	/* The way back has them, with or without a batch. */
	assert_int_equal(seen_open, before);
	undo_spares_end(&spares);
	assert_int_equal(count_open(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(newest_first, fresh),
		cmocka_unit_test_setup(commit_keeps_all, fresh),
		cmocka_unit_test_setup(every_step_may_fail, fresh),
		cmocka_unit_test_setup(each_failure_is_told_once, fresh),
		cmocka_unit_test_setup(rewinds_to_a_depth, fresh),
		cmocka_unit_test_setup(locks_go_last, fresh),
		cmocka_unit_test_setup(commit_releases_locks, fresh),
		cmocka_unit_test_setup(spare_descriptors_are_let_go, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, leave);
}
