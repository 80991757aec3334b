/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <arpa/inet.h>
#include <bpf/btf.h>
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "btf/readable.h"

size_t readable_size(enum readable_kind kind)
{
	static const size_t sizes[] = {
		[READABLE_IPV4] = 4, [READABLE_IPV6] = 16,   [READABLE_MAC] = 6,
		[READABLE_PORT] = 2, [READABLE_PREFIX4] = 8, [READABLE_PREFIX6] = 20,
		[READABLE_BE64] = 8, [READABLE_CGROUP] = 8,  [READABLE_RAW] = 0,
	};

	return sizes[kind];
}

/* --- what it is --------------------------------------------- */

static const struct {
	const char *name; /* of a typedef or a struct */
	enum readable_kind kind;
} type_names[] = {
	{"__be32", READABLE_IPV4},        {"be32", READABLE_IPV4},
	{"in_addr_t", READABLE_IPV4},     {"in_addr", READABLE_IPV4},
	{"in6_addr", READABLE_IPV6},      {"__be16", READABLE_PORT},
	{"be16", READABLE_PORT},          {"in_port_t", READABLE_PORT},
	{"__be64", READABLE_BE64},        {"be64", READABLE_BE64},
	{"cgroup_id_t", READABLE_CGROUP},
};

static enum readable_kind kind_of_name(const struct btf *btf, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(btf, t->name_off);

	for (size_t i = 0; name && i < array_size(type_names); i++)
		if (strcmp(name, type_names[i].name) == 0)
			return type_names[i].kind;
	return READABLE_NOT;
}

static bool is_bytes(const struct btf *btf, uint32_t type_id)
{
	int id = btf__resolve_type(btf, type_id);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);

	return t && btf_is_array(t) && btf__resolve_size(btf, btf_array(t)->type) == 1;
}

/* A prefixlen of 32 bits, or what of kernel headers stands around one. */
static bool is_prefixlen(const struct btf *btf, const struct btf_member *m, int depth)
{
	const char *name = btf__name_by_offset(btf, m->name_off);
	int id = btf__resolve_type(btf, m->type);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);

	if (!t || btf__resolve_size(btf, m->type) != 4)
		return false;
	if (btf_is_int(t))
		return name && strcmp(name, "prefixlen") == 0;
	return depth < 4 && btf_is_composite(t) && btf_vlen(t) &&
	       is_prefixlen(btf, btf_members(t), depth + 1);
}

static enum readable_kind prefix_type(const struct btf *btf, const struct btf_type *t,
				      uint32_t id)
{
	const struct btf_member *m = btf_members(t);
	enum readable_kind kind;

	if (btf_vlen(t) != 2 || btf_member_bit_offset(t, 1) != 32 ||
	    !is_prefixlen(btf, m, 0))
		return READABLE_NOT;
	kind = readable_member(btf, id, 1);
	/* A trie compares bytes from the left: what is as long as an address is one. */
	if (kind == READABLE_NOT && is_bytes(btf, m[1].type)) {
		int64_t size = btf__resolve_size(btf, m[1].type);

		kind = size == 4    ? READABLE_IPV4
		       : size == 16 ? READABLE_IPV6
				    : READABLE_NOT;
	}
	switch (kind) {
	case READABLE_IPV4:
		return READABLE_PREFIX4;
	case READABLE_IPV6:
		return READABLE_PREFIX6;
	default:
		return READABLE_NOT;
	}
}

/* What is said of a value has to have its size. */
static enum readable_kind kind_if_fits(const struct btf *btf, uint32_t id,
				       enum readable_kind kind)
{
	int64_t size = btf__resolve_size(btf, id);

	return size >= 0 && (size_t)size == readable_size(kind) ? kind : READABLE_NOT;
}

enum readable_kind readable_type(const struct btf *btf, uint32_t type_id)
{
	uint32_t id = type_id;

	for (int i = 0; i < 32; i++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		enum readable_kind kind = READABLE_NOT;

		if (!t)
			break;
		if (btf_is_typedef(t) || btf_is_struct(t))
			kind = kind_of_name(btf, t);
		if (kind == READABLE_NOT && btf_is_struct(t))
			kind = prefix_type(btf, t, id);
		if (kind != READABLE_NOT)
			return kind_if_fits(btf, type_id, kind);
		if (!btf_is_typedef(t) && !btf_is_mod(t))
			break;
		id = t->type;
	}
	return READABLE_NOT;
}

/* The tag of a member; NULL: it has none of ours. */
static const char *member_tag(const struct btf *btf, uint32_t struct_id, uint32_t index)
{
	static const char *const tags[] = {"ipv4", "ipv6",   "mac",
					   "port", "cgroup", "raw"};

	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const char *text;

		if (!btf_is_decl_tag(t) || t->type != struct_id ||
		    btf_decl_tag(t)->component_idx != (int)index)
			continue;
		text = btf__name_by_offset(btf, t->name_off);
		for (size_t i = 0; text && i < array_size(tags); i++)
			if (strcmp(text, tags[i]) == 0)
				return tags[i];
	}
	return NULL;
}

static bool ends_in(const char *name, const char *tail)
{
	size_t n = strlen(name), len = strlen(tail);

	return n > len && strcmp(name + n - len, tail) == 0;
}

