/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "base/utf8.h"
#include "load/migrate.h"
#include "verbs/migrate_print.h"
#include "view/json_out.h"
#include "view/table.h"

static const char *const fates[] = {
	[MIGRATE_REPLACED] = "replaced",
	[MIGRATE_STAYS] = "stays behind",
	[MIGRATE_UNSEEN] = "may be attached where it cannot be seen",
	[MIGRATE_IDLE] = "not attached",
};

/* --- text --- */

static void print_head(const struct migrate_report *r, bool plan, struct strbuf *out)
{
	utf8_add_visible(out, r->pin);
	sb_addf(out, ": %s, map id %u", r->type ? r->type : "map", r->old_id);
	if (r->same) {
		sb_add(out, r->finished ? ", an interrupted migration was finished\n"
					: ", as the object defines it: nothing to do\n");
		return;
	}
	if (r->new_id)
		sb_addf(out, " -> id %u", r->new_id);
	if (r->old_max != r->new_max)
		sb_addf(out, ", max_entries %u -> %u", r->old_max, r->new_max);
	sb_add_char(out, '\n');
	if (plan && r->interrupted)
		sb_add(out, "  an interrupted migration would be finished\n");
	else if (r->finished)
		sb_add(out, "  an interrupted migration was finished\n");
}

static void print_members(const struct migrate_report *r, struct strbuf *out)
{
	static const struct table_column columns[] = {
		{.title = "MEMBER"}, {.title = ""},           {.title = "PINNED"},
		{.title = "OBJECT"}, {.title = "BOTH WRITE"}, {.title = ""},
	};
	struct table t = {.columns = columns, .nr_columns = array_size(columns)};

	for (size_t i = 0; i < r->plan.nr_rows; i++) {
		const struct element_row *row = &r->plan.rows[i];
		const char *policy = element_policy_name(row->policy);

		table_addf(&t, "%s%s",
			   row->of_key && strcmp(row->path, "key") != 0 ? "key " : "",
			   row->path);
		table_add(&t, element_action_name(row->action));
		table_add(&t, row->old_type);
		table_add(&t, row->new_type);
		table_add(&t, policy[0] ? policy : NULL);
		table_add(&t, row->why ? row->why : "");
	}
	table_out(&t, out, 0);
	table_release(&t);
}

static void print_number(struct strbuf *out, uint64_t n, const char *what)
{
	if (n)
		sb_addf(out, ", %" PRIu64 " %s", n, what);
}

static void print_counts(const struct migrate_report *r, bool plan, struct strbuf *out)
{
	if (plan && r->counted)
		sb_addf(out,
			"%" PRIu64
			" elements; kernel memory while it runs, about: old map %" PRIu64
			" KiB, new map %" PRIu64 " KiB, what is copied %" PRIu64 " KiB\n",
			r->elements, r->old_bytes / 1024, r->new_bytes / 1024,
			r->copy_bytes / 1024);
	if (plan)
		return;
	sb_addf(out, "%" PRIu64 " elements copied", r->copied);
	print_number(out, r->converted, "converted");
	print_number(out, r->added, "brought over that changed meanwhile");
	print_number(out, r->born, "made meanwhile");
	print_number(out, r->deleted, "deleted meanwhile");
	print_number(out, r->raced, "written by both sides");
	print_number(out, r->dropped, "dropped: no room");
	print_number(out, r->evicted, "evicted");
	sb_add_char(out, '\n');
}

static void print_unseen(const struct migrate_report *r, struct strbuf *out)
{
	for (size_t i = 0; i < r->nr_unseen; i++)
		sb_addf(out, "not seen: %s\n", r->unseen[i]);
}

static void print_users(const struct migrate_report *r, struct strbuf *out)
{
	for (size_t i = 0; i < r->nr_users; i++) {
		const struct migrate_user *u = &r->users[i];
		auto_strbuf line = STRBUF_INIT;

		sb_addf(&line, "program %u '%s'", u->program, u->name);
		if (u->type)
			sb_addf(&line, " %s", u->type);
		if (u->place)
			sb_addf(&line, ", %s", u->place);
		sb_addf(&line, ": %s",
			u->fate == MIGRATE_UNSEEN && u->why ? "may stay on the old map"
							    : fates[u->fate]);
		if (u->by)
			sb_addf(&line, " by %u", u->by);
		if (u->why)
			sb_addf(&line, ": %s", u->why);
		utf8_add_visible(out, sb_text(&line));
		sb_add_char(out, '\n');
	}
	for (size_t i = 0; i < r->nr_holders; i++) {
		const struct migrate_holder *h = &r->holders[i];
		auto_strbuf line = STRBUF_INIT;

		if (h->mapped)
			sb_addf(&line,
				"process %u has an array mapped, which may be the old map",
				h->pid);
		else if (h->link)
			sb_addf(&line, "link %u iterates over the old map", h->link);
		else if (h->pid)
			sb_addf(&line, "process %u '%s' has the old map open", h->pid,
				h->name);
		else
			sb_addf(&line, "pin %s is of the old map, and stays", h->name);
		utf8_add_visible(out, sb_text(&line));
		sb_add_char(out, '\n');
	}
	print_unseen(r, out);
}

