/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel says of a link whose target is gone, by its type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/link_fd.h"

static bool dead(uint32_t type, struct link_fd_info info)
{
	info.type = type;
	return link_fd_is_dead(&info);
}

static void a_link_without_its_target_is_dead(void **state)
{
	const struct link_fd_info none = {.id = 1, .prog_id = 2};
	/* What tells of another type is not looked at. */
	const struct link_fd_info cgroup = {.cgroup_id = 1}, netns = {.netns_ino = 1},
				  map = {.map_id = 1}, dev = {.ifindex = 1};
	static const uint32_t of_dev[] = {LINK_FD_XDP, LINK_FD_TCX, LINK_FD_NETKIT};

	(void)state;
	assert_true(dead(LINK_FD_CGROUP, none) && dead(LINK_FD_CGROUP, dev));
	assert_false(dead(LINK_FD_CGROUP, cgroup));
	assert_true(dead(LINK_FD_NETNS, none) && dead(LINK_FD_NETNS, cgroup));
	assert_false(dead(LINK_FD_NETNS, netns));
	assert_true(dead(LINK_FD_SOCKMAP, none) && dead(LINK_FD_SOCKMAP, netns));
	assert_false(dead(LINK_FD_SOCKMAP, map));
	for (size_t i = 0; i < sizeof(of_dev) / sizeof(*of_dev); i++) {
		assert_true(dead(of_dev[i], none) && dead(of_dev[i], map));
		assert_false(dead(of_dev[i], dev));
	}
}

/* Of these no target is known, or they have none. */
static void a_link_of_another_type_is_never_dead(void **state)
{
	static const uint32_t types[] = {
		LINK_FD_RAW_TRACEPOINT, LINK_FD_TRACING,    LINK_FD_ITER,
		LINK_FD_PERF_EVENT,     LINK_FD_STRUCT_OPS, LINK_FD_NETFILTER,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		assert_false(dead(types[i], (struct link_fd_info){.id = 1}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_without_its_target_is_dead),
		cmocka_unit_test(a_link_of_another_type_is_never_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
