/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "kernel/bpf_names.h"
#include "parse.h"
#include "verbs/map_answer.h"

static int prog_set_type(struct args *a, void *request, struct err *err)
{
	struct load_request *req = request;
	const char *name;
	int r = args_value(a, "type", "TYPE", &name, err);

	if (r < 0)
		return r;
	req->typed = true;
	r = bpf_names_prog_type(name, &req->prog_type, &req->attach_type);
	if (r < 0)
		return err_say(
			err, r,
			"program type '%s' is unknown; types are written like section names: cgroup_skb/egress, cgroup/connect4, sockops, classifier, xdp ...",
			name);
	return 0;
}

static int prog_set_cgroup(struct args *a, void *request, struct err *err)
{
	struct load_request *req = request;

	return parse_cgroup_ref(a, "cgroup", "CGROUP", &req->cgroup, err);
}

const struct keyword load_words[] = {
	{"type", KEYWORD_PREFIX, prog_set_type, "TYPE", "as section names say it"},
	{"map", KEYWORD_MANY, map_overrides_set, MAP_OVERRIDE_USAGE, "use that map",
	 KEYWORD_MEMBER(struct load_request, maps, struct map_overrides)},
	{"set", KEYWORD_EXACT | KEYWORD_MANY, constants_set, CONSTANTS_USAGE,
	 "a constant's value",
	 KEYWORD_MEMBER(struct load_request, constants, struct constants)},
	{"pinmaps", KEYWORD_PREFIX, NULL, "DIR", "pin the object's maps there",
	 KEYWORD_TEXT(struct load_request, pinmaps)},
	{"autoattach", KEYWORD_PREFIX, NULL, NULL,
	 "attach, and pin the links in place of the programs",
	 KEYWORD_BOOL(struct load_request, autoattach)},
	{"cgroup", KEYWORD_PREFIX, prog_set_cgroup, "CGROUP",
	 "where programs for cgroups are attached"},
	{.name = NULL},
};

int parse_load(struct args *a, bool all, struct load_request *ret, struct err *err)
{
	const char *verb = all ? "loadall" : "load";
	int r;

	*ret = (struct load_request){.all = all};
	r = args_value(a, verb, "OBJ PATH", &ret->object, err);
	if (r == 0)
		r = args_value(a, verb, "OBJ PATH", &ret->path, err);
	if (r == 0)
		r = keyword_parse(load_words, a, ret, err);
	if (r == 0)
		r = parse_end(a, load_words, err);
	if (r == 0 && ret->cgroup.what && !ret->autoattach)
		r = err_say(err, -EINVAL, "'cgroup' goes with 'autoattach'");
	return r;
}

void load_request_release(struct load_request *req)
{
	map_overrides_release(&req->maps);
	constants_release(&req->constants);
}

int parse_prog_show(struct args *a, struct prog_show_request *ret, struct err *err)
{
	struct prog_show_request req = {.given = args_more(a)};
	int r = req.given ? parse_prog_ref(a, &req.prog, err) : 0;

	if (r == 0)
		r = parse_end(a, NULL, err);
	if (r == 0)
		*ret = req;
	return r;
}

int parse_prog_pin(struct args *a, struct prog_pin_request *ret, struct err *err)
{
	struct prog_pin_request req;
	int r = parse_prog_ref(a, &req.prog, err);

	if (r == 0)
		r = args_value(a, "pin", PROG_REF_USAGE " PATH", &req.path, err);
	if (r < 0)
		return r;
	map_words_ignored(a, "pin");
	*ret = req;
	return 0;
}
