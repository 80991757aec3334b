/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <json-c/json.h>
#include <linux/perf_event.h>

#include "base/utf8.h"
#include "print.h"
#include "view/json_out.h"

/* As `perf list` has them. */
static const char *const event_types[] = {
	[PERF_TYPE_HARDWARE] = "hardware",
	[PERF_TYPE_SOFTWARE] = "software",
	[PERF_TYPE_TRACEPOINT] = "tracepoint",
	[PERF_TYPE_HW_CACHE] = "hw-cache",
	[PERF_TYPE_RAW] = "raw",
	[PERF_TYPE_BREAKPOINT] = "breakpoint",
};

static const char *const hardware_events[] = {
	[PERF_COUNT_HW_CPU_CYCLES] = "cpu-cycles",
	[PERF_COUNT_HW_INSTRUCTIONS] = "instructions",
	[PERF_COUNT_HW_CACHE_REFERENCES] = "cache-references",
	[PERF_COUNT_HW_CACHE_MISSES] = "cache-misses",
	[PERF_COUNT_HW_BRANCH_INSTRUCTIONS] = "branch-instructions",
	[PERF_COUNT_HW_BRANCH_MISSES] = "branch-misses",
	[PERF_COUNT_HW_BUS_CYCLES] = "bus-cycles",
	[PERF_COUNT_HW_STALLED_CYCLES_FRONTEND] = "stalled-cycles-frontend",
	[PERF_COUNT_HW_STALLED_CYCLES_BACKEND] = "stalled-cycles-backend",
	[PERF_COUNT_HW_REF_CPU_CYCLES] = "ref-cycles",
};

static const char *const software_events[] = {
	[PERF_COUNT_SW_CPU_CLOCK] = "cpu-clock",
	[PERF_COUNT_SW_TASK_CLOCK] = "task-clock",
	[PERF_COUNT_SW_PAGE_FAULTS] = "page-faults",
	[PERF_COUNT_SW_CONTEXT_SWITCHES] = "context-switches",
	[PERF_COUNT_SW_CPU_MIGRATIONS] = "cpu-migrations",
	[PERF_COUNT_SW_PAGE_FAULTS_MIN] = "minor-faults",
	[PERF_COUNT_SW_PAGE_FAULTS_MAJ] = "major-faults",
	[PERF_COUNT_SW_ALIGNMENT_FAULTS] = "alignment-faults",
	[PERF_COUNT_SW_EMULATION_FAULTS] = "emulation-faults",
	[PERF_COUNT_SW_DUMMY] = "dummy",
	[PERF_COUNT_SW_BPF_OUTPUT] = "bpf-output",
	[PERF_COUNT_SW_CGROUP_SWITCHES] = "cgroup-switches",
};

/* NULL: a number without a name. */
static const char *event_type_word(const struct link_probes *p)
{
	return p->event_type < array_size(event_types) ? event_types[p->event_type]
						       : NULL;
}

static const char *event_config_word(const struct link_probes *p)
{
	if (p->event_type == PERF_TYPE_HARDWARE)
		return p->event_config < array_size(hardware_events)
			       ? hardware_events[p->event_config]
			       : NULL;
	if (p->event_type == PERF_TYPE_SOFTWARE)
		return p->event_config < array_size(software_events)
			       ? software_events[p->event_config]
			       : NULL;
	return NULL;
}

static const char *probes_name(const struct link_probes *p)
{
	return p->name ? p->name : "";
}

/* --- text ------------------------------------------------- */

/* What is not for our eyes (kptr_restrict, CAP_SYSLOG) is no address 0. */
static void add_kprobe_row(struct strbuf *out, const struct link_probe *probe)
{
	const struct kernel_symbol *s = &probe->symbol;
	auto_strbuf scratch = STRBUF_INIT;

	if (s->address)
		sb_addf(out, "\n\t%016" PRIx64 " ", s->address);
	else
		sb_addf(out, "\n\t%-16s ", "(hidden)");
	sb_addf(out, "%-16" PRIx64 " ", probe->cookie);
	sb_add(out, s->name ? utf8_visible(s->name, &scratch) : "(unknown)");
	if (s->module)
		sb_addf(out, " [%s]", utf8_visible(s->module, &scratch));
	sb_add(out, "  ");
}

