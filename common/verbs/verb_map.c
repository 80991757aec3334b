/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "kernel/caps.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/pin_index.h"
#include "verbs/map_operands.h"
#include "verbs/map_ref.h"
#include "verbs/verb_map.h"
#include "view/json_out.h"

/* --- show ----------------------------------------------------------------------- */

struct show {
	const struct tool *tool;
	struct pin_index pins;
	struct strbuf text;
	struct json_object *list;
};

static void show_release(struct show *show)
{
	pin_index_release(&show->pins);
	sb_release(&show->text);
	json_out_put(&show->list);
}

static int show_one(uint32_t id, int fd, const struct bpf_map_info *info, void *ctx)
{
	auto_free char *name = map_name_of(info);
	auto_free const char **pins = NULL;
	struct map_row row = map_row_of(info, name);
	struct map_details details;
	struct show *show = ctx;

	map_fd_details(fd, &details);
	row.memlock = details.memlock;
	row.frozen = details.frozen;
	row.owner_prog_type = details.owner_prog_type;
	row.owner_jited = details.owner_jited;
	for (size_t i = 0; i < show->pins.nr; i++) {
		if (show->pins.pins[i].id != id)
			continue;
		array_grow(pins, row.nr_pins);
		pins[row.nr_pins++] = show->pins.pins[i].path;
	}
	row.pins = pins;
	/* As soon as any map has a pin, those without say so too. */
	row.with_pins = show->pins.nr > 0;
	if (show->tool->json)
		json_out_list_add(show->list, map_view_row_json(&row));
	else
		map_view_row(&row, &show->text);
	return 0;
}

static int show_these(struct show *show, const struct map_fds *fds, struct err *err)
{
	for (size_t i = 0; i < fds->nr; i++) {
		struct bpf_map_info info;
		int r = map_fd_info(fds->fds[i], &info);

		if (r < 0)
			return err_set(err, r, "can't get map info");
		show_one(info.id, fds->fds[i], &info, show);
	}
	return 0;
}

static int map_run_show(struct args *a, void *ctx, struct err *err)
{
	auto_release(show_release) struct show show = {.tool = ctx};
	auto_map_fds fds = {.nr = 0};
	struct map_ref ref;
	int r;

	if (args_more(a)) {
		r = map_ref_parse(&ref, a, err);
		if (r == 0)
			r = map_words_end(a, NULL, err);
		ref.reading = true;
		if (r == 0)
			r = map_ref_open_all(&ref, &fds, err);
		if (r < 0)
			return r;
	}
	show.list = json_out_list();
	if (show.tool->show_pins)
		pin_index_read(&show.pins, BPF_FD_MAP);
	if (fds.nr) {
		r = show_these(&show, &fds, err);
		if (r < 0)
			return r;
	} else {
		r = map_fd_each(show_one, &show);
		if (r < 0) {
			err_set(err, r, "list maps");
			return caps_explain(err, CAPS_IDS);
		}
	}
	if (!show.tool->json)
		map_answer_text(show.tool, &show.text);
	else /* one that was asked for stands alone */
		map_answer_json(show.tool,
				fds.nr == 1 ? json_out_list_first(show.list) : show.list);
	return 0;
}

