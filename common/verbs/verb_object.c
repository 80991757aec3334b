/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file_out.h"
#include "base/log.h"
#include "base/parcel.h"
#include "def/layout.h"
#include "load/object.h"
#include "verbs/tool.h"
#include "view/btf_json.h"
#include "view/key_text.h"
#include "view/object_view.h"

/* --- from objects to rows --- */

/* One opened file and the rows that borrow from it. */
struct shown {
	struct object *obj;
	struct object_view view;
	struct object_view_map *maps; /* owned, as are the next two */
	struct object_view_program *programs;
	struct object_view_slot *slots;
	struct object_view_constant *constants; /* as are the texts in it */
};

struct shown_list {
	struct share_opts opts; /* the objects borrow it */
	struct shown *items;
	size_t nr;
};

static void shown_list_release(struct shown_list *l)
{
	for (size_t i = 0; i < l->nr; i++) {
		for (size_t k = 0; k < l->items[i].view.nr_constants; k++) {
			free((char *)l->items[i].constants[k].name);
			free((char *)l->items[i].constants[k].section);
			free((char *)l->items[i].constants[k].type);
			free((char *)l->items[i].constants[k].value);
			free((char *)l->items[i].constants[k].json);
		}
		free(l->items[i].constants);
		free(l->items[i].maps);
		free(l->items[i].programs);
		free(l->items[i].slots);
		object_close(l->items[i].obj);
	}
	free(l->items);
}

static enum object_view_would would_of(const struct object_map *m)
{
	switch (m->state) {
	case OBJECT_MAP_GIVEN:
		return OBJECT_VIEW_USE;
	case OBJECT_MAP_REUSE:
		return OBJECT_VIEW_REUSE;
	case OBJECT_MAP_CREATE:
		return OBJECT_VIEW_CREATE;
	case OBJECT_MAP_CONFLICT:
		return OBJECT_VIEW_CONFLICT;
	case OBJECT_MAP_BLOCKED:
		return OBJECT_VIEW_BLOCKED;
	case OBJECT_MAP_UNKNOWN:
	case OBJECT_MAP_PRIVATE:
		break;
	}
	return OBJECT_VIEW_PRIVATE;
}

static void fill_maps(struct shown *s)
{
	const struct object_map *maps = object_maps(s->obj, &s->view.nr_maps);

	s->maps = xcalloc(s->view.nr_maps, sizeof(*s->maps));
	for (size_t i = 0; i < s->view.nr_maps; i++) {
		const struct object_map *m = &maps[i];
		bool has_path = m->place.kind == PLACE_PIN && m->place.path[0];

		s->maps[i] = (struct object_view_map){
			.def = &m->def,
			.would = would_of(m),
			.id = m->id,
			.path = has_path ? m->place.path : NULL,
			.reason = m->reason,
			.split = m->split,
			.detail = m->detail,
			.unchecked = m->unchecked,
			.facts = &m->facts,
		};
		if (m->def.inner >= 0 && (size_t)m->def.inner < s->view.nr_maps)
			s->maps[i].inner = maps[m->def.inner].def.name;
	}
	s->view.maps = s->maps;
}

/* What a section does not tell, tc_loader takes for a classifier. */
static uint32_t type_of(const struct object_program *p, const struct share_opts *opts)
{
	bool for_tc = opts->reader == MAPS_READER_TC;

	return p->prog_type || !for_tc ? p->prog_type : (uint32_t)BPF_PROG_TYPE_SCHED_CLS;
}

static void fill_programs(struct shown *s, const struct share_opts *opts)
{
	const struct object_program *programs =
		object_programs(s->obj, &s->view.nr_programs);

	s->programs = xcalloc(s->view.nr_programs, sizeof(*s->programs));
	for (size_t i = 0; i < s->view.nr_programs; i++)
		s->programs[i] = (struct object_view_program){
			.name = programs[i].name,
			.section = programs[i].section,
			.prog_type = type_of(&programs[i], opts),
			.optional = programs[i].optional,
		};
	s->view.programs = s->programs;
}

