/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "verbs/option_use.h"
#include "verbs/tool.h"

/* Of a row that becomes true: it was given. */
static bool *option_use_given(struct tool *tool, const struct keyword *o)
{
	return !o->set && !o->value ? (bool *)((char *)tool + o->at) : NULL;
}

void option_use_behind(const struct args *words, struct tool *given)
{
	for (int i = 0; i < words->argc && strcmp(words->argv[i], "--") != 0; i++)
		for (const struct keyword *o = tool_options; o->name; o++)
			if (option_use_given(given, o) &&
			    strcmp(o->name, words->argv[i]) == 0)
				*option_use_given(given, o) = true;
}

static bool option_use_names(const struct verb *v, const char *option)
{
	return v->synopsis && strstr(v->synopsis, option);
}

/* "'map dump' and 'map lookup'"; nothing: it is for all verbs. */
static void option_use_verbs(const char *option, struct strbuf *out)
{
	static const struct {
		const char *object;
		const struct verb *verbs;
	} of_both[] = {{"map", map_verbs}, {"object", object_verbs}};
	auto_free char *last = NULL;

	for (size_t i = 0; i < array_size(of_both); i++)
		for (const struct verb *v = of_both[i].verbs; v->name; v++) {
			if (!option_use_names(v, option))
				continue;
			if (last)
				sb_add_sep(out, ", ", last);
			free(last);
			last = xasprintf("'%s %s'", of_both[i].object, v->name);
		}
	if (last)
		sb_add_sep(out, " and ", last);
}

void option_use_words(struct strbuf *out)
{
	for (const struct keyword *o = tool_options; o->name; o++) {
		auto_strbuf verbs = STRBUF_INIT;

		option_use_verbs(o->name, &verbs);
		if (verbs.len)
			sb_addf(out, "[%s] ", o->name);
	}
}

/* The verb that the words name, NULL if none; its full name is added. */
static const struct verb *option_use_meant(const struct verb *rows,
					   const struct args *words, struct strbuf *name)
{
	for (int i = 0; rows; i++) {
		const struct verb *v =
			i < words->argc ? verb_find(rows, words->argv[i]) : rows;

		if (!v)
			return NULL;
		sb_add_sep(name, " ", v->name);
		if (!v->verbs)
			return v;
		rows = v->verbs;
	}
	return NULL;
}

int option_use_check(const struct tool *tool, const char *object, const struct verb *rows,
		     const struct args *words, struct err *err)
{
	struct tool given = *tool;
	auto_strbuf name = STRBUF_INIT;
	const struct verb *v;

	sb_add(&name, object);
	v = option_use_meant(rows, words, &name);
	if (!v && rows)
		return 0; /* its own error, or help */
	for (const struct keyword *o = tool_options; o->name; o++) {
		auto_strbuf verbs = STRBUF_INIT;

		if (!option_use_given(&given, o) || !*option_use_given(&given, o) ||
		    (v && option_use_names(v, o->name)))
			continue;
		option_use_verbs(o->name, &verbs);
		if (!verbs.len)
			continue;
		err->own = v && v->own;
		return err_say(err, -EINVAL, "'%s' is for %s, not for '%s'", o->name,
			       sb_text(&verbs), sb_text(&name));
	}
	return 0;
}
