/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <json-c/json.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "def/attach_types.h"
#include "def/ethertype.h"
#include "load/apply.h"
#include "netlink/nl_filter.h"
#include "verbs/apply_print.h"

enum { WORD_WIDTH = 7, PLACE_WIDTH_MAX = 100 };

/* What a line begins with, by kind, and how it looks on a terminal. */
static const struct apply_sign {
	char sign;
	bool change; /* something is, or was, done */
	const char *color;
} signs[] = {
	[APPLY_STEP_CREATE] = {'+', true, "\033[32m"},
	[APPLY_STEP_REUSE] = {'=', false, "\033[2m"},
	[APPLY_STEP_QDISC] = {'+', true, "\033[32m"},
	[APPLY_STEP_LOAD] = {'+', true, "\033[32m"},
	[APPLY_STEP_ATTACH] = {'+', true, "\033[32m"},
	[APPLY_STEP_REPLACE] = {'~', true, "\033[33m"},
	[APPLY_STEP_ADOPT] = {'~', true, "\033[33m"},
	[APPLY_STEP_KEEP] = {'=', false, "\033[2m"},
	[APPLY_STEP_DETACH] = {'-', true, "\033[31m"},
	[APPLY_STEP_FORGET] = {'.', true, "\033[2m"},
	[APPLY_STEP_PENDING] = {'?', false, "\033[36m"},
	[APPLY_STEP_REFUSE] = {'!', true, "\033[1;31m"},
	[APPLY_STEP_MIGRATE] = {'~', true, "\033[33m"},
};

/* --- text --- */

static void print_ids(const struct apply_step *s, struct strbuf *out)
{
	if (s->id)
		sb_addf(out, " id %u", s->id);
	if (s->new_id && s->new_id != s->id)
		sb_addf(out, "%s id %u", s->id ? " ->" : "", s->new_id);
}

static void print_padding(struct strbuf *out, size_t nr)
{
	while (nr--)
		sb_add_char(out, ' ');
}

/* What happens there, past padding: "count id 12 -> id 15, link at PIN: why". */
static void print_detail(const struct apply_conf *conf, const struct apply_step *s,
			 size_t padding, struct strbuf *out)
{
	const bool said = s->kind == APPLY_STEP_REFUSE || s->kind == APPLY_STEP_PENDING;
	auto_strbuf text = STRBUF_INIT;

	if (s->program)
		sb_add(&text, s->program);
	print_ids(s, &text);
	if (s->cgroup && s->mode != APPLY_MULTI)
		sb_addf(&text, " %s", apply_mode_word(s->mode));
	if (s->pin)
		sb_addf(&text, " at %s", s->pin);
	if (s->why)
		sb_addf(&text, "%s%s", text.len ? ": " : "", s->why);
	if (said && s->at.line)
		sb_addf(&text, " (%s:%u:%u)", conf->file, s->at.line, s->at.column);
	if (!text.len)
		return;
	print_padding(out, padding + 2);
	utf8_add_visible(out, sb_text(&text) + (sb_text(&text)[0] == ' '));
}

static void print_place(const struct apply_step *s, struct strbuf *out)
{
	auto_strbuf text = STRBUF_INIT;

	apply_step_place(s, &text);
	utf8_add_visible(out, sb_text(&text));
}

/*
 * A check shows differences, and loading is none: whether a program that lost its last place
 * is still there, so that nothing would have to be loaded, is a matter of moments.
 */
static bool is_shown(enum apply_print_verb verb, const struct apply_step *s)
{
	if (verb != APPLY_PRINT_CHECK)
		return true;
	return s->kind != APPLY_STEP_LOAD &&
	       (signs[s->kind].change || s->kind == APPLY_STEP_PENDING);
}

/* place: its text, in size bytes. */
static void print_step(const struct apply_conf *conf, const struct apply_step *s,
		       const char *place, size_t size, size_t width, bool color,
		       struct strbuf *out)
{
	const struct apply_sign *sign = &signs[s->kind];
	const char *word = apply_step_word(s->kind);

	if (color)
		sb_add(out, sign->color);
	sb_add_char(out, sign->sign);
	sb_add_char(out, ' ');
	sb_add(out, word);
	print_padding(out, strlen(word) < WORD_WIDTH ? WORD_WIDTH - strlen(word) : 0);
	sb_add(out, color ? "\033[0m  " : "  ");
	sb_add_mem(out, place, size);
	print_detail(conf, s, width > size ? width - size : 0, out);
	sb_add_char(out, '\n');
}

void apply_print_step(struct strbuf *out, const struct apply_conf *conf,
		      const struct apply_step *step)
{
	auto_strbuf line = STRBUF_INIT, place = STRBUF_INIT;

	print_place(step, &place);
	print_step(conf, step, sb_text(&place), place.len, 0, false, &line);
	sb_add_mem(out, sb_text(&line), line.len - 1);
}

static size_t count_steps(enum apply_print_verb verb, const struct apply_report *report,
			  bool change)
{
	size_t n = 0;

	for (size_t i = 0; i < report->nr; i++)
		n += signs[report->steps[i].kind].change == change &&
		     is_shown(verb, &report->steps[i]) &&
		     report->steps[i].kind != APPLY_STEP_REFUSE &&
		     report->steps[i].kind != APPLY_STEP_FORGET &&
		     report->steps[i].kind != APPLY_STEP_PENDING;
	return n;
}

static size_t count_kind(const struct apply_report *report, enum apply_step_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < report->nr; i++)
		n += report->steps[i].kind == kind;
	return n;
}

static void add_count(struct strbuf *out, size_t nr, const char *what)
{
	if (nr)
		sb_addf(out, ", %zu %s", nr, what);
}

