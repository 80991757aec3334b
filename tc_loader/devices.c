/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>

#include <linux/netlink.h>

#include "base/alloc.h"
#include "base/line_in.h"
#include "base/log.h"
#include "kernel/dev_name.h"
#include "devices.h"
#include "kernel/nl_sock.h"
#include "run_look.h"
#include "tc.h"

#define BLANKS " \t\r\n"

struct search {
	const char *pattern;
	struct devices found;
};

static void devices_forget(void *ctx)
{
	struct search *s = ctx;

	s->found.nr = 0;
}

static void devices_add(struct devices *d, const struct nl_link *link)
{
	for (size_t i = 0; i < d->nr; i++)
		if (d->items[i].ifindex == link->ifindex)
			return;
	array_grow(d->items, d->nr);
	d->items[d->nr++] = *link;
}

static int take_link(const struct nlmsghdr *nlh, void *ctx)
{
	struct search *s = ctx;
	struct nl_link link;
	int r = nl_link_parse(&link, nlh);

	if (r < 0 || fnmatch(s->pattern, link.name, 0) != 0)
		return r;
	/* A dump lists each interface once. */
	array_grow(s->found.items, s->found.nr);
	s->found.items[s->found.nr++] = link;
	return 0;
}

static int by_pattern(struct devices *ret, struct tc *tc, const char *pattern,
		      struct err *err)
{
	struct search s = {.pattern = pattern};
	char buf[NL_LINK_BUF] __attribute__((aligned(8)));
	struct nl_sock *sock;
	int r = nl_link_build_dump(buf, sizeof(buf));

	if (r < 0)
		return err_set(err, r, "interface request");
	r = run_sock(tc, &sock, err);
	if (r == 0)
		r = nl_sock_dump(sock, (struct nlmsghdr *)buf, take_link, devices_forget,
				 &s, err);
	if (r < 0) {
		devices_release(&s.found);
		return err_status(err, TC_KERNEL);
	}
	*ret = s.found;
	return 0;
}

static int add_names(struct devices *d, struct tc *tc, char *line, struct err *err)
{
	char *rest = NULL;

	line[strcspn(line, "#")] = '\0';
	for (char *word = strtok_r(line, BLANKS, &rest); word;
	     word = strtok_r(NULL, BLANKS, &rest)) {
		struct nl_link link = {.ifindex = 0};
		int r = run_device(tc, word, &link.ifindex, err);

		if (r < 0)
			return r;
		dev_name_now(tc->sock, link.ifindex, link.name);
		devices_add(d, &link);
	}
	return 0;
}

static int by_file(struct devices *ret, struct tc *tc, const char *path, struct err *err)
{
	auto_release(devices_release) struct devices d = {.nr = 0};
	auto_file FILE *file = fopen(path, "re");
	auto_strbuf line = STRBUF_INIT;
	int r = 0, more;

	if (!file) {
		err_set(err, -errno, "open");
		return err_status(err, TC_USAGE);
	}
	while (r == 0 && (more = line_in_read(file, &line)) != 0) {
		if (more < 0)
			return err_set(err, more, "read");
		r = memchr(line.text, '\0', line.len)
			    ? err_say(err, -EINVAL, "a line holds a NUL byte")
			    : add_names(&d, tc, line.text, err);
	}
	if (r < 0)
		return err->status ? r : err_status(err, TC_USAGE);
	*ret = d;
	d = (struct devices){.nr = 0};
	return 0;
}

int devices_find(struct devices *ret, struct tc *tc, const char *word, struct err *err)
{
	struct devices d;
	int r = word[0] == '@' ? by_file(&d, tc, word + 1, err)
			       : by_pattern(&d, tc, word, err);

	if (r < 0)
		return r;
	if (d.nr == 0) {
		err_say(err, -ENODEV, "no interface fits");
		err_hint(err, "'ip link' lists the interfaces there are");
		return err_status(err, TC_USAGE);
	}
	*ret = d;
	return 0;
}

void devices_release(struct devices *d)
{
	free(d->items);
	*d = (struct devices){.nr = 0};
}

size_t devices_each(const struct devices *d, devices_fn fn, void *ctx)
{
	size_t failed = 0;

	for (size_t i = 0; i < d->nr; i++) {
		auto_err err = ERR_INIT;

		if (fn(&d->items[i], ctx, &err) == 0)
			continue;
		log_warn("dev '%s': %s", d->items[i].name, err.text);
		failed++;
		if (err.code == -EINTR)
			break;
	}
	return failed;
}
