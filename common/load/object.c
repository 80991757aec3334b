/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "def/attach_types.h"
#include "elf/elf_view.h"
#include "kernel/bpf_token.h"
#include "kernel/bpffs.h"
#include "kernel/libbpf_words.h"
#include "load/object_file.h"
#include "load/object_image.h"
#include "load/object_private.h"

/* As libbpf names an object by its file: it ends up in the names of data maps. */
static char *object_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = xstrdup(slash ? slash + 1 : path);

	name[strcspn(name, ".")] = '\0';
	return name;
}

int object_open_image(struct object *obj, const void *image, size_t size,
		      struct bpf_object **ret, struct err *err)
{
	auto_free char *name = object_name(obj->path);
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = name,
		    .relaxed_maps = obj->opts->relaxed_maps);
	auto_strbuf words = STRBUF_INIT;
	struct bpf_object *bpf;
	size_t log_size;
	int r;

	if (obj->opts->log_buffer) {
		opts.kernel_log_buf = object_refusal_buffer(obj, &log_size);
		opts.kernel_log_size = log_size;
	}
	libbpf_words_begin(&words);
	bpf = bpf_token_object_open(image, size, &opts);
	r = -errno;
	libbpf_words_end();
	if (!bpf)
		return libbpf_words_err(err, r, &words, "libbpf cannot open it");
	*ret = bpf;
	return 0;
}

static const struct mapdef *legacy_def(const struct object *obj, const char *name)
{
	for (size_t i = 0; i < obj->def.nr_maps; i++)
		if (strcmp(obj->def.maps[i].name, name) == 0)
			return &obj->def.maps[i];
	return NULL;
}

static void fill_from_libbpf(struct mapdef *def, const struct bpf_map *map,
			     const struct btf *btf)
{
	const char *name = bpf_map__name(map);

	strncpy(def->name, name ? name : "", MAPDEF_NAME_MAX);
	def->type = bpf_map__type(map);
	def->key_size = bpf_map__key_size(map);
	def->value_size = bpf_map__value_size(map);
	def->max_entries = bpf_map__max_entries(map);
	def->map_flags = bpf_map__map_flags(map);
	def->map_extra = bpf_map__map_extra(map);
	def->numa_node = bpf_map__numa_node(map);
	def->dialect = bpf_map__is_internal(map) ? MAPDEF_DATA : MAPDEF_BTF;
	if (def->dialect == MAPDEF_BTF && btf) {
		def->key_layout = layout_from_btf(btf, bpf_map__btf_key_type_id(map));
		def->value_layout = layout_from_btf(btf, bpf_map__btf_value_type_id(map));
	}
}

static void take_inner(struct object *obj, struct map_handle *h,
		       const struct mapdef *legacy)
{
	struct bpf_map *inner = bpf_map__inner_map(h->map);

	h->inner = (struct mapdef)MAPDEF_INIT;
	if (legacy && legacy->inner >= 0 && (size_t)legacy->inner < obj->def.nr_maps) {
		mapdef_copy(&h->inner, &obj->def.maps[legacy->inner]);
		h->has_inner = true;
	} else if (!legacy && inner) {
		fill_from_libbpf(&h->inner, inner, bpf_object__btf(obj->bpf));
		h->has_inner = true;
	}
}

static void take_map(struct object *obj, struct bpf_map *map)
{
	const struct mapdef *legacy = legacy_def(obj, bpf_map__name(map));
	struct object_map *m = &obj->maps[obj->nr_maps];
	struct map_handle *h = &obj->handles[obj->nr_maps];

	obj->nr_maps++;
	*h = (struct map_handle){.map = map, .fd = -1};
	m->def = (struct mapdef)MAPDEF_INIT;
	m->place = (struct place)PLACE_INIT;
	if (legacy && legacy->scope_guessed && obj->opts->reader == MAPS_READER_CGROUP)
		log_warn(
			"map '%s': its 28 bytes are read as a bpf_elf_map that is pinned; '--maps-layout samples' reads them as a numa_node",
			legacy->name);
	if (legacy)
		mapdef_copy(&m->def, legacy);
	else
		fill_from_libbpf(&m->def, map, bpf_object__btf(obj->bpf));
	take_inner(obj, h, legacy);
	/* libbpf would pin by itself, without lock and without comparing layouts. */
	if (bpf_map__pin_path(map)) {
		m->def.scope = PIN_SCOPE_NAME;
		bpf_map__set_pin_path(map, NULL);
	}
}

