/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory that runs out anywhere in a session of the library. Run by library_memory.sh:
 *
 *	library_memory OBJECT DEV CGROUP LINK-PIN PIN PLACE
 *
 * A whole session, from the context to its end without commit, is run with its first
 * allocation failing, with a later one, and so on until none fails; then the same with commit.
 * How many there are grows with what the machine has loaded, since a session looks for splits
 * and checks: the walk is of some RUNS steps, the first DENSE of them one allocation each; of
 * all of them with FULL=1.
 * After each failure the kernel has to be what it was: names below PLACE, filters of DEV,
 * programs of CGROUP, our descriptors. The allocations are the library's own: what libbpf and
 * libc ask for is not made to fail.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "mapshare.h"

static char **words;

enum { RUNS = 150, DENSE = 60 };
enum { OBJECT = 1, DEV, CGROUP, LINK_PIN, PIN, PLACE };

/* --- what is there --- */

static struct strbuf *seen;

static int see_name(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	int fd = type == FTW_D ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	(void)st;
	(void)ftw;
	sb_addf(seen, "%s\n", path);
	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		sb_addf(seen, "%s is locked\n", path);
	close(fd);
	return 0;
}

static void see_filters(void)
{
	char line[512];
	FILE *tc;

	snprintf(line, sizeof(line), "tc filter show dev %s ingress", words[DEV]);
	tc = popen(line, "re");
	while (tc && fgets(line, sizeof(line), tc))
		sb_add(seen, line);
	if (!tc || pclose(tc) != 0)
		sb_add(seen, "tc failed\n");
}

static void see_entries(void)
{
	int fd = open(words[CGROUP], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint32_t ids[16];
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)fd;
	attr.query.attach_type = BPF_CGROUP_INET_EGRESS;
	attr.query.prog_ids = (uintptr_t)ids;
	attr.query.prog_cnt = array_size(ids);
	if (syscall(__NR_bpf, BPF_PROG_QUERY, &attr, sizeof(attr)) < 0)
		sb_addf(seen, "query failed: %d\n", errno);
	for (uint32_t i = 0; i < attr.query.prog_cnt; i++)
		sb_addf(seen, "entry %u\n", ids[i]);
	close(fd);
}

static void see_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t nr = 0;

	while (dir && readdir(dir))
		nr++;
	sb_addf(seen, "%zu descriptors\n", nr);
	if (dir)
		closedir(dir);
}

static void see(struct strbuf *ret)
{
	sb_clear(ret);
	seen = ret;
	nftw(words[PLACE], see_name, 8, FTW_PHYS);
	see_filters();
	see_entries();
	see_descriptors();
}

/* The kernel lets go of a link some time after its last pin: that is waited for. */
static bool comes_back(const char *before, struct strbuf *after)
{
	const struct timespec step = {.tv_nsec = 5000000};

	for (int i = 0; i < 2000; i++) {
		see(after);
		if (strcmp(before, sb_text(after)) == 0)
			return true;
		nanosleep(&step, NULL);
	}
	return false;
}

/* --- a session --- */

static int attach(struct mapshare_session *s)
{
	MAPSHARE_OPTS(mapshare_tc_opts, tc);
	MAPSHARE_OPTS(mapshare_cgroup_opts, multi);
	MAPSHARE_OPTS(mapshare_cgroup_opts, link);
	int r;

	tc.program = "from_classifier";
	tc.preference = 7;
	multi.program = link.program = "from_cgroup";
	multi.mode = MAPSHARE_MULTI;
	link.mode = MAPSHARE_LINK;
	link.link_pin = words[LINK_PIN];
	r = mapshare_session_attach_tc(s, words[DEV], &tc);
	r = r < 0 ? r : mapshare_session_attach_cgroup(s, words[CGROUP], &multi);
	r = r < 0 ? r : mapshare_session_attach_cgroup(s, words[CGROUP], &link);
	return r < 0 ? r
		     : mapshare_session_pin(s, mapshare_session_program_fd(s, NULL),
					    words[PIN]);
}

