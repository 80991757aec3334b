/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a plan decides without asking the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "load/apply_plan.h"

/* bpffs takes no dots, and two names must not become one directory. */
static void each_name_has_a_directory(void **state)
{
	static const char *const names[][2] = {
		{"acct", "/sys/fs/bpf/mapshare/acct"},
		{"acct-1.x_Y", "/sys/fs/bpf/mapshare/acct-1%2ex_Y"},
		{"..", "/sys/fs/bpf/mapshare/%2e%2e"},
		{"a%2eb", "/sys/fs/bpf/mapshare/a%252eb"},
	};

	(void)state;
	unsetenv("TC_BPF_MNT");
	for (size_t i = 0; i < array_size(names); i++) {
		auto_free char *dir = apply_plan_pin_dir(names[i][0]);

		assert_string_equal(dir, names[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_has_a_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
