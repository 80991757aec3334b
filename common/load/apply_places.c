/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text_list.h"
#include "kernel/netns.h"
#include "kernel/netns_find.h"
#include "kernel/nl_sock.h"
#include "load/apply_places.h"
#include "netlink/nl_link.h"
#include "netlink/nl_qdisc.h"

void apply_places_release(struct apply_places *places)
{
	free(places->unseen_at);
	for (size_t i = 0; i < places->nr_ns; i++) {
		struct apply_ns *ns = &places->ns[i];

		for (size_t d = 0; d < ns->nr_devs; d++) {
			free(ns->devs[d].hooks[0].items);
			free(ns->devs[d].hooks[1].items);
		}
		nl_sock_close(ns->borrowed ? NULL : ns->sock);
		if (ns->owns_fd)
			cleanup_close(&ns->fd);
		free(ns->devs);
		free(ns->name);
	}
	for (size_t i = 0; i < places->nr; i++) {
		if (places->items[i].owns_fd)
			cleanup_close(&places->items[i].fd);
		free(places->items[i].cgroup);
	}
	for (size_t i = 0; i < places->nr_pending; i++) {
		free(places->pending[i].netns);
		free(places->pending[i].why);
	}
	free(places->ns);
	free(places->items);
	free(places->pending);
	*places = (struct apply_places)APPLY_PLACES_INIT;
}

/* --- a namespace: its interfaces and their qdiscs, in two dumps --- */

static int places_take_dev(const struct nlmsghdr *nlh, void *ctx)
{
	struct apply_ns *ns = ctx;
	struct apply_dev *dev;
	struct nl_link link;
	int r = nl_link_parse(&link, nlh);

	if (r < 0)
		return r;
	array_grow(ns->devs, ns->nr_devs);
	dev = &ns->devs[ns->nr_devs++];
	*dev = (struct apply_dev){.ifindex = link.ifindex};
	memcpy(dev->name, link.name, sizeof(dev->name));
	return 0;
}

static void places_drop_devs(void *ctx)
{
	((struct apply_ns *)ctx)->nr_devs = 0;
}

