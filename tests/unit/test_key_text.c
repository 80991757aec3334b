/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "view/key_text.h"

static void keys_of_btf(void **state)
{
	struct btf *btf = btf__new_empty();
	int u32 = btf__add_int(btf, "unsigned int", 4, 0);
	int ch = btf__add_int(btf, "char", 1, BTF_INT_SIGNED);
	int name = btf__add_array(btf, u32, ch, 8);
	int mode = btf__add_enum(btf, "mode", 4);
	struct key_text *text;
	struct {
		uint32_t port;
		char name[8];
		uint32_t mode;
	} key = {.port = 1000000000, .name = "eth0.5", .mode = 1};
	int s;

	(void)state;
	btf__add_enum_value(btf, "BUSY", 1);
	s = btf__add_struct(btf, "key", 16);
	btf__add_field(btf, "port", u32, 0, 0);
	btf__add_field(btf, "name", name, 32, 0);
	btf__add_field(btf, "mode", mode, 96, 0);
	text = key_text_new(btf, (uint32_t)s, sizeof(key));
	assert_string_equal(key_text_get(text, &key),
			    "{port:1000000000,name:eth0.5,mode:BUSY}");
	/* Shorter than the one before, and what needs its quotes. */
	key.port = 1;
	strcpy(key.name, "a\"} b");
	assert_string_equal(key_text_get(text, &key),
			    "{port:1,name:\"a\\\"} b\",mode:BUSY}");
	strcpy(key.name, "");
	key.mode = 9;
	assert_string_equal(key_text_get(text, &key), "{port:1,name:\"\",mode:9}");
	key_text_freep(&text);

	text = key_text_new(btf, (uint32_t)u32, 4);
	assert_string_equal(key_text_get(text, &(uint32_t){5}), "5");
	assert_string_equal(key_text_get(text, "\xff\xff\xff\xff"), "4294967295");
	assert_string_equal(key_text_get(text, &(uint32_t){6}), "6");
	key_text_freep(&text);
	btf__free(btf);
}

static void keys_of_bytes(void **state)
{
	struct key_text *text = key_text_new(NULL, 0, 3);

	(void)state;
	assert_string_equal(key_text_get(text, "\1\x0a\xff"), "hex 01 0a ff");
	key_text_freep(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_btf),
		cmocka_unit_test(keys_of_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
