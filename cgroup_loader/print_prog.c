/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <time.h>

#include "base/utf8.h"
#include "def/attach_types.h"
#include "print.h"
#include "verbs/tool.h"
#include "view/json_out.h"

void program_row_release(struct program_row *row)
{
	for (size_t i = 0; i < row->nr_pins; i++)
		free(row->pins[i]);
	free(row->pins);
	metadata_release(&row->metadata);
	free(row->map_ids);
	free(row->name);
	*row = (struct program_row){.nr_pins = 0};
}

static void hex_tag(const struct bpf_prog_info *info,
		    char ret[static 2 * BPF_TAG_SIZE + 1])
{
	for (size_t i = 0; i < BPF_TAG_SIZE; i++)
		snprintf(ret + 2 * i, 3, "%02x", info->tag[i]);
}

static void add_program_head(struct strbuf *out, const struct program_row *row)
{
	const struct bpf_prog_info *info = &row->info;
	const char *type = prog_type_name(info->type);
	auto_strbuf scratch = STRBUF_INIT;
	char tag[2 * BPF_TAG_SIZE + 1];

	hex_tag(info, tag);
	sb_addf(out, "%u: ", info->id);
	if (type)
		sb_addf(out, "%s  ", type);
	else
		sb_addf(out, "type %u  ", info->type);
	if (row->name && *row->name)
		sb_addf(out, "name %s  ", utf8_visible(row->name, &scratch));
	sb_addf(out, "tag %s%s", tag, info->gpl_compatible ? "  gpl" : "");
	if (info->run_time_ns)
		sb_addf(out, " run_time_ns %" PRIu64 " run_cnt %" PRIu64,
			(uint64_t)info->run_time_ns, (uint64_t)info->run_cnt);
	if (info->recursion_misses)
		sb_addf(out, " recursion_misses %" PRIu64,
			(uint64_t)info->recursion_misses);
	sb_add_char(out, '\n');
}

static void print_prog_add_program(struct strbuf *out, const struct program_row *row)
{
	const struct bpf_prog_info *info = &row->info;
	time_t when = (time_t)row->loaded_at;
	auto_strbuf scratch = STRBUF_INIT;
	struct tm tm;
	char date[32];

	add_program_head(out, row);
	if (info->load_time && localtime_r(&when, &tm) &&
	    strftime(date, sizeof(date), "%FT%T%z", &tm))
		sb_addf(out, "\tloaded_at %s  uid %u\n", date, info->created_by_uid);
	sb_addf(out, "\txlated %uB", info->xlated_prog_len);
	if (info->jited_prog_len)
		sb_addf(out, "  jited %uB", info->jited_prog_len);
	else
		sb_add(out, "  not jited");
	if (row->memlock)
		sb_addf(out, "  memlock %" PRIu64 "B", row->memlock);
	for (size_t i = 0; i < row->nr_maps; i++)
		sb_addf(out, "%s%" PRIu32, i ? "," : "  map_ids ", row->map_ids[i]);
	for (size_t i = 0; i < row->nr_pins; i++)
		sb_addf(out, "\n\tpinned %s", utf8_visible(row->pins[i], &scratch));
	if (info->btf_id)
		sb_addf(out, "\n\tbtf_id %u", info->btf_id);
	for (size_t i = 0; i < row->metadata.nr; i++) {
		sb_addf(out, "%s\n\t\t", i ? "" : "\n\tmetadata:");
		utf8_add_visible(out, row->metadata.pairs[i].key);
		sb_add(out, " = ");
		utf8_add_visible_lines(out, row->metadata.pairs[i].value);
	}
	sb_add_char(out, '\n');
}

static void add_program_sizes(struct json_object *o, const struct program_row *row)
{
	const struct bpf_prog_info *info = &row->info;

	print_add_number(o, "bytes_xlated", info->xlated_prog_len);
	json_object_object_add(o, "jited",
			       json_object_new_boolean(info->jited_prog_len > 0));
	if (info->jited_prog_len)
		print_add_number(o, "bytes_jited", info->jited_prog_len);
	if (row->memlock)
		print_add_number(o, "bytes_memlock", row->memlock);
	if (row->nr_maps) {
		struct json_object *ids = json_object_new_array();

		for (size_t i = 0; i < row->nr_maps; i++)
			json_object_array_add(ids,
					      json_object_new_uint64(row->map_ids[i]));
		json_object_object_add(o, "map_ids", ids);
	}
	if (info->btf_id)
		print_add_number(o, "btf_id", info->btf_id);
}

static struct json_object *metadata_json(const struct metadata *m)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < m->nr; i++)
		json_object_object_add(o, m->pairs[i].key,
				       json_tokener_parse(m->pairs[i].value));
	return o;
}

static struct json_object *print_prog_program_json(const struct program_row *row,
						   bool with_pins)
{
	const struct bpf_prog_info *info = &row->info;
	struct json_object *o = json_object_new_object(), *pins;
	const char *type = prog_type_name(info->type);
	char tag[2 * BPF_TAG_SIZE + 1];

	hex_tag(info, tag);
	print_add_number(o, "id", info->id);
	if (type)
		print_add_string(o, "type", type);
	else
		print_add_number(o, "type", info->type);
	if (row->name && *row->name)
		print_add_string(o, "name", row->name);
	print_add_string(o, "tag", tag);
	json_object_object_add(o, "gpl_compatible",
			       json_object_new_boolean(info->gpl_compatible));
	if (info->run_time_ns) {
		print_add_number(o, "run_time_ns", info->run_time_ns);
		print_add_number(o, "run_cnt", info->run_cnt);
	}
	if (info->recursion_misses)
		print_add_number(o, "recursion_misses", info->recursion_misses);
	if (info->load_time) {
		print_add_number(o, "loaded_at", (uint64_t)row->loaded_at);
		print_add_number(o, "uid", info->created_by_uid);
	}
	add_program_sizes(o, row);
	if (with_pins) {
		pins = json_object_new_array();
		for (size_t i = 0; i < row->nr_pins; i++)
			json_object_array_add(pins, json_out_string(row->pins[i]));
		json_object_object_add(o, "pinned", pins);
	}
	if (row->metadata.nr)
		json_object_object_add(o, "metadata", metadata_json(&row->metadata));
	return o;
}

void print_programs(struct tool *tool, const struct program_row *rows, size_t nr,
		    bool list, bool pins)
{
	auto_strbuf out = STRBUF_INIT;

	if (tool->json) {
		auto_json *root = list || nr != 1
					  ? json_object_new_array()
					  : print_prog_program_json(&rows[0], pins);

		for (size_t i = 0; (list || nr != 1) && i < nr; i++)
			json_object_array_add(root,
					      print_prog_program_json(&rows[i], pins));
		print_json(tool, root);
		return;
	}
	for (size_t i = 0; i < nr; i++)
		print_prog_add_program(&out, &rows[i]);
	print_text(tool, &out);
}