void migrate_print_text(const struct migrate_report *report, bool plan,
			struct strbuf *out)
{
	print_head(report, plan, out);
	if (report->same) {
		print_unseen(report, out);
		return;
	}
	print_members(report, out);
	print_counts(report, plan, out);
	print_users(report, out);
}

/* --- JSON --- */

static void json_add_text(struct json_object *to, const char *name, const char *text)
{
	if (text && text[0])
		json_object_object_add(to, name, json_out_string(text));
}

static void json_add_number(struct json_object *to, const char *name, uint64_t n)
{
	json_object_object_add(to, name, json_object_new_uint64(n));
}

static struct json_object *json_members(const struct migrate_report *r)
{
	struct json_object *list = json_out_list();

	for (size_t i = 0; i < r->plan.nr_rows; i++) {
		const struct element_row *row = &r->plan.rows[i];
		struct json_object *item = json_object_new_object();

		json_object_object_add(item, "of",
				       json_object_new_string(row->of_key ? "key"
									  : "value"));
		json_add_text(item, "member", row->path);
		json_add_text(item, "action", element_action_name(row->action));
		json_add_text(item, "pinned", row->old_type);
		json_add_text(item, "object", row->new_type);
		json_add_text(item, "merge", element_policy_name(row->policy));
		if (row->plain)
			json_object_object_add(item, "plain",
					       json_object_new_boolean(true));
		json_add_text(item, "why", row->why);
		json_out_list_add(list, item);
	}
	return list;
}

static struct json_object *json_programs(const struct migrate_report *r)
{
	static const char *const words[] = {
		[MIGRATE_REPLACED] = "replaced",
		[MIGRATE_STAYS] = "stays",
		[MIGRATE_UNSEEN] = "unseen",
		[MIGRATE_IDLE] = "idle",
	};
	struct json_object *list = json_out_list();

	for (size_t i = 0; i < r->nr_users; i++) {
		const struct migrate_user *u = &r->users[i];
		struct json_object *item = json_object_new_object();

		json_add_number(item, "program", u->program);
		json_add_text(item, "name", u->name);
		json_add_text(item, "type", u->type);
		json_add_text(item, "place", u->place);
		json_add_text(item, "state", words[u->fate]);
		if (u->by)
			json_add_number(item, "by", u->by);
		json_add_text(item, "why", u->why);
		json_out_list_add(list, item);
	}
	return list;
}

static struct json_object *json_holders(const struct migrate_report *r)
{
	struct json_object *list = json_out_list();

	for (size_t i = 0; i < r->nr_holders; i++) {
		struct json_object *item = json_object_new_object();

		if (r->holders[i].pid)
			json_add_number(item, "pid", r->holders[i].pid);
		if (r->holders[i].mapped)
			json_object_object_add(item, "mapped",
					       json_object_new_boolean(true));
		if (r->holders[i].link)
			json_add_number(item, "link", r->holders[i].link);
		json_add_text(item, r->holders[i].pid ? "comm" : "pinned",
			      r->holders[i].name);
		json_out_list_add(list, item);
	}
	return list;
}

static struct json_object *json_unseen(const struct migrate_report *r)
{
	struct json_object *list = json_out_list();

	for (size_t i = 0; i < r->nr_unseen; i++)
		json_out_list_add(list, json_out_string(r->unseen[i]));
	return list;
}

static void json_counts(const struct migrate_report *r, bool plan, struct json_object *to)
{
	if (plan) {
		if (r->counted)
			json_add_number(to, "elements", r->elements);
		json_add_number(to, "bytes_old", r->old_bytes);
		json_add_number(to, "bytes_new", r->new_bytes);
		json_add_number(to, "bytes_copied", r->copy_bytes);
		return;
	}
	json_add_number(to, "copied", r->copied);
	json_add_number(to, "converted", r->converted);
	json_add_number(to, "added", r->added);
	json_add_number(to, "born", r->born);
	json_add_number(to, "deleted", r->deleted);
	json_add_number(to, "raced", r->raced);
	json_add_number(to, "dropped", r->dropped);
	json_add_number(to, "evicted", r->evicted);
}

struct json_object *migrate_print_json(const struct migrate_report *r, bool plan)
{
	struct json_object *root = json_object_new_object();
	bool finished = plan ? r->interrupted : r->finished;

	json_add_text(root, "pinned", r->pin);
	json_add_text(root, "map", r->map);
	json_add_text(root, "type", r->type);
	json_add_number(root, "id", r->old_id);
	json_object_object_add(root, "same", json_object_new_boolean(r->same));
	json_object_object_add(root, plan ? "interrupted" : "finished",
			       json_object_new_boolean(finished));
	if (r->same) {
		if (r->nr_unseen)
			json_object_object_add(root, "unseen", json_unseen(r));
		return root;
	}
	if (r->new_id)
		json_add_number(root, "new_id", r->new_id);
	json_add_number(root, "max_entries", r->old_max);
	json_add_number(root, "new_max_entries", r->new_max);
	json_object_object_add(root, "members", json_members(r));
	json_counts(r, plan, root);
	json_object_object_add(root, "programs", json_programs(r));
	json_object_object_add(root, "holders", json_holders(r));
	json_object_object_add(root, "unseen", json_unseen(r));
	return root;
}
