/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the library refuses, for library_refusals.sh: options that mean nothing, names of nothing,
 * and calls out of turn, each with its number and its words; and where it takes maps from.
 *	library_refusals OBJECT DEV CGROUP BPFFS DIRECTORY
 * The object is by_name.o; FILE.yaml and files/ with two of them are in the directory. Prints what
 * is wrong, and ends with 1 then. Nothing is committed but one session of nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mapshare_apply.h>
#include <mapshare_migrate.h>

static struct mapshare *ms;
static const char *object_path, *dev, *cgroup;
static int wrong;

static void refused_at(int line, int r, int code, const char *text)
{
	if (r == -code && strstr(mapshare_strerror(ms), text))
		return;
	wrong = 1;
	printf("line %d: %d, not %d: '%s', not '%s'\n", line, -r, code,
	       mapshare_strerror(ms), text);
}

#define REFUSED(call, code, text) refused_at(__LINE__, call, code, text)
#define DONE(call)                                                 \
	do {                                                       \
		int is = (call);                                   \
		if (is < 0) {                                      \
			printf("line %d: %d: %s\n", __LINE__, -is, \
			       mapshare_strerror(ms));             \
			exit(1);                                   \
		}                                                  \
	} while (0)

static void contexts(void)
{
	MAPSHARE_OPTS(mapshare_opts, opts);
	struct mapshare *none = NULL;

	opts.flags = 1U << 30;
	if (mapshare_new(&none, &opts) != -EINVAL || none) {
		wrong = 1;
		printf("an unknown flag is taken\n");
	}
	/* Nothing is freed as well as anything. */
	mapshare_free(NULL);
	mapshare_object_free(NULL);
	mapshare_session_free(NULL);
	mapshare_check_free(NULL);
	mapshare_apply_free(NULL);
}

static void objects(struct mapshare_object *obj)
{
	MAPSHARE_OPTS(mapshare_map_info, map);
	MAPSHARE_OPTS(mapshare_program_info, program);
	struct mapshare_object *none;

	REFUSED(mapshare_object_open(ms, "/nowhere.o", NULL, &none), ENOENT,
		"object '/nowhere.o': open: No such file");
	REFUSED(mapshare_object_map(obj, 99, &map), ENOENT, "has 2 maps");
	REFUSED(mapshare_object_program(obj, 99, &program), ENOENT, "has 2 programs");
	REFUSED(mapshare_object_use_map(obj, "none", 0), ENOENT, "has no map 'none'");
	REFUSED(mapshare_object_use_map(obj, "by_name_hits", 0), EBADF,
		"map 'by_name_hits': fd 0 is not a map");
	REFUSED(mapshare_object_use_map(obj, "by_name_hits", -1), EBADF,
		"fd -1 is not a map");
	REFUSED(mapshare_object_share_map(obj, "none", 1), ENOENT, "has no map 'none'");
	REFUSED(mapshare_object_set(obj, "none", "1"), ENOENT, "object '");
}

static void maps(const char *bpffs)
{
	char path[256];

	REFUSED(mapshare_map_open(ms, "no/name"), EINVAL, "'no/name' has a '/'");
	REFUSED(mapshare_map_open(ms, ""), EINVAL, "a map has an empty name");
	REFUSED(mapshare_map_open(ms, "none"), ENOENT, "/tc/globals/none': No such file");
	snprintf(path, sizeof(path),
		 "%s/tc/globals/a_program' is a pin, but not of a map", bpffs);
	REFUSED(mapshare_map_open(ms, "a_program"), EMEDIUMTYPE, path);
}

/* --- a session ------------------------------------------------------------------------- */

static void before_load(struct mapshare_session *s)
{
	REFUSED(mapshare_session_load(s), EINVAL, "no program is selected");
	REFUSED(mapshare_session_set_type(s, NULL, 3, 0), ENOENT,
		"no program '' is selected");
	REFUSED(mapshare_session_set_type(s, "from_cgroup", 8, 1), ENOENT,
		"no program 'from_cgroup' is selected");
	REFUSED(mapshare_session_select(s, NULL, "none"), ENOENT, "none");
	REFUSED(mapshare_session_program_fd(s, NULL), EINVAL, "is not loaded");
	REFUSED(mapshare_session_map_fd(s, "by_name_hits"), EINVAL, "is not loaded");
	REFUSED(mapshare_session_attach_tc(s, dev, NULL), EINVAL, "is not loaded");
	REFUSED(mapshare_session_attach_cgroup(s, cgroup, NULL), EINVAL, "is not loaded");
	REFUSED(mapshare_session_attach_link(s, NULL), EINVAL, "is not loaded");
	REFUSED(mapshare_session_pin(s, 0, "/sys/fs/bpf/x"), EINVAL,
		"not between load and commit");
	REFUSED(mapshare_session_commit(s), EINVAL, "the session is not loaded");
}

