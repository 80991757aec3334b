/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Addresses, ports and cgroups as people write them, in values whose BTF says that they are
 * some:
 *
 *	"192.0.2.1"       __be32, in_addr_t, struct in_addr
 *	"2001:db8::1"     struct in6_addr
 *	"02:00:00:00:00:01"  6 bytes in a member mac, *_mac, smac, dmac, h_dest or h_source
 *	":80"             __be16, in_port_t, __be64
 *	"192.0.2.0/24"    a struct of prefixlen (__u32) and an address, or 4 or 16 bytes
 *	"/sys/fs/cgroup/app"  the id of a cgroup: cgroup_id_t, and 8 bytes in a member
 *			  cgroup_id, cgid, cgrp_id, *_cgroup_id or *_cgid
 *
 * A btf_decl_tag of the member goes first: "ipv4", "ipv6", "mac", "port" or "cgroup" make it
 * that, "raw" none. None of the texts is a number, so a plain number stays what it was.
 */
#ifndef BTF_READABLE_H
#define BTF_READABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

struct btf;

/* What only the kernel can tell of an id. */
struct readable_names {
	/* Appends the path of the cgroup; false: it cannot be told. */
	bool (*cgroup_path)(uint64_t id, struct strbuf *ret);
	int (*cgroup_id)(const char *path, uint64_t *ret, struct err *err);
};

enum readable_kind {
	READABLE_NOT,
	READABLE_IPV4,
	READABLE_IPV6,
	READABLE_MAC,
	READABLE_PORT,
	READABLE_PREFIX4, /* a __u32, then the address */
	READABLE_PREFIX6,
	READABLE_BE64,
	READABLE_CGROUP, /* needs readable_names; never readable_print() and _parse() */
	READABLE_RAW,    /* a member that is said to be none, whatever its type */
};

enum {
	READABLE_BYTES = 20, /* the longest value, a READABLE_PREFIX6 */
	READABLE_TEXT = 64,  /* the longest text, with its NUL */
};

/* A value of this type that is no member. */
enum readable_kind readable_type(const struct btf *btf, uint32_t type_id);
/* Member index of the struct. */
enum readable_kind readable_member(const struct btf *btf, uint32_t struct_id,
				   uint32_t index);

/* Bytes of a value. */
size_t readable_size(enum readable_kind kind);
/* The text without quotes; its length. */
size_t readable_print(enum readable_kind kind, const void *bytes,
		      char text[READABLE_TEXT]);
/* False: text is none of that kind, bytes are unchanged. */
bool readable_parse(enum readable_kind kind, const char *text,
		    unsigned char bytes[READABLE_BYTES]);

#endif
