/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/outbuf.h"
#include "kernel/caps.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "verbs/cgroup_names.h"
#include "verbs/map_ref.h"
#include "verbs/map_sum.h"
#include "verbs/verb_map.h"
#include "view/map_list.h"
#include "view/map_rows.h"

/* Exit status of an answer that is there but not whole. */
enum { STATUS_CUT = 255 };

/* A map has BTF, and what it says is missing from the answer. */
static void dump_say_untyped(const struct bpf_map_info *info, int code)
{
	auto_err err = ERR_INIT;

	err_set(&err, code, "map id %u: its BTF cannot be read", info->id);
	caps_explain(&err, CAPS_IDS);
	log_warn("%s; what it holds is shown as bytes", err.text);
}

/* sum NULL: values are printed as they are. */
static struct map_rows *rows_of(const struct tool *tool, const struct bpf_map_info *info,
				unsigned int depth, bool typed, const struct map_sum *sum)
{
	auto_release(map_fd_btf_put) struct btf *btf = NULL;
	struct map_rows_opts opts = {
		.shape = map_shape_of(info),
		.form = map_form(tool),
		.depth = depth,
		.readable = tool->readable ? &cgroup_names : NULL,
		.key_type = info->btf_key_type_id,
		.value_type = info->btf_value_type_id,
	};

	if (typed)
		btf = info->btf_vmlinux_value_type_id
			      ? map_fd_kernel_btf(info, &opts.value_type)
			      : map_fd_btf(info);
	opts.btf = btf;
	if (typed && !btf && info->btf_id && info->btf_value_type_id)
		dump_say_untyped(info, -errno);
	if (sum) {
		opts.shape.ncpus = 0;
		opts.typed.btf = sum->btf;
		opts.typed.type = sum->type;
		opts.typed.at = sum->wide_at;
		opts.typed.size = sum->wide_size;
	}
	return map_rows_new(&opts);
}

struct dumped {
	int fd; /* borrowed */
	struct bpf_map_info info;
	struct map_rows *rows;
	struct map_sum sum; /* with --sum only */
};

struct dump {
	const struct tool *tool;
	struct dumped *maps;
	size_t nr;
	bool listed; /* rows stand in brackets: JSON, or every map is typed */
	bool summed; /* --sum */
	struct outbuf out;
};

static void dump_release(struct dump *dump)
{
	for (size_t i = 0; i < dump->nr; i++) {
		map_rows_free(dump->maps[i].rows);
		map_sum_release(&dump->maps[i].sum);
	}
	free(dump->maps);
	outbuf_release(&dump->out);
}

static void prepare_rows(struct dump *dump, bool typed)
{
	dump->listed = true;
	for (size_t i = 0; i < dump->nr; i++) {
		struct dumped *map = &dump->maps[i];

		map_rows_free(map->rows);
		map->rows =
			rows_of(dump->tool, &map->info, dump->nr > 1 ? MAP_LIST_DEPTH : 1,
				typed, dump->summed ? &map->sum : NULL);
		dump->listed = dump->listed && map_rows_listed(map->rows);
	}
}

/* Text is typed if all of it can be. */
static int map_dump_prepare(struct dump *dump, const struct map_fds *fds, struct err *err)
{
	dump->maps = xcalloc(fds->nr, sizeof(*dump->maps));
	for (; dump->nr < fds->nr; dump->nr++) {
		struct dumped *map = &dump->maps[dump->nr];
		int r = map_ref_info(fds->fds[dump->nr], &map->info, err);

		if (r == 0 && dump->summed)
			r = map_sum_init(&map->sum, &map->info, err);
		if (r < 0)
			return r;
		map->fd = fds->fds[dump->nr];
	}
	prepare_rows(dump, true);
	if (!dump->listed)
		prepare_rows(dump, false);
	return 0;
}

struct row_sink {
	struct map_rows *rows;
	struct map_sum *sum; /* NULL: values are printed as they are */
	struct outbuf *out;
};

static int map_dump_add_row(const void *key, const void *value, int error, void *ctx)
{
	struct row_sink *sink = ctx;

	if (sink->sum && value)
		value = map_sum_of(sink->sum, value);
	map_rows_add(sink->rows, key, value, error, sink->out);
	return sink->out->error;
}

