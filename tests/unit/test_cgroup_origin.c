/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "graph/cgroup_origin.h"

enum { MOST = 16 };

#define IDS(...) ((const uint32_t[]){__VA_ARGS__})
#define LEVEL(is_multi, ...)                                                 \
	{                                                                    \
		.ids = IDS(__VA_ARGS__), .nr = array_size(IDS(__VA_ARGS__)), \
		.multi = (is_multi)                                          \
	}
#define CHECK(levels, ids, ...)                                 \
	check(levels, array_size(levels), ids, array_size(ids), \
	      (const int[]){__VA_ARGS__}, array_size(((const int[]){__VA_ARGS__})))

static void check(const struct cgroup_level *levels, size_t nr_levels,
		  const uint32_t *effective, size_t nr, const int *want, size_t nr_want)
{
	int got[MOST];

	assert_int_equal(nr, nr_want);
	assert_true(nr <= MOST);
	cgroup_origin(levels, nr_levels, effective, nr, got);
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(got[i], want[i]);
}

static void leaf_runs_first_then_its_ancestors(void **state)
{
	const struct cgroup_level levels[] = {LEVEL(false, 4), LEVEL(true, 2, 3),
					      LEVEL(true, 0, 1)};

	(void)state;
	CHECK(levels, IDS(4, 2, 3, 0, 1), 0, 1, 1, 2, 2);
}

static void one_program_in_two_cgroups_is_two_entries(void **state)
{
	const struct cgroup_level levels[] = {LEVEL(true, 7), LEVEL(true, 7, 8),
					      LEVEL(true, 7)};

	(void)state;
	CHECK(levels, IDS(7, 7, 8, 7), 0, 1, 1, 2);
}

static void an_exclusive_ancestor_gives_way(void **state)
{
	const struct cgroup_level levels[] = {LEVEL(false, 5), LEVEL(false, 5)};
	const struct cgroup_level empty[] = {{.nr = 0}, LEVEL(false, 5)};

	(void)state;
	CHECK(levels, IDS(5), 0);
	CHECK(empty, IDS(5), 1);
}

/* Measured on Linux 6.18: c1(P0 pre, P1, P2 pre) above c2(P3, P4 pre, P5 pre). */
static void preorder_runs_from_root_to_leaf(void **state)
{
	const struct cgroup_level levels[] = {LEVEL(true, 3, 4, 5), LEVEL(true, 0, 1, 2)};

	(void)state;
	CHECK(levels, IDS(0, 2, 4, 5, 3, 1), 1, 1, 0, 0, 0, 1);
}

/* Its number alone does not tell which cgroup an entry is of. */
static void entries_of_one_program_are_told_apart(void **state)
{
	/* Above, it has preorder. */
	const struct cgroup_level before[] = {LEVEL(true, 7, 4), LEVEL(true, 7, 1)};
	const struct cgroup_level below_empty[] = {
		{.nr = 0}, LEVEL(false, 5), LEVEL(true, 5)};
	const struct cgroup_level above[] = {LEVEL(false, 5), LEVEL(false, 5),
					     LEVEL(true, 5)};

	(void)state;
	CHECK(before, IDS(7, 7, 4, 1), 1, 0, 0, 1);
	CHECK(below_empty, IDS(5, 5), 1, 2);
	CHECK(above, IDS(5, 5), 0, 2);
}

static void lists_that_changed_meanwhile_are_guessed(void **state)
{
	const struct cgroup_level levels[] = {LEVEL(true, 1, 2), LEVEL(true, 3)};

	(void)state;
	CHECK(levels, IDS(3, 9), 1, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaf_runs_first_then_its_ancestors),
		cmocka_unit_test(one_program_in_two_cgroups_is_two_entries),
		cmocka_unit_test(an_exclusive_ancestor_gives_way),
		cmocka_unit_test(preorder_runs_from_root_to_leaf),
		cmocka_unit_test(entries_of_one_program_are_told_apart),
		cmocka_unit_test(lists_that_changed_meanwhile_are_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