static void add_kprobes(struct strbuf *out, const struct link_probes *p)
{
	sb_addf(out, "\n\t%s.multi  func_cnt %zu  ", p->retprobe ? "kretprobe" : "kprobe",
		p->nr);
	if (p->missed)
		sb_addf(out, "missed %" PRIu64 "  ", p->missed);
	sb_addf(out, "\n\t%-16s %-16s %s", "addr", "cookie", "func [module]");
	for (size_t i = 0; i < p->nr; i++)
		add_kprobe_row(out, &p->list[i]);
}

static void add_uprobes(struct strbuf *out, const struct link_probes *p)
{
	auto_strbuf scratch = STRBUF_INIT;

	sb_addf(out, "\n\t%s.multi  path %s  func_cnt %zu  ",
		p->retprobe ? "uretprobe" : "uprobe",
		utf8_visible(probes_name(p), &scratch), p->nr);
	if (p->pid)
		sb_addf(out, "pid %u  ", p->pid);
	sb_addf(out, "\n\t%-18s %-18s %s", "offset", "ref_ctr_offset", "cookies");
	for (size_t i = 0; i < p->nr; i++) {
		const struct link_probe *probe = &p->list[i];

		sb_addf(out, "\n\t0x%-16" PRIx64 " 0x%-16" PRIx64 " 0x%-16" PRIx64 " ",
			probe->offset, probe->ref_ctr_offset, probe->cookie);
	}
}

static void add_kprobe(struct strbuf *out, const struct link_probes *p)
{
	const struct kernel_symbol *s = &p->list->symbol;
	auto_strbuf scratch = STRBUF_INIT;

	sb_addf(out, "\n\t%s ", p->retprobe ? "kretprobe" : "kprobe");
	if (s->address)
		sb_addf(out, "%" PRIx64 " ", s->address);
	else
		sb_add(out, "(hidden) ");
	sb_addf(out, "%s+0x%" PRIx64 "  ",
		s->name ? utf8_visible(s->name, &scratch) : "(unknown)", p->list->offset);
	if (p->missed)
		sb_addf(out, "missed %" PRIu64 "  ", p->missed);
}

static void add_event(struct strbuf *out, const struct link_probes *p)
{
	const char *type = event_type_word(p), *config = event_config_word(p);

	if (type)
		sb_addf(out, "\n\tevent %s:", type);
	else
		sb_addf(out, "\n\tevent %u:", p->event_type);
	if (config)
		sb_addf(out, "%s  ", config);
	else
		sb_addf(out, "0x%" PRIx64 "  ", p->event_config);
}

static void add_perf(struct strbuf *out, const struct link_probes *p)
{
	auto_strbuf scratch = STRBUF_INIT;
	const char *name = utf8_visible(probes_name(p), &scratch);

	if (p->event == LINK_PROBES_KPROBE || p->event == LINK_PROBES_KRETPROBE)
		add_kprobe(out, p);
	else if (p->event == LINK_PROBES_TRACEPOINT)
		sb_addf(out, "\n\ttracepoint %s  ", name);
	else if (p->event == LINK_PROBES_EVENT)
		add_event(out, p);
	else
		sb_addf(out, "\n\t%s %s+0x%" PRIx64 "  ",
			p->retprobe ? "uretprobe" : "uprobe", name, p->list->offset);
	if (p->list->cookie)
		sb_addf(out, "cookie %" PRIu64 "  ", p->list->cookie);
	if (p->list->ref_ctr_offset)
		sb_addf(out, "ref_ctr_offset 0x%" PRIx64 "  ", p->list->ref_ctr_offset);
}