static void on_tc(struct mapshare_session *s)
{
	MAPSHARE_OPTS(mapshare_tc_opts, opts);

	REFUSED(mapshare_session_attach_tc(s, "nodev0", NULL), ENODEV,
		"device 'nodev0': No such device");
	opts.program = "none";
	REFUSED(mapshare_session_attach_tc(s, dev, &opts), ENOENT,
		"no program 'none' was loaded");
	opts.program = NULL;
	opts.hook = MAPSHARE_XDP;
	REFUSED(mapshare_session_attach_tc(s, dev, &opts), EINVAL, "hook is 2");
	opts.hook = MAPSHARE_INGRESS;
	opts.preference = 65536;
	REFUSED(mapshare_session_attach_tc(s, dev, &opts), EINVAL,
		"preference is 65536, more than 65535");
	opts.preference = 0;
	opts.replace = 1;
	REFUSED(mapshare_session_attach_tc(s, dev, &opts), EINVAL,
		"replace needs preference and handle");
	opts.preference = 7;
	REFUSED(mapshare_session_attach_tc(s, dev, &opts), EINVAL,
		"replace needs preference and handle");
}

static void on_cgroup(struct mapshare_session *s)
{
	MAPSHARE_OPTS(mapshare_cgroup_opts, opts);

	REFUSED(mapshare_session_attach_cgroup(s, cgroup, NULL), EINVAL,
		"its section 'tc' does not name an attach type of cgroups; set type");
	opts.program = "none";
	REFUSED(mapshare_session_attach_cgroup(s, cgroup, &opts), ENOENT,
		"no program 'none' was loaded");
	opts.program = "from_cgroup";
	REFUSED(mapshare_session_attach_cgroup(s, "/nowhere", &opts), ENOENT, "/nowhere");
	REFUSED(mapshare_session_attach_cgroup(s, "/", &opts), EBADF,
		"'/' is not a cgroup directory");
	opts.type = "upwards";
	REFUSED(mapshare_session_attach_cgroup(s, cgroup, &opts), EINVAL,
		"'upwards' is not an attach type of cgroups");
	opts.type = NULL;
	opts.mode = (enum mapshare_cgroup_mode)9;
	REFUSED(mapshare_session_attach_cgroup(s, cgroup, &opts), EINVAL,
		"mode is 9, which is unknown");
	opts.mode = MAPSHARE_LINK;
	REFUSED(mapshare_session_attach_cgroup(s, cgroup, &opts), EINVAL,
		"a link needs link_pin");
	opts.link_pin = "/tmp/link";
	REFUSED(mapshare_session_attach_cgroup(s, cgroup, &opts), EINVAL, "/tmp/link");
}

static void on_link(struct mapshare_session *s)
{
	MAPSHARE_OPTS(mapshare_link_opts, opts);

	/* A classifier is attached where it is said, not by its section. */
	REFUSED(mapshare_session_attach_link(s, NULL), EOPNOTSUPP, "from_classifier");
	opts.replace = 1;
	REFUSED(mapshare_session_attach_link(s, &opts), EINVAL,
		"replace needs dev and link_pin");
	opts.dev = dev;
	REFUSED(mapshare_session_attach_link(s, &opts), EINVAL, "replace needs link_pin");
	opts.replace = 0;
	opts.hook = (enum mapshare_hook)7;
	REFUSED(mapshare_session_attach_link(s, &opts), EINVAL,
		"hook is 7, which is unknown");
	opts.hook = MAPSHARE_INGRESS;
	opts.dev = "nodev0";
	REFUSED(mapshare_session_attach_link(s, &opts), ENODEV, "device 'nodev0'");
	opts.dev = dev;
	opts.order = (enum mapshare_order)9;
	REFUSED(mapshare_session_attach_link(s, &opts), EINVAL, "order is 9");
	opts.order = MAPSHARE_LAST;
	opts.beside_link = 1;
	REFUSED(mapshare_session_attach_link(s, &opts), EINVAL, "go with order");
	opts.order = MAPSHARE_AFTER;
	opts.beside_program = 1;
	REFUSED(mapshare_session_attach_link(s, &opts), EINVAL, "exclude each other");
	opts.beside_link = 0;
	opts.hook = MAPSHARE_XDP;
	REFUSED(mapshare_session_attach_link(s, &opts), EINVAL,
		"order is for the lists of tcx");
	opts.hook = MAPSHARE_INGRESS;
	opts.dev = NULL;
	REFUSED(mapshare_session_attach_link(s, &opts), EINVAL,
		"order is for the lists of tcx");
}

