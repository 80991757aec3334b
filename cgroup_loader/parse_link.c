/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "parse.h"

static int link_set_id(struct args *a, void *request, struct err *err)
{
	struct link_ref *ref = request;
	uint64_t id;
	int r = args_number(a, "id", 0, UINT32_MAX, &id, err);

	if (r == 0)
		ref->id = (uint32_t)id;
	return r;
}

static int link_set_pinned(struct args *a, void *request, struct err *err)
{
	struct link_ref *ref = request;

	return args_value(a, "pinned", "PATH", &ref->path, err);
}

static const struct keyword link_ref_words[] = {
	{"id", KEYWORD_LAST, link_set_id, "N", NULL},
	{"pinned", KEYWORD_LAST, link_set_pinned, "PATH", NULL},
	{.name = NULL},
};

int parse_link_ref(struct args *a, struct link_ref *ret, struct err *err)
{
	const char *word = args_peek(a);
	struct link_ref ref = {.path = NULL};
	int r;

	if (!word)
		return err_say(err, -EINVAL, "a link is missing: " LINK_REF_USAGE);
	if (!keyword_find(link_ref_words, word))
		return err_say(err, -EINVAL,
			       "'%s' names no link: expected " LINK_REF_USAGE, word);
	r = keyword_parse(link_ref_words, a, &ref, err);
	if (r == 0)
		*ret = ref;
	return r;
}

int parse_link_show(struct args *a, struct link_request *ret, struct err *err)
{
	struct link_request req = {.given = args_more(a)};
	int r = req.given ? parse_link_ref(a, &req.link, err) : 0;

	if (r == 0)
		r = parse_end(a, NULL, err);
	if (r == 0)
		*ret = req;
	return r;
}

int parse_link_pin(struct args *a, struct link_request *ret, struct err *err)
{
	struct link_request req = {.given = true};
	int r = parse_link_ref(a, &req.link, err);

	if (r == 0)
		r = args_value(a, "pin", LINK_REF_USAGE " PATH", &req.path, err);
	if (r == 0)
		r = parse_end(a, NULL, err);
	if (r == 0)
		*ret = req;
	return r;
}

int parse_link_detach(struct args *a, struct link_request *ret, struct err *err)
{
	struct link_request req = {.given = true};
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

static const struct keyword update_words[] = {
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
		r = keyword_parse(update_words, a, &req, err);
	if (r == 0)
		r = parse_end(a, update_words, err);
	if (r == 0)
		*ret = req;
	return r;
}
