/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "parse.h"
#include "parse_tcx.h"
#include "tc.h"

static int bpf_set_run(struct args *a, void *request, struct err *err)
{
	(void)request;
	if (args_more(a))
		return 0;
	return err_say(err, -EINVAL, "'run' must be followed by a program");
}

static int set_classid(struct args *a, void *request, struct err *err)
{
	struct request_filter *req = request;
	const char *word;
	int r = args_value(a, "classid", "CLASSID", &word, err);

	if (r < 0)
		return r;
	if (parse_classid(word, &req->classid) < 0) {
		err_say(err, -EINVAL, "classid '%s': not of the form MAJ:MIN", word);
		return err_status(err, TC_USAGE);
	}
	req->has_classid = true;
	return 0;
}

static int bpf_refuse(const struct args *a, const char *word, struct err *err)
{
	err_say(err, -EINVAL, "'%s' is not offered here; use tc", word);
	return err_status(err, args_more(a) ? TC_USAGE : TC_GRAMMAR);
}

static int set_action(struct args *a, void *request, struct err *err)
{
	(void)request;
	return bpf_refuse(a, "action", err);
}

static int set_police(struct args *a, void *request, struct err *err)
{
	(void)request;
	return bpf_refuse(a, "police", err);
}

static int set_export(struct args *a, void *request, struct err *err)
{
	struct request_filter *req = request;

	if (req->bpf.export) {
		err_say(err, -EINVAL, "duplicate 'export'");
		return err_status(err, TC_USAGE);
	}
	return args_value(a, "export", "PATH", &req->bpf.export, err);
}

static int bpf_set_help(struct args *a, void *request, struct err *err)
{
	struct request_filter *req = request;

	(void)a;
	(void)err;
	req->help = HELP_BPF;
	return 0;
}

/* A filter has one program. */
static int bpf_take_source(struct args *a, struct request_filter *req,
			   enum request_source source, const char *word, const char *what,
			   struct err *err)
{
	if (req->bpf.source != SOURCE_NONE) {
		err_say(err, -EINVAL, "'%s' is a second program", word);
		return err_status(err, TC_USAGE);
	}
	req->bpf.source = source;
	return args_value(a, word, what, &req->bpf.path, err);
}

static int set_bytecode(struct args *a, void *request, struct err *err)
{
	struct request_filter *req = request;
	int r = bpf_take_source(a, req, SOURCE_BYTECODE, "bytecode", "N,c t f k,…", err);

	if (r < 0)
		return r;
	r = parse_bytecode(req->bpf.path, &req->ops, &req->nr_ops, err);
	if (r < 0)
		return err_status(err, TC_USAGE);
	return 0;
}

static int set_bytecode_file(struct args *a, void *request, struct err *err)
{
	return bpf_take_source(a, request, SOURCE_BYTECODE_FILE, "bytecode-file", "FILE",
			       err);
}

static int bpf_set_pinned(struct args *a, void *request, struct err *err)
{
	return bpf_take_source(a, request, SOURCE_PINNED, "object-pinned", "PATH", err);
}

static int take_name(struct args *a, const char *word, const char **ret, struct err *err)
{
	if (*ret) {
		err_say(err, -EINVAL, "duplicate '%s'", word);
		return err_status(err, TC_USAGE);
	}
	return args_value(a, word, "NAME", ret, err);
}

static int bpf_set_section(struct args *a, void *request, struct err *err)
{
	struct request_filter *req = request;

	return take_name(a, "section", &req->bpf.section, err);
}

static int bpf_set_program(struct args *a, void *request, struct err *err)
{
	struct request_filter *req = request;

	return take_name(a, "program", &req->bpf.program, err);
}

/* Directly behind the file, "s" is section; elsewhere it is skip_hw. */
const struct keyword filter_object_words[] = {
	{"section", KEYWORD_AGAIN, bpf_set_section, "NAME", NULL},
	{"program", KEYWORD_EXACT | KEYWORD_AGAIN, bpf_set_program, "NAME", NULL},
	{"export", KEYWORD_AGAIN, set_export, "PATH", NULL},
	{"verbose", KEYWORD_AGAIN, NULL, NULL, NULL,
	 KEYWORD_BOOL(struct request_filter, bpf.verbose)},
	{.name = NULL},
};

static int bpf_set_object(struct args *a, void *request, struct err *err)
{
	int r = bpf_take_source(a, request, SOURCE_OBJECT, "object-file", "FILE", err);

	return r < 0 ? r : keyword_parse(filter_object_words, a, request, err);
}

/*
 * tc's words in tc's abbreviation order, then what tc knows only directly behind the
 * file, then ours. Words that say the same twice are harmless and common in scripts.
 */
