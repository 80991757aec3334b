/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "netlink/export_msg.h"
#include "def/mapdef.h"
#include "host_order.h"

/* Two maps of "tail.o" as tc sends them on x86-64. */
static unsigned char two_maps[160] = {
	0x01,
	0x00,
	0x02,
	0x00,
	/* path */
	't',
	'a',
	'i',
	'l',
	'.',
	'o',
	/* st_dev 0x0801, st_ino 0x123456789 */
	[72] = 0x01,
	0x08,
	[80] = 0x89,
	0x67,
	0x45,
	0x23,
	0x01,
	/* prog array, key 4, value 4, 2 entries, flags 0, id 42, pinning 1 */
	[88] = 3,
	[92] = 4,
	[96] = 4,
	[100] = 2,
	[108] = 42,
	[112] = 1,
	/* array of maps, key 4, value 4, 300 entries, flags 1, id 7, pinning 2, inner 5,
	   -1 */
	[124] = 12,
	[128] = 4,
	[132] = 4,
	[136] = 0x2c,
	0x01,
	[140] = 1,
	[144] = 7,
	[148] = 2,
	[152] = 5,
	[156] = 0xff,
	0xff,
	0xff,
	0xff,
};

static const struct export_msg two = {
	.path = "tail.o",
	.dev = 0x0801,
	.ino = UINT64_C(0x123456789),
	.nr_maps = 2,
	.maps = {{.type = 3,
		  .key_size = 4,
		  .value_size = 4,
		  .max_entries = 2,
		  .id = 42,
		  .pinning = 1},
		 {.type = 12,
		  .key_size = 4,
		  .value_size = 4,
		  .max_entries = 300,
		  .map_flags = 1,
		  .id = 7,
		  .pinning = 2,
		  .inner_id = 5,
		  .inner_idx = UINT32_MAX}},
};

static int setup(void **state)
{
	(void)state;
	host_order(two_maps, 4, "22");
	host_order(two_maps + 72, sizeof(two_maps) - 72, "88 444444444 444444444");
	return 0;
}

static void writes_tcs_bytes(void **state)
{
	unsigned char bytes[EXPORT_MSG_MAX];

	(void)state;
	memset(bytes, 0xee, sizeof(bytes));
	assert_int_equal(export_msg_write(&two, bytes), sizeof(two_maps));
	assert_memory_equal(bytes, two_maps, sizeof(two_maps));
	assert_int_equal(bytes[sizeof(two_maps)], 0xee);
}

static void reads_tcs_bytes(void **state)
{
	struct export_msg msg;
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(export_msg_read(&msg, two_maps, sizeof(two_maps), &err), 0);
	assert_string_equal(msg.path, "tail.o");
	assert_true(msg.dev == two.dev && msg.ino == two.ino);
	assert_int_equal(msg.nr_maps, 2);
	assert_memory_equal(msg.maps, two.maps, sizeof(msg.maps));
}

/* Also under ASan: each length in a buffer of exactly that size. */
static void refuses_every_other_length(void **state)
{
	(void)state;
	for (size_t size = 0; size <= sizeof(two_maps) + EXPORT_MAP_SIZE; size++) {
		auto_free unsigned char *bytes = calloc(1, size ? size : 1);
		struct export_msg msg = {.nr_maps = 77};
		auto_err err = ERR_INIT;

		if (size == sizeof(two_maps))
			continue;
		memcpy(bytes, two_maps,
		       size < sizeof(two_maps) ? size : sizeof(two_maps));
		assert_int_equal(export_msg_read(&msg, bytes, size, &err), -EINVAL);
		assert_int_equal(msg.nr_maps, 77);
		assert_true(err.text[0]);
	}
}

static void refuses_version_and_count(void **state)
{
	unsigned char bytes[sizeof(two_maps)];
	struct export_msg msg;
	auto_err err = ERR_INIT;

	(void)state;
	memcpy(bytes, two_maps, sizeof(bytes));
	bytes[HOST_IS_BIG] = 2;
	assert_int_equal(export_msg_read(&msg, bytes, sizeof(bytes), &err), -EINVAL);
	assert_string_equal(err.text, "a map message of version 2, not 1");
	bytes[HOST_IS_BIG] = 1;
	bytes[3 - HOST_IS_BIG] = 0x80;
	assert_int_equal(export_msg_read(&msg, bytes, sizeof(bytes), &err), -EINVAL);
	assert_string_equal(err.text, "a message with 32770 maps, more than 64");
}

