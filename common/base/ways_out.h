/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ways out that many refusals end in: what lists what there is. Maps are listed by both tools,
 * programs by cgroup_loader alone, which therefore stands in theirs.
 */
#ifndef BASE_WAYS_OUT_H
#define BASE_WAYS_OUT_H

#define MAP_LISTS  "'map show' lists the maps there are"
#define MAP_PINS   "'share show' lists maps with their pins"
#define PROG_LISTS "'cgroup_loader prog show' lists the programs there are"
#define PROG_PINS  "'cgroup_loader -f prog show' lists programs with their pins"

#endif
