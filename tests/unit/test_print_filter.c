/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows of filters in tc's words: those of a list, of an event, of kernels and hooks not here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>
#include <linux/filter.h>

#include "../../tc_loader/print.h"
#include "../../tc_loader/tc.h"

static const struct tc usual = {.oneline = false};
static const struct print_filter_skip nothing = {.block = 0};

/* A row as text, and what its JSON is, without the array around it. */
static void row_is(const struct tc *how, const struct print_filter_row *row,
		   const struct print_filter_skip *skip, const char *text,
		   const char *json)
{
	struct tc tc = *how;
	auto_strbuf out = STRBUF_INIT, doc = STRBUF_INIT;
	struct json_object *got, *want;

	print_filters(&tc, row, 1, skip, &out);
	assert_string_equal(sb_text(&out), text);
	tc.tool.json = true;
	print_filters(&tc, row, 1, skip, &doc);
	got = json_tokener_parse(sb_text(&doc));
	want = json_tokener_parse(json);
	assert_non_null(got);
	assert_non_null(want);
	if (!json_object_equal(json_object_array_get_idx(got, 0), want))
		assert_string_equal(sb_text(&doc), json);
	json_object_put(got);
	json_object_put(want);
}

static const struct print_filter_row loaded = {
	.f = {.parent = NL_PARENT_INGRESS,
	      .handle = 1,
	      .pref = 49152,
	      .protocol = 3,
	      .has_chain = true,
	      .kind = "bpf",
	      .has_options = true,
	      .has_classid = true,
	      .classid = 0x10002,
	      .prog = NL_FILTER_EBPF,
	      .prog_id = 41,
	      .name = "x\033.o:[tc]",
	      .has_tag = true,
	      .tag = {0xde, 0xad, [7] = 0x01},
	      .direct_action = true,
	      .gen_flags = 1 | 8},
	.prog = {.known = true,
		 .name = "count",
		 .tag = {1, 2, [7] = 3},
		 .jited = true,
		 .load_time = 1234,
		 .uid = 5,
		 .btf_id = 6},
	.dev = "v0",
};

#define OPTIONS                                                                   \
	"\"handle\":\"0x1\",\"flowid\":\"1:2\",\"bpf_name\":\"x\\u001b.o:[tc]\"," \
	"\"direct-action\":true,\"skip_hw\":true,\"not_in_hw\":true"

static void a_program_is_told_as_far_as_it_is_known(void **state)
{
	struct print_filter_row row = loaded;
	struct tc details = usual;

	(void)state;
	row_is(&usual, &row, &nothing,
	       "filter dev v0 ingress protocol all pref 49152 bpf chain 0 handle 0x1 flowid 1:2 x\\x1b.o:[tc] direct-action skip_hw not_in_hw id 41 name count tag 0102000000000003 jited \n",
	       "{\"dev\":\"v0\",\"ingress\":true,\"protocol\":\"all\",\"pref\":49152,\"kind\":\"bpf\",\"chain\":0,\"options\":{" OPTIONS
	       ",\"prog\":{\"id\":41,\"name\":\"count\",\"tag\":\"0102000000000003\",\"jited\":1}}}");
	details.details = true;
	row_is(&details, &row, &nothing,
	       "filter dev v0 ingress protocol all pref 49152 bpf chain 0 handle 0x1 flowid 1:2 x\\x1b.o:[tc] direct-action skip_hw not_in_hw id 41 name count tag 0102000000000003 jited load_time 1234 created_by_uid 5 btf_id 6 \n",
	       "{\"dev\":\"v0\",\"ingress\":true,\"protocol\":\"all\",\"pref\":49152,\"kind\":\"bpf\",\"chain\":0,\"options\":{" OPTIONS
	       ",\"prog\":{\"id\":41,\"name\":\"count\",\"tag\":\"0102000000000003\",\"jited\":1,\"load_time\":1234,\"created_by_uid\":5,\"btf_id\":6}}}");
	/* Not ours to look at: the tag that the filter has. */
	row.prog.known = false;
	row_is(&usual, &row, &nothing,
	       "filter dev v0 ingress protocol all pref 49152 bpf chain 0 handle 0x1 flowid 1:2 x\\x1b.o:[tc] direct-action skip_hw not_in_hw id 41 tag dead000000000001 \n",
	       "{\"dev\":\"v0\",\"ingress\":true,\"protocol\":\"all\",\"pref\":49152,\"kind\":\"bpf\",\"chain\":0,\"options\":{" OPTIONS
	       ",\"prog\":{\"id\":41},\"tag\":\"dead000000000001\"}}");
}

#define HEAD \
	"filter dev v0 ingress protocol all pref 49152 bpf chain 0 handle 0x1 flowid 1:2 "
#define JSON_HEAD                                                                          \
	"{\"dev\":\"v0\",\"ingress\":true,\"protocol\":\"all\",\"pref\":49152,"            \
	"\"kind\":\"bpf\",\"chain\":0,\"options\":{\"handle\":\"0x1\",\"flowid\":\"1:2\"," \
	"\"direct-action\":true,"

/* Old kernels tell neither tag nor time, and have programs without BTF and without a name. */
static void what_is_not_known_is_left_out(void **state)
{
	struct print_filter_row row = loaded;
	const struct tc details = {.details = true};

	(void)state;
	row.f.name[0] = '\0';
	row.f.gen_flags = 0;
	row.prog.jited = false;
	row.prog.load_time = 0;
	row.prog.btf_id = 0;
	row_is(&details, &row, &nothing,
	       HEAD "direct-action id 41 name count tag 0102000000000003 \n",
	       JSON_HEAD
	       "\"prog\":{\"id\":41,\"name\":\"count\",\"tag\":\"0102000000000003\",\"jited\":0}}}");
	row.prog.known = false;
	row.f.has_tag = false;
	row_is(&details, &row, &nothing, HEAD "direct-action id 41 \n",
	       JSON_HEAD "\"prog\":{\"id\":41}}}");
}

