/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Filters of kind "bpf" (cls_bpf): struct <-> rtnetlink bytes. Other kinds are read as
 * far as the fields all filters share. No syscalls; parsing is safe on arbitrary bytes as
 * long as the message's own length is inside the buffer.
 */
#ifndef NETLINK_NL_FILTER_H
#define NETLINK_NL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct nlmsghdr;
struct sock_filter;

enum {
	NL_KIND_MAX = 16, /* IFNAMSIZ: the kernel's limit of a kind, with NUL */
	NL_FILTER_NAME_MAX =
		257, /* the kernel stores 255 bytes; dumps may hold one more */
	NL_FILTER_OPS_MAX = 4096,
	/* Room for any request: the longest classic program and all attributes around it.
	 */
	NL_FILTER_BUF = 36 * 1024,
};

/* tcm_parent values; as in linux/pkt_sched.h, repeated so that callers need no kernel
 * header. */
#define NL_PARENT_ROOT    0xffffffffu
#define NL_PARENT_QDISC   0xfffffff1u /* where clsact and ingress themselves sit */
#define NL_PARENT_INGRESS 0xfffffff2u
#define NL_PARENT_EGRESS  0xfffffff3u

/* What the kernel is asked to do; decides message type and flags. */
enum nl_filter_op {
	NL_FILTER_ADD,     /* fails if it exists */
	NL_FILTER_REPLACE, /* creates or replaces */
	NL_FILTER_CHANGE,  /* must exist */
	NL_FILTER_DEL,
	NL_FILTER_GET,
	NL_FILTER_SHOW, /* a dump */
};

enum nl_filter_prog {
	NL_FILTER_NO_PROG,
	NL_FILTER_CBPF, /* ops */
	NL_FILTER_EBPF, /* prog_fd in requests, prog_id in answers; name */
};

/*
 * One filter. In requests zero means "not said": the kernel chooses (add), or does not
 * select by it (del, show). In answers all of it is filled.
 */
struct nl_filter {
	int ifindex;     /* 0 for a filter of a shared block */
	uint32_t block;  /* shared block, 0: none */
	uint32_t parent; /* NL_PARENT_*, a qdisc or class; unused with block */
	uint32_t handle;
	uint16_t pref;
	uint16_t protocol; /* host order: 3 is "all", 0x0800 "ip" */
	bool has_chain;
	uint32_t chain;
	char kind[NL_KIND_MAX]; /* "": none sent */

	/* The kernel's header record of a pref has no options. */
	bool has_options;
	bool has_classid;
	uint32_t classid;
	enum nl_filter_prog prog;
	struct sock_filter *ops; /* owned after nl_filter_parse() */
	size_t nr_ops;
	int prog_fd;
	uint32_t prog_id; /* 0: not told */
	char name[NL_FILTER_NAME_MAX];
	bool has_tag;
	uint8_t tag[8];
	bool direct_action;
	uint32_t gen_flags; /* TCA_CLS_FLAGS_*: skip_hw 1, skip_sw 2, in_hw 4, not_in_hw 8
			     */
	bool has_actions; /* tc actions or a policer hang on it; their bytes are not read
			   */
};

/*
 * Writes the request into buf (size bytes, aligned for nlmsghdr; NL_FILTER_BUF always
 * does). -EMSGSIZE when it does not fit. Names longer than the kernel takes are cut.
 * Sequence number and port stay 0.
 */
int nl_filter_build(void *buf, size_t size, const struct nl_filter *f,
		    enum nl_filter_op op) must_check;

/*
 * Reads RTM_NEWTFILTER, RTM_DELTFILTER or RTM_GETTFILTER (requests too). -EINVAL for
 * another type, a short message, an attribute that runs over the end, has the wrong size,
 * or no kind in an answer. ret is written only on success and needs nl_filter_release().
 */
int nl_filter_parse(struct nl_filter *ret, const struct nlmsghdr *nlh) must_check;

void nl_filter_release(struct nl_filter *f);

/* A chain of filters, in events. */
struct nl_chain {
	int ifindex;
	uint32_t block, parent, chain;
};

/* Reads RTM_NEWCHAIN or RTM_DELCHAIN; -EINVAL as above. */
int nl_chain_parse(struct nl_chain *ret, const struct nlmsghdr *nlh) must_check;

#endif
