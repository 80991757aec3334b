/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <json-c/json.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "verbs/apply_verbs.h"
#include "verbs/bugreport.h"
#include "verbs/tool.h"
#include "view/json_out.h"

enum { SECTION_LINES = 1000, LINE_MOST = 1000 };

static const struct keyword bugreport_words[] = {
	{"--processes", KEYWORD_EXACT, NULL, NULL, "names of processes, too",
	 KEYWORD_BOOL(struct bugreport_asked, processes)},
	{"--dmesg", KEYWORD_EXACT, NULL, NULL, "the kernel's log, too",
	 KEYWORD_BOOL(struct bugreport_asked, dmesg)},
	{.name = NULL},
};

/* A section as it is shown. */
struct section_lines {
	char *text;         /* owned, escaped */
	size_t nr, left;    /* lines, and those that are left out */
	const char *failed; /* NULL: it is whole */
};

static void section_release(struct section_lines *s)
{
	free(s->text);
}

/* The last lines of a log matter most, of all else the first. */
static void section_bound(struct strbuf *raw, bool end, struct section_lines *ret)
{
	auto_strbuf kept = STRBUF_INIT, visible = STRBUF_INIT;
	size_t all = 0, at = 0, skip = 0;

	for (const char *s = sb_text(raw); *s; s++)
		all += *s == '\n';
	if (end && all > SECTION_LINES)
		skip = all - SECTION_LINES;
	for (const char *s = sb_text(raw); *s && at < skip + SECTION_LINES; at++) {
		size_t n = strcspn(s, "\n");

		if (at >= skip) {
			sb_add_mem(&kept, s, n < LINE_MOST ? n : LINE_MOST);
			sb_add(&kept, n < LINE_MOST ? "\n" : "...\n");
			ret->nr++;
		}
		s += n + (s[n] == '\n');
	}
	ret->left = all > SECTION_LINES ? all - SECTION_LINES : 0;
	utf8_add_visible_lines(&visible, sb_text(&kept));
	ret->text = sb_take(&visible);
}

static void section_make(const struct bugreport_section *section,
			 const struct bugreport_asked *asked, struct err *err,
			 struct section_lines *ret)
{
	auto_strbuf raw = STRBUF_INIT;

	if (section->write(asked, &raw, err) < 0)
		ret->failed = err->text;
	section_bound(&raw, section->wanted != NULL, ret);
}

static bool section_is_wanted(const struct bugreport_section *section,
			      const struct bugreport_asked *asked)
{
	return !section->wanted || section->wanted(asked);
}

static const char *bugreport_unasked(const struct bugreport_asked *asked)
{
	if (asked->processes)
		return asked->dmesg ? "" : "the kernel's log (--dmesg); ";
	return asked->dmesg
		       ? "names of processes (--processes); "
		       : "names of processes (--processes), the kernel's log (--dmesg); ";
}

static void bugreport_text(const struct bugreport_asked *asked, struct strbuf *out)
{
	sb_addf(out, "bugreport of %s\n\nIn it:\n", asked->tool);
	for (size_t i = 0; i < bugreport_sections_nr; i++)
		if (section_is_wanted(&bugreport_sections[i], asked))
			sb_addf(out, "  %-10s%s\n", bugreport_sections[i].name,
				bugreport_sections[i].holds);
	sb_addf(out, "Not in it: %s%s. Read it before you send it.\n",
		bugreport_unasked(asked), bugreport_not_in_it);
	for (size_t i = 0; i < bugreport_sections_nr; i++) {
		const struct bugreport_section *section = &bugreport_sections[i];
		auto_release(section_release) struct section_lines lines = {.nr = 0};
		auto_err err = ERR_INIT;

		if (!section_is_wanted(section, asked))
			continue;
		section_make(section, asked, &err, &lines);
		sb_addf(out, "\n== %s ==\n%s", section->name, lines.text);
		if (lines.left)
			sb_addf(out, "(%zu lines are left out)\n", lines.left);
		if (lines.failed)
			sb_addf(out, "(not made: %s)\n", lines.failed);
		if (!lines.nr && !lines.failed)
			sb_add(out, "(nothing)\n");
	}
}

static struct json_object *section_json(const struct bugreport_section *section,
					const struct bugreport_asked *asked)
{
	auto_release(section_release) struct section_lines lines = {.nr = 0};
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	auto_err err = ERR_INIT;
	char *rest, *line;

	section_make(section, asked, &err, &lines);
	for (rest = lines.text; (line = strsep(&rest, "\n"));)
		if (rest)
			json_object_array_add(list, json_out_string(line));
	json_object_object_add(o, "name", json_object_new_string(section->name));
	json_object_object_add(o, "lines", list);
	if (lines.left)
		json_object_object_add(o, "left_out", json_object_new_uint64(lines.left));
	if (lines.failed)
		json_object_object_add(o, "not_made", json_out_string(lines.failed));
	return o;
}

static struct json_object *bugreport_json(const struct bugreport_asked *asked)
{
	auto_free char *not_in =
		xasprintf("%s%s", bugreport_unasked(asked), bugreport_not_in_it);
	struct json_object *root = json_object_new_object();
	struct json_object *contents = json_object_new_array();
	struct json_object *sections = json_object_new_array();

	for (size_t i = 0; i < bugreport_sections_nr; i++) {
		const struct bugreport_section *section = &bugreport_sections[i];

		if (!section_is_wanted(section, asked))
			continue;
		json_object_array_add(contents, json_object_new_string(section->name));
		json_object_array_add(sections, section_json(section, asked));
	}
	json_object_object_add(root, "contents", contents);
	json_object_object_add(root, "not_in_it", json_out_string(not_in));
	json_object_object_add(root, "sections", sections);
	return root;
}

int bugreport_verb(struct args *a, void *tool_, struct err *err)
{
	const struct tool *tool = tool_;
	struct bugreport_asked asked = {.tool = tool->name};
	auto_strbuf out = STRBUF_INIT;
	int r = keyword_parse(bugreport_words, a, &asked, err);

	if (r < 0)
		return r;
	if (args_more(a))
		return err_say(err, -EINVAL,
			       "what is '%s'? --processes or --dmesg may follow",
			       args_peek(a));
	if (tool->json) {
		auto_json *root = bugreport_json(&asked);

		json_out(&out, root, tool->pretty ? JSON_BPFTOOL : JSON_COMPACT);
	} else {
		bugreport_text(&asked, &out);
	}
	if (fputs(sb_text(&out), tool->out) < 0)
		return err_set(err, -errno, "write the answer");
	return 0;
}
