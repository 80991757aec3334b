/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tc_loader: options, the table of commands, exit statuses. Each command line, typed or
 * from a batch file, goes through tc_run_line().
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/caller_ns.h"
#include "kernel/netns.h"
#include "kernel/nl_sock.h"
#include "batch.h"
#include "commands.h"
#include "options.h"
#include "load/program_cache.h"
#include "run.h"
#include "tc.h"
#include "usage.h"
#include "verbs/complete.h"

/* The release of iproute2 whose lines these are: scripts ask for "iproute2-". */
#define TC_RELEASE "6.1.0"

/* tc prints nothing on stdout when a command fails, -j or not: errors are words on
 * stderr. */
static int tc_finish(struct tc *tc, int result, struct err *err)
{
	struct tool words = tc->tool;

	words.json = words.json && tc->json_errors;
	return tool_finish(&words, result, err, TC_GRAMMAR);
}

/* As the shell sees it: TC_FATAL is told to batches only. */
static int exit_status(int status)
{
	return status & 0xff;
}

/* One command; returns its exit status. What its words change is gone after it. */
static int tc_run_line(struct args *a, void *ctx)
{
	struct tc *tc = ctx;
	const struct tool before = tc->tool;
	auto_free char *line = tool_line(a);
	auto_err err = ERR_INIT;
	int r;

	tc->tool.share.tool = tc->tool.name;
	tc->tool.share.line = line;
	r = commands_run(tc, a, &err);
	r = tc_finish(tc, r, &err);
	tc->tool = before;
	return r;
}

/* What is wrong with the batch stays apart from what its commands print. */
static void tc_say(struct err *err, void *ctx)
{
	struct tc *tc = ctx;

	tc->json_errors = false;
	tc_finish(tc, err->code, err);
}

static int tc_run_batch(struct tc *tc)
{
	const struct batch_calls calls = {.line = tc_run_line, .say = tc_say, .ctx = tc};
	auto_err err = ERR_INIT;
	int r;

	/* Not in the middle of the file. */
	if (tc->hand_over.path && hand_over_open(&tc->hand_over, &err) < 0)
		return tc_finish(tc, err.code, &err);
	tc->cache = program_cache_new();
	r = batch_run(tc->batch, tc->force, &calls, &err);
	program_cache_free(tc->cache);
	tc->cache = NULL;
	run_drop_kept(tc, true);
	return tc_finish(tc, r, &err);
}

static int tc_run(struct tc *tc, struct args *a, const char *netns)
{
	auto_err err = ERR_INIT;
	int r = netns ? netns_enter(netns, &err) : 0;

	if (r < 0)
		return tc_finish(tc, r, &err);
	if (tc->batch)
		return tc_run_batch(tc);
	return tc_run_line(a, tc);
}

static int tc_main(int argc, char **argv)
{
	struct cli cli = {
		.tc = {.tool = {.name = "tc_loader", .out = stdout},
		       .hand_over = HAND_OVER_INIT},
	};
	struct args a = {.argv = argv + 1, .argc = argc > 0 ? argc - 1 : 0};
	struct tc *tc = &cli.tc;
	auto_err err = ERR_INIT;
	int r;

	tc->tool.share.reader = MAPS_READER_TC;
	/* tc passes over members of .maps that libbpf does not know. */
	tc->tool.share.relaxed_maps = true;
	tc->tool.share.guard_foreign = true;
	tool_log_to(tc->tool.name, false);
	caller_ns_allow(true);
	if (argc > 1 && strcmp(argv[1], COMPLETE_OPTION) == 0) {
		args_next(&a);
		return commands_complete(&tc->tool, &a);
	}
	hand_over_from_environment(&tc->hand_over);
	r = options_parse(&cli, &a, &err);
	tc->color = tc->color || (tc->color_auto && isatty(STDOUT_FILENO));
	if (r < 0)
		return tc_finish(tc, r, &err);
	if (cli.version)
		printf("tc_loader utility, iproute2-%s, mapshare-%s\n", TC_RELEASE,
		       MAPSHARE_VERSION);
	/* As tc: nothing was asked, nothing failed. */
	else if (cli.help || (!tc->batch && !args_more(&a)))
		usage_print();
	else
		r = tc_run(tc, &a, cli.netns);
	nl_sock_close(tc->sock);
	hand_over_release(&tc->hand_over);
	keep_watch_release(&tc->going);
	return exit_status(r ? r : tc_finish(tc, 0, &err));
}

int main(int argc, char **argv)
{
	return tool_main("tc_loader", tc_main, argc, argv, TC_GRAMMAR);
}
