/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs that are loaded as another type than their section tells libbpf. */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "elf/elf_rename.h"
#include "elf/elf_view.h"
#include "load/object_private.h"

static bool on_kernel_function(uint32_t prog_type)
{
	return prog_type == BPF_PROG_TYPE_TRACING || prog_type == BPF_PROG_TYPE_LSM ||
	       prog_type == BPF_PROG_TYPE_EXT;
}

/* "uprobe.s/...": libbpf asks for a program that may sleep, whatever its type. */
static bool is_sleepable_section(const char *section)
{
	size_t n = strcspn(section, "/");

	return n > 2 && strncmp(section + n - 2, ".s", 2) == 0;
}

static bool must_retype(const struct object *obj, size_t i)
{
	const struct object_program *p = &obj->programs[i];
	uint32_t old = bpf_program__type(obj->bpf_programs[i]);

	if (!p->wanted || !old || !p->prog_type || p->prog_type == old)
		return false;
	return on_kernel_function(old) ? !on_kernel_function(p->prog_type)
				       : is_sleepable_section(p->section);
}

/* libbpf drops the '?' of a section that is not loaded unless asked for. */
static bool is_section_of(const struct elf_section *s, const struct object_program *p)
{
	return elf_section_is_code(s) &&
	       strcmp(s->name + (s->name[0] == '?'), p->section) == 0;
}

static void choose_sections(const struct object *obj, const struct elf_view *view,
			    bool *sections)
{
	for (size_t i = 0; i < obj->nr_programs; i++)
		for (uint32_t s = 1; s < view->nr_sections && must_retype(obj, i); s++)
			sections[s] |=
				is_section_of(&view->sections[s], &obj->programs[i]);
}

/* What was set in the one that libbpf opened first. */
static void copy_map(struct bpf_map *to, struct bpf_map *from)
{
	size_t size;
	const void *value = bpf_map__initial_value(from, &size);

	if (bpf_map__pin_path(to))
		bpf_map__set_pin_path(to, NULL);
	if (bpf_map__max_entries(to) != bpf_map__max_entries(from))
		bpf_map__set_max_entries(to, bpf_map__max_entries(from));
	if (value)
		bpf_map__set_initial_value(to, value, size);
}

static struct bpf_program *program_at(struct bpf_object *bpf, size_t at)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, bpf) if (at-- == 0) return prog;
	return NULL;
}

static struct bpf_map *map_at(struct bpf_object *bpf, size_t at)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, bpf) if (at-- == 0) return map;
	return NULL;
}

/* Another program of the section may still need its meaning. */
static int check_renamed(const struct object *obj, struct bpf_object *bpf,
			 struct err *err)
{
	for (size_t i = 0; i < obj->nr_programs; i++) {
		const struct object_program *p = &obj->programs[i];
		const struct bpf_program *prog = program_at(bpf, i);

		if (!prog || strcmp(bpf_program__name(prog), p->name) != 0)
			return err_say(
				err, -EINVAL,
				"program '%s': not found once its section has another name",
				p->name);
		if (p->wanted && !must_retype(obj, i) &&
		    bpf_program__type(prog) != bpf_program__type(obj->bpf_programs[i]))
			return err_say(
				err, -EOPNOTSUPP,
				"program '%s': libbpf before 1.2 cannot load one program of section '%s' as what the section says and others as another type",
				p->name, p->section);
	}
	return 0;
}

static int use_renamed(struct object *obj, struct bpf_object *bpf, struct err *err)
{
	int r = check_renamed(obj, bpf, err);

	for (size_t i = 0; i < obj->nr_maps && r == 0; i++) {
		const struct bpf_map *map = map_at(bpf, i);

		if (!map ||
		    strcmp(bpf_map__name(map), bpf_map__name(obj->handles[i].map)) != 0)
			r = err_say(err, -EINVAL,
				    "map '%s': not found once sections have other names",
				    obj->maps[i].def.name);
	}
	if (r < 0)
		return r;
	for (size_t i = 0; i < obj->nr_programs; i++)
		obj->bpf_programs[i] = program_at(bpf, i);
	for (size_t i = 0; i < obj->nr_maps; i++) {
		struct bpf_map *map = map_at(bpf, i);

		copy_map(map, obj->handles[i].map);
		obj->handles[i].map = map;
	}
	/* Names and BTF that were handed out are of the first. */
	obj->as_given = obj->bpf;
	obj->bpf = bpf;
	return 0;
}

static int open_renamed(struct object *obj, struct err *err)
{
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	auto_free bool *sections = NULL;
	struct bpf_object *bpf = NULL;
	auto_free void *image = NULL;
	size_t size;
	int r = elf_view_open(&view, obj->def.image, obj->def.image_size, err);

	if (r < 0)
		return r;
	sections = xcalloc(view.nr_sections, sizeof(*sections));
	choose_sections(obj, &view, sections);
	r = elf_rename(&image, &size, &view, sections, err);
	if (r == 0)
		r = object_open_image(obj, image, size, &bpf, err);
	if (r == 0)
		r = use_renamed(obj, bpf, err);
	if (r < 0)
		bpf_object__close(bpf);
	return r;
}

int object_retype(struct object *obj, struct err *err)
{
	if (libbpf_major_version() > 1 || libbpf_minor_version() >= 2)
		return 0;
	for (size_t i = 0; i < obj->nr_programs; i++)
		if (must_retype(obj, i))
			return open_renamed(obj, err);
	return 0;
}
