/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <dlfcn.h>
#include <stdlib.h>

#include "base/log.h"
#include "view/smartcols.h"

/* What a program that was linked to it would ask for: the soname says that it fits. */
static const char soname[] = "libsmartcols.so.1";

static void *smartcols_find(void *library, const char *name)
{
	void *function = library ? dlsym(library, name) : NULL;

	if (function)
		return function;
	log_warn(
		"tables are drawn by libsmartcols, which cannot be loaded (%s): install it, or ask for JSON with -j",
		dlerror());
	exit(1);
}

const struct smartcols *smartcols(void)
{
	static struct smartcols found; /* never changes once it is complete */
	void *library;

	if (found.print_table_to_string)
		return &found;
	library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
#define SMARTCOLS_FIND(name) found.name = smartcols_find(library, "scols_" #name);
	SMARTCOLS_EACH(SMARTCOLS_FIND)
#undef SMARTCOLS_FIND
	return &found;
}
