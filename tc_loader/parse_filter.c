/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "def/ethertype.h"
#include "parse.h"
#include "parse_tcx.h"
#include "tc.h"

/* tc ends with 255 here too, but these do not end its batches. */
static int filter_refuse(struct err *err, const char *words)
{
	err_say(err, -EINVAL, "%s", words);
	return err_status(err, TC_GRAMMAR);
}

/* A line while it is read. */
struct filter_line {
	struct request_filter req;
	bool has_pref, has_protocol;
	const char *handle; /* its grammar is the kind's */
};

static int filter_set_dev(struct args *a, void *request, struct err *err)
{
	struct filter_line *line = request;
	struct request_filter *req = &line->req;

	if (req->block)
		return filter_refuse(err, "'dev' and 'block' exclude each other");
	return args_value(a, "dev", "NAME", &req->dev, err);
}

static int set_block(struct args *a, void *request, struct err *err)
{
	struct filter_line *line = request;
	struct request_filter *req = &line->req;
	uint64_t block;
	int r;

	if (req->dev)
		return filter_refuse(err, "'dev' and 'block' exclude each other");
	r = args_number(a, "block", 1, UINT32_MAX, &block, err);
	if (r == 0)
		req->block = block;
	return r;
}

static int filter_take_parent(struct filter_line *line, uint32_t parent, const char *word,
			      struct err *err)
{
	struct request_filter *req = &line->req;

	if (req->has_parent) {
		err_say(err, -EINVAL, "'%s' is a second parent; leave one out", word);
		return err_status(err, TC_GRAMMAR);
	}
	req->has_parent = true;
	req->parent = parent;
	return 0;
}

static int filter_set_root(struct args *a, void *request, struct err *err)
{
	(void)a;
	return filter_take_parent(request, NL_PARENT_ROOT, "root", err);
}

static int filter_set_ingress(struct args *a, void *request, struct err *err)
{
	(void)a;
	return filter_take_parent(request, NL_PARENT_INGRESS, "ingress", err);
}

static int set_egress(struct args *a, void *request, struct err *err)
{
	(void)a;
	return filter_take_parent(request, NL_PARENT_EGRESS, "egress", err);
}

static int filter_set_parent(struct args *a, void *request, struct err *err)
{
	const char *word;
	uint32_t parent;
	int r = args_value(a, "parent", "CLASSID", &word, err);

	if (r < 0)
		return r;
	if (parse_classid(word, &parent) < 0)
		return err_say(err, -EINVAL, "parent '%s': not of the form MAJ:MIN",
			       word);
	return filter_take_parent(request, parent, word, err);
}

static int take_pref(struct args *a, struct filter_line *line, const char *word,
		     struct err *err)
{
	uint64_t pref;
	int r;

	if (line->has_pref)
		return err_say(err, -EINVAL, "duplicate '%s'", word);
	r = args_number(a, word, 0,
			line->req.op == NL_FILTER_SHOW ? UINT32_MAX : UINT16_MAX, &pref,
			err);
	if (r < 0)
		return r;
	/* A list is asked for what fits into the message, as in tc. */
	line->req.pref = pref & UINT16_MAX;
	line->req.wide_pref = pref > UINT16_MAX;
	line->has_pref = true;
	return 0;
}

static int set_preference(struct args *a, void *request, struct err *err)
{
	return take_pref(a, request, "pref", err);
}

static int set_priority(struct args *a, void *request, struct err *err)
{
	return take_pref(a, request, "prio", err);
}

static int set_protocol(struct args *a, void *request, struct err *err)
{
	struct filter_line *line = request;
	struct request_filter *req = &line->req;
	const char *word;
	uint64_t number;
	int r = args_value(a, "protocol", "NAME", &word, err);

	if (r < 0)
		return r;
	if (!ethertype_by_name(word, &req->protocol)) {
		r = args_to_number("protocol", word, 0, UINT16_MAX, &number, err);
		if (r < 0)
			return err_say(
				err, r,
				"protocol '%s': neither a known name nor a number; all is the usual one",
				word);
		req->protocol = number;
	}
	line->has_protocol = true;
	return 0;
}

static int set_chain(struct args *a, void *request, struct err *err)
{
	struct filter_line *line = request;
	struct request_filter *req = &line->req;
	uint64_t chain;
	int r = args_number(a, "chain", 0, UINT32_MAX, &chain, err);

	if (r < 0)
		return r;
	req->chain = chain;
	req->has_chain = true;
	return 0;
}

static int set_estimator(struct args *a, void *request, struct err *err)
{
	(void)a;
	(void)request;
	return filter_refuse(err, "'estimator' is not offered here; use tc");
}

