/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>
#include <sys/auxv.h>

#include "base/alloc.h"
#include "hand_over.h"
#include "kernel/exec_fd.h"
#include "kernel/root_file.h"
#include "tc.h"

void hand_over_release(struct hand_over *h)
{
	cleanup_close(&h->fd);
	free(h->options);
}

void hand_over_from_environment(struct hand_over *h)
{
	const char *path = secure_getenv("MAPSHARE_TC");

	h->path = path && *path ? path : NULL;
}

void hand_over_add_option(struct hand_over *h, const char *word)
{
	array_grow(h->options, h->nr);
	h->options[h->nr++] = word;
}

int hand_over_open(struct hand_over *h, struct err *err)
{
	int fd;

	if (h->fd >= 0)
		return 0;
	/* tc trusts its environment; a caller with fewer rights than we have chose it. */
	if (getauxval(AT_SECURE))
		return err_say(
			err, -EPERM,
			"hand over to '%s': not from a setuid program or one with file capabilities; run it as root",
			h->path);
	fd = root_file_open(h->path, err);
	if (fd == -ENOENT)
		err_hint(err,
			 "give the path of the real tc, as 'command -v tc' prints it");
	if (fd < 0)
		return err_context(err, "hand over");
	h->fd = fd;
	return 0;
}

int hand_over_line(struct tc *tc, const struct args *line, struct err *err)
{
	struct hand_over *h = &tc->hand_over;
	auto_free const char **argv =
		xcalloc(h->nr + (size_t)line->argc + 2, sizeof(*argv));
	int r = hand_over_open(h, err), status;
	size_t n = 0;

	if (r < 0)
		return r;
	argv[n++] = h->path;
	for (size_t i = 0; i < h->nr; i++)
		argv[n++] = h->options[i];
	for (int i = 0; i < line->argc; i++)
		argv[n++] = line->argv[i];
	/* What earlier lines said comes first. */
	r = tool_flush(&tc->tool, err);
	if (r < 0)
		return r;
	r = tc->batch ? exec_fd_run(h->fd, h->path, argv, strcmp(tc->batch, "-") == 0,
				    &status, err)
		      : exec_fd_become(h->fd, h->path, argv, err);
	return r < 0 ? err_context(err, "hand over") : status;
}
