/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file_out.h"
#include "verbs/map_numbers.h"
#include "verbs/map_ref.h"
#include "verbs/verb_map.h"
#include "view/openmetrics.h"

/* One number of one map's elements, and the metric it belongs to. */
struct series {
	char *metric, *index; /* index "": none */
	size_t map;
	size_t field;
};

struct export
{
	struct map_numbers *maps;
	size_t nr_maps;
	struct series *series;
	size_t nr;
	FILE *out;        /* borrowed */
	const char *path; /* what out is, for messages; NULL: the answer */
	int error;        /* of writing; maps may fail too */
	bool readable;    /* --readable */
	struct strbuf text;
};

static void export_release(struct export *e)
{
	for (size_t i = 0; i < e->nr_maps; i++)
		map_numbers_release(&e->maps[i]);
	for (size_t i = 0; i < e->nr; i++) {
		free(e->series[i].metric);
		free(e->series[i].index);
	}
	free(e->maps);
	free(e->series);
	sb_release(&e->text);
}

/* --- what there is to tell ------------------------------------------------------- */

static bool same_series(const struct series *a, const struct series *b)
{
	return a->map == b->map && strcmp(a->metric, b->metric) == 0 &&
	       strcmp(a->index, b->index) == 0;
}

/* "a.b" and "a_b" are one name where only letters count. */
static void make_unique(const struct export *e, struct series *s)
{
	for (size_t i = 0; i < e->nr;) {
		auto_free char *metric = NULL;

		if (!same_series(&e->series[i], s)) {
			i++;
			continue;
		}
		metric = s->metric;
		s->metric = xasprintf("%s_", metric);
		i = 0;
	}
}

static void add_series(struct export *e, size_t map)
{
	const struct map_numbers *n = &e->maps[map];

	for (size_t i = 0; i < n->fields.nr; i++) {
		auto_strbuf metric = STRBUF_INIT, index = STRBUF_INIT;
		struct series s = {.map = map, .field = i};

		if (n->fields.items[i].kind == LAYOUT_POINTER)
			continue;
		openmetrics_name("bpf_value", n->name, n->fields.items[i].name, &metric,
				 &index);
		s.metric = sb_take(&metric);
		s.index = xstrdup(sb_text(&index));
		make_unique(e, &s);
		array_grow(e->series, e->nr);
		e->series[e->nr++] = s;
	}
}

static int open_maps(struct export *e, const struct map_fds *fds, struct err *err)
{
	e->maps = xcalloc(fds->nr, sizeof(*e->maps));
	for (; e->nr_maps < fds->nr; e->nr_maps++) {
		int r = map_numbers_init(&e->maps[e->nr_maps], fds->fds[e->nr_maps],
					 e->readable, err);

		if (r < 0)
			return r;
		add_series(e, e->nr_maps);
	}
	return 0;
}

/* --- writing --------------------------------------------------------------------- */

static int map_export_put(struct export *e)
{
	size_t n = e->text.len;
	bool whole = fwrite(sb_text(&e->text), 1, n, e->out) == n;

	sb_clear(&e->text);
	if (!whole)
		e->error = errno ? -errno : -EIO;
	return e->error;
}

static int write_error(const struct export *e, struct err *err)
{
	return e->path ? err_set(err, e->error, "write '%s'", e->path)
		       : err_set(err, e->error, "write");
}

/* Several maps of one name differ by their ids, which come and go with the maps. */
static void add_map_labels(struct export *e, const struct map_numbers *n)
{
	openmetrics_label("map", n->name, true, &e->text);
	if (e->nr_maps > 1) {
		auto_free char *id = xasprintf("%u", n->info.id);

		openmetrics_label("id", id, false, &e->text);
	}
}

static void add_fill(struct export *e, const char *metric, const struct map_numbers *n,
		     uint64_t value)
{
	const char *type = mapdef_type_name(n->info.type);

	sb_add(&e->text, metric);
	add_map_labels(e, n);
	openmetrics_label("type", type ? type : "unknown", false, &e->text);
	sb_addf(&e->text, "} %" PRIu64 "\n", value);
}

static int write_fill(struct export *e, struct err *err)
{
	openmetrics_family("bpf_map_max_entries", "Elements the map has room for.",
			   &e->text);
	for (size_t i = 0; i < e->nr_maps; i++)
		add_fill(e, "bpf_map_max_entries", &e->maps[i],
			 e->maps[i].info.max_entries);
	openmetrics_family("bpf_map_entries", "Elements in the map.", &e->text);
	for (size_t i = 0; i < e->nr_maps; i++) {
		int64_t nr = map_numbers_count(&e->maps[i]);

		if (nr < 0) {
			err_set(err, (int)nr, "count the elements of map %u",
				e->maps[i].info.id);
			return err_hint(
				err,
				"hashes, arrays and tries have elements that can be counted");
		}
		add_fill(e, "bpf_map_entries", &e->maps[i], (uint64_t)nr);
	}
	return map_export_put(e) < 0 ? write_error(e, err) : 0;
}