static bool is_mac_name(const char *name)
{
	static const char *const names[] = {"mac", "smac", "dmac", "h_dest", "h_source"};

	for (size_t i = 0; i < array_size(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return ends_in(name, "_mac");
}

static bool is_cgroup_name(const char *name)
{
	static const char *const names[] = {"cgroup_id", "cgid", "cgrp_id"};

	for (size_t i = 0; i < array_size(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return ends_in(name, "_cgroup_id") || ends_in(name, "_cgid");
}

static bool is_integer(const struct btf *btf, uint32_t type_id)
{
	int id = btf__resolve_type(btf, type_id);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);

	return t && btf_is_int(t);
}

enum readable_kind readable_member(const struct btf *btf, uint32_t struct_id,
				   uint32_t index)
{
	static const struct {
		const char *tag;
		enum readable_kind kind;
	} tagged[] = {
		{"ipv4", READABLE_IPV4},     {"ipv6", READABLE_IPV6},
		{"mac", READABLE_MAC},       {"port", READABLE_PORT},
		{"cgroup", READABLE_CGROUP},
	};
	const struct btf_type *t = btf__type_by_id(btf, struct_id);
	const struct btf_member *m = btf_members(t) + index;
	const char *tag = member_tag(btf, struct_id, index);
	const char *name = btf__name_by_offset(btf, m->name_off);

	if (btf_member_bitfield_size(t, index) || btf_member_bit_offset(t, index) % 8)
		return READABLE_NOT;
	for (size_t i = 0; tag && i < array_size(tagged); i++)
		if (strcmp(tag, tagged[i].tag) == 0)
			return kind_if_fits(btf, m->type, tagged[i].kind);
	if (tag)
		return READABLE_RAW;
	if (name && is_mac_name(name) && is_bytes(btf, m->type))
		return kind_if_fits(btf, m->type, READABLE_MAC);
	if (name && is_cgroup_name(name) && is_integer(btf, m->type))
		return kind_if_fits(btf, m->type, READABLE_CGROUP);
	return readable_type(btf, m->type);
}

/* --- its text ----------------------------------------------- */

static uint64_t load_be64(const unsigned char *bytes)
{
	uint64_t number;

	memcpy(&number, bytes, sizeof(number));
	return be64toh(number);
}

size_t readable_print(enum readable_kind kind, const void *bytes,
		      char text[READABLE_TEXT])
{
	const unsigned char *b = bytes;
	size_t n = 0;
	uint32_t length;

	switch (kind) {
	case READABLE_MAC:
		return (size_t)snprintf(text, READABLE_TEXT,
					"%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2],
					b[3], b[4], b[5]);
	case READABLE_PORT:
		return (size_t)snprintf(text, READABLE_TEXT, ":%d", b[0] << 8 | b[1]);
	case READABLE_BE64:
		return (size_t)snprintf(text, READABLE_TEXT, ":%" PRIu64, load_be64(b));
	case READABLE_PREFIX4:
	case READABLE_PREFIX6:
		memcpy(&length, b, sizeof(length));
		n = readable_print(kind == READABLE_PREFIX4 ? READABLE_IPV4
							    : READABLE_IPV6,
				   b + 4, text);
		return n + (size_t)snprintf(text + n, READABLE_TEXT - n, "/%u", length);
	default:
		inet_ntop(kind == READABLE_IPV4 ? AF_INET : AF_INET6, b, text,
			  READABLE_TEXT);
		return strlen(text);
	}
}

static bool parse_prefix(enum readable_kind kind, const char *text, unsigned char *bytes)
{
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : 0;
	char address[READABLE_TEXT];
	uint64_t length;
	uint32_t prefixlen;
	auto_err err = ERR_INIT;

	if (!slash || n >= sizeof(address) ||
	    args_to_number("prefixlen", slash + 1, 0, kind == READABLE_PREFIX4 ? 32 : 128,
			   &length, &err) < 0)
		return false;
	memcpy(address, text, n);
	address[n] = '\0';
	if (inet_pton(kind == READABLE_PREFIX4 ? AF_INET : AF_INET6, address,
		      bytes + 4) != 1)
		return false;
	prefixlen = (uint32_t)length;
	memcpy(bytes, &prefixlen, sizeof(prefixlen));
	return true;
}

static bool parse_mac(const char *text, unsigned char *bytes)
{
	if (strlen(text) != 17 || strspn(text, "0123456789abcdefABCDEF:") != 17)
		return false;
	for (const char *at = text;; at += 3) {
		char *end;

		*bytes++ = (unsigned char)strtoul(at, &end, 16);
		if (end != at + 2 || (*end && *end != ':'))
			return false;
		if (!*end)
			break;
	}
	return true;
}

bool readable_parse(enum readable_kind kind, const char *text,
		    unsigned char bytes[READABLE_BYTES])
{
	unsigned char read[READABLE_BYTES];
	auto_err err = ERR_INIT;
	uint64_t number;
	bool ok = false;

	switch (kind) {
	case READABLE_NOT:
	case READABLE_CGROUP:
	case READABLE_RAW:
		break;
	case READABLE_IPV4:
		ok = inet_pton(AF_INET, text, read) == 1;
		break;
	case READABLE_IPV6:
		ok = inet_pton(AF_INET6, text, read) == 1;
		break;
	case READABLE_MAC:
		ok = parse_mac(text, read);
		break;
	case READABLE_PORT:
		ok = *text == ':' &&
		     args_to_number("port", text + 1, 0, UINT16_MAX, &number, &err) == 0;
		if (ok) {
			read[0] = (unsigned char)(number >> 8);
			read[1] = (unsigned char)number;
		}
		break;
	case READABLE_BE64:
		ok = *text == ':' && args_to_number("number", text + 1, 0, UINT64_MAX,
						    &number, &err) == 0;
		if (ok) {
			number = htobe64(number);
			memcpy(read, &number, sizeof(number));
		}
		break;
	default:
		ok = parse_prefix(kind, text, read);
	}
	if (ok)
		memcpy(bytes, read, readable_size(kind));
	return ok;
}