static void take_program(struct object *obj, struct bpf_program *prog)
{
	struct object_program *p = &obj->programs[obj->nr_programs];

	obj->bpf_programs[obj->nr_programs++] = prog;
	*p = (struct object_program){
		.name = bpf_program__name(prog),
		.section = bpf_program__section_name(prog),
		.prog_type = bpf_program__type(prog),
		.attach_type = bpf_program__expected_attach_type(prog),
		.optional = !bpf_program__autoload(prog),
		.nr_insns = bpf_program__insn_cnt(prog),
		.fd = -1,
	};
	/* Section spellings that libbpf 1.0 gave up, and those that came after 1.1. */
	if (!p->prog_type)
		prog_type_by_section(p->section, &p->prog_type, &p->attach_type);
	for (size_t i = 0; i < obj->def.nr_tail_calls; i++)
		if (strcmp(obj->def.tail_calls[i].program, p->name) == 0)
			p->tail_call = &obj->def.tail_calls[i];
}

static void take_all(struct object *obj)
{
	struct bpf_program *prog;
	struct bpf_map *map;
	size_t maps = 0, programs = 0;

	bpf_object__for_each_map(map, obj->bpf) maps++;
	bpf_object__for_each_program(prog, obj->bpf) programs++;
	obj->maps = xcalloc(maps, sizeof(*obj->maps));
	obj->handles = xcalloc(maps, sizeof(*obj->handles));
	obj->programs = xcalloc(programs, sizeof(*obj->programs));
	obj->bpf_programs = xcalloc(programs, sizeof(*obj->bpf_programs));
	obj->logs = xcalloc(programs, sizeof(*obj->logs));
	obj->typed = xcalloc(programs, sizeof(*obj->typed));
	bpf_object__for_each_map(map, obj->bpf) take_map(obj, map);
	bpf_object__for_each_program(prog, obj->bpf) take_program(obj, prog);
}

/* From the legacy definitions' numbering to that of all maps. */
static void renumber_inner(struct object *obj)
{
	for (size_t i = 0; i < obj->nr_maps; i++) {
		struct mapdef *def = &obj->maps[i].def;
		const struct object_map *inner;

		if (def->inner < 0)
			continue;
		inner = object_find_map(obj, obj->def.maps[def->inner].name);
		def->inner = inner ? (int)(inner - obj->maps) : -1;
	}
}

/* libbpf reads it too, and keeps it to itself. */
static char *read_license(const struct object *obj)
{
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	auto_err unused = ERR_INIT;
	const struct elf_section *s;

	if (elf_view_open(&view, obj->bytes, obj->size, &unused) < 0)
		return xstrdup("");
	s = &view.sections[elf_view_find(&view, "license")];
	return s->size ? xstrndup((const char *)s->data, s->size) : xstrdup("");
}

