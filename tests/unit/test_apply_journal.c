/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file_out.h"
#include "load/apply_journal.h"
#include "netlink/nl_filter.h"

/* A directory of the test's own; what is in it goes with it. */
static int make_dir(void **state)
{
	char path[] = "/tmp/apply_journal_XXXXXX";

	if (!mkdtemp(path))
		return -1;
	*state = xasprintf("%s/state", path);
	return 0;
}

static int remove_dir(void **state)
{
	auto_free char *dir = *state, *line = NULL;

	*strrchr(dir, '/') = '\0';
	line = xasprintf("rm -rf '%s'", dir);
	return system(line);
}

static struct apply_made made_at(const char *dev)
{
	return (struct apply_made){.object = (char *)"tc",
				   .function = (char *)"count",
				   .is = {.id = 5, .load_time = 6},
				   .is_tc = true,
				   .netns = (char *)"",
				   .dev = (char *)dev,
				   .ifindex = 1,
				   .parent = NL_PARENT_INGRESS,
				   .pref = 10,
				   .protocol = 3,
				   .handle = 1};
}

static int open_journal(struct apply_journal *j, const char *dir, int seconds,
			struct err *err)
{
	return apply_journal_open(j, dir, "acct",
				  seconds < 0 ? APPLY_JOURNAL_LOOK : APPLY_JOURNAL_LOCK,
				  seconds, err);
}

/* A run that ends after writing ahead, or commits. */
static void run_once(const char *dir, const char *dev, bool commit)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT;
	auto_apply_record record = APPLY_RECORD_INIT;
	auto_err err = ERR_INIT;
	struct apply_made made = made_at(dev);

	assert_int_equal(open_journal(&j, dir, 0, &err), 0);
	apply_record_add_made(&record, &made);
	assert_int_equal(apply_journal_write(&j, &record, &err), 0);
	if (commit)
		assert_int_equal(apply_journal_commit(&j, NULL, &err), 0);
}

static void a_look_makes_nothing(void **state)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT;
	auto_err err = ERR_INIT;
	struct stat st;

	assert_int_equal(open_journal(&j, *state, -1, &err), 0);
	assert_false(j.has_record);
	assert_int_equal(j.was.nr_made, 0);
	assert_int_equal(stat(*state, &st), -1);
}

static void the_directory_is_private(void **state)
{
	auto_err err = ERR_INIT;
	struct stat st;

	run_once(*state, "v0", true);
	assert_int_equal(stat(*state, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(chmod(*state, 0777), 0);

	auto_apply_journal j = APPLY_JOURNAL_INIT;

	assert_int_equal(open_journal(&j, *state, 0, &err), -EPERM);
	assert_non_null(strstr(err.text, "chmod 0700"));
}

static void a_directory_has_to_be_one(void **state)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT;
	auto_free char *below = xasprintf("%s/below", (char *)*state);
	auto_err err = ERR_INIT;
	struct stat st;

	assert_int_equal(open_journal(&j, below, 0, &err), -ENOENT);
	assert_non_null(strstr(err.text, below));
	err_release(&err);
	assert_int_equal(file_out_put(*state, "", 0, &err), 0);
	assert_int_equal(open_journal(&j, *state, 0, &err), -ENOTDIR);
	assert_non_null(strstr(err.text, "is not a directory"));
	assert_int_equal(stat(*state, &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void a_killed_run_leaves_both(void **state)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT, after = APPLY_JOURNAL_INIT;
	auto_err err = ERR_INIT;

	run_once(*state, "v0", true);
	run_once(*state, "v1", false);
	assert_int_equal(open_journal(&j, *state, 0, &err), 0);
	assert_true(j.interrupted);
	assert_true(j.has_record);
	assert_int_equal(j.was.nr_made, 2);
	assert_string_equal(j.was.made[0].dev, "v1");
	/* Whoever fails behind it must not lose what it may have left. */
	apply_journal_drop(&j);
	apply_journal_release(&j);
	assert_int_equal(open_journal(&after, *state, 0, &err), 0);
	assert_true(after.interrupted);
	assert_int_equal(after.was.nr_made, 3);
	assert_int_equal(apply_journal_erase(&after, &err), 0);
	apply_journal_release(&after);
	assert_int_equal(open_journal(&after, *state, 0, &err), 0);
	assert_false(after.interrupted || after.has_record);
}

static void two_runs_exclude_each_other(void **state)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT, other = APPLY_JOURNAL_INIT;
	auto_err err = ERR_INIT;

	assert_int_equal(open_journal(&j, *state, 0, &err), 0);
	assert_int_equal(open_journal(&other, *state, 0, &err), -ETIMEDOUT);
	assert_non_null(strstr(err.text, "another run of 'acct'"));
	err_release(&err);
	/* Another name, and a look, are free. */
	assert_int_equal(apply_journal_open(&other, *state, "web", APPLY_JOURNAL_LOCK, 0,
					    &err),
			 0);
	apply_journal_release(&other);
	assert_int_equal(open_journal(&other, *state, -1, &err), 0);
}

static void change_record(const char *dir, const char *from, const char *to)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT;
	auto_free char *text = xcalloc(1, 8192);
	auto_strbuf changed = STRBUF_INIT;
	auto_err err = ERR_INIT;
	char *at;

	assert_int_equal(open_journal(&j, dir, -1, &err), 0);

	auto_file FILE *f = fopen(j.record, "re");

	assert_non_null(f);
	assert_true(fread(text, 1, 8191, f) > 0);
	at = strstr(text, from);
	assert_non_null(at);
	sb_add_mem(&changed, text, (size_t)(at - text));
	sb_add(&changed, to);
	sb_add(&changed, at + strlen(from));
	assert_int_equal(file_out_put(j.record, changed.text, changed.len, &err), 0);
}

static void of_another_boot_only_choices_count(void **state)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT;
	auto_err err = ERR_INIT;

	run_once(*state, "v0", true);
	change_record(*state, "\"boot\":\"", "\"boot\":\"x");
	assert_int_equal(open_journal(&j, *state, 0, &err), 0);
	assert_int_equal(j.was.nr_made, 1);
	assert_int_equal(j.was.made[0].is.id, 0);
	assert_int_equal(j.was.made[0].pref, 10);
}

