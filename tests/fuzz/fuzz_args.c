/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Any text as tc_loader's command line: a line of a batch file, its options, then the
 * words of `filter` and `qdisc` in each of their verbs.
 */
/* Reads: tc_loader/parse_ tc_loader/options */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../tc_loader/options.h"
#include "../../tc_loader/parse.h"
#include "../../tc_loader/tc.h"
#include "base/alloc.h"
#include "verbs/batch_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every refusal has words, and one of tc's statuses. */
static void check(int r, const struct err *err)
{
	if (r < 0 && (err->code >= 0 || !err->text[0]))
		abort();
	if (r > 0 || (r == 0 && err->code))
		abort();
	if (err->status != 0 && err->status != TC_USAGE && err->status != TC_KERNEL &&
	    err->status != TC_GRAMMAR)
		abort();
}

static void filter(struct args a, enum nl_filter_op op)
{
	auto_release(request_filter_release) struct request_filter req;
	auto_err err = ERR_INIT;

	check(parse_filter(&req, op, &a, &err), &err);
}

static void qdisc(struct args a, enum nl_qdisc_op op)
{
	struct request_qdisc req;
	auto_err err = ERR_INIT;

	check(parse_qdisc(&req, op, &a, &err), &err);
}

static void exec(struct args a)
{
	auto_release(request_exec_release) struct request_exec req;
	auto_err err = ERR_INIT;

	check(parse_exec(&req, &a, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_strbuf text = STRBUF_INIT;
	auto_free char **words = NULL;
	struct cli cli = {
		.tc = {.tool = {.name = "tc_loader"}, .hand_over = HAND_OVER_INIT},
	};
	struct args a = {.argc = 0};
	auto_err err = ERR_INIT;

	sb_add_mem(&text, data, size);
	if (batch_file_split(&text, &words, &a.argc, &err) < 0) {
		check(err.code, &err);
		return 0;
	}
	a.argv = words;
	for (int op = NL_FILTER_ADD; op <= NL_FILTER_SHOW; op++)
		filter(a, op);
	for (int op = NL_QDISC_ADD; op <= NL_QDISC_SHOW; op++)
		qdisc(a, op);
	exec(a);
	check(options_parse(&cli, &a, &err), &err);
	hand_over_release(&cli.tc.hand_over);
	return 0;
}
