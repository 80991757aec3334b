/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <json-c/json.h>

#include "base/utf8.h"
#include "graph/graph_words.h"
#include "view/share_view.h"

/* --- text --- */

static void add_ids(struct strbuf *out, const uint32_t *ids, size_t nr)
{
	sb_add(out, nr == 1 ? "id " : "ids ");
	for (size_t i = 0; i < nr; i++)
		sb_addf(out, "%s%" PRIu32, i ? ", " : "", ids[i]);
}

static void add_verdict(struct strbuf *out, const struct share_report *r)
{
	sb_addf(out, "%s: map '", share_verdict_name(r->verdict));
	utf8_add_visible(out, r->name);
	sb_add(out, "', ");
	add_ids(out, r->ids, r->nr_ids);
	if (r->nr_programs == 0)
		sb_add(out, ", no attached program\n");
	else
		sb_addf(out, ", %zu attached program%s\n", r->nr_programs,
			r->nr_programs == 1 ? "" : "s");
}

/* "id 27: program 41 'in' sched_cls" */
static void share_view_add_program(struct strbuf *out, uint32_t map,
				   const struct graph_program *program)
{
	auto_strbuf scratch = STRBUF_INIT;

	sb_addf(out, "id %" PRIu32 ": program %" PRIu32 " '", map, program->id);
	utf8_add_visible(out, program->name ? program->name : "");
	sb_addf(out, "' %s", graph_words_prog_type(program->type, &scratch));
}

static void share_view_add_user(struct strbuf *out, const struct share_user *u)
{
	auto_strbuf place = STRBUF_INIT;

	sb_add_char(out, '\t');
	share_view_add_program(out, u->map, u->program);
	sb_add(out, ", ");
	graph_words_user(&place, u->at, u->program->id, u->call, u->inner);
	utf8_add_visible(out, sb_text(&place));
	sb_add_char(out, '\n');
}

static void share_view_add_dead(struct strbuf *out, const struct share_dead *dead)
{
	auto_strbuf place = STRBUF_INIT;

	sb_add(out, "\tnot counted: ");
	share_view_add_program(out, dead->map, dead->program);
	graph_words_place(&place, dead->at);
	if (dead->pin)
		sb_addf(&place, ", pinned %s", dead->pin->path);
	sb_add(out, ", ");
	utf8_add_visible(out, sb_text(&place));
	sb_add_char(out, '\n');
}

/* Why what pins or holds a program does not tell that it is attached nowhere. */
static const char unlisted[] =
	"network namespaces of processes outside of this PID namespace cannot be seen";

/* indent: below a verdict; remarks begin at the margin. */
static void share_view_add_unseen(struct strbuf *out, const struct share_report *r,
				  const char *indent)
{
	for (size_t i = 0; i < r->nr_unseen; i++) {
		sb_addf(out, "%sattachment not found: ", indent);
		share_view_add_program(out, r->unseen[i].map, r->unseen[i].program);
		if (r->netns_unlisted)
			sb_addf(out, " (%s)", unlisted);
		sb_add_char(out, '\n');
	}
}

static void share_view_add_place(struct strbuf *out, const struct share_place *p)
{
	sb_add(out, p->kind == GRAPH_CGROUP ? "cgroup " : "dev ");
	utf8_add_visible(out, p->name ? p->name : "?");
	if (!p->netns[0])
		return;
	sb_add(out, " netns ");
	utf8_add_visible(out, p->netns);
}

static void share_view_add_migrating(struct strbuf *out, const struct graph_pin *pin)
{
	auto_strbuf text = STRBUF_INIT;

	graph_words_migrates(&text, pin);
	sb_add(out, "\tmigrating: ");
	utf8_add_visible(out, sb_text(&text));
	sb_add_char(out, '\n');
}

void share_view_text(struct strbuf *out, const struct share_report *r)
{
	add_verdict(out, r);
	for (size_t i = 0; i < r->nr_users; i++)
		share_view_add_user(out, &r->users[i]);
	if (r->nr_more)
		sb_addf(out, "\tand %zu more ways by tail calls\n", r->nr_more);
	/* With places this is a remark about elsewhere. */
	if (!r->places)
		share_view_add_unseen(out, r, "\t");
	for (size_t i = 0; i < r->nr_dead; i++)
		share_view_add_dead(out, &r->dead[i]);
	for (size_t i = 0; i < r->nr_migrating; i++)
		share_view_add_migrating(out, r->migrating[i]);
	for (size_t i = 0; i < r->nr_missing; i++) {
		sb_add(out, "\tno program uses it at ");
		share_view_add_place(out, &r->places[r->missing[i]]);
		sb_add_char(out, '\n');
	}
	for (size_t i = 0; i < r->nr_hidden; i++) {
		sb_add(out, "\tnot seen: ");
		utf8_add_visible(out, r->hidden[i]->text);
		sb_add_char(out, '\n');
	}
}

static void add_resting(struct strbuf *out, const struct share_report *r)
{
	for (size_t i = 0; i < r->nr_resting; i++) {
		sb_add(out, "not counted: ");
		share_view_add_program(out, r->resting[i].map, r->resting[i].program);
		sb_add(out,
		       ", attached nowhere that can be seen (a network namespace that only a socket keeps cannot)\n");
	}
}

