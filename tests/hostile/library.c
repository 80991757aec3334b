/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An embedding program for cases whose system calls fail: one session with libmapshare each, of
 * nothing but its headers and libc.
 *
 *	library look OBJECT
 *	library load OBJECT BEFORE... program NAME... STEP... [keep]
 *		BEFORE: set NAME VALUE | use MAP PIN-NAME | share MAP | private MAP
 *		STEP: tc DEV | retc DEV | cgroup PATH | link PATH PIN | tcx DEV PIN |
 *			(re)xdp DEV PIN | retcx DEV PIN | held DEV | pin PATH | shows MAP
 *	library check MAP DEV CGROUP
 *	library plan|run|remove FILE STATE
 *	library follow FILE STATE, until the cgroup $MAKES, which it makes, is served
 *	library migrate|foresee PIN OBJECT
 *
 * What the library answers stands on stdout, warnings and "error ERRNO: WORDS" on stderr. Ends with
 * 1 where it was refused, and by a signal where the library breaks what its header promises: an
 * error that is no errno or has no words, or a descriptor that is open when all has been freed.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <mapshare_apply.h>
#include <mapshare_migrate.h>

static void say(void *data, enum mapshare_level level, const char *line)
{
	(void)data;
	if (level < MAPSHARE_DEBUG)
		fprintf(level == MAPSHARE_WARN ? stderr : stdout, "%s\n", line);
}

_Noreturn static void broken(const char *what, int number)
{
	fprintf(stderr, "broken: %s: %d\n", what, number);
	abort();
}

/* Each failure of a call that has a context: its code, and its one line. */
static int refused(const struct mapshare *ms, int r)
{
	const char *text = mapshare_strerror(ms);

	if (r < -4095 || !*text)
		broken("no errno, or an error without a word", r);
	for (const char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			broken("a control character in an error", *c);
	fprintf(stderr, "error %d: %s\n", -r, text);
	return 1;
}

/* --- an object ------------------------------------------------------------------------- */

static int look(struct mapshare *ms, char **words)
{
	static const char *const states[] = {"unknown", "private",  "given",  "reuse",
					     "create",  "conflict", "blocked"};
	MAPSHARE_OPTS(mapshare_program_info, prog);
	MAPSHARE_OPTS(mapshare_map_info, map);
	struct mapshare_object *obj;
	int r = mapshare_object_open(ms, words[0], NULL, &obj), fd;
	size_t i;

	r = r < 0 ? r : mapshare_object_plan(obj);
	for (i = 0; r == 0 && (r = mapshare_object_map(obj, i, &map)) == 0; i++) {
		printf("map %s %s %s id %" PRIu32 " %s\n", map.name, states[map.state],
		       map.pin ? map.pin : "-", map.id, map.reason ? map.reason : "");
		if (map.state != MAPSHARE_MAP_REUSE)
			continue;
		fd = mapshare_map_open(ms, map.name);
		if (fd < 0)
			return refused(ms, fd);
		printf("opened\n");
		close(fd);
	}
	r = r == -ENOENT && i > 0 ? 0 : r;
	for (i = 0; r == 0 && (r = mapshare_object_program(obj, i, &prog)) == 0; i++)
		printf("program %s in %s\n", prog.name, prog.section);
	return r == -ENOENT && i > 0 ? 0 : refused(ms, r);
}

/* How many words it is, of what is said to the object before it is loaded; 0: another one. */
static int prepare(struct mapshare *ms, struct mapshare_object *obj, char **words)
{
	int r = 0, fd;

	if (strcmp(words[0], "set") == 0) {
		r = mapshare_object_set(obj, words[1], words[2]);
		return r < 0 ? r : 3;
	}
	if (strcmp(words[0], "use") == 0) {
		fd = mapshare_map_open(ms, words[2]);
		if (fd < 0)
			return fd;
		r = mapshare_object_use_map(obj, words[1], fd);
		close(fd);
		return r < 0 ? r : 3;
	}
	if (strcmp(words[0], "share") != 0 && strcmp(words[0], "private") != 0)
		return 0;
	r = mapshare_object_share_map(obj, words[1], words[0][0] == 's');
	return r < 0 ? r : 2;
}

/* --- steps of a session ---------------------------------------------------------------- */

static int on_tc(struct mapshare_session *s, char **words)
{
	MAPSHARE_OPTS(mapshare_tc_opts, opts);

	opts.preference = opts.handle = 7;
	opts.replace = words[0][0] == 'r';
	return mapshare_session_attach_tc(s, words[1], &opts);
}

static int on_cgroup(struct mapshare_session *s, char **words)
{
	MAPSHARE_OPTS(mapshare_cgroup_opts, opts);

	opts.mode = strcmp(words[0], "link") == 0 ? MAPSHARE_LINK : MAPSHARE_MULTI;
	opts.link_pin = opts.mode == MAPSHARE_LINK ? words[2] : NULL;
	return mapshare_session_attach_cgroup(s, words[1], &opts);
}

/* Without a pin the link ends with its descriptor. */
static int on_dev(struct mapshare_session *s, char **words)
{
	MAPSHARE_OPTS(mapshare_link_opts, opts);
	int fd;

	opts.dev = words[1];
	opts.hook = strstr(words[0], "xdp") ? MAPSHARE_XDP : MAPSHARE_INGRESS;
	if (strcmp(words[0], "held") == 0)
		opts.hook = MAPSHARE_EGRESS;
	else
		opts.link_pin = words[2];
	opts.replace = words[0][0] == 'r';
	fd = mapshare_session_attach_link(s, &opts);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int on_pin(struct mapshare_session *s, char **words)
{
	int fd = mapshare_session_program_fd(s, NULL);

	return fd < 0 ? fd : mapshare_session_pin(s, fd, words[1]);
}

static int shows(struct mapshare_session *s, char **words)
{
	int fd = mapshare_session_map_fd(s, words[1]);

	printf("%s has %s descriptor\n", words[1], fd < 0 ? "no" : "a");
	return fd < 0 ? fd : 0;
}

static int keep(struct mapshare_session *s, char **words)
{
	return words[0] ? mapshare_session_commit(s) : -EINVAL;
}

static const struct {
	const char *word;
	int words;
	int (*fn)(struct mapshare_session *s, char **words);
} steps[] = {
	{"tc", 2, on_tc},       {"retc", 2, on_tc},   {"cgroup", 2, on_cgroup},
	{"link", 3, on_cgroup}, {"tcx", 3, on_dev},   {"retcx", 3, on_dev},
	{"xdp", 3, on_dev},     {"rexdp", 3, on_dev}, {"held", 2, on_dev},
	{"pin", 2, on_pin},     {"shows", 2, shows},  {"keep", 1, keep},
};

static int step(struct mapshare_session *s, char **words)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(steps[i].word, words[0]) == 0) {
			int r = steps[i].fn(s, words);

			return r < 0 ? r : steps[i].words;
		}
	}
	broken("a word that is no step", words[0][0]);
}

