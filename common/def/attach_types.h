/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one table of program types and cgroup attach types: names, section names, enum
 * values, rules. Usage texts, parser, man page check and output all read it. Constants
 * newer than the installed headers are spelled out here.
 */
#ifndef DEF_ATTACH_TYPES_H
#define DEF_ATTACH_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

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
 * Types whose programs stand in this section: its whole name is a row's, or begins with it
 * and goes on behind a '/' ("cgroup/post_bind6/x"); libbpf before 1.0 took any tail, and so
 * "cgroup/sockopt" for "cgroup/sock". "cgroup/skb" fits ingress and egress; the first of
 * them is returned, and attach_type_fits_section() answers for both.
 */
const struct attach_type *attach_type_by_section(const char *section);
bool attach_type_fits_section(const struct attach_type *type, const char *section);
/* Number of types that fit, their sections appended: "cgroup_skb/ingress, ...". */
size_t attach_types_of_section(const char *section, struct strbuf *list);
/* For a section that names no type, those that may have been meant: "'sockops'". */
void attach_types_near_section(const char *section, struct strbuf *list);

/*
 * Type and expected attach type (0: any) of programs in this section, where it is a
 * cgroup's or one that libbpf 1.1 does not know. False: neither, libbpf may know.
 */
bool prog_type_by_section(const char *section, uint32_t *prog_type,
			  uint32_t *attach_type);

/* The name of any enum bpf_attach_type, cgroups' or not; NULL: unknown. */
const char *attach_type_name(uint32_t value);

/* "sched_cls", "cgroup_skb" … as bpftool writes program types; NULL: unknown. */
const char *prog_type_name(uint32_t prog_type);

#endif