static int read_and_open(struct object *obj, struct err *err)
{
	const struct object_def_opts opts = {
		.layout = obj->opts->layout,
		.reader = obj->opts->reader,
	};
	bool foreign, guard = obj->opts->untrusted;
	int r = object_file_read(obj->path, &obj->bytes, &obj->size, &foreign, err);

	if (r < 0)
		return r;
	guard |= foreign && obj->opts->guard_foreign;
	r = object_def_read(&obj->def, obj->bytes, obj->size, &opts, err);
	if (r < 0)
		return r;
	obj->license = read_license(obj);
	if (guard)
		r = object_image_survives(obj->def.image, obj->def.image_size, err);
	if (r == 0)
		r = object_open_image(obj, obj->def.image, obj->def.image_size, &obj->bpf,
				      err);
	if (r < 0)
		return r;
	take_all(obj);
	renumber_inner(obj);
	for (size_t i = 0; i < obj->nr_maps; i++) {
		r = mapdef_check_name(obj->maps[i].def.name, err);
		if (r < 0)
			return r;
	}
	return object_set_all(obj, err);
}

void object_blame(struct err *err)
{
	enum { LIBBPF_CODES = 4000 };

	if (err->code < -LIBBPF_CODES)
		err->code = -EINVAL;
	else if (err->kind != ERR_USAGE && err->code != -EFBIG && err->code != -ENOEXEC)
		return;
	err_is(err, ERR_OBJECT);
}

int object_open(struct object **ret, const char *path, const struct share_opts *opts,
		struct err *err)
{
	auto_object *obj = xcalloc(1, sizeof(*obj));
	int r;

	/* First: object_close() comes even if no memory does. */
	obj->btf_fd = -1;
	obj->path = xstrdup(path);
	obj->opts = opts;
	obj->txn = pin_txn_new();
	obj->made_maps = SIZE_MAX;
	obj->scan = xcalloc(1, sizeof(*obj->scan));
	r = read_and_open(obj, err);
	if (r < 0) {
		object_blame(err);
		return err_context(err, "object '%s'", path);
	}
	*ret = take_ptr(obj);
	return 0;
}

static void object_rewind(struct object *obj)
{
	auto_err err = ERR_INIT;

	if (undo_rewind(object_undo(obj), obj->made_maps, &err) < 0)
		log_warn("%s", err.text);
}

void object_close(struct object *obj)
{
	if (!obj)
		return;
	/* Whoever withdraws the pins of maps must not hold them open any more. */
	if (obj->txn && !obj->joined)
		object_rewind(obj);
	object_forget_late_slots(obj);
	bpf_object__close(obj->bpf);
	bpf_object__close(obj->as_given);
	cleanup_close(&obj->btf_fd);
	for (size_t i = 0; i < obj->nr_maps; i++) {
		cleanup_close(&obj->handles[i].fd);
		mapdef_release(&obj->handles[i].inner);
		mapdef_release(&obj->maps[i].def);
		place_release(&obj->maps[i].place);
		free(obj->maps[i].reason);
		free(obj->maps[i].split);
		free(obj->maps[i].kept);
		free(obj->maps[i].detail);
		free(obj->maps[i].unchecked);
		facts_release(&obj->maps[i].facts);
	}
	free(obj->unseen);
	if (obj->scan)
		verdict_scan_release(obj->scan);
	free(obj->scan);
	if (!obj->joined)
		pin_txn_free(obj->txn);
	free(obj->maps);
	free(obj->handles);
	free(obj->bpf_programs);
	for (size_t i = 0; i < obj->nr_programs; i++)
		free(obj->logs[i]);
	free(obj->logs);
	free(obj->typed);
	free(obj->refusal);
	free(obj->license);
	free(obj->programs);
	pin_names_release(&obj->names);
	object_def_release(&obj->def);
	free(obj->bytes);
	free(obj->path);
	free(obj);
}

void object_closep(struct object **obj)
{
	object_close(*obj);
}

void object_join(struct object *obj, struct pin_txn *txn)
{
	pin_txn_free(obj->txn);
	obj->txn = txn;
	obj->joined = true;
}

bool object_set_max_entries(struct object *obj, const char *map, uint32_t max_entries)
{
	struct object_map *m = object_find_map(obj, map);

	if (!m)
		return false;
	m->def.max_entries = max_entries;
	return bpf_map__set_max_entries(obj->handles[m - obj->maps].map, max_entries) ==
	       0;
}