static int places_compare_dev(const void *a, const void *b)
{
	const struct apply_dev *x = a, *y = b;

	return (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

static struct apply_dev *places_dev(const struct apply_ns *ns, int ifindex)
{
	const struct apply_dev key = {.ifindex = ifindex};

	return ns->nr_devs ? bsearch(&key, ns->devs, ns->nr_devs, sizeof(key),
				     places_compare_dev)
			   : NULL;
}

static int places_take_qdisc(const struct nlmsghdr *nlh, void *ctx)
{
	const struct apply_ns *ns = ctx;
	struct apply_dev *dev;
	struct nl_qdisc q;
	int r = nl_qdisc_parse(&q, nlh);

	if (r < 0)
		return r;
	dev = places_dev(ns, q.ifindex);
	if (!dev || q.parent != NL_PARENT_QDISC)
		return 0;
	if (strcmp(q.kind, "clsact") == 0)
		dev->qdisc = APPLY_QDISC_CLSACT;
	else if (strcmp(q.kind, "ingress") == 0)
		dev->qdisc = APPLY_QDISC_INGRESS;
	return 0;
}

static void places_drop_qdiscs(void *ctx)
{
	struct apply_ns *ns = ctx;

	for (size_t i = 0; i < ns->nr_devs; i++)
		ns->devs[i].qdisc = APPLY_QDISC_NONE;
}

static int places_read_ns(struct apply_ns *ns, struct err *err)
{
	char buf[NL_LINK_BUF + NL_QDISC_BUF] __attribute__((aligned(8)));
	const struct nl_qdisc all = {.ifindex = 0};
	int r = nl_link_build_dump(buf, sizeof(buf));

	if (r == 0)
		r = nl_sock_dump(ns->sock, (struct nlmsghdr *)buf, places_take_dev,
				 places_drop_devs, ns, err);
	if (r < 0)
		return err->code ? err_context(err, "read the interfaces")
				 : err_set(err, r, "read the interfaces");
	if (ns->nr_devs)
		qsort(ns->devs, ns->nr_devs, sizeof(*ns->devs), places_compare_dev);
	r = nl_qdisc_build(buf, sizeof(buf), &all, NL_QDISC_SHOW);
	if (r == 0)
		r = nl_sock_dump(ns->sock, (struct nlmsghdr *)buf, places_take_qdisc,
				 places_drop_qdiscs, ns, err);
	if (r < 0)
		return err->code ? err_context(err, "read the qdiscs")
				 : err_set(err, r, "read the qdiscs");
	return 0;
}

struct places_visit {
	struct apply_ns ns;
	struct err *err;
};

static void places_visit_release(struct places_visit *v)
{
	nl_sock_close(v->ns.sock);
	free(v->ns.devs);
	free(v->ns.name);
}

static int places_open_ns(void *ctx)
{
	struct places_visit *v = ctx;
	struct stat st;
	int r = netns_own(&st, v->err);

	if (r < 0)
		return r;
	v->ns.ino = st.st_ino;
	return nl_sock_open(&v->ns.sock, v->err);
}

static size_t places_by_ino(const struct apply_places *places, uint64_t ino)
{
	size_t i = 0;

	while (i < places->nr_ns && places->ns[i].ino != ino)
		i++;
	return i;
}

/* Each namespace once, whatever its names: the caller's own is never one with a name. */
static int places_enter(struct apply_places *places, const char *name, size_t *ret,
			struct err *err)
{
	auto_release(places_visit_release) struct places_visit v = {.err = err};
	int r = 0, visited = 0;

	if (!name[0])
		visited = places_open_ns(&v);
	else
		r = netns_visit(name, places_open_ns, &v, &visited, err);
	if (r < 0 || visited < 0)
		return r < 0 ? r : visited;
	*ret = places_by_ino(places, v.ns.ino);
	if (*ret < places->nr_ns)
		return 0;
	r = places_read_ns(&v.ns, err);
	if (r < 0)
		return name[0] ? err_context(err, "network namespace '%s'", name) : r;
	v.ns.name = xstrdup(name);
	array_grow(places->ns, places->nr_ns);
	places->ns[places->nr_ns++] = v.ns;
	v.ns = (struct apply_ns){.sock = NULL};
	return 0;
}

/* Its name is gone or another one's: is it still there, for somebody else? */
static int places_enter_unnamed(struct apply_places *places, const char *name,
				uint64_t ino, size_t *ret, struct err *err)
{
	bool hidden = false;
	auto_close int fd = netns_find(ino, &hidden, err);
	auto_free char *path = fd < 0 ? NULL : xasprintf("/proc/self/fd/%d", fd);
	int r = fd < 0 ? fd : places_enter(places, path, ret, err);

	if (r == 0) {
		places->ns[*ret].owns_fd = true;
		places->ns[*ret].fd = take_fd(&fd);
	}
	if (r != -ENOENT)
		return r < 0 ? err_context(err, "network namespace '%s'", name) : r;
	err_release(err);
	/* A mount namespace of its own may hide all names: none of them is gone. */
	if (*name && netns_has_names() != 1)
		return err_say(
			err, -EXDEV,
			"network namespace '%s': /run/netns cannot be seen here, so that it may still be there; run this where it is",
			name);
	return hidden ? err_say(err, r,
				"network namespace '%s' is not to be found; if a process out of sight keeps it, what is attached there stays",
				name)
		      : r;
}

int apply_places_ns(struct apply_places *places, const char *name, uint64_t ino,
		    size_t *ret, struct err *err)
{
	size_t found = places_by_ino(places, ino);
	int r = 0;

	if (found == places->nr_ns)
		r = places_enter(places, name, &found, err);
	if (r == -ENOENT || (r == 0 && places->ns[found].ino != ino)) {
		err_release(err);
		r = places_enter_unnamed(places, name, ino, &found, err);
	}
	if (r == 0)
		*ret = found;
	return r;
}

/* --- interfaces --- */

/* An alternative name, which the dump of interfaces does not tell. */
static int places_by_altname(const struct apply_ns *ns, const char *name, size_t *ret,
			     struct err *err)
{
	int ifindex =
		apply_word_is_pattern(name) ? -ENODEV : nl_sock_ifindex(ns->sock, name);
	const struct apply_dev *dev = ifindex > 0 ? places_dev(ns, ifindex) : NULL;

	*ret = dev ? (size_t)(dev - ns->devs) : ns->nr_devs;
	if (ifindex > 0 || ifindex == -ENODEV)
		return 0;
	return err_set(err, ifindex, "interface '%s'", name);
}

/* What nothing fits, unless the entry says that this is all right. */
static void places_miss(struct apply_places *places, const struct apply_tc *tc,
			size_t entry, const struct apply_word *word, const char *what,
			const char *netns)
{
	if (!tc->optional)
		apply_places_add_pending(
			places, &(struct apply_pending){.is_tc = true,
							.entry = entry,
							.word = word,
							.what = what,
							.netns = xstrdup(netns)});
}

static void places_add_dev(struct apply_places *places, size_t entry, size_t ns,
			   size_t dev, bool *taken)
{
	if (!taken[dev])
		apply_places_add(places, &(struct apply_place){.is_tc = true,
							       .entry = entry,
							       .ns = ns,
							       .dev = dev});
	taken[dev] = true;
}

static int places_find_devs(struct apply_places *places, const struct apply_tc *tc,
			    size_t entry, size_t at, struct err *err)
{
	const struct apply_ns *ns = &places->ns[at];
	auto_free bool *taken = xcalloc(ns->nr_devs + 1, sizeof(*taken));

	for (size_t i = 0; i < tc->interfaces.nr; i++) {
		const struct apply_word *word = &tc->interfaces.items[i];
		bool found = false;

		for (size_t d = 0; d < ns->nr_devs; d++) {
			if (!apply_word_fits(word->text, ns->devs[d].name))
				continue;
			places_add_dev(places, entry, at, d, taken);
			found = true;
		}
		if (!found) {
			size_t d;
			int r = places_by_altname(ns, word->text, &d, err);

			if (r < 0)
				return r;
			found = d < ns->nr_devs;
			if (found)
				places_add_dev(places, entry, at, d, taken);
		}
		if (!found)
			places_miss(places, tc, entry, word, "interface", ns->name);
	}
	return 0;
}

/* --- the namespaces of an entry --- */

static int places_take_name(const char *name, void *ctx)
{
	text_list_add(ctx, name);
	return 0;
}

/* What `ip netns` left in its directory after a failure, or one that is gone by now. */
static bool places_is_no_ns(int code)
{
	return code == -EINVAL || code == -ENOENT;
}

static int places_find_netns(struct apply_places *places, const struct apply_tc *tc,
			     size_t entry, const struct text_list *names, struct err *err)
{
	auto_free bool *taken = xcalloc(places->nr_ns + names->nr + 1, sizeof(*taken));

	for (size_t i = 0; i < tc->netns.nr; i++) {
		const struct apply_word *word = &tc->netns.items[i];
		bool found = false;

		for (size_t n = 0; n < names->nr; n++) {
			size_t at;
			int r;

			if (!apply_word_fits(word->text, names->items[n]))
				continue;
			r = places_enter(places, names->items[n], &at, err);
			if (apply_word_is_pattern(word->text) && places_is_no_ns(r)) {
				log_warn(
					"'%s' matches '%s', but is not a network namespace",
					names->items[n], word->text);
				err_release(err);
				continue;
			}
			if (r < 0)
				return r;
			found = true;
			if (!taken[at])
				r = places_find_devs(places, tc, entry, at, err);
			if (r < 0)
				return r;
			taken[at] = true;
		}
		if (!found)
			places_miss(places, tc, entry, word, "network namespace", "");
	}
	return 0;
}

int apply_places_find(struct apply_places *ret, const struct apply_conf *conf,
		      const struct apply_record *was, bool each, struct err *err)
{
	auto_text_list names = TEXT_LIST_INIT;
	auto_apply_places places = APPLY_PLACES_INIT;
	size_t own;
	int r = 0;

	if (conf->nr_tc) {
		r = places_enter(&places, "", &own, err);
		if (r == 0)
			r = netns_each(places_take_name, &names);
		if (r < 0)
			return err->code ? r : err_set(err, r, "/run/netns");
	}
	for (size_t i = 0; i < conf->nr_tc && r == 0; i++) {
		const struct apply_tc *tc = &conf->tc[i];

		if (tc->netns.nr)
			r = places_find_netns(&places, tc, i, &names, err);
		else
			r = places_find_devs(&places, tc, i, own, err);
		if (r < 0)
			return apply_conf_context(err, conf, tc->at);
	}
	r = apply_places_cgroups(&places, conf, was, each, err);
	if (r < 0)
		return r;
	*ret = places;
	places = (struct apply_places)APPLY_PLACES_INIT;
	return 0;
}