static void what_the_line_said_is_not_repeated(void **state)
{
	const struct print_filter_skip all = {.block = 10,
					      .parent = true,
					      .pref = true,
					      .protocol = true,
					      .chain = true,
					      .parent_value = NL_PARENT_INGRESS};
	struct print_filter_row row = loaded;

	(void)state;
	row.f.has_options = false;
	row.dev[0] = '\0';
	row_is(&usual, &row, &all, "filter bpf \n", "{\"kind\":\"bpf\"}");
	row.f.block = 10;
	row_is(&usual, &row, &all, "filter bpf \n", "{\"kind\":\"bpf\"}");
	row.f.block = 11;
	row_is(&usual, &row, &all, "filter block 11 bpf \n",
	       "{\"block\":11,\"kind\":\"bpf\"}");
	row.f.block = 0;
	row.f.parent = NL_PARENT_EGRESS;
	row_is(&usual, &row, &all, "filter egress bpf \n",
	       "{\"egress\":true,\"kind\":\"bpf\"}");
	row.f.parent = NL_PARENT_ROOT;
	row_is(&usual, &row, &all, "filter root bpf \n",
	       "{\"root\":true,\"kind\":\"bpf\"}");
	row.f.parent = 0x10000;
	row_is(&usual, &row, &all, "filter parent 1: bpf \n",
	       "{\"parent\":\"1:\",\"kind\":\"bpf\"}");
	row.f.parent = 2;
	row_is(&usual, &row, &all, "filter parent :2 bpf \n",
	       "{\"parent\":\":2\",\"kind\":\"bpf\"}");
}

static void a_protocol_without_a_name_is_a_number(void **state)
{
	struct print_filter_row row = {.f = {.kind = "bpf", .protocol = 0x0800}};
	struct tc numeric = usual;

	(void)state;
	numeric.numeric = true;
	row_is(&usual, &row, &nothing, "filter protocol ip bpf \n",
	       "{\"protocol\":\"ip\",\"kind\":\"bpf\"}");
	row_is(&numeric, &row, &nothing, "filter protocol [2048] bpf \n",
	       "{\"protocol\":\"[2048]\",\"kind\":\"bpf\"}");
	row.f.protocol = 0x4242;
	row_is(&usual, &row, &nothing, "filter protocol [16962] bpf \n",
	       "{\"protocol\":\"[16962]\",\"kind\":\"bpf\"}");
}

static void a_classic_program_is_its_bytecode(void **state)
{
	struct sock_filter ops[] = {{0x28, 0, 0, 12}, {0x15, 0, 1, 2048}};
	const struct print_filter_row row = {.f = {.kind = "bpf",
						   .has_options = true,
						   .prog = NL_FILTER_CBPF,
						   .ops = ops,
						   .nr_ops = 2}};

	(void)state;
	row_is(&usual, &row, &nothing, "filter bpf bytecode '2,40 0 0 12,21 0 1 2048'\n",
	       "{\"kind\":\"bpf\",\"options\":{\"bytecode\":{\"length\":2,\"insns\":[{\"code\":40,\"jt\":0,\"jf\":0,\"k\":12},{\"code\":21,\"jt\":0,\"jf\":1,\"k\":2048}]}}}");
}

static void events_and_links_have_words_of_their_own(void **state)
{
	struct print_filter_row row = {.f = {.kind = "netkit", .has_options = true},
				       .event = EVENT_ADDED,
				       .order = 2,
				       .of = 3,
				       .link_id = 7,
				       .hook = "peer"};
	struct tc oneline = usual;

	(void)state;
	row_is(&usual, &row, &nothing,
	       "added filter netkit peer order 2 of 3 link_id 7 \n",
	       "{\"added\":true,\"kind\":\"netkit\",\"peer\":true,\"order\":2,\"of\":3,\"options\":{\"link_id\":7}}");
	row.event = EVENT_DELETED;
	oneline.oneline = true;
	row_is(&oneline, &row, &nothing,
	       "deleted filter netkit peer order 2 of 3 link_id 7 \\",
	       "{\"deleted\":true,\"kind\":\"netkit\",\"peer\":true,\"order\":2,\"of\":3,\"options\":{\"link_id\":7}}");
}

static void chain_is(const struct print_chain_row *row, bool color, const char *text)
{
	const struct tc tc = {.color = color};
	auto_strbuf out = STRBUF_INIT;

	print_chain(&tc, row, &out);
	assert_string_equal(sb_text(&out), text);
}

static void chains_come_and_go(void **state)
{
	struct print_chain_row row = {.event = EVENT_REPLACED,
				      .dev = "v\033",
				      .parent = NL_PARENT_INGRESS,
				      .chain = 3};

	(void)state;
	chain_is(&row, false, "replaced chain dev v\\x1b parent ffff:fff2 chain 3 \n");
	chain_is(&row, true,
		 "replaced chain dev \033[36mv\\x1b \033[0mparent ffff:fff2 chain 3 \n");
	row.event = EVENT_NONE;
	row.parent = 0;
	chain_is(&row, false, "chain dev v\\x1b parent none chain 3 \n");
	row.block = 10;
	chain_is(&row, false, "chain block 10 chain 3 \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_is_told_as_far_as_it_is_known),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(what_the_line_said_is_not_repeated),
		cmocka_unit_test(a_protocol_without_a_name_is_a_number),
		cmocka_unit_test(a_classic_program_is_its_bytecode),
		cmocka_unit_test(events_and_links_have_words_of_their_own),
		cmocka_unit_test(chains_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
