/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <json-c/json.h>

#include "base/utf8.h"
#include "format/graph_words.h"
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

void share_view_text(struct strbuf *out, const struct share_report *r)
{
	auto_strbuf scratch = STRBUF_INIT;

	add_verdict(out, r);
	for (size_t i = 0; i < r->nr_users; i++) {
		const struct share_user *u = &r->users[i];
		auto_strbuf place = STRBUF_INIT;

		sb_addf(out, "\tid %" PRIu32 ": program %" PRIu32 " '", u->map,
			u->program->id);
		utf8_add_visible(out, u->program->name ? u->program->name : "");
		sb_addf(out, "' %s, ", graph_words_prog_type(u->program->type, &scratch));
		graph_words_user(&place, u->at, u->program->id, u->call, u->inner);
		utf8_add_visible(out, sb_text(&place));
		sb_add_char(out, '\n');
	}
}

void share_view_notes(struct strbuf *out, const struct share_report *r)
{
	if (r->cut) {
		sb_add(out, "map '");
		utf8_add_visible(out, r->name);
		sb_addf(out,
			"': the kernel keeps %d bytes of a name, and no pin or BTF "
			"tells the rest: compared '%.*s'\n",
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
}

/* --- JSON --- */

static struct json_object *user_json(const struct share_user *u)
{
	struct json_object *o = json_object_new_object();
	auto_strbuf place = STRBUF_INIT, scratch = STRBUF_INIT;

	graph_words_user(&place, u->at, u->program->id, u->call, u->inner);
	json_object_object_add(o, "id", json_object_new_int64(u->map));
	json_object_object_add(o, "program", json_object_new_int64(u->program->id));
	json_object_object_add(o, "name",
			       json_out_string(u->program->name ? u->program->name : ""));
	json_object_object_add(
		o, "type",
		json_out_string(graph_words_prog_type(u->program->type, &scratch)));
	json_object_object_add(o, "attachment", json_out_string(sb_text(&place)));
	return o;
}

static struct json_object *report_json(const struct share_report *r)
{
	struct json_object *o = json_object_new_object();
	struct json_object *ids = json_object_new_array();
	struct json_object *users = json_object_new_array();

	for (size_t i = 0; i < r->nr_ids; i++)
		json_object_array_add(ids, json_object_new_int64(r->ids[i]));
	for (size_t i = 0; i < r->nr_users; i++)
		json_object_array_add(users, user_json(&r->users[i]));
	json_object_object_add(o, "name", json_out_string(r->name));
	json_object_object_add(o, "verdict",
			       json_out_string(share_verdict_name(r->verdict)));
	json_object_object_add(o, "ids", ids);
	json_object_object_add(o, "users", users);
	return o;
}

void share_view_json(struct strbuf *out, const struct share_report *r,
		     enum json_layout layout)
{
	auto_json *root = report_json(r);

	json_out(out, root, layout);
}

void share_view_json_list(struct strbuf *out, const struct share_report *reports,
			  size_t nr, enum json_layout layout)
{
	auto_json *root = json_object_new_array();

	for (size_t i = 0; i < nr; i++)
		json_object_array_add(root, report_json(&reports[i]));
	json_out(out, root, layout);
}
