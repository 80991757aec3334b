/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * replay_NOUN PATH…: a fuzz target run once over each file there, without libFuzzer: for what
 * reproduces a failure under a debugger, and to measure what a corpus reaches (coverage.sh).
 */
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long replayed;

static int replay(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	auto_free unsigned char *bytes = NULL;
	auto_file FILE *file = NULL;

	(void)walk;
	if (kind != FTW_F)
		return 0;
	bytes = xcalloc(1, (size_t)st->st_size + 1);
	file = fopen(path, "re");
	if (!file || fread(bytes, 1, (size_t)st->st_size, file) != (size_t)st->st_size) {
		fprintf(stderr, "replay: %s: cannot be read\n", path);
		return 1;
	}
	LLVMFuzzerTestOneInput(bytes, (size_t)st->st_size);
	replayed++;
	return 0;
}

int main(int argc, char **argv)
{
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		if (nftw(argv[i], replay, 16, FTW_PHYS))
			return 1;
	printf("%lu inputs\n", replayed);
	return 0;
}