struct family {
	struct export *export;
	const char *metric;
	size_t map;
};

static void add_sample(struct export *e, const struct series *s, const void *key,
		       const void *value, unsigned int cpu)
{
	const struct map_numbers *n = &e->maps[s->map];

	sb_add(&e->text, s->metric);
	add_map_labels(e, n);
	if (!n->keyless)
		openmetrics_label("key", key_text_get(n->keys, key), false, &e->text);
	if (*s->index)
		openmetrics_label("index", s->index, false, &e->text);
	if (n->cpus > 1) {
		auto_free char *number = xasprintf("%u", cpu);

		openmetrics_label("cpu", number, false, &e->text);
	}
	sb_add(&e->text, "} ");
	value_field_print(&n->fields.items[s->field], value, &e->text);
	sb_add_char(&e->text, '\n');
}

static int write_element(const struct map_numbers *n, const void *key, const void *value,
			 void *ctx)
{
	const struct family *family = ctx;
	struct export *e = family->export;
	size_t stride = map_io_stride(&n->info);

	for (size_t i = 0; i < e->nr; i++) {
		const struct series *s = &e->series[i];

		if (s->map != family->map || strcmp(s->metric, family->metric) != 0)
			continue;
		for (unsigned int cpu = 0; cpu < n->cpus; cpu++)
			add_sample(e, s, key, (const char *)value + cpu * stride, cpu);
	}
	return map_export_put(e);
}

static bool was_before(const struct export *e, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(e->series[i].metric, e->series[index].metric) == 0)
			return true;
	return false;
}

/* A metric's samples stand together, whatever maps they are of: a walk for each. */
static int write_family(struct export *e, size_t index, struct err *err)
{
	struct family family = {.export = e, .metric = e->series[index].metric};
	auto_free char *help = xasprintf(
		"'%s' in the values of map '%s'.",
		e->maps[e->series[index].map].fields.items[e->series[index].field].name,
		e->maps[e->series[index].map].name);

	openmetrics_family(family.metric, help, &e->text);
	for (; family.map < e->nr_maps; family.map++) {
		int r = map_numbers_each(&e->maps[family.map], write_element, &family);

		if (e->error)
			return write_error(e, err);
		if (r < 0)
			return err_set(err, r, "read map %u",
				       e->maps[family.map].info.id);
	}
	return 0;
}

static int map_export_write_all(struct export *e, struct err *err)
{
	int r = write_fill(e, err);

	for (size_t i = 0; r == 0 && i < e->nr; i++)
		if (!was_before(e, i))
			r = write_family(e, i, err);
	if (r < 0)
		return r;
	sb_add(&e->text, "# EOF\n");
	return map_export_put(e) < 0 ? write_error(e, err) : 0;
}

/* --- where to -------------------------------------------------------------------- */

static int write_file(struct export *e, const char *path, struct err *err)
{
	auto_file_out out = FILE_OUT_INIT;
	int r = file_out_open(&out, path, err);

	if (r < 0)
		return r;
	e->out = out.file;
	e->path = path;
	r = map_export_write_all(e, err);
	return r < 0 ? r : file_out_commit(&out, err);
}

static int export_set_file(struct args *a, void *ctx, struct err *err)
{
	const char **path = ctx;

	return args_value(a, "file", "PATH", path, err);
}

static const struct keyword words[] = {
	{.name = "file", .set = export_set_file, .value = "PATH"},
	{.name = NULL},
};

int verb_map_export(struct args *a, void *ctx, struct err *err)
{
	const struct tool *tool = ctx;
	bool openmetrics = tool_option_behind(a, "--openmetrics") || tool->openmetrics;
	auto_release(export_release) struct export e = {.out = tool->out,
							.readable = tool->readable};
	auto_map_fds fds = {.nr = 0};
	const char *path = NULL;
	struct map_ref ref;
	int r;

	if (tool_option_behind(a, "--readable"))
		e.readable = true;
	r = map_ref_parse(&ref, a, err);
	if (r == 0)
		r = keyword_parse(words, a, &path, err);
	if (r == 0)
		r = map_words_end(a, words, err);
	if (r == 0 && !openmetrics)
		r = err_say(
			err, -EINVAL,
			"'export' needs a format, of which there is one: --openmetrics");
	if (r == 0 && tool->json && !path)
		r = err_say(err, -EINVAL,
			    "OpenMetrics is not JSON: export to a file, or leave -j out");
	ref.reading = true;
	if (r == 0)
		r = map_ref_open_all(&ref, &fds, err);
	if (r == 0)
		r = open_maps(&e, &fds, err);
	if (r < 0)
		return r;
	r = path ? write_file(&e, path, err) : map_export_write_all(&e, err);
	if (r == 0 && path)
		map_answer_done(tool);
	return r;
}
