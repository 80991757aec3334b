/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "parse.h"
#include "tc.h"

/* A line while it is read. */
struct qdisc_line {
	struct request_qdisc req;
	bool has_parent; /* also by clsact and ingress */
};

/* A list goes by one thing; what is 0 selects nothing. */
static int check_alone(const struct request_qdisc *req, const char *word, struct err *err)
{
	if (req->op != NL_QDISC_SHOW || (!req->parent && !req->handle))
		return 0;
	err_say(err, -EINVAL,
		"'%s': a list goes by one of clsact, ingress, root, parent and handle",
		word);
	return err_status(err, TC_GRAMMAR);
}

static int qdisc_set_handle(struct args *a, void *request, struct err *err)
{
	struct qdisc_line *line = request;
	struct request_qdisc *req = &line->req;
	const char *word;
	int r = check_alone(req, "handle", err);

	if (r == 0)
		r = args_value(a, "handle", "MAJ:", &word, err);
	if (r < 0)
		return r;
	if (parse_qdisc_handle(word, &req->handle) < 0)
		return err_say(err, -EINVAL, "handle '%s': not of the form MAJ:", word);
	return 0;
}

static int qdisc_take_parent(struct qdisc_line *line, uint32_t parent, const char *word,
			     struct err *err)
{
	int r = check_alone(&line->req, word, err);

	if (r < 0)
		return r;
	if (line->has_parent && line->req.op != NL_QDISC_SHOW) {
		err_say(err, -EINVAL, "'%s' is a second parent; leave one out", word);
		/* Behind the kind tc takes it for an option of the qdisc. */
		return err_status(err, line->req.kind ? TC_USAGE : TC_GRAMMAR);
	}
	line->has_parent = true;
	line->req.parent = parent;
	return 0;
}

static int qdisc_set_root(struct args *a, void *request, struct err *err)
{
	(void)a;
	return qdisc_take_parent(request, NL_PARENT_ROOT, "root", err);
}

static int qdisc_set_parent(struct args *a, void *request, struct err *err)
{
	const char *word;
	uint32_t parent;
	int r = args_value(a, "parent", "CLASSID", &word, err);

	if (r < 0)
		return r;
	if (parse_classid(word, &parent) < 0)
		return err_say(err, -EINVAL, "parent '%s': not of the form MAJ:MIN",
			       word);
	return qdisc_take_parent(request, parent, word, err);
}

/* Both words say parent, handle and kind at once. */
static int take_kind(struct qdisc_line *line, const char *kind, struct err *err)
{
	int r;

	if (line->req.kind && line->req.op != NL_QDISC_SHOW) {
		err_say(err, -EINVAL, "'%s' is a second kind of qdisc", kind);
		return err_status(err, TC_USAGE);
	}
	r = qdisc_take_parent(line, NL_PARENT_QDISC, kind, err);
	if (r == 0)
		line->req.kind = kind;
	return r;
}

static int set_clsact(struct args *a, void *request, struct err *err)
{
	(void)a;
	return take_kind(request, "clsact", err);
}

static int qdisc_set_ingress(struct args *a, void *request, struct err *err)
{
	(void)a;
	return take_kind(request, "ingress", err);
}

static int take_block(struct args *a, const char *word, uint32_t *ret, struct err *err)
{
	uint64_t block;
	int r = args_number(a, word, 1, UINT32_MAX, &block, err);

	if (r == 0)
		*ret = block;
	return r;
}

static int set_ingress_block(struct args *a, void *request, struct err *err)
{
	struct qdisc_line *line = request;
	struct request_qdisc *req = &line->req;

	return take_block(a, "ingress_block", &req->ingress_block, err);
}

static int set_egress_block(struct args *a, void *request, struct err *err)
{
	struct qdisc_line *line = request;
	struct request_qdisc *req = &line->req;

	return take_block(a, "egress_block", &req->egress_block, err);
}

