/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "left.h"
#include "verbs/tool.h"

/* Objects; they rank before ours. */
static const char *const left_objects[] = {
	"perf", "net", "btf", "gen", "struct_ops", "iter",
};

/* Objects of tc's that are ours. */
static const char *const left_to_tc[] = {"qdisc", "filter", "monitor", "exec"};

/* Commands of prog, behind ours in bpftool's table but for dump and attach. */
static const char *const left_prog[] = {
	"dump", "attach", "detach", "tracelog", "run", "profile",
};

static bool left_is_ours(const struct verb *objects, const char *word)
{
	const struct verb *v = verb_find(objects, word);

	/* Only objects of our own come behind all of bpftool's. */
	return v && v->verbs != object_verbs && v->verbs != share_verbs;
}

int left_to_bpftool(const struct verb *objects, const struct args *words, struct err *err)
{
	const char *object = words->argv[0];
	const char *command = words->argc > 1 ? words->argv[1] : NULL;
	const struct verb *v = verb_find(objects, object);
	bool ours = left_is_ours(objects, object);

	for (size_t i = 0; i < array_size(left_to_tc); i++)
		if (strcmp(object, left_to_tc[i]) == 0)
			return err_say(err, -EINVAL,
				       "'%s' is a command of tc_loader: tc_loader %s ...",
				       object, object);
	for (size_t i = 0; !ours && i < array_size(left_objects); i++)
		if (args_is_prefix(object, left_objects[i]))
			return err_say(err, -EINVAL,
				       "'%s' is left to bpftool: bpftool %s ...",
				       left_objects[i], left_objects[i]);
	if (!v || strcmp(v->name, "prog") != 0 || !command ||
	    verb_find(v->verbs, command))
		return 0;
	for (size_t i = 0; i < array_size(left_prog); i++)
		if (args_is_prefix(command, left_prog[i]))
			return err_say(
				err, -EINVAL,
				"'prog %s' is left to bpftool: bpftool prog %s ...",
				left_prog[i], left_prog[i]);
	return 0;
}
