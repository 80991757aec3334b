/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/alloc.h"
#include "graph/cgroup_origin.h"

/* A cgroup takes part if it is the nearest one with programs, or multi. */
static bool takes_part(const struct cgroup_level *levels, size_t at)
{
	if (levels[at].multi)
		return true;
	for (size_t i = 0; i < at; i++)
		if (levels[i].nr)
			return false;
	return true;
}

/*
 * Tries the border: effective[border..] holds normal entries, leaf to root; what a list
 * has beyond them must make up effective[0..border], root to leaf. rest has room for the
 * levels' ids.
 */
static bool cgroup_origin_fits(const struct cgroup_level *levels, size_t nr_levels,
			       const uint32_t *effective, size_t nr, size_t border,
			       int *ret, bool *normal)
{
	size_t at = border, seen = 0;

	for (size_t l = 0; l < nr_levels; l++) {
		if (!takes_part(levels, l))
			continue;
		for (size_t i = 0; i < levels[l].nr; i++, seen++) {
			normal[seen] = at < nr && effective[at] == levels[l].ids[i];
			if (normal[seen])
				ret[at++] = (int)l;
		}
	}
	if (at != nr)
		return false;
	at = 0;
	for (size_t l = nr_levels; l-- > 0;) {
		if (!takes_part(levels, l))
			continue;
		seen -= levels[l].nr;
		for (size_t i = 0; i < levels[l].nr; i++) {
			if (normal[seen + i])
				continue;
			if (at == border || effective[at] != levels[l].ids[i])
				return false;
			ret[at++] = (int)l;
		}
	}
	return at == border;
}

static int any_level(const struct cgroup_level *levels, size_t nr_levels, uint32_t id)
{
	for (size_t l = 0; l < nr_levels; l++)
		for (size_t i = 0; i < levels[l].nr; i++)
			if (levels[l].ids[i] == id)
				return (int)l;
	return -1;
}

void cgroup_origin(const struct cgroup_level *levels, size_t nr_levels,
		   const uint32_t *effective, size_t nr, int *ret)
{
	auto_free bool *normal = NULL;
	size_t all = 0;

	for (size_t l = 0; l < nr_levels; l++)
		all += levels[l].nr;
	normal = xcalloc(all + 1, sizeof(*normal));
	for (size_t border = 0; border <= nr; border++)
		if (cgroup_origin_fits(levels, nr_levels, effective, nr, border, ret,
				       normal))
			return;
	for (size_t i = 0; i < nr; i++)
		ret[i] = any_level(levels, nr_levels, effective[i]);
}