static int qdisc_set_estimator(struct args *a, void *request, struct err *err)
{
	(void)a;
	(void)request;
	err_say(err, -EINVAL, "'estimator' is not offered here; use tc, or --hand-over");
	return err_status(err, TC_GRAMMAR);
}

static int qdisc_set_help(struct args *a, void *request, struct err *err)
{
	struct qdisc_line *line = request;
	struct request_qdisc *req = &line->req;

	(void)a;
	(void)err;
	req->help = HELP_VERB;
	return 0;
}

/*
 * Row order is tc's abbreviation order. A kind said twice is refused by take_kind(), with
 * tc's exit status.
 */
const struct keyword qdisc_change_words[] = {
	{"dev", KEYWORD_EXACT, NULL, "NAME", "the interface",
	 KEYWORD_TEXT(struct qdisc_line, req.dev)},
	{"handle", KEYWORD_EXACT, qdisc_set_handle, "MAJ:", "accepted; always ffff:"},
	{"root", KEYWORD_EXACT | KEYWORD_HIDDEN, qdisc_set_root, NULL, NULL},
	{"clsact", KEYWORD_EXACT | KEYWORD_MANY, set_clsact, NULL,
	 "hooks ingress and egress"},
	{"ingress", KEYWORD_EXACT | KEYWORD_MANY, qdisc_set_ingress, NULL,
	 "the ingress hook alone"},
	{"parent", KEYWORD_EXACT | KEYWORD_HIDDEN, qdisc_set_parent, "CLASSID", NULL},
	{"estimator", KEYWORD_HIDDEN, qdisc_set_estimator, NULL, NULL},
	/* The last one counts. */
	{"ingress_block", KEYWORD_AGAIN, set_ingress_block, "N",
	 "share the ingress filters as a block"},
	{"egress_block", KEYWORD_AGAIN, set_egress_block, "N",
	 "share the egress filters as a block"},
	{"help", KEYWORD_LAST, qdisc_set_help, NULL, NULL},
	/* Ours. */
	{"devs", KEYWORD_EXACT, NULL, "PATTERN|@FILE", "several interfaces",
	 KEYWORD_TEXT(struct qdisc_line, req.devs)},
	{.name = NULL},
};

/* Of several interfaces the last is shown, and words are read behind help, as in tc. */
const struct keyword qdisc_show_words[] = {
	{"dev", KEYWORD_EXACT | KEYWORD_MANY, NULL, "NAME", NULL,
	 KEYWORD_TEXT(struct qdisc_line, req.dev)},
	{"root", KEYWORD_EXACT | KEYWORD_AGAIN, qdisc_set_root, NULL, NULL},
	{"clsact", KEYWORD_EXACT | KEYWORD_AGAIN, set_clsact, NULL, NULL},
	{"ingress", KEYWORD_EXACT | KEYWORD_AGAIN, qdisc_set_ingress, NULL, NULL},
	{"parent", KEYWORD_EXACT | KEYWORD_AGAIN, qdisc_set_parent, "CLASSID", NULL},
	{"handle", KEYWORD_EXACT | KEYWORD_AGAIN, qdisc_set_handle, "MAJ:", NULL},
	{"invisible", KEYWORD_EXACT | KEYWORD_AGAIN, NULL, NULL, NULL,
	 KEYWORD_BOOL(struct qdisc_line, req.invisible)},
	{"help", KEYWORD_EXACT | KEYWORD_AGAIN, qdisc_set_help, NULL, NULL},
	{.name = NULL},
};

/* What stands where only a known word may stand. */
static int unknown_word(const struct request_qdisc *req, const char *word,
			struct err *err)
{
	auto_strbuf hint = STRBUF_INIT;