static void object_add_slot(struct shown *s, const struct object_view_slot *slot)
{
	array_grow(s->slots, s->view.nr_slots);
	s->slots[s->view.nr_slots++] = *slot;
	s->view.slots = s->slots;
}

static void fill_slots(struct shown *s)
{
	const struct object_def *def = object_def(s->obj);

	for (size_t i = 0; i < def->nr_tail_calls; i++) {
		const struct tail_call *t = &def->tail_calls[i];
		bool known = t->map >= 0 && (size_t)t->map < def->nr_maps;

		object_add_slot(s, &(struct object_view_slot){
					   .map = known ? def->maps[t->map].name : NULL,
					   .map_id = t->map_id,
					   .key = t->key,
					   .program = t->program,
					   .section = t->section});
	}
	for (size_t i = 0; i < def->nr_prog_slots; i++)
		object_add_slot(s, &(struct object_view_slot){
					   .map = def->prog_slots[i].map,
					   .key = def->prog_slots[i].key,
					   .program = def->prog_slots[i].program});
	for (size_t i = 0; i < def->nr_slots; i++)
		object_add_slot(s,
				&(struct object_view_slot){.map = def->slots[i].outer,
							   .key = def->slots[i].key,
							   .inner = def->slots[i].inner});
}

static void tell_constant(const struct object_constant *c, struct strbuf *out)
{
	auto_release(key_text_freep) struct key_text *text =
		key_text_new(c->btf, c->type, c->size);
	struct layout *layout = layout_from_btf(c->btf, c->type);
	auto_free char *json = btf_json_text(c->btf, c->type, c->value, c->size);

	parcel_add_text(out, c->name);
	parcel_add_text(out, c->section);
	parcel_add_text(out, layout ? layout->name : NULL);
	parcel_add_text(out, key_text_get(text, c->value));
	parcel_add_text(out, json);
	parcel_add_number(out, c->is_volatile);
	layout_free(layout);
}

static void tell_constants(const struct object *obj, struct strbuf *out)
{
	auto_free struct object_constant *list = NULL;
	size_t nr = object_constants(obj, &list);

	parcel_add_number(out, nr);
	for (size_t i = 0; i < nr; i++)
		tell_constant(&list[i], out);
}

static const char *hear_text(struct parcel *p)
{
	const char *text = parcel_text_or_null(p);

	return text ? xstrdup(text) : NULL;
}

static void hear_constants(struct parcel *p, void *ctx)
{
	struct shown *s = ctx;
	size_t nr = parcel_count(p);

	s->constants = xcalloc(nr, sizeof(*s->constants));
	s->view.constants = s->constants;
	while (s->view.nr_constants < nr) {
		struct object_view_constant *c = &s->constants[s->view.nr_constants++];

		c->name = xstrdup(parcel_text(p));
		c->section = xstrdup(parcel_text(p));
		c->type = hear_text(p);
		c->value = hear_text(p);
		c->json = hear_text(p);
		c->is_volatile = parcel_up_to(p, 1);
	}
}

static int add_file(struct shown_list *l, const char *path, struct err *err)
{
	struct object_ask ask = {.tell = tell_constants, .hear = hear_constants};
	struct shown *s;
	int r;

	array_grow(l->items, l->nr);
	s = &l->items[l->nr++];
	*s = (struct shown){.view = {.path = path}};
	ask.ctx = s;
	r = object_look(&s->obj, path, &l->opts, &ask, err);
	r = r ? r : object_plan(s->obj, err);
	if (r < 0)
		return r;
	fill_maps(s);
	fill_programs(s, &l->opts);
	fill_slots(s);
	return 0;
}

/* --- object show --- */

