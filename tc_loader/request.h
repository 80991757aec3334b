/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the user asked for, nothing looked up: no interface numbers, no file descriptors.
 * All words are borrowed from the command line. The parser writes a request; once it has
 * returned nobody does. Every field is read by its verb: tests/lint/request_fields.sh.
 */
#ifndef TC_LOADER_REQUEST_H
#define TC_LOADER_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "netlink/nl_filter.h"
#include "netlink/nl_qdisc.h"
#include "load/placement.h"

/* Whose help was asked for in place of acting. */
enum request_help { HELP_NONE, HELP_VERB, HELP_BPF };

struct request_qdisc {
	enum nl_qdisc_op op;
	enum request_help help;
	const char *dev;  /* NULL: not said */
	const char *devs; /* in its place: several */
	const char *kind; /* "clsact" or "ingress"; NULL: not said */
	bool no_kind;     /* nor does the parent mean one of the two */
	uint32_t parent;  /* 0: not said, as handle */
	uint32_t handle;
	uint32_t ingress_block, egress_block; /* 0: none */
	bool invisible;
};

enum request_source {
	SOURCE_NONE,
	SOURCE_BYTECODE, /* already in request_filter.ops */
	SOURCE_BYTECODE_FILE,
	SOURCE_OBJECT,
	SOURCE_PINNED,
};

/* A program, of a filter or for a slot. */
struct request_bpf {
	enum request_source source;
	const char *path;
	const char *section, *program; /* NULL: not said */
	const char *export;            /* socket that the maps are sent to */
	bool verbose;
	struct map_overrides overrides;
	struct constants constants;
};

/* What is named by its id, or by a pin that says what it is. */
struct request_anchor {
	uint32_t program, link; /* ids; 0: not said */
	const char *pin;        /* NULL: not said */
};

/* A list of tcx or netkit, in place of a qdisc's filters. */
struct request_tcx {
	bool tcx;           /* the word */
	const char *netkit; /* "primary", "peer"; NULL: not said */
	bool clsact;        /* the word: what moves comes from tcx */
	bool before, after;
	struct request_anchor anchor; /* nothing: all of them */
	bool replace;
	const char *link_pin; /* NULL: not said */
	uint32_t id;          /* of del: a program; 0: not said */
	uint32_t attach_type; /* what all of it comes to; 0: filters */
};

struct request_filter {
	enum nl_filter_op op;
	enum request_help help;
	const char *dev;
	const char *devs; /* in its place: several */
	uint32_t block;   /* in its place: a shared block; 0: none */
	bool has_parent;
	uint32_t parent;
	uint16_t pref;     /* 0: not said */
	bool wide_pref;    /* of a list: more than pref holds, so that prefs are shown */
	uint16_t protocol; /* host order; 0: not said */
	bool has_chain;
	uint32_t chain;
	bool is_bpf;     /* the kind was said */
	uint32_t handle; /* the kind's; 0: not said */
	/* The first word that changes nothing in this command; NULL: none. */
	const char *ignored;

	/* Of filters to be made; of others nothing below was said. */
	bool has_options; /* words after the kind */
	bool direct_action, skip_hw, skip_sw;
	bool has_classid;
	uint32_t classid;
	struct sock_filter *ops; /* SOURCE_BYTECODE; owned */
	size_t nr_ops;
	struct request_bpf bpf;
	struct request_tcx tcx;
};

/* The help of exec and of its bpf are two in tc. */
enum exec_op {
	EXEC_NOTHING,
	EXEC_HELP,
	EXEC_BPF_HELP,
	EXEC_IMPORT,
	EXEC_DEBUG,
	EXEC_GRAFT
};

/*
 * "exec bpf": maps received from another tc, a program put into a slot of a pinned prog
 * array, the kernel's trace.
 */
struct request_exec {
	enum exec_op op;
	const char *path; /* import: socket to make; graft: pin of the prog array */
	/* import: what runs with the maps, not NULL terminated; none: a shell */
	char **command;
	int nr_command;
	/* graft */
	bool has_key; /* else: the number behind the slash of the section's name */
	uint32_t key;
	uint32_t prog_type;
	struct request_bpf bpf; /* SOURCE_OBJECT or SOURCE_PINNED */
};

#endif
