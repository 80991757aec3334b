/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "base/alloc.h"
#include "netlink/nl_filter.h"
#include "host_order.h"

static union {
	struct nlmsghdr nlh;
	char bytes[NL_FILTER_BUF];
} buf;

/* What tc sends for `filter add dev D ingress bpf da obj pin1.o`, sequence number 0. */
static uint8_t tc_add[] = {
	0x58, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x05, 0x06, 0,    0,    0,    0,    0,
	0,    0,    0,    0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0,    0,
	0,    0,    0xf2, 0xff, 0xff, 0xff, 0x00, 0x03, 0x00, 0x00, 0x08, 0x00, 0x01,
	0x00, 'b',  'p',  'f',  0,    0x2c, 0x00, 0x02, 0x00, 0x08, 0x00, 0x06, 0x00,
	0x06, 0x00, 0x00, 0x00, 0x18, 0x00, 0x07, 0x00, 'p',  'i',  'n',  '1',  '.',
	'o',  ':',  '[',  'c',  'l',  'a',  's',  's',  'i',  'f',  'i',  'e',  'r',
	']',  0,    0x08, 0x00, 0x08, 0x00, 0x01, 0x00, 0x00, 0x00,
};

static struct nl_filter pin1(void)
{
	return (struct nl_filter){
		.ifindex = 3,
		.parent = NL_PARENT_INGRESS,
		.protocol = 3,
		.kind = "bpf",
		.has_options = true,
		.prog = NL_FILTER_EBPF,
		.prog_fd = 6,
		.name = "pin1.o:[classifier]",
		.direct_action = true,
	};
}

static void build_gives_the_bytes_of_tc(void **state)
{
	struct nl_filter f = pin1();

	(void)state;
	host_order(tc_add, sizeof(tc_add),
		   "42244 112444t 22 1111 22 22 4 22 11111 11111 11111 11111 22 4");
	assert_int_equal(nl_filter_build(&buf, sizeof(buf), &f, NL_FILTER_ADD), 0);
	assert_int_equal(buf.nlh.nlmsg_len, sizeof(tc_add));
	assert_memory_equal(&buf, tc_add, sizeof(tc_add));
}

static void each_operation_has_the_flags_of_tc(void **state)
{
	static const struct {
		enum nl_filter_op op;
		uint16_t type, flags;
	} rows[] = {
		{NL_FILTER_ADD, 44, 0x605},  {NL_FILTER_REPLACE, 44, 0x405},
		{NL_FILTER_CHANGE, 44, 0x5}, {NL_FILTER_DEL, 45, 0x5},
		{NL_FILTER_GET, 46, 0x9},    {NL_FILTER_SHOW, 46, 0x301},
	};
	struct nl_filter f = pin1();

	(void)state;
	for (size_t i = 0; i < array_size(rows); i++) {
		assert_int_equal(nl_filter_build(&buf, sizeof(buf), &f, rows[i].op), 0);
		assert_int_equal(buf.nlh.nlmsg_type, rows[i].type);
		assert_int_equal(buf.nlh.nlmsg_flags, rows[i].flags);
	}
}

static void options_without_a_program_ask_for_none(void **state)
{
	/* CLASSID 1:1, OPS_LEN 0, OPS empty: the kernel shall say what it thinks of it */
	uint8_t want[] = {
		0x18, 0x00, 0x02, 0x00, 0x08, 0x00, 0x03, 0x00, 0x01, 0x00, 0x01, 0x00,
		0x06, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x05, 0x00,
	};
	struct nl_filter f = {
		.kind = "bpf",
		.has_options = true,
		.has_classid = true,
		.classid = 0x10001,
	};

	(void)state;
	host_order(want, sizeof(want), "22 22 4 22 22 22");
	assert_int_equal(nl_filter_build(&buf, sizeof(buf), &f, NL_FILTER_ADD), 0);
	assert_int_equal(buf.nlh.nlmsg_len, 44 + sizeof(want));
	assert_memory_equal(buf.bytes + 44, want, sizeof(want));
}

/* Copies the message into memory of exactly its size, so that ASan sees one byte too
 * many. */
static int parse_exact(struct nl_filter *ret, size_t len)
{
	auto_free struct nlmsghdr *nlh = xmemdup(&buf, len > 16 ? len : 16);

	nlh->nlmsg_len = len;
	return nl_filter_parse(ret, nlh);
}

