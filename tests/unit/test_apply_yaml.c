/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From bytes to texts, lists and mappings: what is YAML or JSON, and what is not taken. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "apply_read.h"
#include "base/alloc.h"
#include "base/strbuf.h"
#include "load/apply_node.h"

static void every_node_knows_its_place(void **state)
{
	static const char text[] = "# a comment\n"
				   "name: acct\n"
				   "objects:\n"
				   "  cg: { file: cg.o }\n"
				   "cgroups:\n"
				   "  - object: cg\n"
				   "    type: egress\n"
				   "    cgroups: [ \"a.slice/*\" ]\n";
	auto_apply_conf conf = APPLY_CONF_INIT;

	(void)state;
	assert_read(&conf, text);
	assert_string_equal(conf.file, "f");
	assert_int_equal(conf.name.at.line, 2);
	assert_int_equal(conf.name.at.column, 7);
	assert_int_equal(conf.objects[0].key.at.column, 3);
	assert_int_equal(conf.objects[0].file.at.line, 4);
	assert_int_equal(conf.objects[0].file.at.column, 15);
	assert_int_equal(conf.cgroups[0].at.line, 6);
	assert_int_equal(conf.cgroups[0].at.column, 5);
	assert_int_equal(conf.cgroups[0].object_at.column, 13);
	assert_int_equal(conf.cgroups[0].where.items[0].at.line, 8);
	assert_int_equal(conf.cgroups[0].where.items[0].at.column, 16);
}

static void json_is_read_with_its_own_escapes(void **state)
{
	static const char text[] =
		"{\r\n\t\"name\":\"acct\",\"objects\":{\"o\":{\"file\":\"\\/a\\/\\ud83d\\uDE00\\u00e9\\\\\\\"\","
		"\"constants\":{\"a\":1,\"b\":true,\"c\":null,\"d\":-1.5e3,\"e\":\"\"}}},\n"
		"\t\"tc\":[{\"object\":\"o\",\"interfaces\":[\"e*\"],\"hook\":\"ingress\",\"clsact\":false}]}";
	auto_apply_conf conf = APPLY_CONF_INIT;
	const struct apply_object *o;

	(void)state;
	assert_read(&conf, text);
	o = &conf.objects[0];
	assert_string_equal(o->file.text, "/a/\xf0\x9f\x98\x80\xc3\xa9\\\"");
	assert_int_equal(o->nr_constants, 5);
	assert_string_equal(o->constants[0].value.text, "1");
	assert_string_equal(o->constants[1].value.text, "true");
	assert_string_equal(o->constants[2].value.text, "null");
	assert_string_equal(o->constants[3].value.text, "-1.5e3");
	assert_string_equal(o->constants[4].value.text, "");
	/* As an editor counts, behind a string that has become shorter. */
	assert_int_equal(o->constants[0].name.at.column, 82);
	assert_false(conf.tc[0].clsact);
}