static void a_damaged_record_is_refused(void **state)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT;
	auto_err err = ERR_INIT;

	run_once(*state, "v0", true);
	change_record(*state, "\"pref\":10", "\"pref\":");
	assert_int_equal(open_journal(&j, *state, 0, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "damaged"));
	assert_non_null(strstr(err.text, "adopt: yes"));
}

/* Put there by hand, or by a copy of the directory: its places are not those here. */
static void a_record_of_elsewhere_is_refused(void **state)
{
	static const struct {
		const char *from, *to, *why;
	} cases[] = {
		{"\"name\":\"acct\"", "\"name\":\"web\"", "it is of the name 'web'"},
		{"\"netns\":", "\"netns\":1", "is damaged"},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		auto_apply_journal j = APPLY_JOURNAL_INIT;
		auto_free char *record = NULL;
		auto_err err = ERR_INIT;

		run_once(*state, "v0", true);
		assert_int_equal(open_journal(&j, *state, -1, &err), 0);
		record = xstrdup(j.record);
		apply_journal_release(&j);
		change_record(*state, cases[i].from, cases[i].to);
		assert_int_equal(open_journal(&j, *state, 0, &err), -EBADMSG);
		assert_non_null(strstr(err.text, cases[i].why));
		assert_int_equal(unlink(record), 0);
	}
}

static void a_record_is_a_file(void **state)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT, after = APPLY_JOURNAL_INIT;
	auto_err err = ERR_INIT;

	run_once(*state, "v0", true);
	assert_int_equal(open_journal(&j, *state, -1, &err), 0);
	assert_int_equal(unlink(j.record), 0);
	assert_int_equal(mkdir(j.record, 0700), 0);
	assert_int_equal(open_journal(&after, *state, -1, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "is not a regular file of at most 64 MiB"));
	assert_int_equal(rmdir(j.record), 0);
}

/* It is written in one go: half of one is none that a run left. */
static void a_cut_journal_is_refused(void **state)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT, after = APPLY_JOURNAL_INIT;
	auto_err err = ERR_INIT;

	run_once(*state, "v0", false);
	assert_int_equal(open_journal(&j, *state, -1, &err), 0);
	assert_true(j.interrupted);
	assert_int_equal(truncate(j.journal, 20), 0);
	assert_int_equal(open_journal(&after, *state, 0, &err), -EBADMSG);
	assert_non_null(strstr(err.text, ".journal' is damaged"));
}

static int count_made(const struct apply_record *record, void *ctx)
{
	assert_string_equal(record->name, "web");
	*(size_t *)ctx += record->nr_made;
	return 0;
}

static void of_another_boot_no_name_has_anything(void **state)
{
	auto_apply_journal web = APPLY_JOURNAL_INIT;
	auto_err err = ERR_INIT;
	size_t nr = 0;

	run_once(*state, "v0", true);
	change_record(*state, "\"boot\":\"", "\"boot\":\"x");
	assert_int_equal(
		apply_journal_open(&web, *state, "web", APPLY_JOURNAL_LOOK, 0, &err), 0);
	assert_int_equal(apply_journal_each_other(&web, count_made, &nr), 0);
	assert_int_equal(nr, 0);
}

