/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "def/mapdef.h"
#include "kernel/bpf_fd.h"
#include "kernel/caps.h"
#include "kernel/pin_dir.h"
#include "load/inner_maps.h"
#include "kernel/pin_txn.h"
#include "load/resolver.h"
#include "scan/verdict.h"

/* How often the pin may come and go between two of our calls before we give up. */
enum { RESOLVER_TRIES = 100 };

/* What two definitions alone do not tell. */
struct differences {
	struct strbuf all, inner, names;
	bool inner_stays; /* inner maps differ in more than layouts */
};

static void differences_release(struct differences *d)
{
	sb_release(&d->all);
	sb_release(&d->inner);
	sb_release(&d->names);
}

static int resolver_refuse(const struct resolver_want *want, const struct mapdef *pinned,
			   uint32_t id, const struct differences *d, struct err *err)
{
	auto_strbuf fields = STRBUF_INIT, detail = STRBUF_INIT;
	const struct verdict v = {
		.pinned = pinned,
		.wanted = want->def,
		.path = want->path,
		.id = id,
		.tool = want->tool,
		.line = want->line,
		.object = want->object,
		.scan = want->scan,
		.inner = sb_text(&d->inner),
		.names = sb_text(&d->names),
		.layout_only = mapdef_diff(pinned, want->def, MAPDEF_DIFF_NO_LAYOUT,
					   possible_cpus(), &fields) == 0 &&
			       !d->inner_stays,
		/* Names are looked at only where everything else is equal. */
		.names_only = d->names.len && !d->inner.len,
	};
	int r = err_say(
		err, -EEXIST,
		"map '%s': the map pinned at '%s' (id %u) differs from the object: %s (pin/object); 'map name %s private' gives a map of its own",
		want->def->name, want->path, id, sb_text(&d->all), want->def->name);

	verdict_explain(&v, &detail);
	free(err->log);
	err->log = sb_take(&detail);
	facts_release(&err->facts);
	verdict_facts(&v, &err->facts);
	err_is(err, ERR_CONFLICT);
	return r;
}

/* Other names for the same bytes: an error only where the user wants it so. */
static void resolver_check_names(const struct resolver_want *want, const char *what,
				 const struct layout *pinned, const struct layout *wanted,
				 bool note, struct differences *d)
{
	auto_strbuf names = STRBUF_INIT, marks = STRBUF_INIT;

	if (want->no_layout_check || !pinned || !wanted || d->all.len)
		return;
	if (note && layout_marked_otherwise(pinned, wanted, &marks))
		log_info(
			"map '%s': %s member %s (pin/object); the bytes are the same, so the map at '%s' is shared",
			want->def->name, what, sb_text(&marks), want->path);
	if (!layout_renamed(pinned, wanted, &names))
		return;
	if (want->strict_names) {
		sb_addf(&d->names, "%s member %s", what, sb_text(&names));
		sb_add(&d->all, sb_text(&d->names));
	} else if (note)
		log_info(
			"map '%s': %s member %s; the bytes are the same, so the map at '%s' is shared",
			want->def->name, what, sb_text(&names), want->path);
}

/*
 * A comparison that could not be made is no agreement. inner: 0, or why its inner maps could not
 * be compared. False: all could, or there is none.
 */
static bool add_unchecked(const struct mapdef *has, const struct mapdef *wanted,
			  int inner, const char *where, struct strbuf *out)
{
	const char *missing;

	if (has->layout_hidden && (wanted->key_layout || wanted->value_layout))
		sb_addf(out,
			"the layout of keys and values is not compared: the BTF of the map %s cannot be read",
			where);
	if (inner < 0) {
		sb_add_sep(out, "; ", "");
		sb_addf(out,
			"inner maps are not compared: those of the map %s cannot be read: %s",
			where, err_words(inner));
	}
	if (!out->len)
		return false;
	missing = caps_missing(CAPS_IDS);
	if (missing)
		sb_addf(out, " (missing %s)", missing);
	return true;
}