static int load(struct mapshare *ms, char **words)
{
	struct mapshare_session *s = NULL;
	struct mapshare_object *obj;
	int r = mapshare_object_open(ms, *words++, NULL, &obj);

	while (r >= 0 && *words) {
		r = prepare(ms, obj, words);
		if (r == 0)
			break;
		words += r > 0 ? r : 0;
	}
	r = r < 0 ? r : mapshare_session_new(obj, &s);
	for (; r == 0 && *words && strcmp(*words, "program") == 0; words += 2)
		r = mapshare_session_select(s, NULL, words[1]);
	r = r < 0 ? r : mapshare_session_load(s);
	while (r >= 0 && *words) {
		r = step(s, words);
		words += r > 0 ? r : 0;
	}
	if (r < 0)
		return refused(ms, r);
	printf("done\n");
	return 0;
}

static int check(struct mapshare *ms, char **words)
{
	MAPSHARE_OPTS(mapshare_check_opts, opts);
	MAPSHARE_OPTS(mapshare_user_info, user);
	const char *devs[] = {words[1], NULL}, *cgroups[] = {words[2], NULL};
	struct mapshare_check *c;
	int r;

	opts.devs = devs;
	opts.cgroups = cgroups;
	r = mapshare_check_new(ms, words[0], &opts, &c);
	if (r < 0)
		return refused(ms, r);
	printf("verdict %u\n%s", mapshare_check_verdict(c), mapshare_check_text(c));
	for (size_t i = 0; mapshare_check_user(c, i, &user) == 0; i++)
		printf("%s of map %" PRIu32 " at %s\n", user.program, user.map_id,
		       user.where);
	return 0;
}

/* All of the steps are on stdout, what they refuse on stderr, too. 1: one is at that cgroup. */
static int tell_steps(const struct mapshare_apply *a, const char *cgroup)
{
	MAPSHARE_OPTS(mapshare_step_info, s);
	int is_served = 0;

	for (size_t i = 0; mapshare_apply_step(a, i, &s) == 0; i++) {
		int is_refused = s.step == MAPSHARE_STEP_REFUSE;

		fprintf(is_refused ? stderr : stdout, "step %d %s %s %s\n", s.step,
			s.dev      ? s.dev
			: s.cgroup ? s.cgroup
			: s.map    ? s.map
				   : "-",
			s.program ? s.program : "-", s.why ? s.why : "");
		is_served |= cgroup && s.cgroup && strcmp(cgroup, s.cgroup) == 0 &&
			     !is_refused && s.step != MAPSHARE_STEP_PENDING;
	}
	return is_served;
}

