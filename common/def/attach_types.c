/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stddef.h>
#include <string.h>

#include "base/args.h"
#include "base/suggest.h"
#include "def/attach_types.h"

/* enum bpf_prog_type, as far as cgroups are concerned; the numbers are kernel ABI. */
enum {
	PROG_CGROUP_SKB = 8,
	PROG_CGROUP_SOCK = 9,
	PROG_SOCK_OPS = 13,
	PROG_CGROUP_DEVICE = 15,
	PROG_CGROUP_SOCK_ADDR = 18,
	PROG_CGROUP_SYSCTL = 23,
	PROG_CGROUP_SOCKOPT = 25,
	PROG_LSM = 29,
	/* And those of newer_sections. */
	PROG_KPROBE = 2,
	PROG_SCHED_CLS = 3,
	PROG_NETFILTER = 32,
};

#define SKB(value, name, alias, since)                                               \
	{                                                                            \
		"cgroup_inet_" name, alias, value, PROG_CGROUP_SKB, ATTACH_RULE_SKB, \
			{"cgroup_skb/" name, "cgroup/skb"}, since                    \
	}
#define ANY(value, name, alias, type, section, since)                        \
	{                                                                    \
		name, alias, value, type, ATTACH_RULE_NONE, {section}, since \
	}
#define EXACT(value, name, alias, type, section, since)                       \
	{                                                                     \
		name, alias, value, type, ATTACH_RULE_EXACT, {section}, since \
	}
#define ADDR(value, name, alias, since) \
	EXACT(value, name, alias, PROG_CGROUP_SOCK_ADDR, "cgroup/" alias, since)
/* No aliases: they came after bpftool had given up inventing words of its own. */
#define UNIX(value, verb)                                              \
	EXACT(value, "cgroup_unix_" verb, NULL, PROG_CGROUP_SOCK_ADDR, \
	      "cgroup/" verb "_unix", "6.7")

/* By value: the order in which the installed bpftool (7.1) matches prefixes and lists. */
const struct attach_type attach_types[] = {
	SKB(0, "ingress", "ingress", "4.10"),
	SKB(1, "egress", "egress", "4.10"),
	{"cgroup_inet_sock_create",
	 "sock_create",
	 2,
	 PROG_CGROUP_SOCK,
	 ATTACH_RULE_EXACT,
	 {"cgroup/sock_create", "cgroup/sock"},
	 "4.10"},
	ANY(3, "cgroup_sock_ops", "sock_ops", PROG_SOCK_OPS, "sockops", "4.13"),
	{"cgroup_device",
	 "device",
	 6,
	 PROG_CGROUP_DEVICE,
	 ATTACH_RULE_NONE,
	 {"cgroup/dev", "cgroup/device"},
	 "4.15"},
	ADDR(8, "cgroup_inet4_bind", "bind4", "4.17"),
	ADDR(9, "cgroup_inet6_bind", "bind6", "4.17"),
	ADDR(10, "cgroup_inet4_connect", "connect4", "4.17"),
	ADDR(11, "cgroup_inet6_connect", "connect6", "4.17"),
	EXACT(12, "cgroup_inet4_post_bind", "post_bind4", PROG_CGROUP_SOCK,
	      "cgroup/post_bind4", "4.17"),
	EXACT(13, "cgroup_inet6_post_bind", "post_bind6", PROG_CGROUP_SOCK,
	      "cgroup/post_bind6", "4.17"),
	ADDR(14, "cgroup_udp4_sendmsg", "sendmsg4", "4.18"),
	ADDR(15, "cgroup_udp6_sendmsg", "sendmsg6", "4.18"),
	ANY(18, "cgroup_sysctl", "sysctl", PROG_CGROUP_SYSCTL, "cgroup/sysctl", "5.2"),
	ADDR(19, "cgroup_udp4_recvmsg", "recvmsg4", "5.2"),
	ADDR(20, "cgroup_udp6_recvmsg", "recvmsg6", "5.2"),
	EXACT(21, "cgroup_getsockopt", "getsockopt", PROG_CGROUP_SOCKOPT,
	      "cgroup/getsockopt", "5.3"),
	EXACT(22, "cgroup_setsockopt", "setsockopt", PROG_CGROUP_SOCKOPT,
	      "cgroup/setsockopt", "5.3"),
	ADDR(29, "cgroup_inet4_getpeername", "getpeername4", "5.8"),
	ADDR(30, "cgroup_inet6_getpeername", "getpeername6", "5.8"),
	ADDR(31, "cgroup_inet4_getsockname", "getsockname4", "5.8"),
	ADDR(32, "cgroup_inet6_getsockname", "getsockname6", "5.8"),
	EXACT(34, "cgroup_inet_sock_release", "sock_release", PROG_CGROUP_SOCK,
	      "cgroup/sock_release", "5.9"),
	EXACT(43, "lsm_cgroup", NULL, PROG_LSM, "lsm_cgroup", "6.0"),
	UNIX(49, "connect"),
	UNIX(50, "sendmsg"),
	UNIX(51, "recvmsg"),
	UNIX(52, "getpeername"),
	UNIX(53, "getsockname"),
	{.name = NULL},
};