/* unchecked NULL: it is said. */
static int check_compared(const struct resolver_want *want, const struct mapdef *pinned,
			  int inner, struct strbuf *unchecked, struct err *err)
{
	auto_free char *where = xasprintf("at '%s'", want->path);
	auto_strbuf text = STRBUF_INIT;

	if ((want->no_layout_check && inner == 0) ||
	    !add_unchecked(pinned, want->def, inner, where, &text))
		return 0;
	if (want->require_shared)
		return err_say(err, -EPERM,
			       "map '%s': %s, and '--require-shared' wants to be sure",
			       want->def->name, sb_text(&text));
	if (unchecked)
		sb_add(unchecked, sb_text(&text));
	else
		log_warn("map '%s': %s", want->def->name, sb_text(&text));
	return 0;
}

/* unchecked NULL: this is the look that counts, say what is worth saying. */
static int check_fd(const struct resolver_want *want, int fd, struct strbuf *unchecked,
		    uint32_t *ret_id, struct err *err)
{
	bool note = !unchecked;
	unsigned int flags = want->no_layout_check ? MAPDEF_DIFF_NO_LAYOUT : 0;
	auto_release(mapdef_release) struct mapdef pinned = MAPDEF_INIT;
	auto_release(differences_release) struct differences d = {.all = STRBUF_INIT};
	struct bpf_map_info info;
	int r, inner = 0;

	r = map_fd_info(fd, &info);
	if (r == 0)
		r = map_fd_def(fd, &pinned);
	if (r < 0)
		return err_set(err, r, "map '%s': read the map pinned at '%s'",
			       want->def->name, want->path);
	mapdef_diff(&pinned, want->def, flags, possible_cpus(), &d.all);
	resolver_check_names(want, "key", pinned.key_layout, want->def->key_layout, note,
			     &d);
	resolver_check_names(want, "value", pinned.value_layout, want->def->value_layout,
			     note, &d);
	if (want->inner)
		inner = inner_maps_diff(fd, &pinned, want->inner, flags, &d.inner);
	if (d.inner.len) {
		auto_strbuf kept = STRBUF_INIT;

		sb_add_sep(&d.all, ", ", sb_text(&d.inner));
		/* What cannot be read again is taken for what stays: no way out is offered then. */
		r = inner_maps_diff(fd, &pinned, want->inner, MAPDEF_DIFF_NO_LAYOUT,
				    &kept);
		d.inner_stays = r < 0 || kept.len != 0;
	}
	if (d.all.len)
		return resolver_refuse(want, &pinned, info.id, &d, err);
	r = check_compared(want, &pinned, inner, unchecked, err);
	if (r < 0)
		return r;
	*ret_id = info.id;
	return 0;
}

/* An fd, -ENOENT when nothing is pinned, else an error. */
static int resolver_open_pin(const struct resolver_want *want, struct err *err)
{
	int fd = pin_dir_get(want->path, BPF_FD_MAP, err);

	if (fd == PIN_DIR_REFUSED)
		return err_context(err, "map '%s'", want->def->name);
	if (fd == -EMEDIUMTYPE)
		return err_say(err, fd, "map '%s': '%s' is a pin, but not of a map",
			       want->def->name, want->path);
	if (bpf_fd_is_no_pin(want->path, fd))
		return err_say(err, fd, "map '%s': '%s' is not a pin", want->def->name,
			       want->path);
	if (fd < 0 && fd != -ENOENT)
		return err_set(err, fd, "map '%s': open pin '%s'", want->def->name,
			       want->path);
	return fd;
}

int resolver_check(const struct resolver_want *want, uint32_t *ret_id,
		   struct strbuf *unchecked, struct err *err)
{
	auto_close int fd = resolver_open_pin(want, err);
	int r;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	r = check_fd(want, fd, unchecked, ret_id, err);
	return r < 0 ? r : 1;
}

