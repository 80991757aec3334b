/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A file applied through libmapshare, by a program that knows its headers and nothing else:
 *
 *	library_apply plan|run|remove|follow FILE STATE
 *
 * follow ends once it has attached something that appeared.
 */
#include <mapshare_apply.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

static void say(void *data, enum mapshare_level level, const char *line)
{
	(void)data;
	if (level == MAPSHARE_WARN)
		printf("warning: %s\n", line);
}

static void print_steps(const struct mapshare_apply *a)
{
	static const char *const words[] = {"create", "reuse",   "qdisc",   "load",
					    "attach", "replace", "adopt",   "keep",
					    "detach", "forget",  "pending", "refuse"};
	MAPSHARE_OPTS(mapshare_step_info, s);

	for (size_t i = 0; mapshare_apply_step(a, i, &s) == 0; i++)
		printf("%s %s %s %s pref %u new %u%s%s\n", words[s.step],
		       s.dev ? s.dev : "-", s.cgroup ? s.type : (s.map ? s.map : "-"),
		       s.program ? s.program : "-", s.preference, s.new_id,
		       s.why ? ": " : "", s.why ? s.why : "");
}

static int follow(struct mapshare_apply *a)
{
	MAPSHARE_OPTS(mapshare_step_info, s);
	int r = mapshare_follow_open(a);

	printf("follows\n");
	fflush(stdout);
	while (r >= 0) {
		struct pollfd fd = {.fd = mapshare_follow_fd(a), .events = POLLIN};

		poll(&fd, 1, -1);
		r = mapshare_follow_step(a);
		for (size_t i = 0; mapshare_apply_step(a, i, &s) == 0; i++)
			if (s.step == MAPSHARE_STEP_ATTACH)
				return 0;
	}
	return r;
}

int main(int argc, char **argv)
{
	MAPSHARE_OPTS(mapshare_apply_opts, apply);
	MAPSHARE_OPTS(mapshare_opts, opts);
	struct mapshare_apply *a;
	struct mapshare *ms;
	int r;

	opts.message = say;
	if (argc < 4 || mapshare_new(&ms, &opts) < 0)
		return 2;
	apply.state_dir = argv[3];
	r = mapshare_apply_open(ms, argv[2], &apply, &a);
	if (r == 0 && strcmp(argv[1], "plan") == 0)
		r = mapshare_apply_plan(a);
	else if (r == 0 && strcmp(argv[1], "run") == 0)
		r = mapshare_apply_run(a);
	else if (r == 0 && strcmp(argv[1], "follow") == 0)
		r = follow(a);
	else if (r == 0)
		r = mapshare_apply_remove(a);
	if (r < 0) {
		printf("error %d: %s\n", -r, mapshare_strerror(ms));
	} else {
		print_steps(a);
		printf("in sync: %d\n", mapshare_apply_in_sync(a));
	}
	mapshare_free(ms);
	return r < 0;
}