static void carries_no_maps_and_all_maps(void **state)
{
	unsigned char bytes[EXPORT_MSG_MAX];
	struct export_msg msg = {.path = "x"}, back;
	auto_err err = ERR_INIT;

	(void)state;
	assert_int_equal(export_msg_write(&msg, bytes), EXPORT_HEADER_SIZE);
	assert_int_equal(export_msg_read(&back, bytes, EXPORT_HEADER_SIZE, &err), 0);
	assert_int_equal(back.nr_maps, 0);

	msg.nr_maps = EXPORT_MAPS_MAX;
	for (uint32_t i = 0; i < EXPORT_MAPS_MAX; i++)
		msg.maps[i].id = i * 3;
	assert_int_equal(export_msg_write(&msg, bytes), EXPORT_MSG_MAX);
	assert_int_equal(export_msg_read(&back, bytes, EXPORT_MSG_MAX, &err), 0);
	assert_int_equal(back.maps[63].id, 189);
}

/* The field holds 63 bytes and a NUL, whoever wrote it. */
static void cuts_long_paths(void **state)
{
	unsigned char bytes[EXPORT_MSG_MAX];
	struct export_msg msg = {.nr_maps = 0}, back;
	auto_err err = ERR_INIT;

	(void)state;
	memset(msg.path, 'a', sizeof(msg.path));
	export_msg_write(&msg, bytes);
	assert_int_equal(bytes[4 + 62], 'a');
	assert_int_equal(bytes[4 + 63], 0);
	bytes[4 + 63] = 'b';
	assert_int_equal(export_msg_read(&back, bytes, EXPORT_HEADER_SIZE, &err), 0);
	assert_int_equal(strlen(back.path), 63);
}

static void translates_definitions(void **state)
{
	struct mapdef def = MAPDEF_INIT;
	struct export_map map;

	(void)state;
	def.dialect = MAPDEF_ELF;
	def.type = 1;
	def.key_size = 4;
	def.value_size = 16;
	def.max_entries = 256;
	def.map_flags = 1;
	def.id = 9;
	def.scope = PIN_SCOPE_CUSTOM;
	def.pin_id = 5;
	def.inner_id = 3;
	map = export_map_from(&def);
	assert_memory_equal(&map,
			    (&(struct export_map){1, 4, 16, 256, 1, 9, 5, 3, UINT32_MAX}),
			    sizeof(map));
	def.scope = PIN_SCOPE_OBJECT;
	assert_int_equal(export_map_from(&def).pinning, 1);
	def.scope = PIN_SCOPE_GLOBAL;
	assert_int_equal(export_map_from(&def).pinning, 2);

	def.dialect = MAPDEF_BTF;
	def.scope = PIN_SCOPE_NAME;
	map = export_map_from(&def);
	assert_memory_equal(&map, (&(struct export_map){1, 4, 16, 256, 1, 0, 2, 0, 0}),
			    sizeof(map));
	def.scope = PIN_SCOPE_NONE;
	assert_int_equal(export_map_from(&def).pinning, 0);
}

/* Ids that the object gives stay, equal ones too; the others become tellable apart. */
static void numbers_what_has_no_id(void **state)
{
	struct export_msg msg = {
		.nr_maps = 6,
		.maps = {[1] = {.id = 1}, [2] = {.id = 42}, [4] = {.id = 42}},
	};
	const bool has_id[6] = {[1] = true, [2] = true, [4] = true};

	(void)state;
	export_msg_number(&msg, has_id);
	assert_int_equal(msg.maps[0].id, 0);
	assert_int_equal(msg.maps[1].id, 1);
	assert_int_equal(msg.maps[2].id, 42);
	assert_int_equal(msg.maps[3].id, 2);
	assert_int_equal(msg.maps[4].id, 42);
	assert_int_equal(msg.maps[5].id, 3);
}

/* A number that was given counts from then on, one that was only left there does not. */
static void numbers_are_given_in_order(void **state)
{
	struct export_msg none = {.nr_maps = 3,
				  .maps = {{.id = 2}, {.id = 1}, {.id = 0}}};
	struct export_msg last = {.nr_maps = 3, .maps = {[2] = {.id = 0}}};
	const bool no_id[3] = {false}, third_has[3] = {[2] = true};

	(void)state;
	export_msg_number(&none, no_id);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(none.maps[i].id, i);
	export_msg_number(&last, third_has);
	assert_int_equal(last.maps[0].id, 1);
	assert_int_equal(last.maps[1].id, 2);
	assert_int_equal(last.maps[2].id, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_tcs_bytes),
		cmocka_unit_test(reads_tcs_bytes),
		cmocka_unit_test(refuses_every_other_length),
		cmocka_unit_test(refuses_version_and_count),
		cmocka_unit_test(carries_no_maps_and_all_maps),
		cmocka_unit_test(cuts_long_paths),
		cmocka_unit_test(translates_definitions),
		cmocka_unit_test(numbers_what_has_no_id),
		cmocka_unit_test(numbers_are_given_in_order),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
