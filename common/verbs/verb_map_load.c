/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <json-c/json.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/element_reader.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/prog_fd.h"
#include "verbs/map_ref.h"
#include "verbs/map_refusal.h"
#include "verbs/progress.h"
#include "verbs/verb_map.h"
#include "view/json_out.h"

enum { BATCH_BYTES = 256 * 1024 };

struct load {
	int fd;
	struct bpf_map_info info;
	uint64_t flags;
	struct element_reader reader;
	struct progress progress;
	char *keys, *values;
	size_t value_bytes;
	uint32_t room, nr; /* elements there is room for, and that wait to be stored */
	uint64_t stored;
};

static void load_release(struct load *load)
{
	cleanup_close(&load->fd);
	free(load->keys);
	free(load->values);
	progress_release(&load->progress);
}

/* --- words ---------------------------------------------------------------------- */

static int map_load_set_any(struct args *a, void *ctx, struct err *err)
{
	(void)a;
	(void)ctx;
	(void)err;
	return 0;
}

static int map_load_set_exist(struct args *a, void *ctx, struct err *err)
{
	struct load *load = ctx;

	(void)a;
	(void)err;
	load->flags = BPF_EXIST;
	return 0;
}

static int map_load_set_noexist(struct args *a, void *ctx, struct err *err)
{
	struct load *load = ctx;

	(void)a;
	(void)err;
	load->flags = BPF_NOEXIST;
	return 0;
}

static const struct keyword words[] = {
	{.name = "any", .flags = KEYWORD_LAST, .set = map_load_set_any},
	{.name = "exist", .flags = KEYWORD_LAST, .set = map_load_set_exist},
	{.name = "noexist", .flags = KEYWORD_LAST, .set = map_load_set_noexist},
	{.name = NULL},
};

static int map_load_parse(struct load *load, struct args *a, const char **path,
			  struct err *err)
{
	struct map_ref ref;
	int r = map_ref_parse(&ref, a, err);

	if (r == 0)
		r = args_value(a, "load", "MAP FILE", path, err);
	if (r == 0)
		r = keyword_parse(words, a, load, err);
	if (r == 0)
		r = map_words_end(a, words, err);
	if (r < 0)
		return r;
	load->fd = map_ref_open(&ref, err);
	return load->fd < 0 ? load->fd : map_ref_info(load->fd, &load->info, err);
}

/* --- storing -------------------------------------------------------------------- */

/* Dumps show what such slots hold as ids. */
static bool holds_ids(const struct load *load)
{
	const struct mapdef def = {.type = load->info.type};

	return mapdef_is_outer(&def) || def.type == BPF_MAP_TYPE_PROG_ARRAY;
}

static int store_id(struct load *load, struct err *err)
{
	bool is_prog = load->info.type == BPF_MAP_TYPE_PROG_ARRAY;
	auto_close int fd = -1;
	uint32_t id;
	int r;

	memcpy(&id, load->values, sizeof(id));
	fd = is_prog ? prog_fd_by_id(id) : map_fd_by_id(id);
	if (fd < 0)
		return err_set(err, fd, "element %" PRIu64 ": %s %" PRIu32,
			       load->stored + 1, is_prog ? "program" : "map", id);
	r = map_io_update(load->fd, load->keys, &fd, load->flags);
	if (r == 0)
		return 0;
	map_refusal(load->fd, &load->info, load->keys, r, "update failed", err);
	return err_context(err, "element %" PRIu64, load->stored + 1);
}

static int map_load_store(struct load *load, struct err *err)
{
	const struct map_io_rows rows = {load->keys, load->values, load->nr};
	uint32_t done = 0;
	int r;

	if (load->nr == 0)
		return 0;
	if (holds_ids(load)) {
		r = store_id(load, err);
		done = r == 0;
	} else {
		r = map_io_store(load->fd, &load->info, &rows, load->flags, &done);
		if (r < 0) {
			map_refusal(load->fd, &load->info,
				    load->keys + (size_t)done * load->info.key_size, r,
				    "update failed", err);
			err_context(err, "element %" PRIu64, load->stored + done + 1);
		}
	}
	load->stored += done;
	load->nr = 0;
	progress_at(&load->progress, load->stored);
	return r;
}

static void make_room(struct load *load)
{
	size_t row = load->info.key_size + load->value_bytes;
	size_t rows = BATCH_BYTES / (row + 1);

	if (rows == 0 || holds_ids(load))
		rows = 1;
	load->room = (uint32_t)rows;
	load->keys = xcalloc(rows, load->info.key_size);
	load->values = xcalloc(rows, load->value_bytes);
}

static int store_all(struct load *load, struct err *err)
{
	for (;;) {
		int r = element_reader_next(
			&load->reader,
			load->keys + (size_t)load->nr * load->info.key_size,
			load->values + load->nr * load->value_bytes, err);
		int stored = 0;

		if (r == 1)
			load->nr++;
		/* What stands in front of a mistake is stored: the error says so. */
		if (r <= 0 || load->nr == load->room) {
			auto_err why = ERR_INIT;

			stored = map_load_store(load, r < 0 ? &why : err);
		}
		if (r < 0)
			return err_context(err, "%" PRIu64 " elements are stored",
					   load->stored);
		if (stored < 0)
			return err_context(err, "%" PRIu64 " elements are stored",
					   load->stored);
		if (r == 0)
			return 0;
	}
}

/* ---------------------------------------------------------------------------------- */

static void map_load_answer(const struct tool *tool, const struct load *load)
{
	auto_json *root = NULL;
	auto_strbuf text = STRBUF_INIT;

	if (tool->json) {
		root = json_object_new_object();
		json_object_object_add(root, "loaded",
				       json_object_new_uint64(load->stored));
		map_answer_json(tool, root);
		return;
	}
	sb_addf(&text, "Loaded %" PRIu64 " element%s\n", load->stored,
		load->stored == 1 ? "" : "s");
	map_answer_text(tool, &text);
}

static int load_from(struct load *load, FILE *file, struct err *err)
{
	const struct element_shape shape = {
		.key_size = load->info.key_size,
		.value_size = load->info.value_size,
		.ncpus = map_io_is_percpu(&load->info) ? possible_cpus() : 0,
		.stride = map_io_stride(&load->info),
	};
	int r;

	if (!load->info.key_size || !load->info.value_size)
		return err_say(
			err, -EOPNOTSUPP,
			"map %u has no keys or no values: there is nothing to load",
			load->info.id);
	load->value_bytes = map_io_value_bytes(&load->info);
	make_room(load);
	element_reader_init(&load->reader, file, &shape);
	progress_init(&load->progress, "map load: elements");
	r = store_all(load, err);
	progress_release(&load->progress);
	return r;
}

int verb_map_load(struct args *a, void *tool, struct err *err)
{
	auto_release(load_release) struct load load = {.fd = -1};
	const char *path = NULL;
	auto_file FILE *opened = NULL;
	int r = map_load_parse(&load, a, &path, err);

	if (r < 0)
		return r;
	if (strcmp(path, "-") != 0) {
		opened = fopen(path, "re");
		if (!opened)
			return err_set(err, -errno, "open '%s'", path);
	}
	r = load_from(&load, opened ? opened : stdin, err);
	if (r < 0)
		return err_context(err, "'%s'", path);
	map_load_answer(tool, &load);
	return 0;
}
