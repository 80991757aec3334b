/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A map migrated through libmapshare, by a program that knows its headers and nothing else:
 *
 *	library_migrate plan|run PIN OBJECT [MEMBER=POLICY]
 */
#include <inttypes.h>
#include <mapshare_migrate.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	MAPSHARE_OPTS(mapshare_migrate_opts, opts);
	MAPSHARE_OPTS(mapshare_migrate_info, info);
	MAPSHARE_OPTS(mapshare_opts, how);
	const char *objects[] = {argc > 3 ? argv[3] : NULL, NULL};
	const char *merge[] = {argc > 4 ? argv[4] : NULL, NULL};
	struct mapshare *ms;
	int r;

	if (argc < 4 || mapshare_new(&ms, &how) < 0)
		return 2;
	if (strcmp(argv[1], "plan") == 0)
		opts.flags = MAPSHARE_MIGRATE_PLAN;
	opts.merge = merge;
	r = mapshare_migrate(ms, argv[2], objects, &opts, &info);
	if (r < 0)
		printf("error %d: %s\n", -r, mapshare_strerror(ms));
	else
		printf("%" PRIu32 " %" PRIu32 " same %d elements %" PRIu64
		       " replaced %" PRIu32 "\n",
		       info.old_id, info.new_id, info.same, info.elements,
		       info.programs_replaced);
	mapshare_free(ms);
	return r < 0;
}
