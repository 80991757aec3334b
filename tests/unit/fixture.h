/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * BPF objects that the makefile has built, as bytes. Without clang there are none; a test
 * that needs one is skipped then (probe: fixtures).
 */
#ifndef UNIT_FIXTURE_H
#define UNIT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "skip.h"

struct fixture {
	unsigned char *bytes;
	size_t size;
};

static inline void fixture_release(struct fixture *f)
{
	free(f->bytes);
}

#define auto_fixture auto_release(fixture_release) struct fixture

/* name: "tests/fixtures/elf36.nog.o" */
static inline struct fixture fixture_load(const char *name)
{
	const char *build = getenv("MAPSHARE_BUILD");
	auto_free char *path = xasprintf("%s/%s", build ? build : "build", name);
	auto_file FILE *file = fopen(path, "re");
	struct fixture f = {.size = 0};

	if (!file)
		skip_for("fixtures", path);
	f.bytes = xcalloc(1, 1 << 20);
	f.size = fread(f.bytes, 1, 1 << 20, file);
	assert_int_equal(ferror(file), 0);
	return f;
}

#endif
