/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cgroup_loader: options, one command, exit statuses. */
#include <string.h>

#include "base/alloc.h"
#include "base/wrap.h"
#include "kernel/caller_ns.h"
#include "commands.h"
#include "options.h"
#include "verbs/complete.h"

static int cgroup_tool_run(struct cli *cli, struct args *words, struct err *err)
{
	auto_strbuf usage = STRBUF_INIT;
	int r;

	if (cli->version) {
		commands_version(&cli->tool);
		return 0;
	}
	/* Help that nobody asked for is no answer: nothing was said. */
	if (!cli->help && !args_more(words) && !cli->tool.json) {
		commands_usage(cli->tool.name, &usage);
		wrap_print(&usage, stderr);
		return 0;
	}
	if (cli->help)
		return commands_help(&cli->tool, words, err);
	r = commands_check_options(&cli->tool, words, err);
	return r < 0 ? r : commands_run(&cli->tool, words, err);
}

static int cgroup_tool_main(int argc, char **argv)
{
	struct cli cli = {
		.tool = {.name = "cgroup_loader",
			 .out = stdout,
			 .share = {.reader = MAPS_READER_CGROUP, .guard_foreign = true}},
	};
	struct args a = {.argv = argv + 1, .argc = argc > 0 ? argc - 1 : 0};
	auto_free char *line = NULL;
	auto_err err = ERR_INIT;
	int r;

	caller_ns_allow(true);
	if (argc > 1 && strcmp(argv[1], COMPLETE_OPTION) == 0) {
		args_next(&a);
		return commands_complete(&cli.tool, &a);
	}
	r = options_parse(&cli, &a, &err);
	tool_log_to(cli.tool.name, cli.debug);
	line = tool_line(&a);
	cli.tool.share.tool = cli.tool.name;
	cli.tool.share.line = line;
	if (r == 0)
		r = cgroup_tool_run(&cli, &a, &err);
	return tool_finish(&cli.tool, r, &err, COMMANDS_FAILED);
}

int main(int argc, char **argv)
{
	return tool_main("cgroup_loader", cgroup_tool_main, argc, argv, COMMANDS_FAILED);
}