/* By member: what stands between them is nobody's. */
static void assert_same_filter(const struct nl_filter *a, const struct nl_filter *b)
{
	assert_int_equal(a->ifindex, b->ifindex);
	assert_int_equal(a->block, b->block);
	assert_int_equal(a->parent, b->parent);
	assert_int_equal(a->handle, b->handle);
	assert_int_equal(a->pref, b->pref);
	assert_int_equal(a->protocol, b->protocol);
	assert_int_equal(a->has_chain, b->has_chain);
	assert_int_equal(a->chain, b->chain);
	assert_memory_equal(a->kind, b->kind, sizeof(a->kind));
	assert_int_equal(a->has_options, b->has_options);
	assert_int_equal(a->has_classid, b->has_classid);
	assert_int_equal(a->classid, b->classid);
	assert_int_equal(a->prog, b->prog);
	assert_int_equal(a->nr_ops, b->nr_ops);
	if (a->nr_ops > 0)
		assert_memory_equal(a->ops, b->ops, a->nr_ops * sizeof(*a->ops));
	assert_int_equal(a->prog_fd, b->prog_fd);
	assert_int_equal(a->prog_id, b->prog_id);
	assert_memory_equal(a->name, b->name, sizeof(a->name));
	assert_int_equal(a->has_tag, b->has_tag);
	assert_memory_equal(a->tag, b->tag, sizeof(a->tag));
	assert_int_equal(a->direct_action, b->direct_action);
	assert_int_equal(a->gen_flags, b->gen_flags);
	assert_int_equal(a->has_actions, b->has_actions);
}

static void round_trip(const struct nl_filter *f, enum nl_filter_op op)
{
	auto_release(nl_filter_release) struct nl_filter back = {.ifindex = 0};

	assert_int_equal(nl_filter_build(&buf, sizeof(buf), f, op), 0);
	assert_int_equal(parse_exact(&back, buf.nlh.nlmsg_len), 0);
	assert_same_filter(&back, f);
}

static void parse_reads_what_build_wrote(void **state)
{
	static struct sock_filter ops[NL_FILTER_OPS_MAX];
	struct nl_filter f = pin1();

	(void)state;
	round_trip(&f, NL_FILTER_ADD);
	f.handle = 0x10;
	f.pref = 65535;
	f.has_chain = true;
	f.has_classid = true;
	f.classid = 0x10001;
	f.gen_flags = 1;
	f.direct_action = false;
	round_trip(&f, NL_FILTER_REPLACE);
	f.ifindex = 0;
	f.parent = 0;
	f.block = 7;
	round_trip(&f, NL_FILTER_GET);

	for (size_t i = 0; i < array_size(ops); i++)
		ops[i] = (struct sock_filter){i, i, i + 1, UINT32_MAX - i};
	f = (struct nl_filter){
		.ifindex = 1,
		.parent = 0x10000,
		.kind = "bpf",
		.has_options = true,
		.prog = NL_FILTER_CBPF,
		.ops = ops,
		.nr_ops = array_size(ops),
	};
	round_trip(&f, NL_FILTER_ADD);
	f = (struct nl_filter){.ifindex = 1, .parent = NL_PARENT_EGRESS};
	round_trip(&f, NL_FILTER_SHOW);
}

static void a_longer_name_is_cut_not_refused(void **state)
{
	struct nl_filter f = pin1();
	auto_release(nl_filter_release) struct nl_filter back = {.ifindex = 0};

	(void)state;
	memset(f.name, 'x', sizeof(f.name));
	assert_int_equal(nl_filter_build(&buf, sizeof(buf), &f, NL_FILTER_ADD), 0);
	assert_int_equal(parse_exact(&back, buf.nlh.nlmsg_len), 0);
	assert_int_equal(strlen(back.name), 255);
}

static void too_little_room_is_an_error_at_every_size(void **state)
{
	struct nl_filter f = pin1();

	(void)state;
	for (size_t size = 0; size < sizeof(tc_add); size++) {
		auto_free char *room = xcalloc(1, size + 1);

		assert_int_equal(nl_filter_build(room, size, &f, NL_FILTER_ADD),
				 -EMSGSIZE);
	}
	f.nr_ops = NL_FILTER_OPS_MAX + 1;
	assert_int_equal(nl_filter_build(&buf, sizeof(buf), &f, NL_FILTER_ADD),
			 -EMSGSIZE);
}

/* Where a message ends between two attributes it is whole, only shorter. */
static void cut_anywhere_else_is_an_error(void **state)
{
	struct nl_filter f = pin1();

	(void)state;
	assert_int_equal(nl_filter_build(&buf, sizeof(buf), &f, NL_FILTER_ADD), 0);
	for (size_t len = 0; len < sizeof(tc_add); len++) {
		struct nl_filter back = {.ifindex = -1};
		int r = parse_exact(&back, len);

		if (len == 44) {
			assert_int_equal(r, 0);
			assert_false(back.has_options);
			continue;
		}
		assert_int_equal(r, -EINVAL);
		assert_int_equal(back.ifindex, -1);
	}
}

