/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <json-c/json.h>

#include "base/utf8.h"
#include "def/attach_types.h"
#include "print.h"
#include "verbs/tool.h"
#include "view/json_out.h"

void link_row_release(struct link_row *row)
{
	link_details_release(&row->details);
	free(row->devname);
	free(row->pins);
	*row = (struct link_row){.nr_pins = 0};
}

/* --- text: each line ends with two blanks, as bpftool's do --- */

static void add_attach_type(struct strbuf *out, const struct link_row *row)
{
	if (row->attach_type)
		sb_addf(out, "attach_type %s  ", row->attach_type);
	else
		sb_addf(out, "attach_type %u  ", row->info.attach_type);
}

static void add_tracing(struct strbuf *out, const struct link_row *row)
{
	const char *type = prog_type_name(row->prog_type);

	if (type)
		sb_addf(out, "\n\tprog_type %s  ", type);
	else
		sb_addf(out, "\n\tprog_type %u  ", row->prog_type);
	add_attach_type(out, row);
	if (row->info.target_obj_id || row->info.target_btf_id)
		sb_addf(out, "\n\ttarget_obj_id %u  target_btf_id %u  ",
			row->info.target_obj_id, row->info.target_btf_id);
}

/* A device that is gone; one of another network namespace, whose name is not ours to see. */
static const char *device_word(const struct link_row *row)
{
	if (!row->info.ifindex)
		return "(detached)";
	return row->devname ? row->devname : "(unknown)";
}

static void print_link_add_device(struct strbuf *out, const struct link_row *row)
{
	auto_strbuf scratch = STRBUF_INIT;

	sb_addf(out, "\n\tifindex %s", utf8_visible(device_word(row), &scratch));
	if (row->info.ifindex)
		sb_addf(out, "(%u)", row->info.ifindex);
	sb_add(out, "  ");
}

static const char *details_name(const struct link_row *row)
{
	return row->details.name ? row->details.name : "";
}

static void add_netfilter(struct strbuf *out, const struct link_details *d)
{
	sb_addf(out, "\n\tpf %u  hooknum %u  prio %d  flags 0x%x  ", d->pf, d->hook,
		d->priority, d->flags);
}

/* Where it is attached. */
static void print_link_add_place(struct strbuf *out, const struct link_row *row)
{
	const struct link_fd_info *info = &row->info;
	auto_strbuf scratch = STRBUF_INIT;

	switch (info->type) {
	case LINK_FD_RAW_TRACEPOINT:
		sb_addf(out, "\n\ttp '%s'  ", utf8_visible(details_name(row), &scratch));
		return;
	case LINK_FD_TRACING:
		add_tracing(out, row);
		return;
	case LINK_FD_CGROUP:
		sb_addf(out, "\n\tcgroup_id %llu  ", (unsigned long long)info->cgroup_id);
		break;
	case LINK_FD_ITER:
		sb_addf(out, "target_name %s  ",
			utf8_visible(details_name(row), &scratch));
		if (row->details.map_id)
			sb_addf(out, "map_id %u  ", row->details.map_id);
		return;
	case LINK_FD_NETNS:
		sb_addf(out, "\n\tnetns_ino %u  ", info->netns_ino);
		break;
	case LINK_FD_XDP:
		print_link_add_device(out, row);
		return;
	case LINK_FD_STRUCT_OPS:
		sb_addf(out, "\n\tmap_id %u  ", row->details.map_id);
		return;
	case LINK_FD_NETFILTER:
		add_netfilter(out, &row->details);
		return;
	case LINK_FD_KPROBE_MULTI:
	case LINK_FD_UPROBE_MULTI:
	case LINK_FD_PERF_EVENT:
		print_probes_add(out, info->type, &row->details.probes);
		return;
	case LINK_FD_TCX:
	case LINK_FD_NETKIT:
		print_link_add_device(out, row);
		break;
	case LINK_FD_SOCKMAP:
		sb_addf(out, "\n\tmap_id %u  ", info->map_id);
		break;
	default:
		return;
	}
	add_attach_type(out, row);
}