static void after_commit(struct mapshare_session *s, const char *bpffs)
{
	MAPSHARE_OPTS(mapshare_link_opts, opts);
	char pin[256];

	snprintf(pin, sizeof(pin), "%s/late", bpffs);
	opts.link_pin = pin;
	REFUSED(mapshare_session_commit(s), EINVAL, "it is committed already");
	REFUSED(mapshare_session_attach_tc(s, dev, NULL), EINVAL, "committed already");
	REFUSED(mapshare_session_attach_cgroup(s, cgroup, NULL), EINVAL,
		"committed already");
	REFUSED(mapshare_session_attach_link(s, &opts), EINVAL,
		"late': the session is committed");
	REFUSED(mapshare_session_pin(s, 0, pin), EINVAL, "not between load and commit");
}

static void sessions(struct mapshare_object *obj, const char *bpffs)
{
	struct mapshare_session *s;
	char pin[256];

	DONE(mapshare_session_new(obj, &s));
	before_load(s);
	DONE(mapshare_session_select(s, NULL, "from_classifier"));
	DONE(mapshare_session_select(s, NULL, "from_cgroup"));
	DONE(mapshare_session_load(s));
	REFUSED(mapshare_session_load(s), EBUSY, "a session loads once");
	REFUSED(mapshare_session_select(s, NULL, "from_cgroup"), EBUSY, "loaded already");
	REFUSED(mapshare_session_set_type(s, NULL, 3, 0), EBUSY, "loaded already");
	REFUSED(mapshare_session_program_fd(s, "none"), ENOENT, "no program 'none'");
	REFUSED(mapshare_session_map_fd(s, "none"), ENOENT, "has no map 'none'");
	on_tc(s);
	on_cgroup(s);
	on_link(s);
	snprintf(pin, sizeof(pin), "%s/tc/globals/a_program", bpffs);
	REFUSED(mapshare_session_pin(s, mapshare_session_program_fd(s, NULL), pin),
		EEXIST, "a_program");
	REFUSED(mapshare_session_pin(s, mapshare_session_program_fd(s, NULL), "/tmp/pin"),
		EINVAL, "/tmp/pin");
	DONE(mapshare_session_commit(s));
	after_commit(s, bpffs);
}

/* --- what is there, and files ------------------------------------------------------------ */

static void checks(void)
{
	MAPSHARE_OPTS(mapshare_check_opts, opts);
	MAPSHARE_OPTS(mapshare_user_info, user);
	const char *devs[] = {"nodev0", NULL}, *cgroups[] = {"/nowhere", NULL};
	struct mapshare_check *c;

	REFUSED(mapshare_check_new(ms, "none", NULL, &c), ENOENT, "no map named 'none'");
	opts.devs = devs;
	REFUSED(mapshare_check_new(ms, "by_name_hits", &opts, &c), ENODEV, "nodev0");
	opts.devs = NULL;
	opts.cgroups = cgroups;
	REFUSED(mapshare_check_new(ms, "by_name_hits", &opts, &c), ENOENT, "/nowhere");
	DONE(mapshare_check_new(ms, "by_name_hits", NULL, &c));
	REFUSED(mapshare_check_user(c, 99, &user), ENOENT, "the check found ");
}

static void files(const char *dir)
{
	MAPSHARE_OPTS(mapshare_apply_opts, opts);
	MAPSHARE_OPTS(mapshare_step_info, step);
	struct mapshare_apply *a;
	char path[256];

	REFUSED(mapshare_apply_open(ms, "/nowhere.yaml", NULL, &a), ENOENT,
		"/nowhere.yaml");
	snprintf(path, sizeof(path), "%s/files", dir);
	REFUSED(mapshare_apply_open(ms, path, NULL, &a), EINVAL,
		"has 2 files; open them one by one");
	snprintf(path, sizeof(path), "%s/file.yaml", dir);
	opts.state_dir = dir;
	DONE(mapshare_apply_open(ms, path, &opts, &a));
	REFUSED(mapshare_apply_step(a, 0, &step), ENOENT, "there are 0 steps");
	REFUSED(mapshare_follow_step(a), EINVAL, "it is not followed");
	if (mapshare_follow_fd(a) != -EINVAL || mapshare_apply_in_sync(a)) {
		wrong = 1;
		printf("a file that was not run has a descriptor, or is in sync\n");
	}
	mapshare_follow_close(a);
	DONE(mapshare_follow_open(a));
	REFUSED(mapshare_follow_open(a), EINVAL, "it is followed already");
	mapshare_apply_free(a);
}