static int filter_set_help(struct args *a, void *request, struct err *err)
{
	struct filter_line *line = request;
	struct request_filter *req = &line->req;

	(void)err;
	req->help = HELP_VERB;
	/* A list comes all the same, as in tc; elsewhere nothing behind it is looked at. */
	if (req->op != NL_FILTER_SHOW)
		a->argc = 0;
	return 0;
}

/* Row order is tc's abbreviation order: "p" and "pr" are pref, "pri" prio, "pro"
 * protocol. */
const struct keyword filter_words[] = {
	{"dev", KEYWORD_EXACT, filter_set_dev, "NAME", "the interface"},
	{"root", KEYWORD_EXACT, filter_set_root, NULL, NULL},
	{"ingress", KEYWORD_EXACT, filter_set_ingress, NULL, "incoming packets"},
	{"egress", KEYWORD_EXACT, set_egress, NULL, "outgoing packets"},
	{"parent", KEYWORD_EXACT, filter_set_parent, "CLASSID", "the qdisc or class"},
	{"handle", KEYWORD_EXACT, NULL, "N", "number within the pref",
	 KEYWORD_TEXT(struct filter_line, handle)},
	{"block", 0, set_block, "N", "a shared block in place of dev"},
	{"preference", 0, set_preference, "N", "order: lower runs first"},
	{"priority", 0, set_priority, "N", "the same"},
	{"protocol", 0, set_protocol, "NAME", "all, ip, ipv6, …"},
	{"chain", 0, set_chain, "N", NULL},
	{"estimator", KEYWORD_HIDDEN, set_estimator, NULL, NULL},
	{"help", KEYWORD_AGAIN, filter_set_help, NULL, NULL},
	/* Ours. */
	{"devs", KEYWORD_EXACT, NULL, "PATTERN|@FILE", "several interfaces",
	 KEYWORD_TEXT(struct filter_line, req.devs)},
	TCX_PLACE_WORDS(struct filter_line, req.tcx),
	{.name = NULL},
};

/* NULL: nothing. */
static const char *missing_of_get(const struct filter_line *line, bool kind)
{
	const struct request_filter *req = &line->req;

	return !line->has_protocol        ? "protocol"
	       : !line->has_pref          ? "pref"
	       : !kind                    ? "the kind, bpf"
	       : !line->handle            ? "handle"
	       : !req->has_parent         ? "ingress, egress or parent"
	       : !req->dev && !req->block ? "dev or block"
					  : NULL;
}

static int check_get(const struct filter_line *line, bool kind, struct err *err)
{
	const char *missing = missing_of_get(line, kind);

	if (!missing)
		return 0;
	err_say(err, -EINVAL, "say %s", missing);
	return err_status(err, TC_GRAMMAR);
}

/* What stands where a kind may stand: mostly a hook with a letter missing. */
static int unknown_kind(const struct filter_line *line, const char *word, bool last,
			struct err *err)
{
	const struct request_filter *req = &line->req;
	auto_strbuf hint = STRBUF_INIT;

	if (!req->has_parent && strcmp(word, "xdp") == 0)
		sb_add(&hint,
		       "; filters see incoming packets on 'ingress', XDP is attached by 'ip link set dev NAME xdp'");
	else if (!req->has_parent && strcmp(word, "clsact") == 0)
		sb_add(&hint, "; the hooks of clsact are 'ingress' and 'egress'");
	else
		keyword_near(filter_words, word, &hint);
	if (!hint.len && !req->dev && !req->devs && !req->block && !parse_bpf_knows(word))
		sb_add(&hint, "; if it is an interface, 'dev' goes before it");
	if (req->op == NL_FILTER_SHOW) {
		err_say(err, -EINVAL, "unknown keyword '%s' for 'filter show'%s", word,
			hint.len ? sb_text(&hint) : "; see 'tc_loader filter help'");
		return err_status(err, TC_GRAMMAR);
	}
	if (!hint.len && parse_bpf_knows(word))
		sb_addf(&hint, "; 'bpf' goes before '%s'", word);
	err_say(err, -EINVAL, "'%s': only filters of kind bpf are offered here%s", word,
		hint.len ? sb_text(&hint) : "; use tc, or --hand-over");
	/* tc misses words of get before it asks for a kind without options. */
	if (req->op == NL_FILTER_GET && last && missing_of_get(line, true))
		return err_status(err, TC_GRAMMAR);
	return err_status(err, TC_USAGE);
}

/* Pref, handle and kind select a filter: no program is looked at, but for tcx. */
static int filter_pass_options(struct request_filter *req, struct args *a,
			       struct err *err)
{
	auto_release(request_filter_release) struct request_filter unread = *req;
	const char *ignored = args_peek(a);
	int r = parse_bpf(&unread, a, err);