/* The map's rows, with their end even when they end early. */
static int dump_rows(struct dump *dump, struct dumped *map, struct err *err)
{
	struct row_sink sink = {map->rows, dump->summed ? &map->sum : NULL, &dump->out};
	const char *type = mapdef_type_name(map->info.type);
	int r;

	map_rows_begin(map->rows, &dump->out);
	r = map_io_dump(map->fd, &map->info, map_dump_add_row, &sink);
	map_rows_end(map->rows, &dump->out);
	map_sum_warn(&map->sum, !dump->tool->json && map_rows_listed(map->rows));
	if (r < 0 && !dump->out.error) {
		err_set(err, r, "dump map %" PRIu32 " of type %s", map->info.id,
			type ? type : "unknown");
		return err_hint(
			err,
			map->info.key_size || !map->info.value_size
				? "what maps of this type hold cannot be listed"
				: "maps of this type have no keys: 'map peek' shows the next element");
	}
	return dump->out.error;
}

static int dump_titled(struct dump *dump, size_t index, struct err *err)
{
	struct dumped *map = &dump->maps[index];
	auto_free char *name = map_name_of(&map->info);
	struct map_row row = map_row_of(&map->info, name);
	int r;

	map_list_title(&row, index, map_form(dump->tool), dump->listed, &dump->out);
	r = dump_rows(dump, map, err);
	map_list_title_end(r < 0 || index == dump->nr - 1, map_form(dump->tool),
			   dump->listed, &dump->out);
	return r;
}

/* The end of any output. A reader that went away is no news to anybody. */
static int end_output(struct outbuf *out, struct err *err)
{
	int r = outbuf_flush(out);

	if (r == -EPIPE)
		return STATUS_CUT;
	return r < 0 ? err_set(err, r, "write") : 0;
}

/* r is what the dump came to; what has left already cannot be taken back. */
static int map_dump_finish(struct dump *dump, int r, struct err *err)
{
	int end;

	if (r < 0 && !dump->out.error && !dump->out.written)
		return r;
	if (dump->listed)
		outbuf_char(&dump->out, '\n');
	end = end_output(&dump->out, err);
	if (end || r == 0)
		return end;
	log_warn("%s", err->text);
	return STATUS_CUT;
}

static int dump_all(const struct tool *tool, const struct map_fds *maps, bool summed,
		    struct err *err)
{
	auto_release(dump_release) struct dump dump = {.tool = tool, .summed = summed};
	int r = map_dump_prepare(&dump, maps, err);

	if (r < 0)
		return r;
	outbuf_init(&dump.out, tool->out);
	if (dump.nr == 1)
		r = dump_rows(&dump, &dump.maps[0], err);
	for (size_t i = 0; r == 0 && dump.nr > 1 && i < dump.nr; i++)
		r = dump_titled(&dump, i, err);
	return map_dump_finish(&dump, r, err);
}

int verb_map_dump(struct args *a, void *ctx, struct err *err)
{
	struct tool tool = *(const struct tool *)ctx;
	bool summed = tool_option_behind(a, "--sum") || tool.sum;
	auto_map_fds maps = {.nr = 0};
	struct map_ref ref;
	int r;

	if (tool_option_behind(a, "--readable"))
		tool.readable = true;
	r = map_ref_parse(&ref, a, err);
	if (r == 0)
		r = map_words_end(a, NULL, err);
	ref.reading = true;
	if (r == 0)
		r = map_ref_open_all(&ref, &maps, err);
	return r < 0 ? r : dump_all(&tool, &maps, summed, err);
}

static int print_element(const struct tool *tool, const struct map_element *element,
			 const void *value, const struct map_sum *sum, struct err *err)
{
	auto_release(map_rows_freep) struct map_rows *rows =
		rows_of(tool, element->info, 0, true, sum);
	auto_outbuf out;

	outbuf_init(&out, tool->out);
	if (value)
		map_rows_add(rows, element->key, value, 0, &out);
	else
		map_rows_not_found(rows, element->key, &out);
	if (tool->json || (value && map_rows_listed(rows)))
		outbuf_char(&out, '\n');
	if (sum)
		map_sum_warn(sum, !tool->json && map_rows_listed(rows));
	return end_output(&out, err);
}

int verb_map_element(const struct tool *tool, const struct map_element *element,
		     struct err *err)
{
	auto_release(map_sum_release) struct map_sum sum = {.value = NULL};
	const void *value = element->value;
	bool summed = element->sum;
	int r = summed ? map_sum_init(&sum, element->info, err) : 0;

	if (r < 0)
		return r;
	if (summed && value)
		value = map_sum_of(&sum, value);
	return print_element(tool, element, value, summed ? &sum : NULL, err);
}
