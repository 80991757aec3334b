/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <json-c/json.h>

#include "base/alloc.h"
#include "kernel/features.h"
#include "verbs/tool.h"
#include "view/json_out.h"

static const char *const answer_words[] = {
	[FEATURE_NO] = "no", [FEATURE_YES] = "yes", [FEATURE_UNKNOWN] = "unknown"};

static struct json_object *feature_json(const struct feature *f,
					enum feature_answer answer, int code)
{
	struct json_object *row = json_object_new_object();

	json_object_object_add(row, "name", json_object_new_string(f->name));
	json_object_object_add(row, "available",
			       answer == FEATURE_UNKNOWN
				       ? NULL
				       : json_object_new_boolean(answer == FEATURE_YES));
	json_object_object_add(row, "gives", json_object_new_string(f->gives));
	json_object_object_add(row, "probe", json_object_new_string(f->probe));
	if (code < 0)
		json_object_object_add(row, "errno", json_object_new_int(-code));
	return row;
}

/* A "no" comes with the probe that said so, an "unknown" with why. */
static void feature_text(struct strbuf *out, const struct feature *f,
			 enum feature_answer answer, int code)
{
	sb_addf(out, "%-16s%-8s %s", f->name, answer_words[answer], f->gives);
	if (answer == FEATURE_NO)
		sb_addf(out, " (%s)", f->probe);
	else if (answer == FEATURE_UNKNOWN)
		sb_addf(out, " (%s: %s)", f->probe, err_words(code));
	sb_add_char(out, '\n');
}

static int feature_show(struct args *a, void *tool_, struct err *err)
{
	auto_json *list = json_object_new_array();
	const struct tool *tool = tool_;
	auto_strbuf out = STRBUF_INIT;

	if (args_more(a))
		return err_say(err, -EINVAL, "what is '%s'? nothing may follow",
			       args_peek(a));
	for (size_t i = 0; i < features_nr; i++) {
		int code;
		enum feature_answer answer = feature_ask(&features[i], &code);

		if (tool->json)
			json_object_array_add(list,
					      feature_json(&features[i], answer, code));
		else
			feature_text(&out, &features[i], answer, code);
	}
	if (tool->json)
		json_out(&out, list, tool->pretty ? JSON_BPFTOOL : JSON_COMPACT);
	if (fputs(sb_text(&out), tool->out) < 0)
		return err_set(err, -errno, "write the answer");
	return 0;
}

const struct verb feature_verbs[] = {
	{"show", feature_show, NULL,
	 "What this kernel gives of what the tools use: yes, no, or unknown without the rights to ask",
	 NULL, true, ""},
	{.name = NULL},
};