	keyword_near(req->op == NL_QDISC_SHOW ? qdisc_show_words : qdisc_change_words,
		     word, &hint);
	if (req->op == NL_QDISC_SHOW) {
		err_say(err, -EINVAL, "unknown keyword '%s' for 'qdisc show'%s", word,
			hint.len ? sb_text(&hint) : "; see 'tc_loader qdisc help'");
		return err_status(err, TC_GRAMMAR);
	}
	if (req->kind) {
		err_say(err, -EINVAL, "unknown keyword '%s' for qdisc '%s'%s", word,
			req->kind,
			hint.len ? sb_text(&hint) : "; see 'tc_loader qdisc help'");
		return err_status(err, TC_USAGE);
	}
	if (!hint.len && !req->dev && !req->devs && word[strcspn(word, "0123456789")])
		sb_add(&hint, "; if it is an interface, 'dev' goes before it");
	err_say(err, -EINVAL, "'%s': only clsact and ingress are offered here%s", word,
		hint.len ? sb_text(&hint) : "; use tc for other qdiscs, or --hand-over");
	return err_status(err, TC_GRAMMAR);
}

static int qdisc_check_devs(const struct request_qdisc *req, struct err *err)
{
	if (!req->dev || !req->devs)
		return 0;
	err_say(err, -EINVAL, "'devs' replaces 'dev'; give one of them");
	return err_status(err, TC_GRAMMAR);
}

static void check_kind(struct qdisc_line *line)
{
	struct request_qdisc *req = &line->req;

	if (req->kind) {
		/* The kernel knows these two by one handle; tc ignores what was typed. */
		req->handle = NL_QDISC_HANDLE;
		return;
	}
	/*
	 * What is there under ffff: is meant, clsact or ingress; which handles do is the
	 * kernel's to say. Nothing but these two can be there.
	 */
	req->no_kind = req->op == NL_QDISC_ADD || !line->has_parent ||
		       req->parent == NL_PARENT_ROOT || req->parent >> 16 != 0xffff;
}

int parse_qdisc(struct request_qdisc *ret, enum nl_qdisc_op op, struct args *a,
		struct err *err)
{
	struct qdisc_line line = {.req = {.op = op}};
	const struct keyword *words =
		op == NL_QDISC_SHOW ? qdisc_show_words : qdisc_change_words;
	int r = keyword_parse(words, a, &line, err);

	if (r < 0)
		return r;
	if ((line.req.help == HELP_NONE || op == NL_QDISC_SHOW) && args_more(a))
		return unknown_word(&line.req, args_peek(a), err);
	if (line.req.help == HELP_NONE && op != NL_QDISC_SHOW) {
		r = qdisc_check_devs(&line.req, err);
		if (r < 0)
			return r;
		check_kind(&line);
	}
	*ret = line.req;
	return 0;
}

bool parse_qdisc_is_other(enum nl_qdisc_op op, const struct args *a)
{
	const struct keyword *row;
	struct args words = *a;
	bool at_clsact = false;
	uint32_t parent;

	while (args_more(&words)) {
		row = keyword_find(qdisc_change_words, args_next(&words));
		if (!row || row->set == qdisc_set_estimator)
			return true;
		if (row->set == set_clsact || row->set == qdisc_set_ingress ||
		    strcmp(row->name, "devs") == 0 || row->set == qdisc_set_help)
			return false;
		if (row->set == qdisc_set_parent && args_more(&words) &&
		    parse_classid(args_peek(&words), &parent) == 0)
			at_clsact = parent != NL_PARENT_ROOT && parent >> 16 == 0xffff;
		if (row->value)
			args_next(&words);
	}
	return op == NL_QDISC_ADD || !at_clsact;
}

void parse_qdisc_usage(struct strbuf *out)
{
	auto_strbuf change = STRBUF_INIT, show = STRBUF_INIT;

	keyword_usage(qdisc_change_words, &change);
	keyword_usage(qdisc_show_words, &show);
	sb_addf(out,
		"Usage: tc_loader qdisc {add|change|replace|link|delete} %s\n"
		"       tc_loader qdisc {show|list} %s\n",
		sb_text(&change), sb_text(&show));
}
