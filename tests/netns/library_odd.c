/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Odd ways to use the library, for library_odd.sh:
 *	library_odd sizes OBJECT	structs that are smaller and larger than this library's
 *	library_odd fork OBJECT DEV	a child frees what the parent has not committed
 * Prints what is wrong, and ends with 1 then.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mapshare.h>

static int wrong;

#define IS(got, want)                                                               \
	do {                                                                        \
		long is = (got);                                                    \
		if (is != (want) && ++wrong)                                        \
			printf("line %d: %s is %ld, not %ld\n", __LINE__, #got, is, \
			       (long)(want));                                       \
	} while (0)

/* Whatever version of a struct the caller has: room behind ours, of which size is said. */
union wide {
	size_t size;
	struct mapshare_opts context;
	struct mapshare_object_opts object;
	struct mapshare_tc_opts tc;
	struct mapshare_cgroup_opts cgroup;
	struct mapshare_link_opts link;
	struct mapshare_check_opts check;
	struct mapshare_map_info map;
	char bytes[512];
};

static void reset(union wide *w, size_t size)
{
	memset(w, 0, sizeof(*w));
	w->size = size;
}

static int new_context(void *unused, union wide *w)
{
	struct mapshare *ms;
	int r = mapshare_new(&ms, &w->context);

	(void)unused;
	if (r == 0)
		mapshare_free(ms);
	return r;
}

static int open_object(void *ctx, union wide *w)
{
	struct mapshare_object *obj;
	void **args = ctx;
	int r = mapshare_object_open(args[0], args[1], &w->object, &obj);

	if (r == 0)
		mapshare_object_free(obj);
	return r;
}

/* Not loaded: past its options each is refused all the same, in other words. */
static int attach(void *ctx, union wide *w, int how)
{
	void **args = ctx;
	int r = how == 0   ? mapshare_session_attach_tc(args[2], "lo", &w->tc)
		: how == 1 ? mapshare_session_attach_cgroup(args[2], "/", &w->cgroup)
			   : mapshare_session_attach_link(args[2], &w->link);

	if (r != -EINVAL)
		return r;
	return strstr(mapshare_strerror(args[0]), "is not loaded") ? 0 : r;
}

static int attach_tc(void *ctx, union wide *w)
{
	return attach(ctx, w, 0);
}

static int attach_cgroup(void *ctx, union wide *w)
{
	return attach(ctx, w, 1);
}

static int attach_link(void *ctx, union wide *w)
{
	return attach(ctx, w, 2);
}

static int check(void *ctx, union wide *w)
{
	struct mapshare_check *c;
	void **args = ctx;
	int r = mapshare_check_new(args[0], "no_such_map", &w->check, &c);

	return r == -ENOENT ? 0 : r;
}

static void options(void *ctx, size_t known, int (*use)(void *ctx, union wide *w))
{
	union wide w;

	for (size_t size = 0; size <= sizeof(w); size++) {
		bool whole = size && size % sizeof(size_t) == 0;

		/* A check looks at the whole machine. */
		if (whole && size != sizeof(size_t) && size != known &&
		    size != known + sizeof(size_t))
			continue;
		reset(&w, size);
		IS(use(ctx, &w), whole ? 0 : -EINVAL);
		if (size <= known || !whole)
			continue;
		w.bytes[size - 1] = 1;
		IS(use(ctx, &w), -EINVAL);
		w.bytes[size - 1] = 0;
		w.bytes[known] = 1;
		IS(use(ctx, &w), -EINVAL);
	}
}

static void answers(struct mapshare_object *obj)
{
	union wide w;

	for (size_t size = 0; size <= sizeof(w); size++) {
		size_t end = 0;

		memset(&w, 0xee, sizeof(w));
		w.size = size;
		IS(mapshare_object_map(obj, 0, &w.map),
		   size && size % sizeof(size_t) == 0 ? 0 : -EINVAL);
		IS(w.size, (long)size);
		for (size_t i = sizeof(size_t); i < sizeof(w); i++)
			if ((unsigned char)w.bytes[i] != 0xee)
				end = i + 1;
		if (end > size && end > sizeof(size_t) && ++wrong)
			printf("size %zu: written to byte %zu\n", size, end);
	}
}

static int sizes(char **argv)
{
	void *args[] = {NULL, argv[0], NULL};
	struct mapshare_object *obj;
	struct mapshare_session *s;
	struct mapshare *ms;

	if (mapshare_new(&ms, NULL) < 0 ||
	    mapshare_object_open(ms, argv[0], NULL, &obj) < 0 ||
	    mapshare_session_new(obj, &s) < 0)
		return 2;
	args[0] = ms;
	args[2] = s;
	options(NULL, sizeof(struct mapshare_opts), new_context);
	options(args, sizeof(struct mapshare_object_opts), open_object);
	options(args, sizeof(struct mapshare_tc_opts), attach_tc);
	options(args, sizeof(struct mapshare_cgroup_opts), attach_cgroup);
	options(args, sizeof(struct mapshare_link_opts), attach_link);
	options(args, sizeof(struct mapshare_check_opts), check);
	answers(obj);
	mapshare_free(ms);
	return wrong != 0;
}

static int forks(char **argv)
{
	struct mapshare_object *obj;
	struct mapshare_session *s;
	struct mapshare *ms;
	int status, r;
	pid_t pid;

	if (mapshare_new(&ms, NULL) < 0 ||
	    mapshare_object_open(ms, argv[0], NULL, &obj) < 0 ||
	    mapshare_session_new(obj, &s) < 0 ||
	    mapshare_session_select(s, NULL, argv[2]) < 0 ||
	    mapshare_session_load(s) < 0 ||
	    mapshare_session_attach_tc(s, argv[1], NULL) < 0) {
		puts(ms ? mapshare_strerror(ms) : "");
		return 2;
	}
	pid = fork();
	if (pid == 0) {
		mapshare_free(ms);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		return 2;
	r = mapshare_session_commit(s);
	IS(r, 0);
	mapshare_free(ms);
	return wrong != 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "sizes") == 0)
		return sizes(argv + 2);
	return argc == 5 && strcmp(argv[1], "fork") == 0 ? forks(argv + 2) : 2;
}
