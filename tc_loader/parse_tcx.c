/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include <linux/if_ether.h>

#include "kernel/dev_query.h"
#include "parse.h"
#include "parse_tcx.h"
#include "tc.h"

static int tcx_refuse(struct err *err, const char *words)
{
	err_say(err, -EINVAL, "%s", words);
	return err_status(err, TC_USAGE);
}

int tcx_set_netkit(struct args *a, void *tcx, struct err *err)
{
	struct request_tcx *req = tcx;
	int r = args_value(a, "netkit", "primary or peer", &req->netkit, err);

	if (r < 0 || strcmp(req->netkit, "primary") == 0 ||
	    strcmp(req->netkit, "peer") == 0)
		return r;
	err_say(err, -EINVAL, "netkit '%s': primary or peer", req->netkit);
	return err_status(err, TC_USAGE);
}

static int tcx_take_id(struct args *a, const char *word, uint32_t *ret, struct err *err)
{
	uint64_t id;
	int r = args_number(a, word, 1, UINT32_MAX, &id, err);

	if (r == 0)
		*ret = (uint32_t)id;
	return r;
}

/* "link pinned PATH" behind it is not the anchor: that is said by 'pinned PATH' alone. */
static bool tcx_anchor_is_link(const struct args *a)
{
	struct args words = *a;

	return args_take(&words, "link") && args_more(&words) &&
	       strcmp(args_peek(&words), "pinned") != 0;
}

static int tcx_take_anchor(struct args *a, struct request_anchor *anchor, struct err *err)
{
	if (args_take(a, "id"))
		return tcx_take_id(a, "id", &anchor->program, err);
	if (args_take(a, "pinned"))
		return args_value(a, "pinned", "PATH", &anchor->pin, err);
	if (!tcx_anchor_is_link(a))
		return 0;
	args_next(a);
	return tcx_take_id(a, "link", &anchor->link, err);
}

int tcx_set_before(struct args *a, void *tcx, struct err *err)
{
	struct request_tcx *req = tcx;

	req->before = true;
	return tcx_take_anchor(a, &req->anchor, err);
}

int tcx_set_after(struct args *a, void *tcx, struct err *err)
{
	struct request_tcx *req = tcx;

	req->after = true;
	return tcx_take_anchor(a, &req->anchor, err);
}

int tcx_set_link(struct args *a, void *tcx, struct err *err)
{
	struct request_tcx *req = tcx;

	if (!args_take(a, "pinned"))
		return tcx_refuse(err, "'link' must be followed by 'pinned PATH'");
	return args_value(a, "pinned", "PATH", &req->link_pin, err);
}

int tcx_set_id(struct args *a, void *tcx, struct err *err)
{
	struct request_tcx *req = tcx;

	return tcx_take_id(a, "id", &req->id, err);
}

int parse_tcx_check(const struct request_filter *req, struct err *err)
{
	const struct request_tcx *tcx = &req->tcx;

	if (tcx->before && tcx->after)
		return tcx_refuse(err, "'before' and 'after' exclude each other");
	if (tcx->tcx + tcx->clsact + (tcx->netkit != NULL) > 1)
		return tcx_refuse(err, "'tcx', 'netkit' and 'clsact' exclude each other");
	if (tcx->clsact && (tcx->before || tcx->after))
		return tcx_refuse(
			err,
			"'before' and 'after' do not go with 'clsact', which 'pref' orders");
	return 0;
}

/* --- the whole line --- */

/* Words that only a list of tcx understands. NULL: none was said. */
static const char *tcx_word_of(const struct request_tcx *tcx)
{
	return tcx->before     ? "before"
	       : tcx->after    ? "after"
	       : tcx->link_pin ? "link"
	       : tcx->replace  ? "replace"
	       : tcx->id       ? "id"
			       : NULL;
}

/* What a filter has and a program in a list has not. NULL: none was said. */
static const char *tcx_filter_word(const struct request_filter *req, bool has_pref,
				   bool has_handle)
{
	return has_pref                                      ? "pref' or 'prio"
	       : has_handle                                  ? "handle"
	       : req->has_chain                              ? "chain"
	       : req->protocol && req->protocol != ETH_P_ALL ? "protocol"
	       : req->has_classid                            ? "classid"
	       : req->skip_hw                                ? "skip_hw"
	       : req->skip_sw                                ? "skip_sw"
	       : req->block                                  ? "block"
							     : NULL;
}

