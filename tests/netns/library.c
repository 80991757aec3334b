/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What library.sh has an embedding program do: nothing but mapshare.h and libc.
 *	library load OBJECT PROGRAM [set NAME VALUE]... [tc DEV PREF HANDLE |
 *		replace DEV PREF HANDLE | cgroup PATH MODE | link DEV PIN | tcx DEV PIN |
 *		relink DEV PIN | retcx DEV PIN | tcxfirst DEV PIN | pin PATH]... [keep]
 *	library plan OBJECT [MAP FD-PIN-NAME]
 *	library threads OBJECT PROGRAM NUMBER MAP [CGROUP]
 *	library check MAP [DEV]
 * With SIGNAL in the environment a signal waits, blocked, all the time.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mapshare.h>

static void say(void *data, enum mapshare_level level, const char *line)
{
	if (level <= *(enum mapshare_level *)data)
		printf("message %u: %s\n", level, line);
}

static int failed(const struct mapshare *ms, int r)
{
	const char *detail = mapshare_error_detail(ms);

	printf("error %d: %s\n", -r, mapshare_strerror(ms));
	if (detail)
		printf("%s\n", detail);
	return 1;
}

static unsigned int id_of(int fd, const char *field)
{
	char path[64], line[256];
	unsigned int id = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, field, strlen(field)) == 0)
			id = (unsigned int)strtoul(line + strlen(field) + 1, NULL, 10);
	if (file)
		fclose(file);
	return id;
}

static int attach_tc(struct mapshare_session *s, char **argv, int replace)
{
	MAPSHARE_OPTS(mapshare_tc_opts, opts);

	opts.preference = (uint32_t)atoi(argv[1]);
	opts.handle = (uint32_t)atoi(argv[2]);
	opts.replace = replace;
	return mapshare_session_attach_tc(s, argv[0], &opts);
}

static int attach_cgroup(struct mapshare_session *s, char **argv)
{
	MAPSHARE_OPTS(mapshare_cgroup_opts, opts);

	opts.mode = strncmp(argv[1], "multi", 5) == 0 ? MAPSHARE_MULTI
		    : argv[1][0] == '/'               ? MAPSHARE_LINK
						      : MAPSHARE_EXCLUSIVE;
	opts.link_pin = argv[1][0] == '/' ? argv[1] : NULL;
	opts.replace = strstr(argv[1], "replace") != NULL;
	return mapshare_session_attach_cgroup(s, argv[0], &opts);
}

/* link, tcx and the same with re in front: replace. */
static int attach_link(struct mapshare_session *s, char **argv)
{
	MAPSHARE_OPTS(mapshare_link_opts, opts);

	opts.replace = argv[0][0] == 'r';
	opts.dev = argv[1];
	opts.hook = strstr(argv[0], "tcx") ? MAPSHARE_INGRESS : MAPSHARE_XDP;
	opts.order = strstr(argv[0], "first") ? MAPSHARE_BEFORE : MAPSHARE_LAST;
	opts.link_pin = argv[2];
	return mapshare_session_attach_link(s, &opts);
}

/* One step; how many words it took, or -errno. */
static int step(struct mapshare_session *s, char **argv)
{
	int r, words = 3;

	if (strstr(argv[0], "link") || strstr(argv[0], "tcx")) {
		r = attach_link(s, argv);
	} else if (strcmp(argv[0], "tc") == 0 || strcmp(argv[0], "replace") == 0) {
		r = attach_tc(s, argv + 1, argv[0][0] == 'r');
		words = 4;
	} else if (strcmp(argv[0], "cgroup") == 0) {
		r = attach_cgroup(s, argv + 1);
	} else if (strcmp(argv[0], "pin") == 0) {
		r = mapshare_session_pin(s, mapshare_session_program_fd(s, NULL),
					 argv[1]);
		words = 2;
	} else {
		r = mapshare_session_commit(s);
		words = 1;
	}
	return r < 0 ? r : words;
}

static int load(struct mapshare *ms, char **argv)
{
	struct mapshare_object *obj;
	struct mapshare_session *s;
	const char *program = argv[1];
	int r = mapshare_object_open(ms, argv[0], NULL, &obj);

	for (argv += 2; r == 0 && *argv && strcmp(*argv, "set") == 0; argv += 3)
		r = mapshare_object_set(obj, argv[1], argv[2]);
	r = r ? r : mapshare_session_new(obj, &s);
	r = r ? r : mapshare_session_select(s, NULL, program);
	r = r ? r : mapshare_session_load(s);
	for (; r >= 0 && *argv; argv += r)
		r = step(s, argv);
	return r < 0 ? failed(ms, r) : 0;
}