static void migrations(const char *bpffs)
{
	const char *none[] = {NULL}, *objects[] = {object_path, NULL};
	struct mapshare_migrate_info info = {.size = 3};
	MAPSHARE_OPTS(mapshare_migrate_opts, opts);
	char pin[256];

	snprintf(pin, sizeof(pin), "%s/tc/globals/by_name_hits", bpffs);
	REFUSED(mapshare_migrate(ms, pin, none, NULL, NULL), EINVAL,
		"no object is named");
	REFUSED(mapshare_migrate(ms, pin, NULL, NULL, NULL), EINVAL,
		"no object is named");
	REFUSED(mapshare_migrate(ms, pin, objects, NULL, &info), EINVAL, "size is 3");
	REFUSED(mapshare_migrate(ms, "/nowhere", objects, NULL, NULL), ENOENT,
		"/nowhere");
	opts.map = "none";
	REFUSED(mapshare_migrate(ms, pin, objects, &opts, NULL), ENOENT,
		"has no map 'none'");
}

/* --- where maps come from --------------------------------------------------------------- */

/* Of the first map, which is pinned by name, and the second, which is not. */
static void states_are_at(int line, struct mapshare_object *obj,
			  enum mapshare_map_state first, enum mapshare_map_state second)
{
	MAPSHARE_OPTS(mapshare_map_info, a);
	MAPSHARE_OPTS(mapshare_map_info, b);

	DONE(mapshare_object_plan(obj));
	DONE(mapshare_object_map(obj, 0, &a));
	DONE(mapshare_object_map(obj, 1, &b));
	if (a.state == first && b.state == second)
		return;
	wrong = 1;
	printf("line %d: maps are in states %d and %d\n", line, (int)a.state,
	       (int)b.state);
}

#define STATES(first, second) \
	states_are_at(__LINE__, obj, MAPSHARE_MAP_##first, MAPSHARE_MAP_##second)

/* By now there is the pin of the first. What is said last of a map counts. */
static void where_maps_come_from(void)
{
	struct mapshare_object *obj;
	int fd = mapshare_map_open(ms, "by_name_hits");

	DONE(fd);
	DONE(mapshare_object_open(ms, object_path, NULL, &obj));
	STATES(REUSE, PRIVATE);
	DONE(mapshare_object_use_map(obj, "by_name_private_hits", fd));
	STATES(REUSE, GIVEN);
	DONE(mapshare_object_use_map(obj, "by_name_private_hits", fd));
	DONE(mapshare_object_use_map(obj, "by_name_hits", fd));
	STATES(GIVEN, GIVEN);
	DONE(mapshare_object_share_map(obj, "by_name_private_hits", 1));
	DONE(mapshare_object_share_map(obj, "by_name_hits", 0));
	STATES(PRIVATE, CREATE);
	DONE(mapshare_object_share_map(obj, "by_name_private_hits", 0));
	DONE(mapshare_object_share_map(obj, "by_name_hits", 1));
	STATES(REUSE, PRIVATE);
	close(fd);
	mapshare_object_free(obj);
	if (!*mapshare_version()) {
		wrong = 1;
		printf("the version is empty\n");
	}
}

int main(int argc, char **argv)
{
	MAPSHARE_OPTS(mapshare_opts, opts);
	struct mapshare_object *obj;

	if (argc != 6)
		return 2;
	object_path = argv[1];
	dev = argv[2];
	cgroup = argv[3];
	opts.bpffs = argv[4];
	contexts();
	if (mapshare_new(&ms, &opts) < 0)
		return 2;
	maps(argv[4]);
	DONE(mapshare_object_open(ms, object_path, NULL, &obj));
	objects(obj);
	sessions(obj, argv[4]);
	checks();
	files(argv[5]);
	migrations(argv[4]);
	where_maps_come_from();
	mapshare_free(ms);
	return wrong;
}