static int tcx_check_clsact(const struct request_filter *req, struct err *err)
{
	const struct request_tcx *tcx = &req->tcx;
	const char *word = tcx_word_of(tcx);

	if (tcx->clsact && req->op != NL_FILTER_REPLACE)
		return tcx_refuse(
			err,
			"'clsact' goes with 'filter replace': it moves a program from tcx");
	if (tcx->clsact && req->devs)
		return tcx_refuse(err,
				  "'clsact' moves a program of one interface: say dev");
	if (tcx->clsact && req->parent != NL_PARENT_INGRESS &&
	    req->parent != NL_PARENT_EGRESS)
		return tcx_refuse(err, "'clsact' takes ingress or egress");
	if (!word || (tcx->clsact && !tcx->id))
		return 0;
	err_say(err, -EINVAL, "'%s' is about a list of tcx: add the word 'tcx'", word);
	return err_status(err, TC_USAGE);
}

static int tcx_find_type(struct request_filter *req, struct err *err)
{
	struct request_tcx *tcx = &req->tcx;

	if (tcx->netkit && req->has_parent)
		return tcx_refuse(
			err,
			"'netkit primary' and 'netkit peer' name the hook; leave ingress and egress out");
	if (tcx->netkit)
		tcx->attach_type = strcmp(tcx->netkit, "peer") == 0
					   ? DEV_QUERY_NETKIT_PEER
					   : DEV_QUERY_NETKIT_PRIMARY;
	else if (req->parent == NL_PARENT_EGRESS)
		tcx->attach_type = DEV_QUERY_TCX_EGRESS;
	else if (req->parent == NL_PARENT_INGRESS ||
		 (req->op == NL_FILTER_SHOW && !req->has_parent))
		tcx->attach_type = DEV_QUERY_TCX_INGRESS;
	else
		return tcx_refuse(err, "'tcx' takes ingress or egress");
	return req->dev || req->devs
		       ? 0
		       : tcx_refuse(err, "'tcx' and 'netkit' go with 'dev' or 'devs'");
}

static int tcx_check_delete(const struct request_filter *req, struct err *err)
{
	const struct request_tcx *tcx = &req->tcx;
	const char *order = tcx->before    ? "before"
			    : tcx->after   ? "after"
			    : tcx->replace ? "replace"
					   : NULL;
	int named = (req->bpf.source != SOURCE_NONE) + (tcx->id != 0) +
		    (tcx->link_pin != NULL);

	if (order) {
		err_say(err, -EINVAL, "'%s' has no meaning for delete", order);
		return err_status(err, TC_USAGE);
	}
	if (named == 1 &&
	    (req->bpf.source == SOURCE_NONE || req->bpf.source == SOURCE_OBJECT ||
	     req->bpf.source == SOURCE_PINNED))
		return 0;
	return tcx_refuse(
		err,
		"delete of 'tcx' or 'netkit' takes one of: bpf obj FILE, bpf object-pinned PATH, bpf id N, bpf link pinned PATH");
}

static int tcx_check_made(const struct request_filter *req, struct err *err)
{
	if (req->tcx.id)
		return tcx_refuse(err, "'id' names what 'filter delete' removes");
	if (req->bpf.source == SOURCE_OBJECT || req->bpf.source == SOURCE_PINNED)
		return 0;
	return tcx_refuse(
		err, "'tcx' and 'netkit' take bpf obj FILE or bpf object-pinned PATH");
}

int parse_tcx_place(struct request_filter *req, bool has_pref, bool has_handle,
		    struct err *err)
{
	const char *word = tcx_filter_word(req, has_pref, has_handle);
	int r;

	if (!req->tcx.tcx && !req->tcx.netkit)
		return tcx_check_clsact(req, err);
	if (word) {
		err_say(err, -EINVAL,
			"'%s' has no meaning for tcx and netkit: their programs are a list; 'before' and 'after' order it",
			word);
		return err_status(err, TC_USAGE);
	}
	r = tcx_find_type(req, err);
	if (r < 0)
		return r;
	switch (req->op) {
	case NL_FILTER_GET:
	case NL_FILTER_CHANGE:
		return tcx_refuse(err,
				  "tcx and netkit have add, replace, delete and show");
	case NL_FILTER_SHOW:
		return 0;
	case NL_FILTER_DEL:
		return tcx_check_delete(req, err);
	default:
		return tcx_check_made(req, err);
	}
}
