/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "def/ethertype.h"
#include "parse.h"
#include "tc.h"

/* tc ends with 255 here too, but these do not end its batches. */
static int filter_refuse(struct err *err, const char *words)
{
	err_say(err, -EINVAL, "%s", words);
	return err_status(err, TC_GRAMMAR);
}

static int filter_set_dev(struct args *a, void *request, struct err *err)
{
	struct request_filter *req = request;

	if (req->f.block)
		return filter_refuse(err, "'dev' and 'block' exclude each other");
	return args_value(a, "dev", "NAME", &req->dev, err);
}

static int filter_set_devs(struct args *a, void *request, struct err *err)
{
	struct request_filter *req = request;

	return args_value(a, "devs", "PATTERN|@FILE", &req->devs, err);
}

static int set_block(struct args *a, void *request, struct err *err)
{
	struct request_filter *req = request;
	uint64_t block;
	int r;

	if (req->dev)
		return filter_refuse(err, "'dev' and 'block' exclude each other");
	r = args_number(a, "block", 1, UINT32_MAX, &block, err);
	if (r == 0)
		req->f.block = block;
	return r;
}

static int filter_take_parent(struct request_filter *req, uint32_t parent,
			      const char *word, struct err *err)
{
	if (req->has_parent) {
		err_say(err, -EINVAL, "'%s' is a second parent", word);
		return err_status(err, TC_GRAMMAR);
	}
	req->has_parent = true;
	req->f.parent = parent;
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

static int filter_set_handle(struct args *a, void *request, struct err *err)
{
	struct request_filter *req = request;

	return args_value(a, "handle", "N", &req->handle, err);
}

static int take_pref(struct args *a, struct request_filter *req, const char *word,
		     struct err *err)
{
	uint64_t pref;
	int r;

	if (req->has_pref)
		return err_say(err, -EINVAL, "duplicate '%s'", word);
	r = args_number(a, word, 0, UINT16_MAX, &pref, err);
	if (r < 0)
		return r;
	req->f.pref = pref;
	req->has_pref = true;
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
	struct request_filter *req = request;
	const char *word;
	uint64_t number;
	int r = args_value(a, "protocol", "NAME", &word, err);

	if (r < 0)
		return r;
	if (!ethertype_by_name(word, &req->f.protocol)) {
		r = args_to_number("protocol", word, 0, UINT16_MAX, &number, err);
		if (r < 0)
			return err_say(err, r,
				       "protocol '%s': neither a known name nor a number",
				       word);
		req->f.protocol = number;
	}
	req->has_protocol = true;
	return 0;
}

static int set_chain(struct args *a, void *request, struct err *err)
{
	struct request_filter *req = request;
	uint64_t chain;
	int r = args_number(a, "chain", 0, UINT32_MAX, &chain, err);

	if (r < 0)
		return r;
	req->f.chain = chain;
	req->f.has_chain = true;
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
	struct request_filter *req = request;

	(void)a;
	(void)err;
	req->help = HELP_VERB;
	return 0;
}

/* Row order is tc's abbreviation order: "p" and "pr" are pref, "pri" prio, "pro"
 * protocol. */
static const struct keyword filter_words[] = {
	{"dev", KEYWORD_EXACT, filter_set_dev, "NAME", "the interface"},
	{"root", KEYWORD_EXACT, filter_set_root, NULL, NULL},
	{"ingress", KEYWORD_EXACT, filter_set_ingress, NULL, "incoming packets"},
	{"egress", KEYWORD_EXACT, set_egress, NULL, "outgoing packets"},
	{"parent", KEYWORD_EXACT, filter_set_parent, "CLASSID", "the qdisc or class"},
	{"handle", KEYWORD_EXACT, filter_set_handle, "N", "number within the pref"},
	{"block", 0, set_block, "N", "a shared block in place of dev"},
	{"preference", 0, set_preference, "N", "order: lower runs first"},
	{"priority", 0, set_priority, "N", "the same"},
	{"protocol", 0, set_protocol, "NAME", "all, ip, ipv6, …"},
	{"chain", 0, set_chain, "N", NULL},
	{"estimator", KEYWORD_HIDDEN, set_estimator, NULL, NULL},
	{"help", KEYWORD_LAST, filter_set_help, NULL, NULL},
	/* Ours. */
	{"devs", KEYWORD_EXACT, filter_set_devs, "PATTERN|@FILE", "several interfaces"},
	{.name = NULL},
};

/* What stands where a kind may stand: mostly a hook with a letter missing. */
static int unknown_kind(const struct request_filter *req, const char *word,
			struct err *err)
{
	auto_strbuf hint = STRBUF_INIT;

	if (!req->has_parent && strcmp(word, "xdp") == 0)
		sb_add(&hint,
		       "; filters see incoming packets on 'ingress', XDP is attached by 'ip link set dev NAME xdp'");
	else
		keyword_near(filter_words, word, &hint);
	if (!hint.len && !req->dev && !req->devs && !req->f.block &&
	    !parse_bpf_knows(word))
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
	return err_status(err, TC_USAGE);
}

static int filter_parse_kind(struct request_filter *req, struct args *a, struct err *err)
{
	const char *kind = args_next(a);
	uint64_t handle;
	int r;

	if (req->op == NL_FILTER_SHOW || strcmp(kind, "bpf") != 0)
		return unknown_kind(req, kind, err);
	strcpy(req->f.kind, kind);
	if (req->handle) {
		r = args_to_number("handle", req->handle, 0, UINT32_MAX, &handle, err);
		if (r < 0)
			return err_status(err, TC_USAGE);
		req->f.handle = handle;
	}
	return parse_bpf(req, a, err);
}

static int check_get(const struct request_filter *req, struct err *err)
{
	const char *missing = !req->has_protocol           ? "protocol"
			      : !req->has_pref             ? "pref"
			      : !req->f.kind[0]            ? "the kind, bpf"
			      : !req->handle               ? "handle"
			      : !req->has_parent           ? "ingress, egress or parent"
			      : !req->dev && !req->f.block ? "dev or block"
							   : NULL;

	if (!missing)
		return 0;
	err_say(err, -EINVAL, "say %s", missing);
	return err_status(err, TC_GRAMMAR);
}

static int filter_check_devs(const struct request_filter *req, struct err *err)
{
	if (!req->devs)
		return 0;
	if (req->dev || req->f.block)
		return filter_refuse(
			err, "'devs' replaces 'dev' and 'block'; give one of them");
	if (req->op == NL_FILTER_GET || req->op == NL_FILTER_SHOW)
		return filter_refuse(err,
				     "'devs' is for add, replace, change and delete");
	return 0;
}

static int filter_check(struct request_filter *req, struct err *err)
{
	switch (req->op) {
	case NL_FILTER_ADD:
	case NL_FILTER_REPLACE:
		if (!req->has_protocol)
			req->f.protocol = 3; /* ETH_P_ALL */
		break;
	case NL_FILTER_GET:
		return check_get(req, err);
	case NL_FILTER_DEL:
		if (req->handle && !req->f.kind[0])
			return filter_refuse(
				err, "'handle' must be followed by the kind: … bpf");
		break;
	case NL_FILTER_CHANGE:
	case NL_FILTER_SHOW:
		break;
	}
	return 0;
}

int parse_filter(struct request_filter *ret, enum nl_filter_op op, struct args *a,
		 struct err *err)
{
	int r;

	*ret = (struct request_filter){.op = op};
	r = keyword_parse(filter_words, a, ret, err);
	if (r < 0 || ret->help != HELP_NONE)
		return r;
	if (args_more(a)) {
		r = filter_parse_kind(ret, a, err);
		if (r < 0 || ret->help != HELP_NONE)
			return r;
	}
	r = filter_check_devs(ret, err);
	return r < 0 ? r : filter_check(ret, err);
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
		if (row->set == filter_set_devs || row->set == filter_set_help)
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
	nl_filter_release(&req->f);
	map_overrides_release(&req->bpf.overrides);
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
