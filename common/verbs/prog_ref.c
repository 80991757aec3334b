/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ways_out.h"
#include "kernel/caps.h"
#include "kernel/prog_fd.h"
#include "verbs/prog_ref.h"

enum { TAG_BYTES = sizeof(((struct bpf_prog_info *)0)->tag) };

struct search {
	bool by_tag;
	const char *what;
	int fd; /* of the first that fits; -1: none yet */
	unsigned int nr;
};

/* 1, 0, -errno */
static int prog_ref_fits(const struct search *search, int fd,
			 const struct bpf_prog_info *info)
{
	char tag[2 * TAG_BYTES + 1];

	if (search->by_tag) {
		for (size_t i = 0; i < TAG_BYTES; i++)
			snprintf(tag + 2 * i, 3, "%02x", info->tag[i]);
		return strcasecmp(tag, search->what) == 0;
	}
	return prog_fd_has_name(fd, info, search->what);
}

static int take_if_fits(uint32_t id, int fd, const struct bpf_prog_info *info, void *ctx)
{
	struct search *search = ctx;
	int r = prog_ref_fits(search, fd, info);

	(void)id;
	if (r <= 0)
		return r;
	if (search->nr++ > 0)
		return 0;
	search->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return search->fd < 0 ? -errno : 0;
}

static int open_searched(bool by_tag, const char *what, struct err *err)
{
	struct search search = {.by_tag = by_tag, .what = what, .fd = -1};
	int r = prog_fd_each(take_if_fits, &search);
	auto_close int fd = search.fd;

	if (r < 0) {
		err_set(err, r, "list programs");
		return caps_explain(err, CAPS_IDS);
	}
	if (search.nr == 0) {
		err_say(err, -ENOENT, "no program has the %s '%s'",
			by_tag ? "tag" : "name", what);
		return err_hint(err, PROG_LISTS);
	}
	if (search.nr > 1) {
		err_say(err, -EINVAL, "several programs match this handle");
		return err_hint(err, "'id N' names one; " PROG_LISTS);
	}
	return take_fd(&fd);
}

static int prog_ref_open_id(const char *word, struct err *err)
{
	uint64_t id;
	int fd;

	if (args_to_number("id", word, 0, UINT32_MAX, &id, err) < 0) {
		err_say(err, -EINVAL, "can't parse %s as ID", word);
		return err_hint(err, PROG_LISTS);
	}
	fd = prog_fd_by_id((uint32_t)id);
	if (fd >= 0)
		return fd;
	err_set(err, fd, "get by id (%" PRIu64 ")", id);
	if (fd == -ENOENT)
		return err_hint(err, PROG_LISTS);
	return caps_explain(err, CAPS_IDS);
}

static int prog_ref_open_pin(const char *path, struct err *err)
{
	int fd = prog_fd_by_pin(path);

	if (fd == -EMEDIUMTYPE) {
		err_say(err, fd, "incorrect object type: '%s' is not a program", path);
		return err_hint(err, PROG_PINS);
	}
	if (fd >= 0)
		return fd;
	err_set(err, fd, "bpf obj get (%s)", path);
	return fd == -ENOENT ? err_hint(err, PROG_PINS) : fd;
}

int prog_ref_open(struct args *a, struct err *err)
{
	const char *kind = args_next(a), *value = NULL;
	int r;

	/* Row order is bpftool's abbreviation order. */
	if (!kind || (!args_is_prefix(kind, "id") && !args_is_prefix(kind, "tag") &&
		      !args_is_prefix(kind, "name") && !args_is_prefix(kind, "pinned"))) {
		err_say(err, -EINVAL,
			"expected 'id', 'tag', 'name' or 'pinned', got: '%s'?",
			kind ? kind : "");
		return err_hint(err, kind ? args_handle_missing(kind) : PROG_LISTS);
	}
	r = args_value(a, kind, "which program", &value, err);
	if (r < 0)
		return r;
	if (kind[0] == 'i')
		return prog_ref_open_id(value, err);
	if (kind[0] == 'p')
		return prog_ref_open_pin(value, err);
	return open_searched(kind[0] == 't', value, err);
}