/* Sections that libbpf came to know after 1.1, with what their programs expect. */
static const struct {
	const char *section;
	uint32_t prog_type, attach_type;
} newer_sections[] = {
	{"tc/ingress", PROG_SCHED_CLS, 46},     {"tc/egress", PROG_SCHED_CLS, 47},
	{"tcx/ingress", PROG_SCHED_CLS, 46},    {"tcx/egress", PROG_SCHED_CLS, 47},
	{"netkit/primary", PROG_SCHED_CLS, 54}, {"netkit/peer", PROG_SCHED_CLS, 55},
	{"netfilter", PROG_NETFILTER, 45},      {"kprobe.session", PROG_KPROBE, 56},
	{"uprobe.multi", PROG_KPROBE, 48},      {"uretprobe.multi", PROG_KPROBE, 48},
	{"uprobe.session", PROG_KPROBE, 57},
};

const struct attach_type *attach_type_by_name(const char *word)
{
	const struct attach_type *t;

	for (t = attach_types; t->name; t++)
		if (*word == *t->name && strcmp(word, t->name) == 0)
			return t;
	for (t = attach_types; t->name; t++)
		if (args_is_prefix(word, t->alias ? t->alias : t->name))
			return t;
	return NULL;
}

const struct attach_type *attach_type_by_value(uint32_t value)
{
	const struct attach_type *t;

	for (t = attach_types; t->name; t++)
		if (t->value == value)
			return t;
	return NULL;
}

/* The mark of libbpf's optional programs is not part of the name. */
static const char *section_plain(const char *section)
{
	return section[0] == '?' ? section + 1 : section;
}

/* Is section this word, or this word and more behind a '/'? As libbpf >= 1.0 reads it. */
static bool section_is(const char *section, const char *word)
{
	size_t n = strlen(word);

	return strncmp(section, word, n) == 0 && (!section[n] || section[n] == '/');
}

/*
 * How well a row's section names describe section: the length of the longest one that it
 * is, 0 for none. iproute2-based loaders wrote the socket address types bare ("sendmsg4");
 * "ingress" and "egress" are left out on purpose, because classifiers are called that.
 */
static size_t section_fit(const struct attach_type *t, const char *section)
{
	size_t best = 0;

	for (size_t i = 0; i < array_size(t->sections) && t->sections[i]; i++) {
		size_t n = strlen(t->sections[i]);

		if (section_is(section, t->sections[i]) && n > best)
			best = n;
	}
	if (t->prog_type == PROG_CGROUP_SOCK_ADDR && t->alias &&
	    strcmp(section, t->alias) == 0)
		return strlen(section);
	return best;
}

static const struct attach_type *best_fit(const char *section, size_t *ret_fit)
{
	const struct attach_type *best = NULL;

	*ret_fit = 0;
	for (const struct attach_type *t = attach_types; t->name; t++) {
		size_t fit = section_fit(t, section);

		if (fit > *ret_fit) {
			*ret_fit = fit;
			best = t;
		}
	}
	return best;
}

const struct attach_type *attach_type_by_section(const char *section)
{
	size_t fit;

	return best_fit(section_plain(section), &fit);
}

bool attach_type_fits_section(const struct attach_type *type, const char *section)
{
	const char *plain = section_plain(section);
	size_t fit;

	return best_fit(plain, &fit) && section_fit(type, plain) == fit;
}

