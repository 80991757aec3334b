/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* embed OBJECT DEV: joins the map of the classifier on DEV from XDP, and proves it. */
#include <stdio.h>
#include <mapshare.h>

int main(int argc, char **argv)
{
	MAPSHARE_OPTS(mapshare_link_opts, link);
	MAPSHARE_OPTS(mapshare_check_opts, where);
	const char *devs[] = {argc == 3 ? argv[2] : NULL, NULL};
	struct mapshare *ms = NULL;
	struct mapshare_object *object;
	struct mapshare_session *session;
	struct mapshare_check *check;
	int shared = 0;

	if (argc != 3 || mapshare_new(&ms, NULL) < 0)
		return 2;
	link.dev = argv[2];
	link.hook = MAPSHARE_XDP;
	where.devs = devs;
	if (mapshare_object_open(ms, argv[1], NULL, &object) < 0 ||
	    mapshare_session_new(object, &session) < 0 ||
	    mapshare_session_select(session, "xdp", NULL) < 0 ||
	    mapshare_session_load(session) < 0 ||
	    mapshare_session_attach_link(session, &link) < 0 ||
	    mapshare_session_commit(session) < 0 ||
	    mapshare_check_new(ms, "frames", &where, &check) < 0) {
		fprintf(stderr, "embed: %s\n", mapshare_strerror(ms));
	} else {
		fputs(mapshare_check_text(check), stdout);
		shared = mapshare_check_verdict(check) == MAPSHARE_SHARED;
	}
	mapshare_free(ms);
	return shared ? 0 : 1;
}
