/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one table of program types and cgroup attach types: names, section names, enum
 * values, rules. Usage texts, parser, man page check and output all read it. Constants
 * newer than the installed headers are spelled out here.
 */
#ifndef FORMAT_ATTACH_TYPES_H
#define FORMAT_ATTACH_TYPES_H

#include <stdbool.h>
#include <stdint.h>

/* How the expected attach type of a program binds it (Linux 6.18). */
enum attach_rule {
	ATTACH_RULE_NONE,  /* sockops, dev, sysctl: any value loads and attaches */
	ATTACH_RULE_SKB,   /* ingress and egress may be swapped unless the program returns
			      2/3 */
	ATTACH_RULE_EXACT, /* must be given at load and be the same at attach */
};

struct attach_type {
	const char *name;   /* "cgroup_inet_egress": output, and whole-word input */
	const char *alias;  /* "egress": older input, any prefix; NULL: none */
	uint32_t value;     /* enum bpf_attach_type */
	uint32_t prog_type; /* enum bpf_prog_type */
	enum attach_rule rule;
	const char *sections[4]; /* "cgroup_skb/egress", …; NULL ends */
	const char *since;       /* "4.10": kernel release */
};

/* In the order in which prefixes of aliases are matched and types are listed; name NULL
 * ends. */
extern const struct attach_type attach_types[];

/*
 * As bpftool reads it: a new name as a whole word, or any prefix of an alias, first row
 * wins; names without an alias also by prefix. NULL: unknown.
 */
const struct attach_type *attach_type_by_name(const char *word);
const struct attach_type *attach_type_by_value(uint32_t value);
/*
 * Types whose programs stand in this section: the exact row first; before libbpf 1.0
 * names were matched by prefix ("cgroup/connect4_foo", "sockops1"), so that is tried
 * next, longest row first. "cgroup/skb" fits ingress and egress; the first of them is
 * returned, and attach_type_fits_section() answers for both.
 */
const struct attach_type *attach_type_by_section(const char *section);
bool attach_type_fits_section(const struct attach_type *type, const char *section);

/* The name of any enum bpf_attach_type, cgroups' or not; NULL: unknown. */
const char *attach_type_name(uint32_t value);

/* "sched_cls", "cgroup_skb" … as bpftool writes program types; NULL: unknown. */
const char *prog_type_name(uint32_t prog_type);

#endif
