/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One type of each kind, with BTF of their own: what values are written into and read from. */
#ifndef TESTS_BTF_TYPES_H
#define TESTS_BTF_TYPES_H

#include <bpf/btf.h>
#include <stdlib.h>

/*
 * struct flow {
 *	u64 packets; s32 delta; u16 port; u8 mac[6]; bool ok; char name[8];
 *	enum state state; u32 low : 3; s32 high : 5; union { u32 a; float f; };
 *	struct { u16 x, y; } at[2]; double d;
 * };
 */
struct btf_types {
	struct btf *btf;
	int u8, u16, s32, u32, u64, yes, ch, state, f32, f64, u128, s128, flow, list;
};

enum { FLOW_SIZE = 64 };

static inline void btf_types_add_flow(struct btf_types *t)
{
	int both, point, points, mac, name;

	btf__add_array(t->btf, t->u32, t->u8, 6);
	mac = (int)btf__type_cnt(t->btf) - 1;
	name = btf__add_array(t->btf, t->u32, t->ch, 8);
	both = btf__add_union(t->btf, NULL, 4);
	btf__add_field(t->btf, "a", t->u32, 0, 0);
	btf__add_field(t->btf, "f", t->f32, 0, 0);
	point = btf__add_struct(t->btf, NULL, 4);
	btf__add_field(t->btf, "x", t->u16, 0, 0);
	btf__add_field(t->btf, "y", t->u16, 16, 0);
	points = btf__add_array(t->btf, t->u32, point, 2);
	t->flow = btf__add_struct(t->btf, "flow", FLOW_SIZE);
	btf__add_field(t->btf, "packets", t->u64, 0, 0);
	btf__add_field(t->btf, "delta", t->s32, 64, 0);
	btf__add_field(t->btf, "port", t->u16, 96, 0);
	btf__add_field(t->btf, "mac", mac, 112, 0);
	btf__add_field(t->btf, "ok", t->yes, 160, 0);
	btf__add_field(t->btf, "name", name, 168, 0);
	btf__add_field(t->btf, "state", t->state, 256, 0);
	btf__add_field(t->btf, "low", t->u32, 288, 3);
	btf__add_field(t->btf, "high", t->s32, 291, 5);
	btf__add_field(t->btf, NULL, both, 320, 0);
	btf__add_field(t->btf, "at", points, 352, 0);
	btf__add_field(t->btf, "d", t->f64, 448, 0);
}

static inline int btf_types_setup(void **state)
{
	struct btf_types *t = calloc(1, sizeof(*t));

	t->btf = btf__new_empty();
	t->u8 = btf__add_int(t->btf, "unsigned char", 1, 0);
	t->u16 = btf__add_int(t->btf, "unsigned short", 2, 0);
	t->s32 = btf__add_int(t->btf, "int", 4, BTF_INT_SIGNED);
	t->u32 = btf__add_int(t->btf, "unsigned int", 4, 0);
	t->u64 = btf__add_int(t->btf, "unsigned long", 8, 0);
	t->u128 = btf__add_int(t->btf, "unsigned __int128", 16, 0);
	t->s128 = btf__add_int(t->btf, "__int128", 16, BTF_INT_SIGNED);
	t->yes = btf__add_int(t->btf, "_Bool", 1, BTF_INT_BOOL);
	t->ch = btf__add_int(t->btf, "char", 1, BTF_INT_SIGNED);
	t->f32 = btf__add_float(t->btf, "float", 4);
	t->f64 = btf__add_float(t->btf, "double", 8);
	t->state = btf__add_enum(t->btf, "state", 4);
	btf__add_enum_value(t->btf, "IDLE", 0);
	btf__add_enum_value(t->btf, "BUSY", 7);
	btf__add_enum_value(t->btf, "LOST", -1);
	t->list = btf__add_array(t->btf, t->u32, t->u32, 3);
	btf_types_add_flow(t);
	*state = t;
	return 0;
}

static inline int btf_types_teardown(void **state)
{
	struct btf_types *t = *state;

	btf__free(t->btf);
	free(t);
	return 0;
}

#endif