static unsigned int terminal_width(FILE *out)
{
	struct winsize size;

	return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static int object_write_out(const struct tool *tool, const struct strbuf *text,
			    struct err *err)
{
	if (fputs(sb_text(text), tool->out) < 0)
		return err_set(err, -errno, "write the answer");
	return 0;
}

static enum json_layout json_layout(const struct tool *tool)
{
	return tool->pretty ? JSON_BPFTOOL : JSON_COMPACT;
}

static int object_run_show(struct args *a, void *tool_, struct err *err)
{
	auto_release(shown_list_release) struct shown_list l = {.nr = 0};
	auto_free struct object_view *views = NULL;
	const struct tool *tool = tool_;
	auto_strbuf out = STRBUF_INIT;

	if (!args_more(a))
		return err_say(err, -EINVAL, "which object file?");
	l.opts = tool->share;
	l.opts.line = NULL; /* nothing is loaded that advice could repeat */
	while (args_more(a)) {
		int r = add_file(&l, args_next(a), err);

		if (r < 0)
			return r;
	}
	views = xcalloc(l.nr, sizeof(*views));
	for (size_t i = 0; i < l.nr; i++) {
		views[i] = l.items[i].view;
		if (tool->json)
			continue;
		if (i > 0)
			sb_add_char(&out, '\n');
		object_view_text(&out, &views[i], terminal_width(tool->out));
	}
	if (tool->json)
		object_view_json(&out, views, l.nr, json_layout(tool));
	return object_write_out(tool, &out, err);
}

/* --- object convert --- */

/* By whatever names, links or hard links. */
static bool is_one_file(const char *from, const char *to)
{
	struct stat a, b;

	return stat(from, &a) == 0 && stat(to, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* The list of what was lost comes first: where it cannot be told, to stays as it was. */
static int tell_lost(const struct tool *tool, const char *to, const struct strbuf *lost,
		     struct err *err)
{
	auto_strbuf out = STRBUF_INIT;
	int r;

	if (tool->json)
		object_view_lost_json(&out, to, sb_text(lost), json_layout(tool));
	r = object_write_out(tool, tool->json ? &out : lost, err);
	if (r == 0 && fflush(tool->out) != 0)
		r = err_set(err, -errno, "write the answer");
	return r < 0 ? err_context(err, "'%s' is not written", to) : 0;
}

/* The status of a failure that the answer does not tell. */
enum { CONVERT_FAILED = 255 };

static int run_convert(struct args *a, void *tool_, struct err *err)
{
	bool private = tool_option_behind(a, "--private");
	auto_strbuf lost = STRBUF_INIT, image = STRBUF_INIT;
	auto_file_out out = FILE_OUT_INIT;
	const char *from = args_next(a), *to = args_next(a);
	const struct tool *tool = tool_;
	int r;

	if (!to)
		return err_say(err, -EINVAL,
			       "two files are needed: the object and the new one");
	if (args_more(a))
		return err_say(err, -EINVAL, "what is '%s'? nothing may follow",
			       args_peek(a));
	if (is_one_file(from, to))
		return err_say(
			err, -EINVAL,
			"'%s' and '%s' are one file, and the old object would be lost; name another one for the new object",
			from, to);
	r = object_convert(&image, from, &tool->share, private || tool->private, &lost,
			   err);
	if (r == 0)
		r = file_out_open(&out, to, err);
	/* What can fail fails before the answer, which is to be the only one. */
	if (r == 0 && !out.direct)
		r = file_out_write(&out, image.text, image.len, err);
	if (r == 0 && !out.direct)
		r = file_out_prepare(&out, err);
	if (r == 0)
		r = tell_lost(tool, to, &lost, err);
	if (r == 0 && out.direct)
		r = file_out_write(&out, image.text, image.len, err);
	if (r < 0)
		return r;
	r = file_out_commit(&out, err);
	/* The answer is out, and a second one would make two documents of it. */
	if (r < 0 && tool->json) {
		log_warn("%s", err->text);
		return CONVERT_FAILED;
	}
	return r;
}

const struct verb object_verbs[] = {
	{"show", object_run_show, "FILE...",
	 "What object files define, and what a load would do here; changes nothing", NULL,
	 true, "tc.o"},
	{"convert", run_convert, "IN OUT [--private]",
	 "Writes a legacy object as a modern one; lists what has no modern form", NULL,
	 true, "old.o modern.o"},
	{.name = NULL},
};