static void lies_inside_are_errors(void **state)
{
	enum { LOW = HOST_IS_BIG }; /* of the two bytes of a length or type */
	static const struct {
		size_t at;
		uint8_t value;
	} lies[] = {
		{36 + LOW, 0x03},            /* an attribute shorter than its header */
		{36 + LOW, 0x00}, {43, 'x'}, /* kind without NUL */
		{44 + LOW, 0x30},            /* options longer than the message */
		{48 + LOW, 0x07}, /* fd of three bytes, the next attribute off the grid */
		{79, 'x'},        /* name without NUL */
		{80 + LOW, 0x09}, /* longer than the nest */
		{4 + LOW, 0x10},  /* no filter message */
	};

	(void)state;
	for (size_t i = 0; i < array_size(lies); i++) {
		struct nl_filter f = pin1(), back;

		assert_int_equal(nl_filter_build(&buf, sizeof(buf), &f, NL_FILTER_ADD),
				 0);
		buf.bytes[lies[i].at] = lies[i].value;
		assert_int_equal(parse_exact(&back, sizeof(tc_add)), -EINVAL);
	}
}

static void ops_and_their_count_must_agree(void **state)
{
	struct sock_filter ops[2] = {{6, 0, 0, 1}, {6, 0, 0, 2}};
	struct nl_filter back, f = {
				       .kind = "bpf",
				       .has_options = true,
				       .prog = NL_FILTER_CBPF,
				       .ops = ops,
				       .nr_ops = 2,
			       };

	(void)state;
	for (int count = 0; count < 256; count++) {
		assert_int_equal(nl_filter_build(&buf, sizeof(buf), &f, NL_FILTER_ADD),
				 0);
		assert_int_equal(buf.bytes[52 + HOST_IS_BIG], 2);
		buf.bytes[52 + HOST_IS_BIG] = count;
		if (count == 2 || count == 0)
			continue;
		assert_int_equal(parse_exact(&back, buf.nlh.nlmsg_len), -EINVAL);
	}
}

/* A filter as the kernel dumps it: with tag and id instead of the descriptor. */
static void a_dump_row_gives_id_tag_and_flags(void **state)
{
	uint8_t options[] = {
		0x44, 0x00, 0x02, 0x00, 0x08, 0x00, 0x07, 0x00, 'x',  ':',
		'[',  0,    0x08, 0x00, 0x0b, 0x00, 0x2a, 0x01, 0x00, 0x00, /* ID 298 */
		0x0c, 0x00, 0x0a, 0x00, 1,    2,    3,    4,    5,    6,
		7,    8,                                        /* TAG */
		0x08, 0x00, 0x08, 0x00, 0x01, 0x00, 0x00, 0x00, /* da */
		0x08, 0x00, 0x09, 0x00, 0x08, 0x00, 0x00, 0x00, /* not_in_hw */
		0x04, 0x00, 0x01, 0x00,                         /* ACT */
		0x08, 0x00, 0x03, 0x00, 0x02, 0x00, 0x01, 0x00, 0x08, 0x00,
		0x63, 0x00, 0xff, 0xff, 0xff, 0xff, /* unknown */
	};
	struct nl_filter f = {.ifindex = 3, .kind = "bpf"};
	auto_release(nl_filter_release) struct nl_filter back = {.ifindex = 0};

	(void)state;
	assert_int_equal(nl_filter_build(&buf, sizeof(buf), &f, NL_FILTER_ADD), 0);
	host_order(options, sizeof(options),
		   "22 22 1111 22 4 22 11111111 22 4 22 4 22 22 4 22 4");
	memcpy(buf.bytes + 44, options, sizeof(options));
	assert_int_equal(parse_exact(&back, 44 + sizeof(options)), 0);
	assert_int_equal(back.prog, NL_FILTER_EBPF);
	assert_int_equal(back.prog_id, 298);
	assert_true(back.has_tag);
	assert_int_equal(back.tag[7], 8);
	assert_true(back.direct_action);
	assert_int_equal(back.gen_flags, 8);
	assert_true(back.has_actions);
	assert_int_equal(back.classid, 0x10002);
	assert_string_equal(back.name, "x:[");
}

static void options_of_other_kinds_are_not_read(void **state)
{
	struct nl_filter f = pin1(), back;

	(void)state;
	assert_int_equal(nl_filter_build(&buf, sizeof(buf), &f, NL_FILTER_ADD), 0);
	memcpy(buf.bytes + 40, "u32", 4);
	memset(buf.bytes + 48, 0xff, 8);
	assert_int_equal(parse_exact(&back, sizeof(tc_add)), 0);
	assert_string_equal(back.kind, "u32");
	assert_false(back.has_options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(build_gives_the_bytes_of_tc),
		cmocka_unit_test(each_operation_has_the_flags_of_tc),
		cmocka_unit_test(options_without_a_program_ask_for_none),
		cmocka_unit_test(parse_reads_what_build_wrote),
		cmocka_unit_test(a_longer_name_is_cut_not_refused),
		cmocka_unit_test(too_little_room_is_an_error_at_every_size),
		cmocka_unit_test(cut_anywhere_else_is_an_error),
		cmocka_unit_test(lies_inside_are_errors),
		cmocka_unit_test(ops_and_their_count_must_agree),
		cmocka_unit_test(a_dump_row_gives_id_tag_and_flags),
		cmocka_unit_test(options_of_other_kinds_are_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
