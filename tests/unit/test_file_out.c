/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/file_out.h"

/* A directory of its own, the working directory of the test. */
static int enter(void **state)
{
	char *dir = xstrdup("/tmp/file_out.XXXXXX");

	*state = dir;
	umask(022);
	return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	auto_free char *command = xasprintf("rm -rf '%s'", (char *)*state);
	int r = chdir("/") == 0 ? system(command) : -1;

	free(*state);
	return r;
}

static void make(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static void text_is(const char *path, const char *want)
{
	char text[64] = "";
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, f), strlen(want));
	fclose(f);
	assert_string_equal(text, want);
}

/* Names in the directory, all but "." and "..". */
static int names(void)
{
	DIR *dir = opendir(".");
	int nr = -2;

	assert_non_null(dir);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static void put(const char *path, const char *text)
{
	auto_err err = ERR_INIT;

	assert_int_equal(file_out_put(path, text, strlen(text), &err), 0);
}

static void refused(const char *path, int code, const char *words)
{
	auto_err err = ERR_INIT;

	assert_int_equal(file_out_put(path, "x", 1, &err), code);
	assert_string_equal(err.text, words);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void new_files_have_the_umask(void **state)
{
	(void)state;
	put("new", "1");
	text_is("new", "1");
	assert_int_equal(mode_of("new"), 0644);
	umask(077);
	put("mine", "2");
	assert_int_equal(mode_of("mine"), 0600);
	assert_int_equal(names(), 2);
}

static void old_files_keep_their_mode_and_links_stay(void **state)
{
	(void)state;
	make("old", "old text", 0640);
	assert_int_equal(symlink("old", "link"), 0);
	put("link", "new");
	text_is("old", "new");
	assert_int_equal(mode_of("old"), 0640);
	assert_true(mode_of("link") == 0777);
	assert_int_equal(names(), 2);
}

static void what_cannot_be_a_file_is_refused(void **state)
{
	(void)state;
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	refused("dangling", -ENOENT,
		"write 'dangling': it is a symbolic link to a file that does not exist");
	refused(".", -EISDIR, "write '.': Is a directory");
	refused("new/", -EISDIR, "write 'new/': Is a directory");
	refused("no/file", -ENOENT, "write 'no/file': No such file or directory");
	refused("", -ENOENT, "write '': No such file or directory");
	assert_int_equal(names(), 1);
}

static void what_is_not_committed_changes_nothing(void **state)
{
	struct file_out out;
	auto_err err = ERR_INIT;

	(void)state;
	make("old", "old text", 0600);
	assert_int_equal(file_out_open(&out, "old", &err), 0);
	assert_int_equal(file_out_write(&out, "new", 3, &err), 0);
	file_out_release(&out);
	text_is("old", "old text");
	assert_int_equal(names(), 1);
}

static void a_fifo_and_an_open_file_are_written_to(void **state)
{
	auto_free char *path = NULL;
	char text[8] = "";
	int fd;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	fd = open("fifo", O_RDWR);
	put("fifo", "one");
	assert_int_equal(read(fd, text, sizeof(text)), 3);
	close(fd);
	fd = open("log", O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "before ", 7), 7);
	path = xasprintf("/dev/fd/%d", fd);
	put(path, "this ");
	assert_int_equal(write(fd, "after", 5), 5);
	close(fd);
	text_is("log", "before this after");
	refused("/dev/full", -ENOSPC, "write '/dev/full': No space left on device");
}

/* Of somebody else, by a link or without: appended to, as to one of ours. */
static void an_open_file_of_another_process_is_written_to(void **state)
{
	auto_free char *path = NULL;
	pid_t pid;
	int fd;

	(void)state;
	make("log", "before ", 0600);
	fd = open("log", O_WRONLY);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		for (;;)
			pause();
	}
	path = xasprintf("/proc/%d/fd/%d", (int)pid, fd);
	put(path, "this ");
	assert_int_equal(symlink(path, "link"), 0);
	put("link", "again");
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(fd);
	text_is("log", "before this again");
	refused("/proc/self/cwd", -EISDIR, "write '/proc/self/cwd': Is a directory");
}

static void links_are_followed_to_their_end(void **state)
{
	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	make("d/file", "old", 0640);
	assert_int_equal(symlink("d/next", "first"), 0);
	assert_int_equal(symlink("../d/file", "d/next"), 0);
	put("first", "new");
	text_is("d/file", "new");
	assert_int_equal(mode_of("d/file"), 0640);
	assert_int_equal(names(), 2);
	assert_int_equal(symlink("a", "b"), 0);
	assert_int_equal(symlink("b", "a"), 0);
	refused("a", -ELOOP, "write 'a': Too many levels of symbolic links");
}

/* Names like ours that no writer of ours has made. */
static void what_only_looks_like_a_left_file_stays(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(".x.mapshare-0000000000000001", 0600), 0);
	assert_int_equal(mkdir(".x.mapshare-0000000000000002", 0700), 0);
	assert_int_equal(symlink("x", ".x.mapshare-0000000000000003"), 0);
	make(".x.mapshare-000000000000000g", "no number", 0600);
	make(".x.mapshare-00000000000000001", "longer", 0600);
	make(".x.mapshare-0000000000000004", "left", 0600);
	file_out_tidy("x");
	file_out_tidy("nosuch/x");
	assert_int_equal(names(), 5);
	assert_int_equal(access(".x.mapshare-0000000000000004", F_OK), -1);
}

static void what_a_killed_writer_left_goes_and_a_living_ones_stays(void **state)
{
	struct file_out out;
	auto_err err = ERR_INIT;

	(void)state;
	make(".x.mapshare-0000000000000001", "half", 0600);
	make(".y.mapshare-0000000000000001", "of another", 0600);
	make(".x.mapshare-notes", "somebody else's", 0600);
	assert_int_equal(file_out_open(&out, "x", &err), 0);
	assert_int_equal(access(".x.mapshare-0000000000000001", F_OK), -1);
	assert_int_equal(access(".y.mapshare-0000000000000001", F_OK), 0);
	assert_int_equal(access(".x.mapshare-notes", F_OK), 0);
	assert_int_equal(file_out_write(&out, "whole", 5, &err), 0);
	/* Another writer meanwhile takes nothing away. */
	put("x", "other");
	assert_int_equal(file_out_commit(&out, &err), 0);
	file_out_release(&out);
	text_is("x", "whole");
	assert_int_equal(names(), 3);
}

static void a_kill_leaves_the_old_file(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	make("x", "old", 0600);
	pid = fork();
	if (pid == 0) {
		struct file_out out;
		auto_err err = ERR_INIT;

		if (file_out_open(&out, "x", &err) == 0 &&
		    file_out_write(&out, "half", 4, &err) == 0 && fflush(out.file) == 0)
			kill(getpid(), SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	text_is("x", "old");
	put("x", "new");
	assert_int_equal(names(), 1);
}

#define in_own_directory(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_own_directory(new_files_have_the_umask),
		in_own_directory(old_files_keep_their_mode_and_links_stay),
		in_own_directory(what_cannot_be_a_file_is_refused),
		in_own_directory(what_is_not_committed_changes_nothing),
		in_own_directory(a_fifo_and_an_open_file_are_written_to),
		in_own_directory(an_open_file_of_another_process_is_written_to),
		in_own_directory(links_are_followed_to_their_end),
		in_own_directory(what_only_looks_like_a_left_file_stays),
		in_own_directory(what_a_killed_writer_left_goes_and_a_living_ones_stays),
		in_own_directory(a_kill_leaves_the_old_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
