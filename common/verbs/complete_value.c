/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/limits.h>
#include <net/if.h>
#include <string.h>

#include "base/alloc.h"
#include "base/dir_in.h"
#include "def/attach_types.h"
#include "def/mapdef.h"
#include "kernel/cgroup_fd.h"
#include "kernel/cgroup_find.h"
#include "kernel/netns.h"
#include "verbs/complete_object.h"
#include "verbs/complete_ref.h"
#include "verbs/complete_tree.h"
#include "verbs/complete_value.h"

/* --- places ------------------------------------------------- */

static int offer_name(const char *name, void *ctx)
{
	complete_offer(ctx, name, NULL);
	return 0;
}

static int offer_devices(void *ctx)
{
	struct if_nameindex *all = if_nameindex();

	for (struct if_nameindex *dev = all; dev && dev->if_index; dev++)
		complete_offer(ctx, dev->if_name, NULL);
	if (all)
		if_freenameindex(all);
	return 0;
}

/* Where the line says that it is about another namespace, those of that one. */
static void offer_devs(struct complete *c, const struct synopsis_atom *atom)
{
	const char *netns = NULL;
	auto_err err = ERR_INIT;
	int r = 0;

	(void)atom;
	for (size_t i = 0; i < c->nr; i++)
		if (c->taken[i] && c->taken[i]->keyword &&
		    (strcmp(c->taken[i]->keyword, "-netns") == 0 ||
		     strcmp(c->taken[i]->keyword, "netns") == 0))
			netns = c->words[i];
	if (!netns)
		offer_devices(c);
	else if (netns_visit(netns, offer_devices, c, &r, &err) < 0)
		return;
}

static void offer_netns(struct complete *c, const struct synopsis_atom *atom)
{
	(void)atom;
	netns_each(offer_name, c);
}

static void offer_cgroups(struct complete *c, const struct synopsis_atom *atom)
{
	(void)atom;
	complete_tree(c, "cgroup2", NULL);
}

static bool is_unit(const char *word, const char *name)
{
	static const char *const ends[] = {".service", ".scope", ".slice", ".socket"};
	const char *dot = strrchr(name, '.');

	(void)word;
	for (size_t i = 0; dot && i < array_size(ends); i++)
		if (strcmp(dot, ends[i]) == 0)
			return true;
	return false;
}

static int offer_unit(const char *path, void *ctx)
{
	complete_offer(ctx, strrchr(path, '/') + 1, path);
	return 0;
}

static void offer_units(struct complete *c, const struct synopsis_atom *atom)
{
	struct cgroup_named named = {.fits = is_unit, .fn = offer_unit, .ctx = c};
	char root[PATH_MAX];
	auto_err err = ERR_INIT;

	(void)atom;
	named.word = c->word;
	if (cgroup_root(root, &err) == 0 && cgroup_each_named(root, &named, &err) < 0)
		return;
}

static void offer_pids(struct complete *c, const struct synopsis_atom *atom)
{
	auto_dir DIR *dir = opendir("/proc");
	const struct dirent *e;
	int r;

	(void)atom;
	while (dir && (e = dir_in_next(dir, &r))) {
		auto_free char *path = xasprintf("/proc/%s/comm", e->d_name);
		auto_file FILE *f = e->d_name[0] >= '1' && e->d_name[0] <= '9'
					    ? fopen(path, "re")
					    : NULL;
		char comm[64] = "";

		if (f && fgets(comm, sizeof(comm), f))
			comm[strcspn(comm, "\n")] = '\0';
		if (f)
			complete_offer(c, e->d_name, comm);
	}
}

/* --- words of a table --------------------------------------- */

static void offer_protocols(struct complete *c, const struct synopsis_atom *atom)
{
	static const char *const names[] = {"all", "ip",     "ipv6",
					    "arp", "802.1Q", "802.1ad"};

	(void)atom;
	for (size_t i = 0; i < array_size(names); i++)
		complete_offer(c, names[i], NULL);
}

static void offer_parents(struct complete *c, const struct synopsis_atom *atom)
{
	(void)atom;
	complete_offer(c, "ffff:fff2", "ingress of clsact");
	complete_offer(c, "ffff:fff3", "egress of clsact");
	complete_offer(c, "ffff:", "an ingress qdisc");
}

