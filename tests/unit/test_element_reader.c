/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "btf/element_reader.h"

static const struct element_shape plain = {.key_size = 2, .value_size = 3};
static const struct element_shape percpu = {
	.key_size = 1,
	.value_size = 3,
	.ncpus = 2,
	.stride = 8,
};

/* Reads it all; what came out as hex, "key=value ", or the error. */
static int read_all(const struct element_shape *shape, const void *text, size_t n,
		    char ret[static 512])
{
	FILE *f = n ? fmemopen((void *)(uintptr_t)text, n, "r") : fopen("/dev/null", "r");
	struct element_reader reader;
	unsigned char key[2], value[16];
	auto_err err = ERR_INIT;
	size_t values = shape->ncpus ? 11 : 3;
	char *p = ret;
	int r;

	*p = '\0';
	element_reader_init(&reader, f, shape);
	while ((r = element_reader_next(&reader, key, value, &err)) == 1 &&
	       p < ret + 400) {
		for (size_t i = 0; i < shape->key_size; i++)
			p += sprintf(p, "%02x", key[i]);
		*p++ = '=';
		for (size_t i = 0; i < values; i++)
			p += sprintf(p, "%02x", value[i]);
		p += sprintf(p, " ");
	}
	/* Behind the end is nothing. */
	if (r == 0)
		assert_int_equal(element_reader_next(&reader, key, value, &err), 0);
	if (r < 0)
		snprintf(ret, 512, "%.500s", err.text);
	fclose(f);
	return r;
}

static void reads(const struct element_shape *shape, const char *text, const char *want)
{
	char got[512];

	assert_int_equal(read_all(shape, text, strlen(text), got), 0);
	assert_string_equal(got, want);
}

static void refuses(const struct element_shape *shape, const char *text, const char *want)
{
	char got[512];

	assert_int_equal(read_all(shape, text, strlen(text), got), -EINVAL);
	assert_string_equal(got, want);
}

static void json_of_a_dump(void **state)
{
	(void)state;
	reads(&plain, "[]", "");
	reads(&plain, " [ ]\n", "");
	reads(&plain, "\t[ ]\n", "");
	reads(&plain, "\r\n[ ]\r\n", "");
	reads(&plain, "[{\"key\":[\"0x01\",\"0x02\"],\"value\":[\"0xff\",\"0x00\",5]}]\n",
	      "0102=ff0005 ");
	reads(&plain,
	      "[{\n  \"key\": [\"0x01\",\"0x02\"\n ],\n \"value\": [1,2,3\n ],\n"
	      "  \"formatted\": {\"key\":1,\"value\":{\"a]\":[[1],{\"b\\\"\":null}]}}\n "
	      "},{"
	      " \"value\":[4,5,6],\"key\":[7,8]}\n]\n",
	      "0102=010203 0708=040506 ");
	reads(&plain, "{\"key\":[1,2],\"value\":[1,2,3]}", "0102=010203 ");
	reads(&plain,
	      "[{\"key\":[1,2],\"value\":{\"error\":\"No such }file\"}},"
	      "{\"key\":[1,3],\"value\":[0,0,0]}]",
	      "0103=000000 ");
	reads(&percpu,
	      "[{\"key\":[1],\"values\":[{\"cpu\":0,\"value\":[1,2,3]},"
	      "{\"cpu\":1,\"value\":[4,5,6]}]}]",
	      "01=0102030000000000040506 ");
	reads(&percpu,
	      "[{\"values\":[{\"cpu\":1,\"value\":[4,5,6]},"
	      "{\"cpu\":\"0\",\"more\":1,\"value\":[1,2,3]}],\"key\":[1]}]",
	      "01=0102030000000000040506 ");
}