/* What it comes to. */
static void print_sum(enum apply_print_verb verb, const struct apply_conf *conf,
		      const struct apply_report *report, struct strbuf *out)
{
	const size_t changes = count_steps(verb, report, true);
	auto_strbuf sum = STRBUF_INIT;

	if (verb == APPLY_PRINT_REMOVE) {
		add_count(&sum, report->nr_detached, "detached");
		if (!sum.len)
			sb_add(&sum, ", nothing to remove");
	} else if (verb == APPLY_PRINT_APPLY) {
		if (!changes)
			sb_add(&sum, ", in sync, nothing loaded");
		add_count(&sum, report->nr_attached, "attached");
		add_count(&sum, report->nr_detached, "detached");
		add_count(&sum, report->nr_kept, "kept");
	} else {
		if (report->in_sync && !report->nr_refused)
			sb_add(&sum, ", in sync");
		add_count(&sum, changes,
			  verb == APPLY_PRINT_PLAN ? "to do" : "different");
		if (verb == APPLY_PRINT_PLAN)
			add_count(&sum, count_steps(verb, report, false), "kept");
	}
	if (!sum.len && !report->nr_refused)
		sb_add(&sum, ", not in sync");
	/* Of remove: what stays. */
	if (verb != APPLY_PRINT_REMOVE)
		add_count(&sum, count_kind(report, APPLY_STEP_FORGET), "gone");
	add_count(&sum, report->nr_pending, "pending");
	add_count(&sum, report->nr_refused, "refused");
	sb_addf(out, "%s: %s\n", conf->name.text, sb_text(&sum) + (sum.len ? 2 : 0));
}

void apply_print_text(struct strbuf *out, enum apply_print_verb verb,
		      const struct apply_conf *conf, const struct apply_report *report,
		      bool color)
{
	auto_free size_t *ends = xcalloc(report->nr + 1, sizeof(*ends));
	auto_strbuf places = STRBUF_INIT;
	size_t width = 0, at = 0;

	/* All of them before the first line, which is as wide as the widest. */
	for (size_t i = 0; i < report->nr; i++) {
		const size_t before = places.len;

		if (is_shown(verb, &report->steps[i]))
			print_place(&report->steps[i], &places);
		ends[i] = places.len;
		if (places.len - before > width)
			width = places.len - before < PLACE_WIDTH_MAX
					? places.len - before
					: PLACE_WIDTH_MAX;
	}
	for (size_t i = 0; i < report->nr; at = ends[i++])
		if (is_shown(verb, &report->steps[i]))
			print_step(conf, &report->steps[i], sb_text(&places) + at,
				   ends[i] - at, width, color, out);
	print_sum(verb, conf, report, out);
}

/* --- JSON: the keys of the file where it has one --- */

static void put(struct json_object *to, const char *key, const char *text)
{
	if (text)
		json_object_object_add(to, key, json_out_string(text));
}

static void put_number(struct json_object *to, const char *key, uint64_t number)
{
	json_object_object_add(to, key, json_object_new_int64((int64_t)number));
}

static void put_if(struct json_object *to, const char *key, uint64_t number)
{
	if (number)
		put_number(to, key, number);
}

static void put_tc(struct json_object *to, const struct apply_step *s)
{
	put(to, "netns", s->netns && s->netns[0] ? s->netns : NULL);
	put(to, "interface", s->dev);
	if (s->parent)
		put(to, "hook", s->parent == NL_PARENT_EGRESS ? "egress" : "ingress");
	put(to, "attach", s->tcx ? "tcx" : NULL);
	put_if(to, "chain", s->chain);
	put_if(to, "preference", s->preference);
	put_if(to, "handle", s->handle);
	if (s->protocol && ethertype_name(s->protocol))
		put(to, "protocol", ethertype_name(s->protocol));
	else
		put_if(to, "protocol", s->protocol);
}

static struct json_object *step_json(const struct apply_step *s)
{
	struct json_object *step = json_object_new_object();

	put(step, "step", apply_step_word(s->kind));
	put(step, "object", s->object);
	put(step, "program", s->program);
	put(step, "map", s->map);
	put(step, "pin", s->pin);
	if (s->dev)
		put_tc(step, s);
	put(step, "cgroup", s->cgroup);
	if (s->cgroup && s->type) {
		put(step, "type", s->type->name);
		put(step, "mode", apply_mode_word(s->mode));
	}
	put_if(step, "id", s->id);
	put_if(step, "new_id", s->new_id);
	put(step, "why", s->why);
	put_if(step, "line", s->at.line);
	put_if(step, "column", s->at.column);
	return step;
}

struct json_object *apply_print_json(enum apply_print_verb verb,
				     const struct apply_conf *conf,
				     const struct apply_report *report)
{
	struct json_object *file = json_object_new_object();
	struct json_object *steps = json_object_new_array();

	put(file, "name", conf->name.text);
	put(file, "file", conf->file);
	json_object_object_add(file, "in_sync", json_object_new_boolean(report->in_sync));
	put_number(file, "pending", report->nr_pending);
	put_number(file, "refused", report->nr_refused);
	if (verb == APPLY_PRINT_APPLY || verb == APPLY_PRINT_REMOVE) {
		put_number(file, "attached", report->nr_attached);
		put_number(file, "kept", report->nr_kept);
		put_number(file, "detached", report->nr_detached);
	}
	for (size_t i = 0; i < report->nr; i++)
		if (is_shown(verb, &report->steps[i]))
			json_object_array_add(steps, step_json(&report->steps[i]));
	json_object_object_add(file, "steps", steps);
	return file;
}

void apply_print_document(struct strbuf *out, struct json_object **files,
			  enum json_layout layout)
{
	auto_json *document = json_object_new_object();

	json_object_object_add(document, "files", take_ptr(*files));
	json_out(out, document, layout);
}