static void print_link_add_row(struct strbuf *out, const struct link_row *row)
{
	const struct link_fd_info *info = &row->info;
	auto_strbuf scratch = STRBUF_INIT;

	sb_addf(out, "%u: ", info->id);
	if (row->type)
		sb_addf(out, "%s  ", row->type);
	else
		sb_addf(out, "type %u  ", info->type);
	sb_addf(out, "prog %u  ", info->prog_id);
	print_link_add_place(out, row);
	for (size_t i = 0; i < row->nr_pins; i++)
		sb_addf(out, "\n\tpinned %s", utf8_visible(row->pins[i], &scratch));
	sb_add_char(out, '\n');
}

/* --- JSON ------------------------------------------------- */

static void json_attach_type(struct json_object *o, const struct link_row *row)
{
	if (row->attach_type)
		print_add_string(o, "attach_type", row->attach_type);
	else
		print_add_number(o, "attach_type", row->info.attach_type);
}

static void json_tracing(struct json_object *o, const struct link_row *row)
{
	const char *type = prog_type_name(row->prog_type);

	if (type)
		print_add_string(o, "prog_type", type);
	else
		print_add_number(o, "prog_type", row->prog_type);
	json_attach_type(o, row);
	print_add_number(o, "target_obj_id", row->info.target_obj_id);
	print_add_number(o, "target_btf_id", row->info.target_btf_id);
}

static void json_netfilter(struct json_object *o, const struct link_details *d)
{
	print_add_number(o, "pf", d->pf);
	print_add_number(o, "hooknum", d->hook);
	json_object_object_add(o, "prio", json_object_new_int(d->priority));
	print_add_number(o, "flags", d->flags);
}

static void json_place(struct json_object *o, const struct link_row *row)
{
	const struct link_fd_info *info = &row->info;

	switch (info->type) {
	case LINK_FD_RAW_TRACEPOINT:
		print_add_string(o, "tp_name", details_name(row));
		return;
	case LINK_FD_TRACING:
		json_tracing(o, row);
		return;
	case LINK_FD_CGROUP:
		print_add_number(o, "cgroup_id", info->cgroup_id);
		break;
	case LINK_FD_ITER:
		print_add_string(o, "target_name", details_name(row));
		if (row->details.map_id)
			print_add_number(o, "map_id", row->details.map_id);
		return;
	case LINK_FD_NETNS:
		print_add_number(o, "netns_ino", info->netns_ino);
		break;
	case LINK_FD_STRUCT_OPS:
		print_add_number(o, "map_id", row->details.map_id);
		return;
	case LINK_FD_NETFILTER:
		json_netfilter(o, &row->details);
		return;
	case LINK_FD_KPROBE_MULTI:
	case LINK_FD_UPROBE_MULTI:
	case LINK_FD_PERF_EVENT:
		print_probes_json(o, info->type, &row->details.probes);
		return;
	case LINK_FD_XDP:
	case LINK_FD_TCX:
	case LINK_FD_NETKIT:
		print_add_string(o, "devname", device_word(row));
		print_add_number(o, "ifindex", info->ifindex);
		if (info->type == LINK_FD_XDP)
			return;
		break;
	case LINK_FD_SOCKMAP:
		print_add_number(o, "map_id", info->map_id);
		break;
	default:
		return;
	}
	json_attach_type(o, row);
}

static struct json_object *row_json(const struct link_row *row, bool with_pins)
{
	const struct link_fd_info *info = &row->info;
	struct json_object *o = json_object_new_object(), *pins;

	print_add_number(o, "id", info->id);
	if (row->type)
		print_add_string(o, "type", row->type);
	else
		print_add_number(o, "type", info->type);
	print_add_number(o, "prog_id", info->prog_id);
	json_place(o, row);
	if (!with_pins)
		return o;
	pins = json_object_new_array();
	for (size_t i = 0; i < row->nr_pins; i++)
		json_object_array_add(pins, json_out_string(row->pins[i]));
	json_object_object_add(o, "pinned", pins);
	return o;
}

void print_links(struct tool *tool, const struct link_row *rows, size_t nr, bool list,
		 bool pins)
{
	auto_strbuf out = STRBUF_INIT;

	if (tool->json) {
		auto_json *root = list ? json_object_new_array() : row_json(rows, pins);

		for (size_t i = 0; list && i < nr; i++)
			json_object_array_add(root, row_json(&rows[i], pins));
		print_json(tool, root);
		return;
	}
	for (size_t i = 0; i < nr; i++)
		print_link_add_row(&out, &rows[i]);
	print_text(tool, &out);
}