	if (req->op == NL_FILTER_DEL && (unread.tcx.tcx || unread.tcx.netkit)) {
		*req = unread;
		unread = (struct request_filter){.op = req->op};
		return r;
	}
	req->help = unread.help;
	req->tcx = unread.tcx;
	req->ignored = ignored;
	return r;
}

static int filter_parse_kind(struct filter_line *line, struct args *a, struct err *err)
{
	struct request_filter *req = &line->req;
	const char *kind = args_next(a);
	uint64_t handle;
	int r;

	if (req->op == NL_FILTER_SHOW || strcmp(kind, "bpf") != 0)
		return unknown_kind(line, kind, !args_more(a), err);
	if (req->op == NL_FILTER_GET && !args_more(a)) {
		r = check_get(line, true, err);
		if (r < 0)
			return r;
	}
	req->is_bpf = true;
	if (line->handle) {
		r = args_to_number("handle", line->handle, 0, UINT32_MAX, &handle, err);
		if (r < 0)
			return err_status(err, TC_USAGE);
		req->handle = handle;
	}
	if (req->op == NL_FILTER_DEL || req->op == NL_FILTER_GET)
		return filter_pass_options(req, a, err);
	return parse_bpf(req, a, err);
}

static int filter_check_devs(const struct request_filter *req, struct err *err)
{
	if (!req->devs)
		return 0;
	if (req->dev || req->block)
		return filter_refuse(
			err, "'devs' replaces 'dev' and 'block'; give one of them");
	if (req->op == NL_FILTER_GET || req->op == NL_FILTER_SHOW)
		return filter_refuse(err,
				     "'devs' is for add, replace, change and delete");
	return 0;
}

static int filter_check(struct filter_line *line, struct err *err)
{
	struct request_filter *req = &line->req;
	bool made = req->op == NL_FILTER_ADD || req->op == NL_FILTER_REPLACE;

	if (req->op == NL_FILTER_GET)
		return check_get(line, req->is_bpf, err);
	/* The kernel lists by block, parent, chain, pref and protocol only. */
	if (req->op == NL_FILTER_SHOW && line->handle)
		req->ignored = "handle";
	else if (line->handle && !req->is_bpf)
		return filter_refuse(err, "'handle' must be followed by the kind: … bpf");
	if (made && !line->has_protocol)
		req->protocol = 3; /* ETH_P_ALL */
	return 0;
}

static int filter_parse_line(struct filter_line *line, struct args *a, struct err *err)
{
	int r = keyword_parse(filter_words, a, line, err);

	if (r == 0 && args_more(a))
		r = filter_parse_kind(line, a, err);
	if (r < 0 || (line->req.help != HELP_NONE && line->req.op != NL_FILTER_SHOW))
		return r;
	r = filter_check_devs(&line->req, err);
	if (r == 0)
		r = parse_tcx_place(&line->req, line->has_pref, line->handle != NULL,
				    err);
	return r < 0 ? r : filter_check(line, err);
}

int parse_filter(struct request_filter *ret, enum nl_filter_op op, struct args *a,
		 struct err *err)
{
	struct filter_line line = {.req = {.op = op}};
	int r = filter_parse_line(&line, a, err);

	*ret = line.req;
	return r;
}

bool parse_filter_is_other(const struct args *a)
{
	const struct keyword *row;
	struct args words = *a;
	const char *word;

	while ((word = args_next(&words))) {
		row = keyword_find(filter_words, word);
		if (!row)
			return strcmp(word, "bpf") != 0;
		if (strcmp(row->name, "devs") == 0 || row->set == filter_set_help)
			return false;
		if (row->value)
			args_next(&words);
		/* It takes two, here none. */
		for (int i = 0; row->set == set_estimator && i < 2; i++)
			args_next(&words);
	}
	return false;
}

void request_filter_release(struct request_filter *req)
{
	free(req->ops);
	map_overrides_release(&req->bpf.overrides);
	constants_release(&req->bpf.constants);
}

void parse_filter_usage(struct strbuf *out)
{
	auto_strbuf words = STRBUF_INIT;

	keyword_usage(filter_words, &words);
	sb_addf(out,
		"Usage: tc_loader filter {add|change|replace|delete} %s [bpf OPTIONS]\n"
		"       tc_loader filter get dev NAME {ingress|egress|parent CLASSID} protocol NAME pref N handle N bpf\n"
		"       tc_loader filter {show|list} {dev NAME {ingress|egress|parent CLASSID}|block N} [pref N] [protocol NAME] [chain N]\n",
		sb_text(&words));
	parse_bpf_usage(out);
}
