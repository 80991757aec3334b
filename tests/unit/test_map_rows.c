/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <bpf/btf.h>
#include <linux/bpf.h>
#include <cmocka.h>

#include "host_order.h"
#include "view/map_list.h"
#include "view/map_rows.h"

/* 01 02 03 …: keys and values of any size. */
static unsigned char bytes[256];

static int setup(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i + 1);
	return 0;
}

/* What a test writes goes to memory. */
struct paper {
	FILE *file;
	char *text;
	size_t len;
	struct outbuf out;
};

static void paper_open(struct paper *p)
{
	p->file = open_memstream(&p->text, &p->len);
	outbuf_init(&p->out, p->file);
}

/* Compares, and is done with the paper. */
static void paper_is(struct paper *p, const char *want)
{
	assert_int_equal(outbuf_flush(&p->out), 0);
	outbuf_release(&p->out);
	fclose(p->file);
	assert_string_equal(p->text, want);
	free(p->text);
}

/* nr rows of the same key and value in a list of their own. */
static void assert_rows(const struct map_rows_opts *opts, unsigned int nr,
			const void *value, int error, const char *want)
{
	auto_release(map_rows_freep) struct map_rows *rows = map_rows_new(opts);
	struct paper p;

	paper_open(&p);
	map_rows_begin(rows, &p.out);
	for (unsigned int i = 0; i < nr; i++)
		map_rows_add(rows, bytes, value, error, &p.out);
	map_rows_end(rows, &p.out);
	paper_is(&p, want);
}

static void assert_row(const struct map_rows_opts *opts, const void *value, int error,
		       const char *want)
{
	auto_release(map_rows_freep) struct map_rows *rows = map_rows_new(opts);
	struct paper p;

	paper_open(&p);
	map_rows_add(rows, bytes, value, error, &p.out);
	paper_is(&p, want);
}

/* The limits at which keys and values go to lines of their own. */
static void hex_layouts(void **state)
{
	static const struct {
		uint32_t key_size, value_size;
		const char *text;
	} cases[] = {
		{4, 8, "key: 01 02 03 04  value: 01 02 03 04 05 06 07 08\n"},
		{16, 8,
		 "key: 01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10  "
		 "value: 01 02 03 04 05 06 07 08\n"},
		{9, 16,
		 "key: 01 02 03 04 05 06 07 08  09\n"
		 "value: 01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10\n"},
		{4, 17,
		 "key:\n01 02 03 04\n"
		 "value:\n01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10\n11\n"},
		{17, 1,
		 "key:\n01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10\n11\n"
		 "value:\n01\n"},
		{0, 4, "value: 01 02 03 04\n"},
		{4, 32,
		 "key:\n01 02 03 04\n"
		 "value:\n01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10\n"
		 "11 12 13 14 15 16 17 18  19 1a 1b 1c 1d 1e 1f 20\n"},
	};

	(void)state;
	for (size_t i = 0; i < array_size(cases); i++) {
		const struct map_rows_opts opts = {
			.shape = {.type = BPF_MAP_TYPE_HASH,
				  .key_size = cases[i].key_size,
				  .value_size = cases[i].value_size},
		};

		assert_row(&opts, bytes, 0, cases[i].text);
	}
}

static void slots_that_cannot_be_read(void **state)
{
	struct map_rows_opts opts = {
		.shape = {.type = BPF_MAP_TYPE_REUSEPORT_SOCKARRAY,
			  .key_size = 4,
			  .value_size = 8},
	};

	(void)state;
	assert_row(&opts, NULL, -ENOENT, "key: 01 02 03 04  value: <no entry>\n");
	assert_row(&opts, NULL, -ENOSPC, "key: 01 02 03 04  value: <cannot read>\n");
	opts.shape.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY;
	assert_row(&opts, NULL, -ENOSPC,
		   "key:\n01 02 03 04\nvalue:\nNo space left on device\n");
	assert_row(&opts, NULL, -524, "key:\n01 02 03 04\nvalue:\nUnknown error 524\n");
	opts.form = BTF_JSON;
	assert_row(&opts, NULL, -ENOENT,
		   "{\"key\":[\"0x01\",\"0x02\",\"0x03\",\"0x04\"],"
		   "\"value\":{\"error\":\"No such file or directory\"}}");
}