void print_probes_add(struct strbuf *out, uint32_t link_type, const struct link_probes *p)
{
	if (!p->known)
		return;
	if (link_type == LINK_FD_KPROBE_MULTI)
		add_kprobes(out, p);
	else if (link_type == LINK_FD_UPROBE_MULTI)
		add_uprobes(out, p);
	else
		add_perf(out, p);
}

/* --- JSON ------------------------------------------------- */

static void json_retprobe(struct json_object *o, const struct link_probes *p)
{
	json_object_object_add(o, "retprobe", json_object_new_boolean(p->retprobe));
}

/* null: hidden, as in the text. */
static void json_address(struct json_object *o, const struct kernel_symbol *s)
{
	if (s->address)
		print_add_number(o, "addr", s->address);
	else
		json_object_object_add(o, "addr", NULL);
	json_object_object_add(o, "func", json_out_string(s->name));
}

static struct json_object *json_probe(uint32_t link_type, const struct link_probe *probe)
{
	struct json_object *o = json_object_new_object();

	if (link_type == LINK_FD_KPROBE_MULTI) {
		json_address(o, &probe->symbol);
		json_object_object_add(o, "module",
				       json_out_string(probe->symbol.module));
	} else {
		print_add_number(o, "offset", probe->offset);
		print_add_number(o, "ref_ctr_offset", probe->ref_ctr_offset);
	}
	print_add_number(o, "cookie", probe->cookie);
	return o;
}

static void json_multi(struct json_object *o, uint32_t link_type,
		       const struct link_probes *p)
{
	struct json_object *list = json_object_new_array();

	json_retprobe(o, p);
	if (link_type == LINK_FD_UPROBE_MULTI)
		json_object_object_add(o, "path", json_out_string(probes_name(p)));
	print_add_number(o, "func_cnt", p->nr);
	if (link_type == LINK_FD_UPROBE_MULTI)
		print_add_number(o, "pid", p->pid);
	else
		print_add_number(o, "missed", p->missed);
	for (size_t i = 0; i < p->nr; i++)
		json_object_array_add(list, json_probe(link_type, &p->list[i]));
	json_object_object_add(o, "funcs", list);
}

static void json_event(struct json_object *o, const struct link_probes *p)
{
	const char *type = event_type_word(p), *config = event_config_word(p);

	if (type)
		print_add_string(o, "event_type", type);
	else
		print_add_number(o, "event_type", p->event_type);
	if (config)
		print_add_string(o, "event_config", config);
	else
		print_add_number(o, "event_config", p->event_config);
}

static void json_perf(struct json_object *o, const struct link_probes *p)
{
	switch (p->event) {
	case LINK_PROBES_KPROBE:
	case LINK_PROBES_KRETPROBE:
		json_retprobe(o, p);
		json_address(o, &p->list->symbol);
		print_add_number(o, "offset", p->list->offset);
		print_add_number(o, "missed", p->missed);
		break;
	case LINK_PROBES_TRACEPOINT:
		json_object_object_add(o, "tracepoint", json_out_string(probes_name(p)));
		break;
	case LINK_PROBES_EVENT:
		json_event(o, p);
		break;
	default:
		json_retprobe(o, p);
		json_object_object_add(o, "file", json_out_string(probes_name(p)));
		print_add_number(o, "offset", p->list->offset);
		print_add_number(o, "ref_ctr_offset", p->list->ref_ctr_offset);
		break;
	}
	print_add_number(o, "cookie", p->list->cookie);
}

void print_probes_json(struct json_object *o, uint32_t link_type,
		       const struct link_probes *p)
{
	if (!p->known)
		return;
	if (link_type == LINK_FD_PERF_EVENT)
		json_perf(o, p);
	else
		json_multi(o, link_type, p);
}
