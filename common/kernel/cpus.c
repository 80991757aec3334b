/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/bpf_token.h"
#include "kernel/cpus.h"

/* Eight times the largest CONFIG_NR_CPUS there is (8192: x86 with MAXSMP). */
enum { CPUS_MOST = 65536 };

/*
 * A lookup in a per-CPU array writes a word for each possible CPU: those that are written
 * to are counted. The C library knows no such number; without /sys it counts the online
 * ones. Needs the privilege to create a map.
 */
static unsigned int cpus_from_lookup(void)
{
	static const struct bpf_map_create_opts plain = {.sz = sizeof(plain)};
	auto_close int fd =
		bpf_token_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "", sizeof(uint32_t),
				     sizeof(uint64_t), 1, &plain);
	auto_free uint64_t *words = NULL;
	unsigned int nr = 0;

	if (fd < 0)
		return 0;
	words = xcalloc(CPUS_MOST, sizeof(*words));
	memset(words, 0xff, CPUS_MOST * sizeof(*words));
	if (bpf_map_lookup_elem(fd, &(uint32_t){0}, words) < 0)
		return 0;
	while (nr < CPUS_MOST && words[nr] == 0)
		nr++;
	return nr;
}

unsigned int possible_cpus(void)
{
	static unsigned int counted; /* never changes while a kernel runs */
	int nr = libbpf_num_possible_cpus();

	if (nr > 0)
		return (unsigned int)nr;
	if (counted == 0)
		counted = cpus_from_lookup();
	return counted;
}
