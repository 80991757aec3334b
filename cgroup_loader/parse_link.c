/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "parse.h"
#include "verbs/map_answer.h"

int parse_link_show(struct args *a, struct link_show_request *ret, struct err *err)
{
	struct link_show_request req = {.given = args_more(a)};
	int r = req.given ? parse_link_ref(a, &req.link, err) : 0;

	if (r == 0)
		r = parse_end(a, NULL, err);
	if (r == 0)
		*ret = req;
	return r;
}

int parse_link_pin(struct args *a, struct link_pin_request *ret, struct err *err)
{
	struct link_pin_request req = {.path = NULL};
	int r = parse_link_ref(a, &req.link, err);

	if (r == 0)
		r = args_value(a, "pin", LINK_REF_USAGE " PATH", &req.path, err);
	if (r < 0)
		return r;
	map_words_ignored(a, "pin");
	*ret = req;
	return 0;
}

int parse_link_detach(struct args *a, struct link_detach_request *ret, struct err *err)
{
	struct link_detach_request req;
	int r = parse_link_ref(a, &req.link, err);

	if (r == 0)
		r = parse_end(a, NULL, err);
	if (r == 0)
		*ret = req;
	return r;
}

static int set_old(struct args *a, void *request, struct err *err)
{
	struct link_update_request *req = request;

	req->checked = true;
	return parse_prog_ref(a, &req->old, err);
}

const struct keyword link_update_words[] = {
	{"old", KEYWORD_PREFIX, set_old, "PROG", "only if that is the one it has"},
	{.name = NULL},
};

int parse_link_update(struct args *a, struct link_update_request *ret, struct err *err)
{
	struct link_update_request req = {.checked = false};
	int r = parse_link_ref(a, &req.link, err);

	if (r == 0)
		r = parse_prog_ref(a, &req.prog, err);
	if (r == 0)
		r = keyword_parse(link_update_words, a, &req, err);
	if (r == 0)
		r = parse_end(a, link_update_words, err);
	if (r == 0)
		*ret = req;
	return r;
}
