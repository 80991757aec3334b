/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include <linux/bpf.h>

#include "parse.h"

/* Row order is tc's abbreviation order: "lwt" is lwt_in. */
static const struct prog_type_word {
	const char *name;
	uint32_t type;
} prog_types[] = {
	{"cls", BPF_PROG_TYPE_SCHED_CLS},
	{"act", BPF_PROG_TYPE_SCHED_ACT},
	{"xdp", BPF_PROG_TYPE_XDP},
	{"lwt_in", BPF_PROG_TYPE_LWT_IN},
	{"lwt_out", BPF_PROG_TYPE_LWT_OUT},
	{"lwt_xmit", BPF_PROG_TYPE_LWT_XMIT},
	{"lwt_seg6local", BPF_PROG_TYPE_LWT_SEG6LOCAL},
};

#define PROG_TYPE_USAGE "{cls|act|xdp|lwt_in|lwt_out|lwt_xmit|lwt_seg6local}"

/* A line while it is read. */
struct exec_line {
	struct request_exec req;
	bool has_type;
};

static int exec_set_key(struct args *a, void *request, struct err *err)
{
	struct exec_line *line = request;
	struct request_exec *req = &line->req;
	uint64_t key;
	int r = args_number(a, "key", 0, UINT32_MAX, &key, err);

	if (r < 0)
		return r;
	req->key = (uint32_t)key;
	req->has_key = true;
	return 0;
}

static int exec_take_source(struct args *a, struct request_bpf *bpf,
			    enum request_source source, const char *word,
			    const char *what, struct err *err)
{
	if (bpf->source != SOURCE_NONE)
		return err_say(err, -EINVAL, "'%s' is a second program", word);
	bpf->source = source;
	return args_value(a, word, what, &bpf->path, err);
}

static int exec_set_object(struct args *a, void *request, struct err *err)
{
	struct exec_line *line = request;
	struct request_exec *req = &line->req;

	return exec_take_source(a, &req->bpf, SOURCE_OBJECT, "object-file", "FILE", err);
}

static int exec_set_pinned(struct args *a, void *request, struct err *err)
{
	struct exec_line *line = request;
	struct request_exec *req = &line->req;

	return exec_take_source(a, &req->bpf, SOURCE_PINNED, "object-pinned", "PATH",
				err);
}

static int exec_set_type(struct args *a, void *request, struct err *err)
{
	struct exec_line *line = request;
	struct request_exec *req = &line->req;
	const char *word;
	int r = args_value(a, "type", PROG_TYPE_USAGE, &word, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < array_size(prog_types); i++) {
		if (!args_is_prefix(word, prog_types[i].name))
			continue;
		line->has_type = true;
		req->prog_type = prog_types[i].type;
		return 0;
	}
	return err_say(err, -EINVAL, "type '%s': not one of " PROG_TYPE_USAGE, word);
}

/* tc wants them in this order; here any order will do. */
const struct keyword exec_graft_words[] = {
	{"key", 0, exec_set_key, "KEY", "default: the number in section ID/KEY"},
	{"object-file", 0, exec_set_object, "FILE", NULL},
	{"object-pinned", 0, exec_set_pinned, "PATH", NULL},
	{"pinned", KEYWORD_HIDDEN, exec_set_pinned, "PATH", NULL},
	{"fd", KEYWORD_HIDDEN, exec_set_pinned, "PATH", NULL},
	{"type", 0, exec_set_type, PROG_TYPE_USAGE, "default: cls"},
	{"section", 0, NULL, "NAME", NULL,
	 KEYWORD_TEXT(struct exec_line, req.bpf.section)},
	{"program", KEYWORD_EXACT, NULL, "NAME", NULL,
	 KEYWORD_TEXT(struct exec_line, req.bpf.program)},
	{"verbose", 0, NULL, NULL, NULL, KEYWORD_BOOL(struct exec_line, req.bpf.verbose)},
	{"map", KEYWORD_MANY, map_overrides_set, MAP_OVERRIDE_USAGE, NULL,
	 KEYWORD_MEMBER(struct exec_line, req.bpf.overrides, struct map_overrides)},
	{"set", KEYWORD_EXACT | KEYWORD_MANY, constants_set, CONSTANTS_USAGE, NULL,
	 KEYWORD_MEMBER(struct exec_line, req.bpf.constants, struct constants)},
	{.name = NULL},
};

static int set_op(struct request_exec *req, enum exec_op op, struct err *err)
{
	if (req->op != EXEC_NOTHING)
		return err_say(err, -EINVAL,
			       "import, debug and graft exclude each other");
	req->op = op;
	return 0;
}

