/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the user asked for, nothing looked up: no interface numbers, no file descriptors.
 * All words are borrowed from the command line.
 */
#ifndef TC_LOADER_REQUEST_H
#define TC_LOADER_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "netlink/nl_filter.h"
#include "netlink/nl_qdisc.h"
#include "load/placement.h"

enum request_help { HELP_NONE, HELP_VERB, HELP_BPF };

struct request_qdisc {
	enum nl_qdisc_op op;
	enum request_help help;
	const char *dev;   /* NULL: not said */
	const char *devs;  /* in its place: several */
	bool has_parent;   /* also by clsact and ingress */
	struct nl_qdisc q; /* ifindex is not set */
};

enum request_source {
	SOURCE_NONE,
	SOURCE_BYTECODE, /* already in request_filter.f.ops */
	SOURCE_BYTECODE_FILE,
	SOURCE_OBJECT,
	SOURCE_PINNED,
};

struct request_bpf {
	enum request_source source;
	const char *path;
	const char *section, *program; /* NULL: not said */
	const char *export;            /* socket that the maps are sent to */
	bool verbose;
	struct map_overrides overrides;
};

struct request_filter {
	enum nl_filter_op op;
	enum request_help help;
	const char *dev;
	const char *devs; /* in its place: several */
	bool has_parent, has_pref, has_protocol;
	const char *handle; /* its grammar is the kind's; f.handle has the number */
	struct nl_filter f; /* ifindex, prog_fd and name are not set */
	struct request_bpf bpf;
};

#endif
