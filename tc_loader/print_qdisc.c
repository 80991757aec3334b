/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "base/utf8.h"
#include "print.h"
#include "tc.h"
#include "view/json_out.h"

enum { HANDLE_MAX = 32 };

static const char *print_qdisc_handle_text(const struct tc *tc, uint32_t handle,
					   char buf[static HANDLE_MAX])
{
	if (tc->raw)
		snprintf(buf, HANDLE_MAX, "%x:[%08x]", handle >> 16, handle);
	else
		snprintf(buf, HANDLE_MAX, "%x:", handle >> 16);
	return buf;
}

/*
 * Bytes in tc's units: whole KiB if less than 16 bytes are missing or too many, whole MiB if
 * less than 1024 are.
 */
static void add_size(uint32_t bytes, struct strbuf *out)
{
	static const struct {
		uint32_t unit, slack;
		const char *name;
	} units[] = {{1 << 20, 1 << 10, "Mb"}, {1 << 10, 16, "Kb"}};

	for (size_t i = 0; i < array_size(units); i++) {
		uint32_t unit = units[i].unit, rest = bytes % unit;
		uint32_t whole = bytes / unit + (rest >= unit / 2);

		if (bytes < unit ||
		    (rest >= units[i].slack && unit - rest >= units[i].slack))
			continue;
		sb_addf(out, "%g%s", (double)whole, units[i].name);
		return;
	}
	sb_addf(out, "%ub", bytes);
}

static void text_stats(const struct tc *tc, const struct nl_qdisc *q, struct strbuf *out)
{
	sb_addf(out,
		" Sent %" PRIu64 " bytes %" PRIu64
		" pkt (dropped %u, overlimits %u requeues %u) %s",
		q->bytes, q->packets, q->drops, q->overlimits, q->requeues,
		print_newline(tc));
	sb_add(out, " backlog ");
	add_size(q->backlog, out);
	sb_addf(out, " %up requeues %u%s", q->qlen, q->requeues, print_newline(tc));
}

static void print_qdisc_text_row(const struct tc *tc, const struct print_qdisc_row *row,
				 struct strbuf *out)
{
	const struct nl_qdisc *q = &row->q;
	char id[PRINT_CLASSID_MAX], handle[HANDLE_MAX];
	auto_strbuf scratch = STRBUF_INIT;

	/* Of a qdisc tc tells only that it went. */
	if (row->event == EVENT_DELETED)
		sb_add(out, "deleted ");
	sb_addf(out, "qdisc %s %s ", utf8_visible(q->kind, &scratch),
		print_qdisc_handle_text(tc, q->handle, handle));
	if (row->dev)
		print_dev(tc, row->dev, out);
	if (q->parent == NL_PARENT_ROOT)
		sb_add(out, "root ");
	else if (q->parent)
		sb_addf(out, "parent %s ", print_classid(q->parent, id));
	if (q->refcnt != 1)
		sb_addf(out, "refcnt %u ", q->refcnt);
	if (q->offloaded)
		sb_add(out, "offloaded ");
	if (q->ingress_block)
		sb_addf(out, "ingress_block %u ", q->ingress_block);
	if (q->egress_block)
		sb_addf(out, "egress_block %u ", q->egress_block);
	if (strcmp(q->kind, "ingress") == 0)
		sb_add(out, "---------------- ");
	sb_add(out, print_newline(tc));
	if (tc->stats && q->has_stats)
		text_stats(tc, q, out);
}

static void print_qdisc_add_number(struct json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_int64(value));
}

static void json_stats(struct json_object *o, const struct nl_qdisc *q)
{
	print_qdisc_add_number(o, "bytes", q->bytes);
	print_qdisc_add_number(o, "packets", q->packets);
	print_qdisc_add_number(o, "drops", q->drops);
	print_qdisc_add_number(o, "overlimits", q->overlimits);
	print_qdisc_add_number(o, "requeues", q->requeues);
	print_qdisc_add_number(o, "backlog", q->backlog);
	print_qdisc_add_number(o, "qlen", q->qlen);
}

static struct json_object *print_qdisc_json_row(const struct tc *tc,
						const struct print_qdisc_row *row)
{
	const struct nl_qdisc *q = &row->q;
	struct json_object *o = json_object_new_object();
	char id[PRINT_CLASSID_MAX], handle[HANDLE_MAX];

	json_object_object_add(o, "kind", json_out_string(q->kind));
	json_object_object_add(
		o, "handle",
		json_out_string(print_qdisc_handle_text(tc, q->handle, handle)));
	if (row->dev)
		json_object_object_add(o, "dev", json_out_string(row->dev));
	if (q->parent == NL_PARENT_ROOT)
		json_object_object_add(o, "root", json_object_new_boolean(true));
	else if (q->parent)
		json_object_object_add(o, "parent",
				       json_out_string(print_classid(q->parent, id)));
	if (q->refcnt != 1)
		print_qdisc_add_number(o, "refcnt", q->refcnt);
	if (q->offloaded)
		json_object_object_add(o, "offloaded", json_object_new_boolean(true));
	if (q->ingress_block)
		print_qdisc_add_number(o, "ingress_block", q->ingress_block);
	if (q->egress_block)
		print_qdisc_add_number(o, "egress_block", q->egress_block);
	json_object_object_add(o, "options", json_object_new_object());
	if (tc->stats && q->has_stats)
		json_stats(o, q);
	return o;
}

void print_qdiscs(const struct tc *tc, const struct print_qdisc_row *rows, size_t nr,
		  struct strbuf *out)
{
	auto_json *array = json_object_new_array();

	for (size_t i = 0; i < nr; i++) {
		if (tc->tool.json)
			json_object_array_add(array, print_qdisc_json_row(tc, &rows[i]));
		else
			print_qdisc_text_row(tc, &rows[i], out);
	}
	if (tc->tool.json)
		print_rows(tc, array, out);
}