/* Row order is bpftool's abbreviation order: do not sort. */
const struct verb map_verbs[] = {
	{
		.name = "show",
		.run = map_run_show,
		.synopsis = "[" MAP_REF_USAGE "]",
		.help = "Lists maps, or the one that is named.",
		.example = "pinned /sys/fs/bpf/m",
	},
	{
		.name = "list",
		.run = map_run_show,
		.synopsis = "[" MAP_REF_USAGE "]",
		.help = "The same as show.",
		.example = "name traffic",
	},
	{
		.name = "dump",
		.run = verb_map_dump,
		.synopsis = MAP_REF_USAGE " [--sum] [--readable]",
		.help = "Prints every element.",
		.example = "pinned /sys/fs/bpf/m",
	},
	{
		.name = "update",
		.run = verb_map_update,
		.synopsis =
			MAP_REF_USAGE " [key " MAP_DATA_USAGE "] [value " MAP_VALUE_USAGE
				      "] [any|exist|noexist]",
		.help = "Stores an element.",
		.example = "pinned /sys/fs/bpf/m key 1 0 0 0 value 7 0 0 0",
	},
	{
		.name = "lookup",
		.run = verb_map_lookup,
		.synopsis =
			MAP_REF_USAGE " [key " MAP_DATA_USAGE "] [--sum] [--readable]",
		.help = "Prints one element.",
		.example = "pinned /sys/fs/bpf/m key 1 0 0 0",
	},
	{
		.name = "getnext",
		.run = verb_map_getnext,
		.synopsis = MAP_REF_USAGE " [key " MAP_DATA_USAGE "]",
		.help = "Prints the key that follows KEY, or the first one.",
		.example = "pinned /sys/fs/bpf/m key 1 0 0 0",
	},
	{
		.name = "delete",
		.run = verb_map_delete,
		.synopsis = MAP_REF_USAGE " key " MAP_DATA_USAGE,
		.help = "Removes an element.",
		.example = "pinned /sys/fs/bpf/m key 1 0 0 0",
	},
	{
		.name = "pin",
		.run = verb_map_pin,
		.synopsis = MAP_REF_USAGE " FILE",
		.help = "Pins a map in the BPF file system, which keeps it alive.",
		.example = "name traffic /sys/fs/bpf/traffic",
	},
	{
		.name = "event_pipe",
		.run = verb_map_events,
		.synopsis = MAP_REF_USAGE " [cpu N index N]",
		.help = "Prints what programs write into a perf event array, until Ctrl-C.",
		.example = "pinned /sys/fs/bpf/events",
	},
	{
		.name = "create",
		.run = verb_map_create,
		.synopsis =
			"FILE type TYPE key BYTES value BYTES entries N [name NAME] [flags N] [inner_map " MAP_REF_USAGE
			"]",
		.help = "Makes a map and pins it.",
		.example = "/sys/fs/bpf/m type hash key 4 value 4 entries 9",
	},
	{
		.name = "peek",
		.run = verb_map_lookup,
		.synopsis = MAP_REF_USAGE,
		.help = "Prints the next element of a queue or stack.",
		.example = "pinned /sys/fs/bpf/q",
	},
	{
		.name = "push",
		.run = verb_map_update,
		.synopsis = MAP_REF_USAGE " value " MAP_DATA_USAGE " [any|exist|noexist]",
		.help = "Adds an element to a stack.",
		.example = "pinned /sys/fs/bpf/s value 1 0 0 0",
	},
	{
		.name = "enqueue",
		.run = verb_map_update,
		.synopsis = MAP_REF_USAGE " value " MAP_DATA_USAGE " [any|exist|noexist]",
		.help = "Adds an element to a queue.",
		.example = "pinned /sys/fs/bpf/q value 1 0 0 0",
	},
	{
		.name = "pop",
		.run = verb_map_pop,
		.synopsis = MAP_REF_USAGE,
		.help = "Takes an element from a stack and prints it.",
		.example = "pinned /sys/fs/bpf/s",
	},
	{
		.name = "dequeue",
		.run = verb_map_pop,
		.synopsis = MAP_REF_USAGE,
		.help = "Takes an element from a queue and prints it.",
		.example = "pinned /sys/fs/bpf/q",
	},
	{
		.name = "freeze",
		.run = verb_map_freeze,
		.synopsis = MAP_REF_USAGE,
		.help = "Ends all writing from user space.",
		.example = "pinned /sys/fs/bpf/m",
	},
	/* Ours come behind bpftool's. */
	{
		.name = "load",
		.run = verb_map_load,
		.synopsis = MAP_REF_USAGE " {FILE|-} [any|exist|noexist]",
		.help = "Stores what dump -j printed, or lines of hex: KEY VALUE.",
		.example = "pinned /sys/fs/bpf/m saved.json",
		.own = true,
	},
	{
		.name = "export",
		.run = verb_map_export,
		.synopsis = MAP_REF_USAGE " --openmetrics [file PATH] [--readable]",
		.help = "Writes fill level and values as metrics.",
		.example = "pinned /sys/fs/bpf/m --openmetrics",
		.own = true,
	},
	{
		.name = "watch",
		.run = verb_map_watch,
		.synopsis = MAP_REF_USAGE
		" [interval SECONDS] [count N] [top N] [by FIELD] [--readable]",
		.help = "Shows the numbers in a map and how they change, until q or Ctrl-C.",
		.example = "pinned /sys/fs/bpf/m interval 1 count 3",
		.own = true,
	},
	{
		.name = "migrate",
		.run = verb_map_migrate,
		.synopsis = MAP_REF_USAGE
		" to obj FILE... [map NAME] [set NAME=VALUE]... [--plan] [--drop] [--leave-behind] [--copy-prefix] [--merge MEMBER={add|keep-new|overwrite}]...",
		.help = "Changes a map's definition and loses nothing of it.",
		.example = "pinned /sys/fs/bpf/visits to obj new.o --plan",
		.own = true,
	},
	{
		.name = "clear",
		.run = verb_map_clear,
		.synopsis = MAP_REF_USAGE,
		.help = "Empties a map; the elements of an array become 0.",
		.example = "pinned /sys/fs/bpf/m",
		.own = true,
	},
	{.name = NULL},
};