const struct keyword filter_bpf_words[] = {
	{"run", KEYWORD_HIDDEN | KEYWORD_NOTHING, bpf_set_run, NULL, NULL},
	{"classid", KEYWORD_MANY, set_classid, "CLASSID", "class without direct-action"},
	{"flowid", KEYWORD_MANY | KEYWORD_HIDDEN, set_classid, "CLASSID", NULL},
	{"direct-action", KEYWORD_MANY, NULL, NULL, "results are verdicts",
	 KEYWORD_BOOL(struct request_filter, direct_action)},
	{"da", KEYWORD_EXACT | KEYWORD_MANY | KEYWORD_HIDDEN, NULL, NULL, NULL,
	 KEYWORD_BOOL(struct request_filter, direct_action)},
	{"skip_hw", KEYWORD_MANY, NULL, NULL, NULL,
	 KEYWORD_BOOL(struct request_filter, skip_hw)},
	{"skip_sw", KEYWORD_MANY, NULL, NULL, NULL,
	 KEYWORD_BOOL(struct request_filter, skip_sw)},
	{"action", KEYWORD_HIDDEN, set_action, NULL, NULL},
	{"police", KEYWORD_HIDDEN, set_police, NULL, NULL},
	{"help", KEYWORD_LAST | KEYWORD_HIDDEN, bpf_set_help, NULL, NULL},
	{"bytecode", KEYWORD_MANY, set_bytecode, "TEXT", NULL},
	{"bytecode-file", KEYWORD_MANY, set_bytecode_file, "FILE", NULL},
	{"bc", KEYWORD_EXACT | KEYWORD_MANY | KEYWORD_HIDDEN, set_bytecode, "TEXT", NULL},
	{"bcf", KEYWORD_EXACT | KEYWORD_MANY | KEYWORD_HIDDEN, set_bytecode_file, "FILE",
	 NULL},
	{"object-file", KEYWORD_MANY, bpf_set_object, "FILE", NULL},
	{"object-pinned", KEYWORD_MANY, bpf_set_pinned, "PATH", NULL},
	{"pinned", KEYWORD_MANY | KEYWORD_HIDDEN, bpf_set_pinned, "PATH", NULL},
	{"fd", KEYWORD_EXACT | KEYWORD_MANY | KEYWORD_HIDDEN, bpf_set_pinned, "PATH",
	 NULL},
	{"section", KEYWORD_MANY, bpf_set_section, "NAME", "default: classifier"},
	{"program", KEYWORD_MANY, bpf_set_program, "NAME", NULL},
	{"export", KEYWORD_MANY, set_export, "PATH", "send the maps to exec bpf import"},
	{"verbose", KEYWORD_MANY, NULL, NULL, NULL,
	 KEYWORD_BOOL(struct request_filter, bpf.verbose)},
	{"map", KEYWORD_MANY, map_overrides_set, MAP_OVERRIDE_USAGE, NULL,
	 KEYWORD_MEMBER(struct request_filter, bpf.overrides, struct map_overrides)},
	{"set", KEYWORD_EXACT | KEYWORD_MANY, constants_set, CONSTANTS_USAGE,
	 "a constant's value",
	 KEYWORD_MEMBER(struct request_filter, bpf.constants, struct constants)},
	TCX_WORDS,
	{.name = NULL},
};

bool parse_bpf_knows(const char *word)
{
	return strlen(word) > 1 && keyword_find(filter_bpf_words, word);
}

/* Words of every filter: where it is. */
static bool goes_before_bpf(const char *word)
{
	static const char *const words[] = {"dev",      "ingress", "egress",
					    "parent",   "pref",    "prio",
					    "protocol", "handle",  "chain"};

	for (size_t i = 0; i < array_size(words); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

int parse_bpf(struct request_filter *req, struct args *a, struct err *err)
{
	const struct request_bpf *bpf = &req->bpf;
	auto_strbuf hint = STRBUF_INIT;
	int r;

	req->has_options = args_more(a);
	r = keyword_parse(filter_bpf_words, a, req, err);
	if (r < 0 || req->help != HELP_NONE)
		return r;
	if (args_more(a) && bpf->source == SOURCE_NONE && args_names_file(args_peek(a)))
		sb_addf(&hint, "; 'obj' goes before a file");
	else if (args_more(a) && goes_before_bpf(args_peek(a)))
		sb_addf(&hint, "; '%s' goes before 'bpf'", args_peek(a));
	else if (args_more(a))
		keyword_near(filter_bpf_words, args_peek(a), &hint);
	if (args_more(a))
		err_say(err, -EINVAL, "unknown keyword '%s' for a bpf filter%s",
			args_peek(a),
			hint.len ? sb_text(&hint) : "; see 'tc_loader filter help'");
	else if (bpf->source != SOURCE_OBJECT &&
		 (bpf->section || bpf->program || bpf->export || bpf->verbose ||
		  bpf->overrides.nr || bpf->constants.nr))
		err_say(err, -EINVAL,
			"section, program, export, verbose, map and set belong to an object; add 'object-file FILE'");
	else
		return parse_tcx_check(req, err);
	return err_status(err, TC_USAGE);
}

void parse_bpf_usage(struct strbuf *out)
{
	auto_strbuf words = STRBUF_INIT;

	keyword_usage(filter_bpf_words, &words);
	sb_addf(out, "OPTIONS of bpf: %s\n", sb_text(&words));
}
