/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Variables bpf_metadata_... of a section of constants, each a text in JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "base/strbuf.h"
#include "btf_types.h"
#include "view/btf_json.h"
#include "view/btf_metadata.h"

enum { SIZE = 16 };

/* "key=value ..." of the one variable beside a good one. */
static void pairs_are(const struct btf_types *t, int var, uint32_t offset, uint32_t size,
		      const char *want)
{
	static const char bytes[SIZE] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2};
	struct metadata m = {.nr = 0};
	auto_strbuf text = STRBUF_INIT;
	int good = btf__add_var(t->btf, "bpf_metadata_last", BTF_VAR_STATIC, t->u32);
	int section = btf__add_datasec(t->btf, ".rodata", SIZE);

	btf__add_datasec_var_info(t->btf, var, offset, size);
	btf__add_datasec_var_info(t->btf, good, 12, 4);
	metadata_add(&m, t->btf, (uint32_t)section, bytes, SIZE);
	for (size_t i = 0; i < m.nr; i++) {
		sb_add_sep(&text, " ", m.pairs[i].key);
		sb_addf(&text, "=%s", m.pairs[i].value);
	}
	metadata_release(&m);
	assert_string_equal(sb_text(&text), want);
}

static void variables_by_their_names(void **state)
{
	const struct btf_types *t = *state;
	int count = btf__add_var(t->btf, "bpf_metadata_n", BTF_VAR_STATIC, t->u8);
	int other = btf__add_var(t->btf, "bpf_meta_n", BTF_VAR_STATIC, t->u8);
	int odd = btf__add_var(t->btf, "bpf_metadata_odd", BTF_VAR_STATIC, 9999);
	int lost = btf__add_var(t->btf, "bpf_metadata_lost", BTF_VAR_STATIC, t->u8);
	int wide = btf__add_var(t->btf, "bpf_metadata_wide", BTF_VAR_STATIC, t->u64);

	((struct btf_type *)btf__type_by_id(t->btf, (uint32_t)lost))->name_off =
		INT32_MAX;
	pairs_are(t, count, 0, 1, "n=1 last=33686018");
	pairs_are(t, wide, 0, 8, "wide=72340172838076673 last=33686018");
	pairs_are(t, other, 0, 1, "last=33686018");
	pairs_are(t, lost, 0, 1, "last=33686018");
	pairs_are(t, 9999, 0, 1, "last=33686018");
	/* Of a type that has no values, or of more bytes than there are. */
	pairs_are(t, odd, 0, 1, "last=33686018");
	pairs_are(t, wide, 0, 4, "last=33686018");
	pairs_are(t, count, 15, 1, "n=2 last=33686018");
	pairs_are(t, count, 15, 2, "last=33686018");
	pairs_are(t, count, 16, 1, "last=33686018");
	pairs_are(t, count, UINT32_MAX, 1, "last=33686018");
	pairs_are(t, count, 0, UINT32_MAX, "last=33686018");
}

static void sections_alone_have_some(void **state)
{
	const struct btf_types *t = *state;
	const int types[] = {9999, t->u32, t->flow};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct metadata m = {.nr = 0};

		metadata_add(&m, t->btf, (uint32_t)types[i], "", 0);
		assert_int_equal(m.nr, 0);
	}
	assert_null(btf_json_text(t->btf, 9999, "", 1));
	assert_null(btf_json_text(t->btf, (uint32_t)t->u32, "abc", 3));
}

int main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, btf_types_setup, btf_types_teardown)
	const struct CMUnitTest tests[] = {
		CASE(variables_by_their_names),
		CASE(sections_alone_have_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
