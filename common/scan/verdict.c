/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/shell_word.h"
#include "def/attach_types.h"
#include "graph/graph_words.h"
#include "def/mapdef.h"
#include "kernel/bpffs.h"
#include "kernel/map_fd.h"
#include "kernel/prog_fd.h"
#include "scan/scan_sources.h"
#include "scan/graph_scan.h"
#include "scan/verdict.h"

static void add_time(struct strbuf *out, time_t when)
{
	char text[32];
	struct tm tm;

	if (localtime_r(&when, &tm) && strftime(text, sizeof(text), "%F %T", &tm))
		sb_add(out, text);
}

static void add_pinned_since(const struct verdict *v, struct strbuf *out)
{
	struct stat st;

	sb_addf(out, "map '%s', id %u, pinned at %s", v->wanted->name, v->id, v->path);
	if (bpffs_stat(v->path, &st) == 0) {
		sb_add(out, " since ");
		add_time(out, st.st_mtime);
	}
	sb_add_char(out, '\n');
}

static void add_fields(const struct verdict *v, struct strbuf *out)
{
	unsigned int ncpus = possible_cpus();

	sb_addf(out, "    %-12s %-30s %s\n", "field", "pin", "object");
	for (unsigned int i = 0;; i++) {
		auto_strbuf has = STRBUF_INIT, wants = STRBUF_INIT;
		bool differ;
		const char *name = mapdef_field(i, v->pinned, v->wanted, ncpus, &has,
						&wants, &differ);

		if (!name)
			break;
		sb_addf(out, "  %c %-12s %-30s %s\n", differ ? '!' : ' ', name,
			sb_text(&has), sb_text(&wants));
	}
	if (v->pinned->key_layout || v->wanted->key_layout)
		layout_table("key", v->pinned->key_layout, v->wanted->key_layout, out);
	if (v->pinned->value_layout || v->wanted->value_layout)
		layout_table("value", v->pinned->value_layout, v->wanted->value_layout,
			     out);
}

static void add_loaded(struct strbuf *out, uint32_t prog_id)
{
	auto_close int fd = prog_fd_by_id(prog_id);
	struct bpf_prog_info info;

	if (fd < 0 || prog_fd_info(fd, &info) < 0)
		return;
	sb_add(out, ", loaded ");
	add_time(out, (time_t)prog_fd_loaded_at(&info));
}

static void verdict_add_user(const struct graph *g, uint32_t prog_id, struct strbuf *out)
{
	const struct graph_program *p = graph_find_program(g, prog_id);
	const char *type = p ? prog_type_name(p->type) : NULL;
	bool attached = false;

	sb_addf(out, "    program %u '%s'", prog_id, p && p->name ? p->name : "");
	if (type)
		sb_addf(out, " %s", type);
	add_loaded(out, prog_id);
	for (size_t i = 0; i < g->nr_attachments; i++) {
		if (g->attachments[i].program != prog_id)
			continue;
		sb_add(out, ", ");
		graph_words_place(out, &g->attachments[i]);
		attached = true;
	}
	sb_add(out, attached ? "\n" : ", attachment not found\n");
}

void verdict_scan_release(struct verdict_scan *scan)
{
	graph_release(&scan->g);
	free(scan->failed);
	*scan = (struct verdict_scan){.asked = false};
}

static const struct graph *verdict_scan_once(struct verdict_scan *scan)
{
	auto_err err = ERR_INIT;

	if (!scan->asked && graph_scan(&scan->g, scan_sources, &err) < 0)
		scan->failed = xstrdup(err.text);
	scan->asked = true;
	return scan->failed ? NULL : &scan->g;
}

static void verdict_add_users(const struct verdict *v, struct strbuf *out)
{
	const struct graph *g = verdict_scan_once(v->scan);
	bool any = false;

	sb_add(out, "  users of the pinned map\n");
	if (!g) {
		sb_addf(out, "    cannot be seen: %s\n", v->scan->failed);
		return;
	}
	for (size_t i = 0; i < g->nr_uses; i++) {
		if (g->uses[i].map != v->id)
			continue;
		verdict_add_user(g, g->uses[i].program, out);
		any = true;
	}
	if (!any)
		sb_add(out, "    no program uses it\n");
	for (size_t i = 0; i < g->nr_hidden; i++)
		sb_addf(out, "    not seen: %s\n", g->hidden[i].text);
}

static void add_way(const char *why, const struct verdict *v, const char *option,
		    const char *words, struct strbuf *out)
{
	sb_addf(out, "    %s:\n      ", why);
	if (v->line)
		sb_addf(out, "%s%s %s%s\n", v->tool, option, v->line, words);
	else
		sb_addf(out, "say%s%s when loading\n", option, words);
}

/* What else refuses it, the command says. */
static bool may_migrate(const struct verdict *v)
{
	return v->tool && v->object && v->pinned->type == v->wanted->type &&
	       mapdef_can_migrate(v->pinned);
}

