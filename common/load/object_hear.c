/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What libbpf finds in an object, told by a process that may crash to this one, which believes
 * it nothing: numbers stay in their ranges, texts end.
 */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parcel.h"
#include "load/object_image.h"
#include "load/object_private.h"

/* --- there --- */

static void tell_layout(struct strbuf *out, const struct layout *l)
{
	parcel_add_text(out, l ? l->name : NULL);
	if (!l)
		return;
	parcel_add_number(out, l->size);
	parcel_add_number(out, l->nr_members);
	for (size_t i = 0; i < l->nr_members; i++) {
		const struct layout_member *m = &l->members[i];

		parcel_add_text(out, m->path);
		parcel_add_number(out, m->bit_offset);
		parcel_add_number(out, m->bit_size);
		parcel_add_number(out, m->elements);
		parcel_add_number(out, m->inside);
		parcel_add_number(out, m->kind);
		parcel_add_number(out, m->is_signed);
	}
}

static void tell_def(struct strbuf *out, const struct mapdef *d)
{
	parcel_add_number(out, d->dialect == MAPDEF_DATA);
	parcel_add_number(out, d->type);
	parcel_add_number(out, d->key_size);
	parcel_add_number(out, d->value_size);
	parcel_add_number(out, d->max_entries);
	parcel_add_number(out, d->map_flags);
	parcel_add_number(out, d->map_extra);
	parcel_add_number(out, d->numa_node);
	parcel_add_number(out, d->scope == PIN_SCOPE_NAME);
	tell_layout(out, d->key_layout);
	tell_layout(out, d->value_layout);
}

/* Old definitions are read here and there from the same bytes, by us. */
static void tell_map(struct strbuf *out, const struct object *obj, size_t i)
{
	const struct mapdef *def = &obj->maps[i].def;
	const struct map_handle *h = &obj->handles[i];

	parcel_add_text(out, def->name);
	if (object_legacy_def(obj, def->name, i))
		return;
	tell_def(out, def);
	parcel_add_text(out, h->has_inner ? h->inner.name : NULL);
	if (h->has_inner)
		tell_def(out, &h->inner);
}

static void tell_program(struct strbuf *out, const struct object_program *p)
{
	parcel_add_text(out, p->name);
	parcel_add_text(out, p->section);
	parcel_add_number(out, p->prog_type);
	parcel_add_number(out, p->attach_type);
	parcel_add_number(out, p->optional);
	parcel_add_number(out, p->nr_insns);
}

struct object_told {
	struct object *obj;
	const struct object_ask *ask;
};

static int open_and_tell(void *ctx, struct strbuf *out, struct err *err)
{
	const struct object_told *told = ctx;
	struct object *obj = told->obj;
	int r = object_open_bpf(obj, err);

	if (r < 0)
		return r;
	parcel_add_number(out, obj->nr_maps);
	parcel_add_number(out, obj->nr_programs);
	for (size_t i = 0; i < obj->nr_maps; i++)
		tell_map(out, obj, i);
	for (size_t i = 0; i < obj->nr_programs; i++)
		tell_program(out, &obj->programs[i]);
	told->ask->tell(obj, out);
	return 0;
}

/* --- here --- */

static struct layout *hear_layout(struct parcel *p)
{
	const char *name = parcel_text_or_null(p);
	struct layout *l;
	size_t nr;

	if (!name)
		return NULL;
	l = xcalloc(1, sizeof(*l));
	l->name = xstrdup(name);
	l->size = (uint32_t)parcel_up_to(p, UINT32_MAX);
	nr = (size_t)parcel_up_to(p, LAYOUT_MEMBERS_MAX);
	l->members = xcalloc(nr, sizeof(*l->members));
	for (size_t i = 0; i < nr && !p->bad; i++) {
		struct layout_member *m = &l->members[l->nr_members++];

		m->path = xstrdup(parcel_text(p));
		m->bit_offset = (uint32_t)parcel_up_to(p, UINT32_MAX);
		m->bit_size = (uint32_t)parcel_up_to(p, UINT32_MAX);
		m->elements = (uint32_t)parcel_up_to(p, UINT32_MAX);
		m->inside = (uint32_t)parcel_up_to(p, nr - i - 1);
		m->kind = (enum layout_kind)parcel_up_to(p, LAYOUT_OTHER);
		m->is_signed = parcel_up_to(p, 1);
	}
	return l;
}

static void hear_def(struct parcel *p, const char *name, struct mapdef *d)
{
	size_t n = strnlen(name, MAPDEF_NAME_MAX);

	memcpy(d->name, name, n);
	d->name[n] = '\0';
	d->dialect = parcel_up_to(p, 1) ? MAPDEF_DATA : MAPDEF_BTF;
	d->type = (uint32_t)parcel_up_to(p, UINT32_MAX);
	d->key_size = (uint32_t)parcel_up_to(p, UINT32_MAX);
	d->value_size = (uint32_t)parcel_up_to(p, UINT32_MAX);
	d->max_entries = (uint32_t)parcel_up_to(p, UINT32_MAX);
	d->map_flags = (uint32_t)parcel_up_to(p, UINT32_MAX);
	d->map_extra = parcel_number(p);
	d->numa_node = (uint32_t)parcel_up_to(p, UINT32_MAX);
	d->scope = parcel_up_to(p, 1) ? PIN_SCOPE_NAME : PIN_SCOPE_NONE;
	d->key_layout = hear_layout(p);
	d->value_layout = hear_layout(p);
}

static void hear_map(struct parcel *p, struct object *obj)
{
	const char *name = parcel_text(p), *inner;
	struct map_handle *h = &obj->handles[obj->nr_maps];
	struct mapdef *def = &obj->maps[obj->nr_maps].def;

	if (object_take_map(obj, name, NULL))
		return;
	hear_def(p, name, def);
	inner = parcel_text_or_null(p);
	if (!inner)
		return;
	h->has_inner = true;
	hear_def(p, inner, &h->inner);
}

static void hear_program(struct parcel *p, struct object *obj)
{
	struct object_program program = {.name = parcel_text(p)};

	program.section = parcel_text(p);
	program.prog_type = (uint32_t)parcel_up_to(p, UINT32_MAX);
	program.attach_type = (uint32_t)parcel_up_to(p, UINT32_MAX);
	program.optional = parcel_up_to(p, 1);
	program.nr_insns = (size_t)parcel_number(p);
	object_take_program(obj, NULL, &program);
}

static void hear_all(struct parcel *p, struct object *obj, const struct object_ask *ask)
{
	size_t maps = parcel_count(p), programs = parcel_count(p);

	object_take_room(obj, maps, programs);
	while (obj->nr_maps < maps && !p->bad)
		hear_map(p, obj);
	while (obj->nr_programs < programs && !p->bad)
		hear_program(p, obj);
	ask->hear(p, ask->ctx);
}

int object_hear(struct object *obj, const struct object_ask *ask, struct err *err)
{
	struct object_told told = {.obj = obj, .ask = ask};
	auto_strbuf answer = STRBUF_INIT;
	struct parcel p;
	int r = object_image_ask(open_and_tell, &told, obj->def.image_size, &answer, err);

	if (r < 0)
		return r;
	p.at = sb_text(&answer);
	p.end = p.at + answer.len;
	p.bad = false;
	obj->heard = sb_take(&answer);
	hear_all(&p, obj, ask);
	if (p.bad || p.at != p.end)
		return err_say(
			err, -EIO,
			"whether libbpf can read it is not known: the process that tries it gave an answer without sense");
	return 0;
}
