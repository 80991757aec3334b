/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel and libbpf say of objects that lack something, and the way out of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "load/load_hints.h"

static void what_is_said_has_a_way_out(void **state)
{
	static const struct {
		const char *said, *way;
	} lines[] = {
		{"LD_ABS is only allowed in functions that return 'int'.\n",
		 "function declared as int"},
		{"map 'm' has to have BTF in order to use bpf_spin_lock\n",
		 "BPF_ANNOTATE_KV_PAIR"},
		{"missing btf func_info\n", "the functions' BTF"},
		{"missing btf\n", "the program needs BTF"},
		{"libbpf: prog 'f': bad map relo against 'm' in section '.data'\n",
		 "points at no map definition"},
		{"libbpf: prog 'f': insn #3 relocation to sub-program 'g' failed\n",
		 "without stripping symbols"},
		{"libbpf: no .text section found yet sub-program call exists\n",
		 "without a section of their own"},
		{"cannot call GPL-restricted function from non-GPL compatible program\n",
		 "char license[]"},
		{"BPF map 'x.rodata' is referenced but wasn't created\n", "run it again"},
		{"cannot call GPL only function from proprietary program\n",
		 "char license[]"},
	};

	(void)state;
	for (size_t i = 0; i < array_size(lines); i++) {
		const char *hint = load_hint(lines[i].said);

		assert_non_null(hint);
		if (!strstr(hint, lines[i].way))
			fail_msg("'%s' has the hint '%s'", lines[i].said, hint);
	}
	assert_null(load_hint("R1 type=ctx expected=fp\n"));
	assert_null(load_hint(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_has_a_way_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
