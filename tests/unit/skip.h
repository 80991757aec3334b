/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef UNIT_SKIP_H
#define UNIT_SKIP_H

/*
 * A test that cannot be made here says which probe is missing, as t_skip does for shell tests.
 * tests/run.sh fails on a skip unless MAPSHARE_EXPECT_SKIP names its probe; a bare skip()
 * would go unseen, and tests/lint/tests_listed.sh refuses it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static inline void skip_for(const char *probe, const char *why)
{
	const char *path = getenv("LIB_SKIP_FILE");
	FILE *file = path ? fopen(path, "ae") : NULL;

	print_message("SKIP %s: %s\n", probe, why);
	if (file) {
		fprintf(file, "%s: %s\n", probe, why);
		fclose(file);
	}
	skip();
}

#endif