static int set_graft(struct args *a, void *request, struct err *err)
{
	struct exec_line *line = request;
	struct request_exec *req = &line->req;
	const struct request_bpf *bpf = &req->bpf;
	int r = set_op(req, EXEC_GRAFT, err);

	if (r == 0)
		r = args_value(a, "graft", "MAP", &req->path, err);
	if (r == 0)
		r = keyword_parse(exec_graft_words, a, line, err);
	if (r < 0)
		return r;
	if (args_more(a))
		return err_say(
			err, -EINVAL,
			"unknown keyword '%s' for graft; see 'tc_loader exec help'",
			args_peek(a));
	if (bpf->source == SOURCE_NONE)
		return err_say(
			err, -EINVAL,
			"graft needs a program; add 'object-file FILE' or 'object-pinned PATH'");
	if (bpf->source == SOURCE_PINNED &&
	    (line->has_type || bpf->section || bpf->program || bpf->verbose ||
	     bpf->overrides.nr || bpf->constants.nr))
		return err_say(
			err, -EINVAL,
			"type, section, program, verbose, map and set belong to an object; add 'object-file FILE'");
	return 0;
}

static int set_import(struct args *a, void *request, struct err *err)
{
	struct exec_line *line = request;
	struct request_exec *req = &line->req;
	int r = set_op(req, EXEC_IMPORT, err);

	return r < 0 ? r : args_value(a, "import", "PATH", &req->path, err);
}

/* The rest of the line is the command's. */
static int exec_set_run(struct args *a, void *request, struct err *err)
{
	struct exec_line *line = request;
	struct request_exec *req = &line->req;

	if (req->op != EXEC_IMPORT)
		return err_say(err, -EINVAL, "'run' must follow 'import PATH'");
	if (!args_more(a))
		return err_say(err, -EINVAL, "'run' needs a value: CMD");
	req->command = a->argv;
	req->nr_command = a->argc;
	while (args_next(a))
		;
	return 0;
}

static int exec_set_debug(struct args *a, void *request, struct err *err)
{
	struct exec_line *line = request;

	(void)a;
	return set_op(&line->req, EXEC_DEBUG, err);
}

static int exec_set_help(struct args *a, void *request, struct err *err)
{
	struct exec_line *line = request;
	struct request_exec *req = &line->req;

	(void)a;
	(void)err;
	req->op = EXEC_BPF_HELP;
	return 0;
}

const struct keyword exec_words[] = {
	{"import", 0, set_import, "PATH", "wait for the maps of export PATH"},
	{"run", 0, exec_set_run, "CMD...", "with the maps; default: a shell"},
	{"debug", 0, exec_set_debug, NULL, "what programs print"},
	{"dbg", KEYWORD_HIDDEN, exec_set_debug, NULL, NULL},
	{"graft", 0, set_graft, "MAP", "a program into a prog array"},
	{"help", KEYWORD_LAST | KEYWORD_HIDDEN, exec_set_help, NULL, NULL},
	{.name = NULL},
};

static int parse_bpf_words(struct request_exec *ret, struct args *a, struct err *err)
{
	struct exec_line line = {.req = *ret};
	int r = keyword_parse(exec_words, a, &line, err);

	*ret = line.req;
	if (r < 0 || ret->op == EXEC_BPF_HELP || !args_more(a))
		return r;
	return err_say(err, -EINVAL,
		       "unknown keyword '%s' for exec bpf; see 'tc_loader exec help'",
		       args_peek(a));
}

int parse_exec(struct request_exec *ret, struct args *a, struct err *err)
{
	const char *word = args_next(a);

	*ret = (struct request_exec){.prog_type = BPF_PROG_TYPE_SCHED_CLS};
	if (!word)
		return err_say(err, -EINVAL, "no command given; try 'exec help'");
	if (args_is_prefix(word, "help")) {
		ret->op = EXEC_HELP;
		return 0;
	}
	if (!args_is_prefix(word, "bpf"))
		return err_say(err, -EINVAL, "'%s' is unknown; there is bpf", word);
	return parse_bpf_words(ret, a, err);
}

void request_exec_release(struct request_exec *req)
{
	map_overrides_release(&req->bpf.overrides);
	constants_release(&req->bpf.constants);
}

void parse_exec_usage(struct strbuf *out)
{
	sb_add(out, "Usage: tc_loader exec {bpf | help} [help | OPTIONS]\n");
}

void parse_exec_bpf_usage(struct strbuf *out)
{
	auto_strbuf graft = STRBUF_INIT;

	keyword_usage(exec_graft_words, &graft);
	sb_addf(out,
		"Usage: tc_loader exec bpf import PATH [run CMD...]\n"
		"       tc_loader exec bpf debug\n"
		"       tc_loader exec bpf graft MAP %s\n"
		"import makes the socket PATH, waits for the maps of 'export PATH' and runs CMD\n"
		"(default: /bin/sh) with them: BPF_NUM_MAPS, BPF_MAP<id>=<fd>. graft puts a program\n"
		"into slot KEY of the pinned prog array MAP. m:globals/X is short for\n"
		"/sys/fs/bpf/tc/globals/X.\n",
		sb_text(&graft));
}