static int plan(struct mapshare *ms, char **argv)
{
	static const char *const states[] = {"unknown", "private",  "given",  "reuse",
					     "create",  "conflict", "blocked"};
	MAPSHARE_OPTS(mapshare_program_info, prog);
	MAPSHARE_OPTS(mapshare_map_info, map);
	struct mapshare_object *obj;
	int r = mapshare_object_open(ms, argv[0], NULL, &obj);

	if (r == 0 && argv[1])
		r = mapshare_object_use_map(obj, argv[1], mapshare_map_open(ms, argv[2]));
	r = r ? r : mapshare_object_plan(obj);
	if (r < 0)
		return failed(ms, r);
	for (size_t i = 0; mapshare_object_map(obj, i, &map) == 0; i++)
		printf("map %s value_size %u: %s %s%s%s\n", map.name, map.value_size,
		       states[map.state], map.pin ? map.pin : "-", map.reason ? ": " : "",
		       map.reason ? map.reason : "");
	for (size_t i = 0; mapshare_object_program(obj, i, &prog) == 0; i++)
		printf("program %s in %s type %u\n", prog.name, prog.section, prog.type);
	return 0;
}

static int check(struct mapshare *ms, char **argv)
{
	MAPSHARE_OPTS(mapshare_check_opts, opts);
	MAPSHARE_OPTS(mapshare_user_info, user);
	const char *devs[] = {argv[1], NULL};
	struct mapshare_check *c;
	int r;

	opts.devs = argv[1] ? devs : NULL;
	r = mapshare_check_new(ms, argv[0], &opts, &c);
	if (r < 0)
		return failed(ms, r);
	printf("verdict %u\n%s", mapshare_check_verdict(c), mapshare_check_text(c));
	for (size_t i = 0; mapshare_check_user(c, i, &user) == 0; i++)
		printf("user %s of map %u at %s\n", user.program, user.map_id,
		       user.where);
	return 0;
}

/* --- threads --- */

struct job {
	char **argv;
	pthread_barrier_t *start;
	unsigned int map;
	int failed;
};

static void *join_map(void *arg)
{
	MAPSHARE_OPTS(mapshare_cgroup_opts, opts);
	struct job *job = arg;
	struct mapshare_object *obj;
	struct mapshare_session *s;
	struct mapshare *ms;
	int r = mapshare_new(&ms, NULL);

	pthread_barrier_wait(job->start);
	r = r ? r : mapshare_object_open(ms, job->argv[0], NULL, &obj);
	r = r ? r : mapshare_session_new(obj, &s);
	r = r ? r : mapshare_session_select(s, NULL, job->argv[1]);
	r = r ? r : mapshare_session_load(s);
	if (r == 0)
		job->map = id_of(mapshare_session_map_fd(s, job->argv[3]), "map_id");
	opts.mode = MAPSHARE_MULTI;
	if (r == 0 && job->argv[4])
		r = mapshare_session_attach_cgroup(s, job->argv[4], &opts);
	r = r ? r : mapshare_session_commit(s);
	job->failed = r < 0 ? failed(ms, r) : 0;
	mapshare_free(ms);
	return NULL;
}

static int threads(char **argv)
{
	enum { MOST = 16 };
	int n = atoi(argv[2]), bad = 0;
	struct job jobs[MOST];
	pthread_t ids[MOST];
	pthread_barrier_t start;

	if (n < 1 || n > MOST)
		return 2;
	pthread_barrier_init(&start, NULL, (unsigned int)n);
	for (int i = 0; i < n; i++) {
		jobs[i] = (struct job){.argv = argv, .start = &start};
		if (pthread_create(&ids[i], NULL, join_map, &jobs[i]))
			abort();
	}
	for (int i = 0; i < n; i++) {
		pthread_join(ids[i], NULL);
		printf("map %u\n", jobs[i].map);
		bad |= jobs[i].failed;
	}
	pthread_barrier_destroy(&start);
	return bad;
}

int main(int argc, char **argv)
{
	enum mapshare_level most = MAPSHARE_INFO;
	MAPSHARE_OPTS(mapshare_opts, opts);
	struct mapshare *ms;
	int r;

	if (argc < 3)
		return 2;
	if (getenv("SIGNAL")) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGTERM);
		sigprocmask(SIG_BLOCK, &set, NULL);
		raise(SIGTERM);
	}
	if (strcmp(argv[1], "threads") == 0)
		return argc >= 6 ? threads(argv + 2) : 2;
	opts.message = say;
	opts.data = &most;
	opts.flags = getenv("REQUIRE_SHARED") ? MAPSHARE_REQUIRE_SHARED : 0;
	opts.bpffs = getenv("PLACE");
	if (mapshare_new(&ms, &opts) < 0)
		return 2;
	if (strcmp(argv[1], "load") == 0)
		r = load(ms, argv + 2);
	else if (strcmp(argv[1], "plan") == 0)
		r = plan(ms, argv + 2);
	else
		r = check(ms, argv + 2);
	mapshare_free(ms);
	return r;
}