/* Of what: the object in front says it. */
static void offer_types(struct complete *c, const struct synopsis_atom *atom)
{
	const struct synopsis_atom *first = c->nr ? c->taken[0] : NULL;

	(void)atom;
	for (size_t i = 0; i < c->nr; i++)
		if (c->taken[i] && *c->taken[i]->text != '-' && !c->taken[i]->value) {
			first = c->taken[i];
			break;
		}
	if (first && strcmp(first->text, "map") == 0)
		for (uint32_t type = 1; mapdef_type_name(type); type++)
			complete_offer(c, mapdef_type_name(type), NULL);
	for (const struct attach_type *t = attach_types; t->name; t++) {
		if (first && strcmp(first->text, "cgroup") == 0) {
			complete_offer(c, t->alias ? t->alias : t->name, t->name);
			if (*c->word)
				complete_offer(c, t->name, NULL);
		} else if (first && strcmp(first->text, "prog") == 0) {
			for (size_t i = 0; i < 4 && t->sections[i]; i++)
				complete_offer(c, t->sections[i], t->name);
		}
	}
	if (first && strcmp(first->text, "prog") == 0) {
		static const char *const more[] = {"classifier", "action", "xdp",
						   "socket"};

		for (size_t i = 0; i < array_size(more); i++)
			complete_offer(c, more[i], NULL);
	}
}

/* --- placeholders ------------------------------------------- */

static void offer_files(struct complete *c, const struct synopsis_atom *atom)
{
	(void)atom;
	c->files = true;
}

static void offer_dirs(struct complete *c, const struct synopsis_atom *atom)
{
	(void)atom;
	c->dirs = true;
}

static bool pin_is_any(const char *path)
{
	(void)path;
	return true;
}

/* A new one, or one that is there. */
static void offer_all_pins(struct complete *c, const struct synopsis_atom *atom)
{
	(void)atom;
	complete_tree(c, "bpf", pin_is_any);
}

static void offer_pin_or_file(struct complete *c, const struct synopsis_atom *atom)
{
	if (*atom->group)
		offer_files(c, atom);
	else
		offer_all_pins(c, atom);
}

/* The first row that fits; NULL: any keyword in front, or "" where there is none. */
static const struct placeholder {
	const char *text, *keyword;
	void (*offer)(struct complete *c, const struct synopsis_atom *atom);
} placeholders[] = {
	{"N", "id", complete_refs},
	{"N", "link", complete_refs},
	{"N", "pid", offer_pids},
	{"TAG", NULL, complete_refs},
	{"NAME", "name", complete_refs},
	{"NAME", "dev", offer_devs},
	{"NAME", "unit", offer_units},
	{"NAME", "netns", offer_netns},
	{"NAME", "-netns", offer_netns},
	{"NAME", "section", complete_sections},
	{"NAME", "program", complete_programs},
	{"NAME", "protocol", offer_protocols},
	{"NAME", "map", complete_object_maps},
	{"NAME", "", complete_refs},
	{"NAME", "check", complete_refs},
	{"S", NULL, complete_sections},
	{"P", NULL, complete_programs},
	{"MAP", "name", complete_object_maps},
	{"MAP", "graft", offer_all_pins},
	{"DEVICE", NULL, offer_devs},
	{"PATTERN", NULL, offer_devs},
	{"@FILE", NULL, offer_files},
	{"CGROUP", NULL, offer_cgroups},
	{"PATH", "cgroup", offer_cgroups},
	{"PATH", "pinned", complete_pins},
	{"FILE", "pinned", complete_pins},
	{"PATH", "object-pinned", complete_pins},
	{"TYPE", NULL, offer_types},
	{"CLASSID", NULL, offer_parents},
	{"NAME=VALUE", NULL, complete_constants},
	{"MEMBER={add|keep-new|overwrite}", NULL, complete_merge},
	{"FIELD", NULL, complete_fields},
	{"{MEMBER:VALUE,...}", NULL, complete_members},
	{"PATH", "", offer_all_pins},
	{"FILE", "create", offer_all_pins},
	{"FILE", "", offer_pin_or_file},
	{"DIR", "pinmaps", offer_all_pins},
	{"DIR", NULL, offer_dirs},
	{"FILE", NULL, offer_files},
	{"PATH", NULL, offer_files},
	{"OBJ", NULL, offer_files},
	{"IN", NULL, offer_files},
	{"OUT", NULL, offer_files},
	{"CMD", NULL, offer_files},
};

void complete_value(struct complete *c, const struct synopsis_atom *atom)
{
	const char *keyword = atom->keyword ? atom->keyword : "";

	for (size_t i = 0; i < array_size(placeholders); i++) {
		const struct placeholder *p = &placeholders[i];

		if (strcmp(p->text, atom->text) != 0 ||
		    (p->keyword && strcmp(p->keyword, keyword) != 0))
			continue;
		p->offer(c, atom);
		return;
	}
}