/* As an editor of Windows begins a file, and as a template leaves it. */
static void json_may_begin_later(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf \n{\"name\":\"acct\",\"objects\":{\"o\":{\"file\":\"\\/a\"}}}";
	auto_apply_conf conf = APPLY_CONF_INIT;

	(void)state;
	assert_read(&conf, text);
	assert_string_equal(conf.objects[0].file.text, "/a");
}

static void a_quote_in_a_word_opens_nothing(void **state)
{
	static const char text[] =
		"{ name: acct, objects: { o: { file: x, constants: { a: it's, b: c#d, e: \"\\/\" } } } }";
	auto_apply_conf conf = APPLY_CONF_INIT;

	(void)state;
	assert_read(&conf, text);
	assert_string_equal(conf.objects[0].constants[0].value.text, "it's");
	assert_string_equal(conf.objects[0].constants[1].value.text, "c#d");
	assert_string_equal(conf.objects[0].constants[2].value.text, "/");
}

static void quotes_of_yaml_open_no_string_of_json(void **state)
{
	static const char text[] = "{ name: it.s, # a \"comment \\/\n"
				   "  objects: { o: { file: '/x\"\\/y' } } }";
	auto_apply_conf conf = APPLY_CONF_INIT;

	(void)state;
	assert_read(&conf, text);
	assert_string_equal(conf.objects[0].file.text, "/x\"\\/y");
}

#define CHECK "; check quotes, brackets and indentation"
static const struct refusal no_texts[] = {
	{"", "f:1:1: the file is empty; it needs name: NAME"},
	{"# only this\n", "f:1:1: the file is empty; it needs name: NAME"},
	{"name: a\nname: b\n", "f:2:1: name: set twice, first in line 1; keep one"},
	{"name: &x a",
	 "f:1:7: anchor '&x': anchors are not supported; write the value out where it is needed"},
	{"objects: &x {}",
	 "f:1:10: anchor '&x': anchors are not supported; write the value out where it is needed"},
	{"name: *x",
	 "f:1:7: alias '*x': aliases are not supported; write the value out where it is needed"},
	{"*x : a",
	 "f:1:1: alias '*x': aliases are not supported; write the value out where it is needed"},
	{"name: !!str a",
	 "f:1:7: tag 'tag:yaml.org,2002:str': tags are not supported; remove it, every value is a text"},
	{"tc: ! [a]",
	 "f:1:5: tag '!': tags are not supported; remove it, every value is a text"},
	{"name: a\n---\nname: b\n",
	 "f:2:1: a second document; put it into a file of its own"},
	{"[a]: b", "f:1:1: a list or a mapping as a key; a key is a text"},
	{"'': b", "f:1:1: an empty key; write KEY: VALUE with a blank after the colon"},
	{"name: [[[[[[[[[[", "f:1:15: nested deeper than 8 levels"},
	{"name: \"a\\0b\"",
	 "f:1:7: control byte 0x00 in a text; remove it, a value is one line"},
	{"name: |\n  a\n  b\n",
	 "f:1:7: control byte 0x0a in a text; remove it, a value is one line"},
	{"name: a\n\xff",
	 "f:2:1: not a YAML text: invalid leading UTF-8 octet; only printable UTF-8 is read"},
	{"a\n\x01",
	 "f:2:1: not a YAML text: control characters are not allowed; only printable UTF-8 is read"},
	{"name: a\n b: c",
	 "f:2:3: not a YAML text: mapping values are not allowed in this context" CHECK},
	{"name: [a, b",
	 "f:2:1: not a YAML text: did not find expected ',' or ']' while parsing a flow sequence" CHECK},
	{"{\"name\": \"\\ud83d\"}",
	 "f:1:13: not a YAML text: found invalid Unicode character escape code while parsing a quoted scalar" CHECK},
	{"{\"name\": \"\\ud83dxude00\"}",
	 "f:1:13: not a YAML text: found invalid Unicode character escape code while parsing a quoted scalar" CHECK},
	{"{\"name\": \"\\ud83d\\nde00\"}",
	 "f:1:13: not a YAML text: found invalid Unicode character escape code while parsing a quoted scalar" CHECK},
	{"{\"name\": \"\\ud83d\\ude0x\"}",
	 "f:1:13: not a YAML text: found invalid Unicode character escape code while parsing a quoted scalar" CHECK},
	{"{\"name\": \"\\ud83d\\ud83d\"}",
	 "f:1:13: not a YAML text: found invalid Unicode character escape code while parsing a quoted scalar" CHECK},
	{"{\"name\": \"\\ude00\\ud83d\"}",
	 "f:1:13: not a YAML text: found invalid Unicode character escape code while parsing a quoted scalar" CHECK},
	{"- a\n",
	 "f:1:1: a list in the place of a mapping; a file begins with name: NAME"},
	{"acct",
	 "f:1:1: a text in the place of a mapping; a file begins with name: NAME"},
};

static void what_is_no_plain_document_is_refused(void **state)
{
	(void)state;
	assert_refused(no_texts, array_size(no_texts));
}

static void every_cut_of_a_file_is_read_or_refused(void **state)
{
	static const char text[] =
		"{\"name\": \"a\\/\\ud83d\\ude00\", # c\n 'objects': {\"x\": {file: [1, \"2\"]}}}";

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		auto_apply_node node = {.nr = 0};
		auto_err err = ERR_INIT;
		auto_free char *copy = xmemdup(text, i + 1);

		if (apply_yaml_parse(&node, "f", copy, i, &err) < 0)
			assert_memory_equal(err.text, "f:", 2);
	}
}