static void one_value_per_cpu(void **state)
{
	struct map_rows_opts opts = {
		.shape = {.type = BPF_MAP_TYPE_PERCPU_HASH,
			  .key_size = 2,
			  .value_size = 3,
			  .ncpus = 2,
			  .stride = 8},
	};

	(void)state;
	assert_row(&opts, bytes, 0,
		   "key:\n01 02\n"
		   "value (CPU 00): 01 02 03\n"
		   "value (CPU 01): 09 0a 0b\n");
	opts.form = BTF_JSON;
	assert_row(&opts, bytes, 0,
		   "{\"key\":[\"0x01\",\"0x02\"],\"values\":["
		   "{\"cpu\":0,\"value\":[\"0x01\",\"0x02\",\"0x03\"]},"
		   "{\"cpu\":1,\"value\":[\"0x09\",\"0x0a\",\"0x0b\"]}]}");
	opts.form = BTF_TEXT;
	opts.shape.value_size = 17;
	opts.shape.stride = 24;
	opts.shape.ncpus = 1;
	assert_row(&opts, bytes, 0,
		   "key:\n01 02\nvalue (CPU 00):\n"
		   "01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10\n11\n");
	opts.shape.value_size = 1;
	opts.shape.stride = 8;
	opts.shape.ncpus = 11;
	assert_row(&opts, bytes, 0,
		   "key:\n01 02\n"
		   "value (CPU 00): 01\nvalue (CPU 01): 09\nvalue (CPU 02): 11\n"
		   "value (CPU 03): 19\nvalue (CPU 04): 21\nvalue (CPU 05): 29\n"
		   "value (CPU 06): 31\nvalue (CPU 07): 39\nvalue (CPU 08): 41\n"
		   "value (CPU 09): 49\nvalue (CPU 10): 51\n");
}

static void lists_have_commas_and_ends(void **state)
{
	struct map_rows_opts opts = {
		.shape = {.type = BPF_MAP_TYPE_HASH, .key_size = 1, .value_size = 2},
		.depth = 1,
	};

	(void)state;
	assert_rows(&opts, 0, bytes, 0, "Found 0 elements\n");
	assert_rows(&opts, 1, bytes, 0, "key: 01  value: 01 02\nFound 1 element\n");
	assert_rows(&opts, 2, NULL, -ENOENT,
		    "key: 01  value: <no entry>\nkey: 01  value: <no entry>\n"
		    "Found 0 elements\n");
	opts.form = BTF_JSON;
	assert_rows(&opts, 0, bytes, 0, "[]");
	assert_rows(&opts, 2, bytes + 253, 0,
		    "[{\"key\":[\"0x01\"],\"value\":[\"0xfe\",\"0xff\"]},"
		    "{\"key\":[\"0x01\"],\"value\":[\"0xfe\",\"0xff\"]}]");
	opts.form = BTF_PRETTY;
	assert_rows(&opts, 0, bytes, 0, "[]");
	assert_rows(&opts, 1, bytes + 253, 0,
		    "[{\n"
		    "        \"key\": [\"0x01\"\n"
		    "        ],\n"
		    "        \"value\": [\"0xfe\",\"0xff\"\n"
		    "        ]\n"
		    "    }\n"
		    "]");
}

static void keyless_maps_have_no_key_in_text(void **state)
{
	struct map_rows_opts opts = {
		.shape = {.type = BPF_MAP_TYPE_QUEUE, .key_size = 0, .value_size = 2},
	};

	(void)state;
	assert_row(&opts, bytes, 0, "value: 01 02\n");
	opts.form = BTF_PRETTY;
	assert_row(&opts, bytes, 0,
		   "{\n"
		   "    \"key\": [],\n"
		   "    \"value\": [\"0x01\",\"0x02\"\n"
		   "    ]\n"
		   "}");
}