static void add_migration(const struct verdict *v, struct strbuf *out)
{
	const char *slash = strrchr(v->path, '/');

	sb_addf(out,
		"    the new definition for all, with the elements and under the running programs:\n"
		"      %s map migrate pinned ",
		v->tool);
	shell_word_add(out, v->path);
	sb_add(out, " to obj ");
	shell_word_add(out, v->object);
	if (strcmp(slash ? slash + 1 : v->path, v->wanted->name) != 0) {
		sb_add(out, " map ");
		shell_word_add(out, v->wanted->name);
	}
	sb_add_char(out, '\n');
}

static void add_ways_out(const struct verdict *v, struct strbuf *out)
{
	auto_strbuf words = STRBUF_INIT;

	sb_add(&words, " map name ");
	shell_word_add(&words, v->wanted->name);
	sb_add(&words, " private");
	sb_add(out, "  ways out\n");
	if (may_migrate(v))
		add_migration(v, out);
	add_way("a map of its own, not shared", v, "", sb_text(&words), out);
	sb_add(out,
	       "    a new map for all from the next load on (users of the old one keep it):\n"
	       "      rm ");
	shell_word_add(out, v->path);
	sb_add_char(out, '\n');
	if (v->names_only)
		add_way("the same bytes under other names, without --strict-names", v, "",
			"", out);
	else if (v->layout_only)
		add_way("the bytes as they are, read by this program in its own way", v,
			" --no-layout-check", "", out);
}

void verdict_explain(const struct verdict *v, struct strbuf *out)
{
	add_pinned_since(v, out);
	add_fields(v, out);
	verdict_add_users(v, out);
	add_ways_out(v, out);
}

/* --- for a program -------------------------------------------------------------- */

static void facts_of_words(struct facts *out, const char *field, const char *words)
{
	if (!words[0])
		return;
	facts_next(out);
	facts_text(out, "field", field);
	facts_text(out, "difference", words);
}

static void facts_of_layout(struct facts *out, const char *field,
			    const struct layout *pinned, const struct layout *wanted)
{
	auto_strbuf words = STRBUF_INIT;

	if (pinned && wanted && pinned->size == wanted->size)
		layout_diff(pinned, wanted, &words);
	facts_of_words(out, field, sb_text(&words));
}

static void facts_of_fields(const struct verdict *v, struct facts *out)
{
	bool differ;

	facts_list(out, "differs");
	for (unsigned int i = 0;; i++) {
		auto_strbuf has = STRBUF_INIT, wants = STRBUF_INIT;
		const char *name = mapdef_field(i, v->pinned, v->wanted, possible_cpus(),
						&has, &wants, &differ);

		if (!name)
			break;
		if (!differ)
			continue;
		facts_next(out);
		facts_text(out, "field", name);
		facts_text(out, "pinned", sb_text(&has));
		facts_text(out, "wanted", sb_text(&wants));
	}
	facts_of_layout(out, "key_layout", v->pinned->key_layout, v->wanted->key_layout);
	facts_of_layout(out, "value_layout", v->pinned->value_layout,
			v->wanted->value_layout);
	facts_of_words(out, "inner_map", v->inner);
	facts_of_words(out, "names", v->names);
	facts_end(out);
}

static void facts_of_user(const struct graph *g, uint32_t prog_id,
			  const struct graph_attachment *at, struct facts *out)
{
	const struct graph_program *p = graph_find_program(g, prog_id);
	const char *type = p ? prog_type_name(p->type) : NULL;
	auto_strbuf place = STRBUF_INIT;

	facts_next(out);
	facts_number(out, "program", prog_id);
	facts_text(out, "name", p && p->name ? p->name : "");
	if (type)
		facts_text(out, "type", type);
	if (!at)
		return;
	graph_words_place(&place, at);
	facts_text(out, "place", sb_text(&place));
}

static void facts_of_users(const struct verdict *v, const struct graph *g,
			   struct facts *out)
{
	facts_list(out, "users");
	for (size_t i = 0; g && i < g->nr_uses; i++) {
		uint32_t program = g->uses[i].program;
		bool attached = false;

		if (g->uses[i].map != v->id)
			continue;
		for (size_t k = 0; k < g->nr_attachments; k++) {
			if (g->attachments[k].program != program)
				continue;
			facts_of_user(g, program, &g->attachments[k], out);
			attached = true;
		}
		if (!attached)
			facts_of_user(g, program, NULL, out);
	}
	facts_list(out, "unseen");
	if (!g) {
		facts_next(out);
		facts_text(out, "why", v->scan->failed);
	}
	for (size_t i = 0; g && i < g->nr_hidden; i++) {
		facts_next(out);
		facts_text(out, "why", g->hidden[i].text);
	}
	facts_end(out);
}

void verdict_facts(const struct verdict *v, struct facts *out)
{
	facts_text(out, "map", v->wanted->name);
	if (v->path)
		facts_text(out, "pin", v->path);
	facts_number(out, "id", v->id);
	facts_of_fields(v, out);
	if (v->scan)
		facts_of_users(v, verdict_scan_once(v->scan), out);
}