size_t attach_types_of_section(const char *section, struct strbuf *list)
{
	size_t nr = 0;

	for (const struct attach_type *t = attach_types; t->name; t++) {
		if (!attach_type_fits_section(t, section))
			continue;
		sb_add_sep(list, ", ", t->sections[0]);
		nr++;
	}
	return nr;
}

/* What stands behind the last '/'. */
static const char *last_part(const char *section)
{
	const char *slash = strrchr(section, '/');

	return slash ? slash + 1 : section;
}

/* The same but for "cgroup/" and what stands in front or behind, or a slip of the finger. */
static bool is_near(const char *section, const char *known)
{
	const char *a = last_part(section), *b = last_part(known);
	struct suggest s = {.word = a};

	if (strlen(a) < 3)
		return false;
	suggest_offer(&s, b);
	return s.best || strstr(a, b) || strstr(b, a);
}

void attach_types_near_section(const char *section, struct strbuf *list)
{
	enum { NEAR_MAX = 6 };
	size_t nr = 0;

	for (const struct attach_type *t = attach_types; t->name; t++) {
		if (nr == NEAR_MAX || !is_near(section_plain(section), t->sections[0]))
			continue;
		sb_add_sep(list, ", ", "'");
		sb_addf(list, "%s'", t->sections[0]);
		nr++;
	}
}

bool prog_type_by_section(const char *section, uint32_t *prog_type, uint32_t *attach_type)
{
	const struct attach_type *cgroup = attach_type_by_section(section);

	if (cgroup) {
		*prog_type = cgroup->prog_type;
		*attach_type = cgroup->rule == ATTACH_RULE_NONE ? 0 : cgroup->value;
		return true;
	}
	for (size_t i = 0; i < array_size(newer_sections); i++) {
		if (!section_is(section_plain(section), newer_sections[i].section))
			continue;
		*prog_type = newer_sections[i].prog_type;
		*attach_type = newer_sections[i].attach_type;
		return true;
	}
	return false;
}

const char *attach_type_name(uint32_t value)
{
	/* Index = enum bpf_attach_type, Linux 6.18; the gaps are rows of attach_types. */
	static const char *const names[] = {
		[4] = "sk_skb_stream_parser",
		[5] = "sk_skb_stream_verdict",
		[7] = "sk_msg_verdict",
		[16] = "lirc_mode2",
		[17] = "flow_dissector",
		[23] = "trace_raw_tp",
		[24] = "trace_fentry",
		[25] = "trace_fexit",
		[26] = "modify_return",
		[27] = "lsm_mac",
		[28] = "trace_iter",
		[33] = "xdp_devmap",
		[35] = "xdp_cpumap",
		[36] = "sk_lookup",
		[37] = "xdp",
		[38] = "sk_skb_verdict",
		[39] = "sk_reuseport_select",
		[40] = "sk_reuseport_select_or_migrate",
		[41] = "perf_event",
		[42] = "trace_kprobe_multi",
		[44] = "struct_ops",
		[45] = "netfilter",
		[46] = "tcx_ingress",
		[47] = "tcx_egress",
		[48] = "trace_uprobe_multi",
		[54] = "netkit_primary",
		[55] = "netkit_peer",
		[56] = "trace_kprobe_session",
		[57] = "trace_uprobe_session",
	};
	const struct attach_type *type = attach_type_by_value(value);

	if (type)
		return type->name;
	return value < array_size(names) ? names[value] : NULL;
}

const char *prog_type_name(uint32_t prog_type)
{
	/* Index = enum bpf_prog_type. */
	static const char *const names[] = {
		"unspec",
		"socket_filter",
		"kprobe",
		"sched_cls",
		"sched_act",
		"tracepoint",
		"xdp",
		"perf_event",
		"cgroup_skb",
		"cgroup_sock",
		"lwt_in",
		"lwt_out",
		"lwt_xmit",
		"sock_ops",
		"sk_skb",
		"cgroup_device",
		"sk_msg",
		"raw_tracepoint",
		"cgroup_sock_addr",
		"lwt_seg6local",
		"lirc_mode2",
		"sk_reuseport",
		"flow_dissector",
		"cgroup_sysctl",
		"raw_tracepoint_writable",
		"cgroup_sockopt",
		"tracing",
		"struct_ops",
		"ext",
		"lsm",
		"sk_lookup",
		"syscall",
		"netfilter",
	};

	return prog_type < array_size(names) ? names[prog_type] : NULL;
}