static void sizes_have_limits(void **state)
{
	auto_strbuf longest = STRBUF_INIT, many = STRBUF_INIT;
	auto_apply_node node = {.nr = 0};
	auto_err err = ERR_INIT;

	(void)state;
	sb_add(&longest, "name: ");
	for (int i = 0; i < 4097; i++)
		sb_add_char(&longest, 'a');
	assert_int_equal(apply_yaml_parse(&node, "f", longest.text, longest.len, &err),
			 -EINVAL);
	assert_string_equal(err.text,
			    "f:1:7: a text of 4097 bytes; at most 4096 are read");
	assert_int_equal(
		apply_yaml_parse(&node, "f", longest.text, longest.len - 1, &err), 0);
	sb_add(&many, "[");
	for (int i = 0; i < 10001; i++)
		sb_add(&many, "a,\n");
	sb_add(&many, "]");
	assert_int_equal(apply_yaml_parse(&node, "f", many.text, many.len, &err),
			 -EINVAL);
	assert_string_equal(
		err.text,
		"f:10001:1: more than 10000 entries in a list; use several files");
}

/* --- files --- */

static char *scratch;

static void put(const char *name, const char *text)
{
	auto_free char *path = xasprintf("%s/%s", scratch, name);
	auto_file FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
}

static int make_scratch(void **state)
{
	(void)state;
	scratch = xstrdup("/tmp/apply_files.XXXXXX");
	return mkdtemp(scratch) ? 0 : -1;
}

static int drop_scratch(void **state)
{
	static const char *const names[] = {"b.yaml", "a.yml",   "c.json",
					    "x.txt",  ".h.yaml", "big.yaml"};

	(void)state;
	for (size_t i = 0; i < array_size(names); i++) {
		auto_free char *path = xasprintf("%s/%s", scratch, names[i]);

		unlink(path);
	}
	rmdir(scratch);
	free(scratch);
	return 0;
}

static int read_path(struct apply_confs *all, const char *path, struct err *err)
{
	return apply_files_read(all, &path, 1, err);
}

static void a_directory_stands_for_its_files(void **state)
{
	auto_apply_confs all = {.nr = 0}, again = {.nr = 0}, none = {.nr = 0};
	auto_free char *expected = NULL, *big = NULL, *object = NULL;
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(read_path(&none, scratch, &err), -ENOENT);
	expected = xasprintf("%s: no *.yaml, *.yml or *.json in this directory", scratch);
	assert_string_equal(err.text, expected);
	put("b.yaml", "name: b\nobjects: { o: { file: ../o.o } }\n");
	put("a.yml", "name: a\n");
	put("c.json", "{\"name\": \"c\"}");
	put("x.txt", "not read");
	put(".h.yaml", "not read");
	assert_int_equal(read_path(&all, scratch, &err), 0);
	assert_int_equal(all.nr, 3);
	assert_string_equal(all.items[0].name.text, "a");
	assert_string_equal(all.items[1].name.text, "b");
	assert_string_equal(all.items[2].name.text, "c");
	object = xasprintf("%s/../o.o", scratch);
	assert_string_equal(all.items[1].objects[0].file.text, object);
	put("c.json", "{\"name\": \"a\"}");
	free(expected);
	assert_int_equal(read_path(&again, scratch, &err), -EINVAL);
	expected = xasprintf(
		"%s/c.json:1:10: name: 'a' is also the name in %s/a.yml:1:7; give each file its own",
		scratch, scratch);
	assert_string_equal(err.text, expected);
	big = xasprintf("%s/big.yaml", scratch);
	put("big.yaml", "");
	assert_int_equal(truncate(big, APPLY_FILE_MAX + 1), 0);
	assert_int_equal(read_path(&none, big, &err), -EFBIG);
	assert_int_equal(read_path(&none, "/dev/null", &err), -EINVAL);
	assert_string_equal(err.text, "/dev/null: not a regular file");
	assert_int_equal(read_path(&none, "/nowhere/x.yaml", &err), -ENOENT);
	assert_string_equal(err.text, "/nowhere/x.yaml: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_node_knows_its_place),
		cmocka_unit_test(json_is_read_with_its_own_escapes),
		cmocka_unit_test(json_may_begin_later),
		cmocka_unit_test(a_quote_in_a_word_opens_nothing),
		cmocka_unit_test(quotes_of_yaml_open_no_string_of_json),
		cmocka_unit_test(what_is_no_plain_document_is_refused),
		cmocka_unit_test(every_cut_of_a_file_is_read_or_refused),
		cmocka_unit_test(sizes_have_limits),
		cmocka_unit_test_setup_teardown(a_directory_stands_for_its_files,
						make_scratch, drop_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