static void other_names_are_seen(void **state)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT, web = APPLY_JOURNAL_INIT;
	auto_apply_record record = APPLY_RECORD_INIT;
	struct apply_made made = made_at("v0");
	auto_err err = ERR_INIT;
	size_t nr = 0;

	run_once(*state, "v0", true);
	assert_int_equal(
		apply_journal_open(&web, *state, "web", APPLY_JOURNAL_LOCK, 0, &err), 0);
	apply_record_add_made(&record, &made);
	assert_int_equal(apply_journal_write(&web, &record, &err), 0);
	assert_int_equal(apply_journal_commit(&web, NULL, &err), 0);
	assert_int_equal(open_journal(&j, *state, 0, &err), 0);
	assert_int_equal(apply_journal_each_other(&j, count_made, &nr), 0);
	assert_int_equal(nr, 1);
}

static int append(struct apply_journal *j, const char *dev)
{
	auto_apply_record record = APPLY_RECORD_INIT;
	struct apply_made made = made_at(dev);
	auto_err err = ERR_INIT;

	apply_record_add_made(&record, &made);
	return apply_journal_append(j, &record, &err);
}

static void who_follows_adds_lines(void **state)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT, after = APPLY_JOURNAL_INIT;
	auto_err err = ERR_INIT;
	auto_file FILE *cut = NULL;

	run_once(*state, "v0", true);
	assert_int_equal(open_journal(&j, *state, 0, &err), 0);
	assert_int_equal(append(&j, "v1") | append(&j, "v2"), 0);
	/* A writer that was killed in a line. */
	cut = fopen(j.more, "a");
	assert_true(cut && fputs("{\"version\":1,\"na", cut) > 0 && fflush(cut) == 0);
	apply_journal_release(&j);
	assert_int_equal(open_journal(&after, *state, 0, &err), 0);
	assert_true(after.has_more && after.has_record && !after.interrupted);
	assert_true(apply_journal_is_twice(&after));
	assert_int_equal(after.was.nr_made, 3);
	assert_string_equal(after.was.made[1].dev, "v2");
	apply_journal_release(&after);
	run_once(*state, "v3", true);
	assert_int_equal(open_journal(&after, *state, 0, &err), 0);
	assert_false(after.has_more);
	assert_int_equal(after.was.nr_made, 1);
}

static void half_a_line_is_cut_off(void **state) /* a full disk leaves whole lines */
{
	auto_apply_journal j = APPLY_JOURNAL_INIT;
	struct rlimit all, few;
	auto_err err = ERR_INIT;
	struct stat st;

	assert_int_equal(open_journal(&j, *state, 0, &err), 0);
	assert_false(append(&j, "v1") || stat(j.more, &st) ||
		     getrlimit(RLIMIT_FSIZE, &all));
	few = (struct rlimit){(rlim_t)st.st_size + 20, all.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_false(setrlimit(RLIMIT_FSIZE, &few) || append(&j, "v2") == 0);
	assert_false(setrlimit(RLIMIT_FSIZE, &all) || append(&j, "v3"));
	apply_journal_release(&j);
	assert_int_equal(open_journal(&j, *state, 0, &err), 0);
	assert_int_equal(j.was.nr_made, 2);
}

static void a_followed_name_is_not_waited_for(void **state)
{
	auto_apply_journal j = APPLY_JOURNAL_INIT;
	auto_err err = ERR_INIT;
	auto_apply_journal held = APPLY_JOURNAL_INIT;

	assert_int_equal(apply_journal_hold(&held, *state, "acct", 0, &err), 0);
	assert_int_equal(open_journal(&j, *state, 5, &err), -EBUSY);
	assert_non_null(strstr(err.text, "'acct' is followed by process"));
	err_release(&err);
	assert_int_equal(
		apply_journal_open(&j, *state, "acct", APPLY_JOURNAL_HELD, 0, &err), 0);
	/* Nothing was recorded: what was made for the lock goes with it. */
	apply_journal_release(&j);
	apply_journal_release(&held);
	assert_int_equal(access(*state, F_OK), -1);
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
		IN_DIR(a_look_makes_nothing),
		IN_DIR(the_directory_is_private),
		IN_DIR(a_directory_has_to_be_one),
		IN_DIR(a_killed_run_leaves_both),
		IN_DIR(two_runs_exclude_each_other),
		IN_DIR(of_another_boot_only_choices_count),
		IN_DIR(a_damaged_record_is_refused),
		IN_DIR(a_record_of_elsewhere_is_refused),
		IN_DIR(a_record_is_a_file),
		IN_DIR(a_cut_journal_is_refused),
		IN_DIR(of_another_boot_no_name_has_anything),
		IN_DIR(other_names_are_seen),
		IN_DIR(who_follows_adds_lines),
		IN_DIR(half_a_line_is_cut_off),
		IN_DIR(a_followed_name_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