static int work(struct mapshare *ms, bool commit)
{
	MAPSHARE_OPTS(mapshare_check_opts, places);
	const char *devs[] = {words[DEV], NULL};
	struct mapshare_object *obj;
	struct mapshare_session *s;
	struct mapshare_check *c;
	int r = mapshare_object_open(ms, words[OBJECT], NULL, &obj);

	r = r < 0 ? r : mapshare_object_plan(obj);
	r = r < 0 ? r : mapshare_session_new(obj, &s);
	r = r < 0 ? r : mapshare_session_select(s, NULL, "from_classifier");
	r = r < 0 ? r : mapshare_session_select(s, NULL, "from_cgroup");
	r = r < 0 ? r : mapshare_session_load(s);
	r = r < 0 ? r : attach(s);
	places.devs = devs;
	r = r < 0 ? r : mapshare_check_new(ms, "by_name_hits", &places, &c);
	return r < 0 || !commit ? r : mapshare_session_commit(s);
}

/* 0; -errno, and ret_text has the words. *ret_late: only the end ran out of memory. */
static int run(unsigned long nth, bool commit, bool *ret_late, char *ret_text,
	       size_t size)
{
	MAPSHARE_OPTS(mapshare_opts, opts);
	struct mapshare *ms = NULL;
	bool failed;
	int r;

	opts.bpffs = words[PLACE];
	alloc_fail_at(nth);
	r = mapshare_new(&ms, &opts);
	r = r < 0 ? r : work(ms, commit);
	snprintf(ret_text, size, "%s", ms ? mapshare_strerror(ms) : "");
	failed = alloc_has_failed();
	mapshare_free(ms);
	*ret_late = !failed && alloc_has_failed();
	alloc_fail_at(0);
	return r;
}

/* --- the walk --- */

/* How far apart the steps are, by how many a session has, within a factor of two. */
static unsigned long walk_stride(void)
{
	unsigned long nth = RUNS;
	char text[1024];
	bool late;

	if (getenv("FULL"))
		return 1;
	while (run(nth, false, &late, text, sizeof(text)) < 0)
		nth *= 2;
	return nth / RUNS;
}

static int walk(bool commit)
{
	auto_strbuf before = STRBUF_INIT, after = STRBUF_INIT;
	unsigned long nth = 0, bad = 0, stride = walk_stride(), runs = 0;
	char text[1024];
	bool late;
	int r;

	see(&before);
	for (;;) {
		nth += runs++ < DENSE ? 1 : stride;
		r = run(nth, commit, &late, text, sizeof(text));
		if (r == 0 && !late)
			break;
		if (!late && r != -ENOMEM && ++bad)
			printf("allocation %lu: error %d: %s\n", nth, -r, text);
		/* What was committed stays, whatever its end lacks. */
		if (late && commit)
			break;
		if (comes_back(sb_text(&before), &after))
			continue;
		bad++;
		printf("allocation %lu: before:\n%safter:\n%s", nth, sb_text(&before),
		       sb_text(&after));
		if (bad > 5)
			break;
	}
	if (r == 0 && !commit && !comes_back(sb_text(&before), &after) && ++bad)
		printf("freed: before:\n%safter:\n%s", sb_text(&before), sb_text(&after));
	printf("%s: %lu allocations, %lu runs, %lu bad\n", commit ? "commit" : "free",
	       nth, runs, bad);
	return bad || nth < 100;
}

int main(int argc, char **argv)
{
	int r;

	if (argc != PLACE + 1)
		return 2;
	words = argv;
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* Once as it is: what is set up for good (libc's, libbpf's) is no leak. */
	r = run(0, false, &(bool){false}, (char[1024]){""}, 1024);
	if (r < 0)
		return 2;
	r = walk(false);
	return walk(true) | r;
}
