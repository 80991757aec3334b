/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <json-c/json.h>

#include "base/alloc.h"
#include "kernel/bpf_names.h"
#include "kernel/features.h"
#include "verbs/feature_rows.h"
#include "verbs/permits.h"
#include "verbs/tool.h"
#include "view/json_out.h"

static const char *const answer_words[] = {
	[FEATURE_NO] = "no", [FEATURE_YES] = "yes", [FEATURE_UNKNOWN] = "unknown"};

/* What is written: one of the two. */
struct feature_out {
	struct strbuf *text;
	struct json_object *list;
};

struct feature_row {
	const char *of, *name, *gives, *probe;
	enum feature_answer answer;
	int code;
	const char *reason; /* behind the text; NULL: none */
};

static struct json_object *feature_json(const struct feature_row *f)
{
	struct json_object *row = json_object_new_object();

	json_object_object_add(row, "name", json_object_new_string(f->name));
	json_object_object_add(row, "of", json_object_new_string(f->of));
	json_object_object_add(row, "available",
			       f->answer == FEATURE_UNKNOWN
				       ? NULL
				       : json_object_new_boolean(f->answer ==
								 FEATURE_YES));
	json_object_object_add(row, "gives", json_object_new_string(f->gives));
	json_object_object_add(row, "probe", json_object_new_string(f->probe));
	if (f->code < 0)
		json_object_object_add(row, "errno", json_object_new_int(-f->code));
	if (f->reason)
		json_object_object_add(row, "reason", json_out_string(f->reason));
	return row;
}

static void feature_add(const struct feature_out *out, const struct feature_row *f)
{
	if (out->list) {
		json_object_array_add(out->list, feature_json(f));
		return;
	}
	sb_addf(out->text, "%-16s%-8s %s", f->name, answer_words[f->answer], f->gives);
	if (f->reason)
		sb_addf(out->text, " (%s)", f->reason);
	sb_add_char(out->text, '\n');
}

/* A "no" comes with the probe that said so, an "unknown" with why. */
static void feature_ask_all(const struct feature *rows, size_t nr, const char *of,
			    const struct feature_out *out)
{
	for (size_t i = 0; i < nr; i++) {
		struct feature_row row = {
			.of = of,
			.name = rows[i].name,
			.gives = rows[i].gives,
			.probe = rows[i].probe,
		};
		auto_free char *why = NULL;

		row.answer = feature_ask(&rows[i], &row.code);
		if (row.answer == FEATURE_NO)
			row.reason = row.probe;
		else if (row.answer == FEATURE_UNKNOWN)
			why = xasprintf("%s: %s", row.probe, err_words(row.code));
		if (why)
			row.reason = why;
		feature_add(out, &row);
	}
}

static void feature_libbpf(const struct feature_out *out)
{
	auto_free char *gives =
		xasprintf("libbpf %s is loaded", bpf_names_libbpf_version());
	const struct feature_row row = {
		.of = "libbpf",
		.name = "libbpf",
		.gives = gives,
		.probe = "libbpf_version_string()",
		.answer = FEATURE_YES,
	};

	feature_add(out, &row);
	feature_ask_all(libbpf_features, libbpf_features_nr, "libbpf", out);
}

static void feature_permit(const struct permit *permit, enum permit_answer answer,
			   int code, const char *reason, void *ctx)
{
	static const enum feature_answer answers[] = {[PERMIT_NO] = FEATURE_NO,
						      [PERMIT_YES] = FEATURE_YES,
						      [PERMIT_UNKNOWN] = FEATURE_UNKNOWN};
	const struct feature_row row = {
		.of = "process",
		.name = permit->name,
		.gives = permit->gives,
		.probe = permit->probe,
		.answer = answers[answer],
		.code = code,
		.reason = *reason ? reason : NULL,
	};

	feature_add(ctx, &row);
}

static void feature_rows_out(struct feature_out *out)
{
	feature_ask_all(features, features_nr, "kernel", out);
	feature_libbpf(out);
	permits_each(feature_permit, out);
}

void feature_rows_text(struct strbuf *text)
{
	struct feature_out out = {.text = text};

	feature_rows_out(&out);
}

struct json_object *feature_rows_json(void)
{
	struct feature_out out = {.list = json_object_new_array()};

	feature_rows_out(&out);
	return out.list;
}

static int feature_show(struct args *a, void *tool_, struct err *err)
{
	const struct tool *tool = tool_;
	auto_strbuf out = STRBUF_INIT;

	if (args_more(a))
		return err_say(err, -EINVAL, "what is '%s'? nothing may follow",
			       args_peek(a));
	if (tool->json) {
		auto_json *list = feature_rows_json();

		json_out(&out, list, tool->pretty ? JSON_BPFTOOL : JSON_COMPACT);
	} else {
		feature_rows_text(&out);
	}
	if (fputs(sb_text(&out), tool->out) < 0)
		return err_set(err, -errno, "write the answer");
	return 0;
}

const struct verb feature_verbs[] = {
	{"show", feature_show, NULL,
	 "What this kernel, libbpf and these capabilities allow of what the tools do.",
	 NULL, true, ""},
	{.name = NULL},
};