void share_view_notes(struct strbuf *out, const struct share_report *r)
{
	if (r->cut) {
		sb_add(out, "map '");
		utf8_add_visible(out, r->name);
		sb_addf(out,
			"': the kernel keeps %d bytes of a name, and no pin or BTF tells the rest: compared '%.*s'\n",
			GRAPH_KERNEL_NAME, GRAPH_KERNEL_NAME, r->name);
	}
	if (r->nr_idle) {
		sb_add(out, "map '");
		utf8_add_visible(out, r->name);
		sb_addf(out, "': also %s of this name, not used by a program listed: ",
			r->nr_idle == 1 ? "a map" : "maps");
		add_ids(out, r->idle, r->nr_idle);
		sb_add_char(out, '\n');
	}
	add_resting(out, r);
	if (r->places)
		share_view_add_unseen(out, r, "");
}

/* --- JSON --- */

static struct json_object *share_view_put_array(struct json_object *o, const char *key)
{
	struct json_object *array = json_object_new_array();

	json_object_object_add(o, key, array);
	return array;
}

static struct json_object *share_view_put_row(struct json_object *array, uint32_t map,
					      const struct graph_program *program)
{
	struct json_object *o = json_object_new_object();
	auto_strbuf scratch = STRBUF_INIT;

	json_object_array_add(array, o);
	json_object_object_add(o, "id", json_object_new_int64(map));
	json_object_object_add(o, "program", json_object_new_int64(program->id));
	json_object_object_add(o, "name",
			       json_out_string(program->name ? program->name : ""));
	json_object_object_add(
		o, "type",
		json_out_string(graph_words_prog_type(program->type, &scratch)));
	return o;
}

static void put_user(struct json_object *array, const struct share_user *u)
{
	struct json_object *o = share_view_put_row(array, u->map, u->program);
	auto_strbuf place = STRBUF_INIT;

	graph_words_user(&place, u->at, u->program->id, u->call, u->inner);
	json_object_object_add(o, "attachment", json_out_string(sb_text(&place)));
}

static void put_dead(struct json_object *array, const struct share_dead *dead)
{
	struct json_object *o = share_view_put_row(array, dead->map, dead->program);
	auto_strbuf place = STRBUF_INIT;

	graph_words_place(&place, dead->at);
	json_object_object_add(o, "attachment", json_out_string(sb_text(&place)));
	json_object_object_add(o, "link_id", json_object_new_int64(dead->at->link_id));
	if (dead->pin)
		json_object_object_add(o, "pinned", json_out_string(dead->pin->path));
}

static void put_unseen(struct json_object *array, const struct share_report *r,
		       const struct share_unseen *unseen)
{
	struct json_object *o = share_view_put_row(array, unseen->map, unseen->program);

	if (r->netns_unlisted)
		json_object_object_add(o, "reason", json_object_new_string(unlisted));
}

/* Only where there is something to say. */
static void put_doubts(struct json_object *o, const struct share_report *r)
{
	struct json_object *array;

	if (r->nr_more)
		json_object_object_add(o, "more",
				       json_object_new_int64((int64_t)r->nr_more));
	array = r->nr_unseen ? share_view_put_array(o, "not_found") : NULL;
	for (size_t i = 0; i < r->nr_unseen; i++)
		put_unseen(array, r, &r->unseen[i]);
	array = r->nr_resting ? share_view_put_array(o, "not_attached") : NULL;
	for (size_t i = 0; i < r->nr_resting; i++)
		share_view_put_row(array, r->resting[i].map, r->resting[i].program);
	array = r->nr_dead ? share_view_put_array(o, "dead") : NULL;
	for (size_t i = 0; i < r->nr_dead; i++)
		put_dead(array, &r->dead[i]);
	array = r->nr_migrating ? share_view_put_array(o, "migrating") : NULL;
	for (size_t i = 0; i < r->nr_migrating; i++)
		json_object_array_add(array, json_out_string(r->migrating[i]->path));
	array = r->nr_missing ? share_view_put_array(o, "missing") : NULL;
	for (size_t i = 0; i < r->nr_missing; i++) {
		auto_strbuf place = STRBUF_INIT;

		share_view_add_place(&place, &r->places[r->missing[i]]);
		json_object_array_add(array, json_out_string(sb_text(&place)));
	}
	array = r->nr_hidden ? share_view_put_array(o, "hidden") : NULL;
	for (size_t i = 0; i < r->nr_hidden; i++)
		json_object_array_add(array, json_out_string(r->hidden[i]->text));
}

static void put_report(struct json_object *array, const struct share_report *r)
{
	struct json_object *o = json_object_new_object(), *ids, *users;

	json_object_array_add(array, o);
	json_object_object_add(o, "name", json_out_string(r->name));
	json_object_object_add(o, "verdict",
			       json_out_string(share_verdict_name(r->verdict)));
	ids = share_view_put_array(o, "ids");
	for (size_t i = 0; i < r->nr_ids; i++)
		json_object_array_add(ids, json_object_new_int64(r->ids[i]));
	users = share_view_put_array(o, "users");
	for (size_t i = 0; i < r->nr_users; i++)
		put_user(users, &r->users[i]);
	put_doubts(o, r);
}

void share_view_json(struct strbuf *out, const struct share_report *reports, size_t nr,
		     enum json_layout layout)
{
	auto_json *root = json_object_new_object();
	struct json_object *verdicts = share_view_put_array(root, "verdicts");

	for (size_t i = 0; i < nr; i++)
		put_report(verdicts, &reports[i]);
	json_out(out, root, layout);
}