static int resolver_create(const struct resolver_want *want, struct err *err)
{
	struct map_create_opts opts = want->create;
	auto_close int template_fd = -1;
	int fd;

	opts.inner_fd = -1;
	if (want->inner) {
		const struct map_create_opts plain = {.btf_fd = -1, .inner_fd = -1};

		template_fd = map_fd_create(want->inner, &plain);
		if (template_fd < 0)
			return err_set(err, template_fd,
				       "map '%s': create its inner template",
				       want->def->name);
		opts.inner_fd = template_fd;
	}
	fd = map_fd_create(want->def, &opts);
	if (fd < 0) {
		auto_strbuf text = STRBUF_INIT;

		mapdef_describe(want->def, &text);
		return err_set(err, fd, "map '%s': create (%s)", want->def->name,
			       sb_text(&text));
	}
	return fd;
}

static int create_and_pin(struct pin_txn *txn, const struct resolver_want *want,
			  int *ret_fd, struct err *err)
{
	auto_close int fd = resolver_create(want, err);
	struct bpf_map_info info;
	int r;

	if (fd < 0)
		return fd;
	r = map_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "map '%s': read its id", want->def->name);
	r = pin_txn_pin(txn, fd, info.id, want->path, err);
	if (r == -EEXIST)
		return r; /* someone pinned first: theirs counts, ours closes here */
	if (r < 0)
		return err_context(err, "map '%s'", want->def->name);
	*ret_fd = take_fd(&fd);
	return 0;
}

int resolver_get(struct pin_txn *txn, const struct resolver_want *want, int *ret_fd,
		 bool *created, struct err *err)
{
	for (int i = 0; i < RESOLVER_TRIES; i++) {
		auto_close int fd = resolver_open_pin(want, err);
		uint32_t id;
		int r;

		if (fd < 0 && fd != -ENOENT)
			return fd;
		if (fd >= 0) {
			r = check_fd(want, fd, NULL, &id, err);
			if (r < 0)
				return r;
			*ret_fd = take_fd(&fd);
			*created = false;
			return 0;
		}
		r = create_and_pin(txn, want, ret_fd, err);
		if (r == 0)
			*created = true;
		if (r != -EEXIST)
			return r;
	}
	return err_say(err, -EBUSY, "map '%s': pin '%s' came and went %d times",
		       want->def->name, want->path, RESOLVER_TRIES);
}

static int resolver_refuse_given(const struct mapdef *given, const struct mapdef *wanted,
				 int fd, const char *inner, struct err *err)
{
	struct verdict v = {
		.pinned = given, .wanted = wanted, .inner = inner, .names = ""};
	struct bpf_map_info info;

	if (map_fd_info(fd, &info) == 0)
		v.id = info.id;
	facts_release(&err->facts);
	verdict_facts(&v, &err->facts);
	return err_is(err, ERR_CONFLICT);
}

int resolver_check_given(const struct mapdef *def, const struct mapdef *inner, int fd,
			 const char *what, struct err *err)
{
	auto_release(mapdef_release) struct mapdef given = MAPDEF_INIT;
	auto_strbuf shape = STRBUF_INIT, all = STRBUF_INIT, unchecked = STRBUF_INIT;
	auto_strbuf template = STRBUF_INIT;
	int r = map_fd_def(fd, &given), unread = 0;

	if (r < 0)
		return err_set(err, r, "map '%s': read map %s", def->name, what);
	mapdef_diff(&given, def, MAPDEF_DIFF_SHAPE, possible_cpus(), &shape);
	/* A template is taken by the kernel as it is or not at all. */
	if (inner && !shape.len)
		unread = inner_maps_diff(fd, &given, inner, MAPDEF_DIFF_NO_LAYOUT,
					 &template);
	sb_add(&shape, sb_text(&template));
	if (shape.len) {
		err_say(err, -EEXIST, "map '%s': map %s does not fit: %s (given/object)",
			def->name, what, sb_text(&shape));
		return resolver_refuse_given(&given, def, fd, sb_text(&template), err);
	}
	mapdef_diff(&given, def, 0, possible_cpus(), &all);
	if (all.len)
		log_warn("map '%s': map %s differs: %s (given/object)", def->name, what,
			 sb_text(&all));
	if (add_unchecked(&given, def, unread, what, &unchecked))
		log_warn("map '%s': %s", def->name, sb_text(&unchecked));
	return 0;
}