/* Names that mean nothing here, however long they are. */
static void members_of_other_tools(void **state)
{
	(void)state;
	reads(&plain,
	      "[{\"key\":[1,2],\"value\":[1,2,3],\"valued\":true,\"keys\":[{}],"
	      "\"valueless_valueless_valueless_valueless_valueless_valueless_valueless\":1}]",
	      "0102=010203 ");
	reads(&plain, "[{\"value\":{\"error\":\"x\"},\"valued\":[1],\"key\":[1,2]}]", "");
	refuses(&plain, "[{\"key\":[1,2],\"value\":{},\"value\":[1,2,3]}]",
		"element 1 (line 1): it has two values");
	refuses(&percpu,
		"[{\"key\":[1],\"values\":[{\"cpu\":0,\"value\":[1,2,3]},"
		"{\"cpu\":1,\"value\":[1,2,3]}],\"values\":[]}]",
		"element 1 (line 1): it has two values");
}

/* What stands where a CPU and its value should be. */
static void values_of_cpus(void **state)
{
	static const struct {
		const char *values, *want;
	} rows[] = {
		{"{\"cpu\":}", "a value is missing"},
		{"{\"cpu\":1x,\"value\":[1,2,3]}", "'1x' is not the number of a CPU"},
		{"{\"cpu\":-1,\"value\":[1,2,3]}", "'-1' is not the number of a CPU"},
		{"{\"cpu\":99999999999999999999}",
		 "'99999999999999999999' is not the number of a CPU"},
		{"{\"cpu\":0,}", "a value is missing"},
		{"{\"cpu\":0 \"value\":[1,2,3]}", "expected ',', got '\"'"},
		{"{\"cpu\" 0}", "expected ':', got '0'"},
		{"[1,2,3]", "expected '{', got '['"},
		{"{\"cpu\":0,\"value\":[1,2,3]} {}", "expected ',', got '{'"},
		{"{\"cpu\":0,\"value\":[1,2,99999999999999999999]}",
		 "its value has '99999999999999999999' where a byte should be"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[256], want[256];

		snprintf(text, sizeof(text), "[{\"key\":[1],\"values\":[%s]}]",
			 rows[i].values);
		snprintf(want, sizeof(want), "element 1 (line 1): %s", rows[i].want);
		refuses(&percpu, text, want);
	}
}

static void lines_of_hex(void **state)
{
	(void)state;
	reads(&plain, "", "");
	reads(&plain, "# only a remark", "");
	reads(&plain, "0102 FF0005\n\n  # remark\n 0304\t000000 # more\r\n0506 010203",
	      "0102=ff0005 0304=000000 0506=010203 ");
	reads(&plain, "0102 000000\r\n0304\t000001#x\n0506 000002\t\r\n",
	      "0102=000000 0304=000001 0506=000002 ");
	refuses(&percpu, "01 010203 0405\n",
		"element 1 (line 1): its value has 2 bytes, not 3");
	reads(&percpu, "01 010203 040506\n02 070809\n",
	      "01=0102030000000000040506 02=0708090000000000070809 ");
}

static void what_is_wrong_and_where(void **state)
{
	(void)state;
	refuses(&plain, "0102 FF0005\n01 000000\n",
		"element 2 (line 2): its key has 1 bytes, not 2");
	refuses(&plain, "0102 FF000500\n",
		"element 1 (line 1): its value has more than 3 bytes");
	refuses(&plain, "0102\n", "element 1 (line 1): its value has 0 bytes, not 3");
	refuses(&plain, "0102 00000x",
		"element 1 (line 1): its value is not a row of pairs of hex digits");
	refuses(&plain, "0102 000000 00",
		"element 1 (line 1): there is more on the line than a key and its value");
	refuses(&plain, "[{\"key\":[1,2],\n\"value\":[1,2]}]",
		"element 1 (line 2): its value has 2 bytes, not 3");
	refuses(&plain, "[{\"key\":[1,256],\"value\":[1,2,3]}]",
		"element 1 (line 1): its key has '256' where a byte should be");
	refuses(&plain, "[{\"key\":{\"a\":1},\"value\":[1,2,3]}]",
		"element 1 (line 1): its key is not a list of bytes, as 'map dump' prints "
		"it "
		"with -j");
	refuses(&plain, "[{\"value\":[1,2,3]}]", "element 1 (line 1): it has no key");
	refuses(&plain, "[{\"key\":[1,2]}]", "element 1 (line 1): it has no value");
	refuses(&plain, "[{\"key\":[1,2],\"value\":[1,2,3]}",
		"element 1 (line 1): expected ',', but the file ends");
	refuses(&plain, "[{\"key\":[1,2],\"value\":[1,2,3]}]x",
		"element 1 (line 1): something follows the end");
	refuses(&plain, "[{\"id\":1,\"elements\":[]}]",
		"element 1 (line 1): this is the dump of several maps: load one at a "
		"time");
	refuses(&plain, "[{\"key\":[1,2],\"values\":[]}]",
		"element 1 (line 1): it has a value for each CPU; this map has one for "
		"all");
	refuses(&percpu, "[{\"key\":[1],\"value\":[1,2,3]}]",
		"element 1 (line 1): it has one value; this map has one for each CPU");
	refuses(&percpu, "[{\"key\":[1],\"values\":[{\"cpu\":2,\"value\":[1,2,3]}]}]",
		"element 1 (line 1): it has a value for CPU 2; here there are 2");
	refuses(&percpu, "[{\"key\":[1],\"values\":[{\"value\":[1,2,3]}]}]",
		"element 1 (line 1): the number of its CPU must come before a value");
	refuses(&percpu,
		"[{\"key\":[1],\"values\":[{\"cpu\":\"two\",\"value\":[1,2,3]}]}]",
		"element 1 (line 1): 'two' is not the number of a CPU");
	refuses(&percpu,
		"[{\"key\":[1],\"values\":[{\"cpu\":4294967297,\"value\":[1,2,3]}]}]",
		"element 1 (line 1): it has a value for CPU 4294967297; here there are 2");
	refuses(&percpu, "[{\"key\":[1],\"values\":[]}]",
		"element 1 (line 1): it has no value for CPU 0 of 2");
	refuses(&percpu, "[{\"key\":[1],\"values\":[{\"cpu\":0,\"value\":[1,2,3]}]}]",
		"element 1 (line 1): it has no value for CPU 1 of 2");
	refuses(&percpu,
		"[{\"key\":[1],\"values\":[{\"cpu\":0,\"value\":[1,2,3]},{\"cpu\":0,\"value\":[1,2,3]}]}]",
		"element 1 (line 1): it has two values for CPU 0");
	refuses(&plain, "[{\"key\":[1,2],\"key\":[1,3],\"value\":[1,2,3]}]",
		"element 1 (line 1): it has two keys");
	refuses(&plain, "[{\"key\":[1,2],\"value\":[1,2,3],\"value\":[1,2,3]}]",
		"element 1 (line 1): it has two values");
}

static void every_cut_and_every_changed_byte(void **state)
{
	static const char whole[] =
		"[{\"key\":[\"0x01\",2],\"value\":[1,2,3],\"f\":{\"a\":[true,\"\\\"\"]}},"
		"{\"key\":[1,2],\"value\":{\"error\":\"x\"}}]";
	size_t n = sizeof(whole) - 1;
	unsigned int good = 0;
	char got[512];

	(void)state;
	for (size_t i = 1; i <= n; i++)
		good += read_all(&plain, whole, i, got) == 0;
	assert_int_equal(good, 1);
	for (size_t i = 0; i < n; i++)
		for (int c = 0; c < 256; c++) {
			char changed[sizeof(whole)];

			memcpy(changed, whole, sizeof(whole));
			changed[i] = (char)c;
			read_all(&plain, changed, n, got);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_of_a_dump),
		cmocka_unit_test(members_of_other_tools),
		cmocka_unit_test(values_of_cpus),
		cmocka_unit_test(lines_of_hex),
		cmocka_unit_test(what_is_wrong_and_where),
		cmocka_unit_test(every_cut_and_every_changed_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