static void absent_keys(void **state)
{
	struct map_rows_opts opts = {.shape = {.key_size = 4, .value_size = 8}};
	struct map_rows *rows = map_rows_new(&opts);
	struct paper p;

	(void)state;
	paper_open(&p);
	map_rows_not_found(rows, bytes, &p.out);
	paper_is(&p, "key:\n01 02 03 04\n\nNot found\n");
	map_rows_free(rows);
	opts.form = BTF_JSON;
	rows = map_rows_new(&opts);
	paper_open(&p);
	map_rows_not_found(rows, bytes, &p.out);
	paper_is(&p, "null");
	map_rows_free(rows);
}

/* The first two bytes as a number. */
#define NUMBER BY_ORDER("513", "258")

static void typed_rows(void **state)
{
	struct btf *btf = btf__new_empty();
	int u8 = btf__add_int(btf, "u8", 1, 0), u16 = btf__add_int(btf, "u16", 2, 0);
	struct map_rows_opts opts = {
		.shape = {.type = BPF_MAP_TYPE_PERCPU_ARRAY,
			  .key_size = 1,
			  .value_size = 2,
			  .ncpus = 1,
			  .stride = 8},
		.depth = 1,
		.btf = btf,
		.key_type = (uint32_t)u8,
		.value_type = (uint32_t)u16,
	};

	(void)state;
	assert_rows(&opts, 1, bytes, 0,
		    "[{\n"
		    "        \"key\": 1,\n"
		    "        \"values\": [{\n"
		    "                \"cpu\": 0,\n"
		    "                \"value\": " NUMBER "\n"
		    "            }\n"
		    "        ]\n"
		    "    }\n"
		    "]");
	opts.form = BTF_JSON;
	assert_row(&opts, bytes, 0,
		   "{\"key\":[\"0x01\"],"
		   "\"values\":[{\"cpu\":0,\"value\":[\"0x01\",\"0x02\"]}],"
		   "\"formatted\":{\"key\":1,\"values\":[{\"cpu\":0,\"value\":" NUMBER
		   "}]}}");
	opts.shape.ncpus = 0;
	opts.key_type = 0;
	assert_row(&opts, bytes, 0,
		   "{\"key\":[\"0x01\"],\"value\":[\"0x01\",\"0x02\"],"
		   "\"formatted\":{\"value\":" NUMBER "}}");
	/* A type of another size than the value's is as good as none. */
	opts.shape.value_size = 1;
	opts.form = BTF_TEXT;
	assert_row(&opts, bytes, 0, "key: 01  value: 01\n");
	btf__free(btf);
}

static void titles_of_several_maps(void **state)
{
	const struct map_row row = {
		.id = 27, .type = BPF_MAP_TYPE_HASH, .name = "stats", .flags = 16};
	struct paper p;

	(void)state;
	paper_open(&p);
	for (size_t i = 0; i < 2; i++) {
		map_list_title(&row, i, BTF_TEXT, false, &p.out);
		map_list_title_end(i == 1, BTF_TEXT, false, &p.out);
	}
	paper_is(&p, "27: hash  name stats  flags 0x10\n\n"
		     "27: hash  name stats  flags 0x10\n");
	paper_open(&p);
	for (size_t i = 0; i < 2; i++) {
		map_list_title(&row, i, BTF_JSON, true, &p.out);
		outbuf_puts(&p.out, "[]");
		map_list_title_end(i == 1, BTF_JSON, true, &p.out);
	}
	paper_is(&p, "[{\"id\":27,\"type\":\"hash\",\"name\":\"stats\",\"flags\":16,"
		     "\"elements\":[]},"
		     "{\"id\":27,\"type\":\"hash\",\"name\":\"stats\",\"flags\":16,"
		     "\"elements\":[]}]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_layouts),
		cmocka_unit_test(slots_that_cannot_be_read),
		cmocka_unit_test(one_value_per_cpu),
		cmocka_unit_test(lists_have_commas_and_ends),
		cmocka_unit_test(keyless_maps_have_no_key_in_text),
		cmocka_unit_test(absent_keys),
		cmocka_unit_test(typed_rows),
		cmocka_unit_test(titles_of_several_maps),
	};

	return cmocka_run_group_tests_name("map_rows", tests, setup, NULL);
}
