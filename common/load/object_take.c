/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An object as libbpf has opened it: its maps and programs, beside the old definitions. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "kernel/bpf_token.h"
#include "kernel/libbpf_words.h"
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

const struct mapdef *object_legacy_def(const struct object *obj, const char *name,
				       size_t likely)
{
	for (size_t i = 0; i < obj->def.nr_maps; i++) {
		const struct mapdef *def =
			&obj->def.maps[(likely + i) % obj->def.nr_maps];

		if (strcmp(def->name, name) == 0)
			return def;
	}
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
	struct bpf_map *inner = h->map ? bpf_map__inner_map(h->map) : NULL;

	if (legacy && legacy->inner >= 0 && (size_t)legacy->inner < obj->def.nr_maps) {
		mapdef_copy(&h->inner, &obj->def.maps[legacy->inner]);
		h->has_inner = true;
	} else if (!legacy && inner) {
		fill_from_libbpf(&h->inner, inner, bpf_object__btf(obj->bpf));
		h->has_inner = true;
	}
}

bool object_take_map(struct object *obj, const char *name, struct bpf_map *map)
{
	const struct mapdef *legacy = object_legacy_def(obj, name, obj->nr_maps);
	struct object_map *m = &obj->maps[obj->nr_maps];
	struct map_handle *h = &obj->handles[obj->nr_maps];

	obj->nr_maps++;
	*h = (struct map_handle){.map = map, .inner = MAPDEF_INIT, .fd = -1};
	m->def = (struct mapdef)MAPDEF_INIT;
	m->place = (struct place)PLACE_INIT;
	if (legacy)
		mapdef_copy(&m->def, legacy);
	else if (map)
		fill_from_libbpf(&m->def, map, bpf_object__btf(obj->bpf));
	take_inner(obj, h, legacy);
	/* libbpf would pin by itself, without lock and without comparing layouts. */
	if (map && bpf_map__pin_path(map)) {
		m->def.scope = PIN_SCOPE_NAME;
		bpf_map__set_pin_path(map, NULL);
	}
	return legacy;
}

void object_take_program(struct object *obj, struct bpf_program *prog,
			 const struct object_program *program)
{
	struct object_program *p = &obj->programs[obj->nr_programs];

	obj->bpf_programs[obj->nr_programs++] = prog;
	*p = *program;
	p->fd = -1;
	/* Section spellings that libbpf 1.0 gave up, and those that came after 1.1. */
	if (!p->prog_type)
		prog_type_by_section(p->section, &p->prog_type, &p->attach_type);
	for (size_t i = 0; i < obj->def.nr_tail_calls; i++)
		if (strcmp(obj->def.tail_calls[i].program, p->name) == 0)
			p->tail_call = &obj->def.tail_calls[i];
}

void object_take_room(struct object *obj, size_t maps, size_t programs)
{
	obj->maps = xcalloc(maps, sizeof(*obj->maps));
	obj->handles = xcalloc(maps, sizeof(*obj->handles));
	obj->programs = xcalloc(programs, sizeof(*obj->programs));
	obj->bpf_programs = xcalloc(programs, sizeof(*obj->bpf_programs));
	obj->logs = xcalloc(programs, sizeof(*obj->logs));
	obj->typed = xcalloc(programs, sizeof(*obj->typed));
}

static void object_take_all(struct object *obj)
{
	struct bpf_program *prog;
	struct bpf_map *map;
	size_t maps = 0, programs = 0;

	bpf_object__for_each_map(map, obj->bpf) maps++;
	bpf_object__for_each_program(prog, obj->bpf) programs++;
	object_take_room(obj, maps, programs);
	bpf_object__for_each_map(map, obj->bpf)
	{
		const char *name = bpf_map__name(map);

		object_take_map(obj, name ? name : "", map);
	}
	bpf_object__for_each_program(prog, obj->bpf) object_take_program(
		obj, prog,
		&(struct object_program){
			.name = bpf_program__name(prog),
			.section = bpf_program__section_name(prog),
			.prog_type = bpf_program__type(prog),
			.attach_type = bpf_program__expected_attach_type(prog),
			.optional = !bpf_program__autoload(prog),
			.nr_insns = bpf_program__insn_cnt(prog),
		});
}

int object_open_bpf(struct object *obj, struct err *err)
{
	int r = object_open_image(obj, obj->def.image, obj->def.image_size, &obj->bpf,
				  err);

	if (r == 0)
		object_take_all(obj);
	return r;
}