/* What fails once here is not the library's: even "it is there" has to be said twice. */
static int make_cgroup(const char *path)
{
	for (int i = 0; i < 3; i++)
		if (mkdir(path, 0755) == 0 || (errno == EEXIST && i > 0))
			return 0;
	perror(path);
	return 1;
}

/* Until what appears is served; an error is tried again later, as the header says. */
static int follow(struct mapshare *ms, struct mapshare_apply *a, const char *cgroup)
{
	enum { ERRORS = 8, SECONDS = 20 };
	time_t end = time(NULL) + SECONDS;
	int r = mapshare_follow_open(a), is_served, nr_errors = 0;

	if (r < 0)
		return refused(ms, r);
	is_served = tell_steps(a, cgroup);
	if (make_cgroup(cgroup))
		return 1;
	while (!is_served) {
		struct pollfd fd = {.fd = mapshare_follow_fd(a), .events = POLLIN};

		/* What others make meanwhile wakes us, too. */
		r = poll(&fd, 1, SECONDS * 1000);
		if (r == 0 || time(NULL) > end || nr_errors == ERRORS) {
			fprintf(stderr, "'%s' is not served\n", cgroup);
			return 1;
		}
		r = mapshare_follow_step(a);
		if (r < 0)
			nr_errors += refused(ms, r);
		is_served = r == 0 && tell_steps(a, cgroup);
	}
	mapshare_follow_close(a);
	return 0;
}

static int apply(struct mapshare *ms, char **words)
{
	MAPSHARE_OPTS(mapshare_apply_opts, opts);
	struct mapshare_apply *a;
	int r;

	opts.state_dir = words[2];
	r = mapshare_apply_open(ms, words[1], &opts, &a);
	if (r == 0 && strcmp(words[0], "follow") == 0)
		return follow(ms, a, getenv("MAKES"));
	if (r == 0)
		r = strcmp(words[0], "plan") == 0  ? mapshare_apply_plan(a)
		    : strcmp(words[0], "run") == 0 ? mapshare_apply_run(a)
						   : mapshare_apply_remove(a);
	if (r < 0)
		return refused(ms, r);
	tell_steps(a, NULL);
	printf("in sync: %d\n", mapshare_apply_in_sync(a));
	return 0;
}

static int migrate(struct mapshare *ms, char **words)
{
	MAPSHARE_OPTS(mapshare_migrate_opts, opts);
	MAPSHARE_OPTS(mapshare_migrate_info, info);
	const char *objects[] = {words[2], NULL};
	int r;

	opts.flags = strcmp(words[0], "foresee") == 0 ? MAPSHARE_MIGRATE_PLAN : 0;
	r = mapshare_migrate(ms, words[1], objects, &opts, &info);
	if (r < 0)
		return refused(ms, r);
	printf("same %d elements %" PRIu64 " replaced %" PRIu32 " staying %" PRIu32 "\n",
	       info.same, info.elements, info.programs_replaced, info.programs_staying);
	return 0;
}

static int session(struct mapshare *ms, char **words, int nr)
{
	if (strcmp(words[0], "look") == 0 && nr == 2)
		return look(ms, words + 1);
	if (strcmp(words[0], "load") == 0 && nr > 3)
		return load(ms, words + 1);
	if (strcmp(words[0], "check") == 0 && nr == 4)
		return check(ms, words + 1);
	if ((strcmp(words[0], "migrate") == 0 || strcmp(words[0], "foresee") == 0) &&
	    nr == 3)
		return migrate(ms, words);
	if (nr >= 3)
		return apply(ms, words);
	return 2;
}

/* How many of the first descriptors are open, without a call that opens one; -1: not said. */
static int open_descriptors(void)
{
	enum { MOST = 64 };
	struct pollfd fds[MOST];
	int nr = MOST;

	for (int i = 0; i < MOST; i++)
		fds[i] = (struct pollfd){.fd = i};
	if (poll(fds, MOST, 0) < 0)
		return -1;
	for (int i = 0; i < MOST; i++)
		nr -= (fds[i].revents & POLLNVAL) != 0;
	return nr;
}

int main(int argc, char **argv)
{
	MAPSHARE_OPTS(mapshare_opts, opts);
	int before, after, r;
	struct mapshare *ms;

	if (argc < 3) {
		printf("%s\n", mapshare_version());
		return 2;
	}
	before = open_descriptors();
	opts.message = say;
	opts.bpffs = getenv("BPFFS");
	r = mapshare_new(&ms, &opts);
	if (r < 0) {
		fprintf(stderr, "error %d: no context\n", -r);
		return 1;
	}
	r = session(ms, argv + 1, argc - 1);
	mapshare_free(ms);
	after = open_descriptors();
	if (before >= 0 && after > before)
		broken("descriptors that are left", after - before);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "write: %s\n", strerror(errno));
		return 1;
	}
	return r;
}
