/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdlib.h>

#include "load/apply_conf.h"

static void apply_word_release(struct apply_word *w)
{
	free(w->text);
	*w = (struct apply_word){.text = NULL};
}

static void apply_words_release(struct apply_words *w)
{
	for (size_t i = 0; i < w->nr; i++)
		apply_word_release(&w->items[i]);
	free(w->items);
	*w = (struct apply_words){.nr = 0};
}

static void apply_object_release(struct apply_object *o)
{
	apply_word_release(&o->key);
	apply_word_release(&o->file);
	for (size_t i = 0; i < o->nr_constants; i++) {
		apply_word_release(&o->constants[i].name);
		apply_word_release(&o->constants[i].value);
	}
	free(o->constants);
}

static void apply_map_release(struct apply_map *m)
{
	apply_word_release(&m->name);
	apply_word_release(&m->pin_path);
}

static void apply_tc_release(struct apply_tc *t)
{
	apply_word_release(&t->program);
	apply_word_release(&t->section);
	apply_words_release(&t->interfaces);
	apply_words_release(&t->netns);
}

static void apply_cgroup_release(struct apply_cgroup *c)
{
	apply_words_release(&c->where);
	apply_word_release(&c->program);
	apply_word_release(&c->section);
}

void apply_conf_release(struct apply_conf *conf)
{
	for (size_t i = 0; i < conf->nr_objects; i++)
		apply_object_release(&conf->objects[i]);
	for (size_t i = 0; i < conf->nr_maps; i++)
		apply_map_release(&conf->maps[i]);
	for (size_t i = 0; i < conf->nr_tc; i++)
		apply_tc_release(&conf->tc[i]);
	for (size_t i = 0; i < conf->nr_cgroups; i++)
		apply_cgroup_release(&conf->cgroups[i]);
	free(conf->objects);
	free(conf->maps);
	free(conf->tc);
	free(conf->cgroups);
	apply_word_release(&conf->name);
	free(conf->file);
	*conf = (struct apply_conf)APPLY_CONF_INIT;
}

void apply_confs_release(struct apply_confs *all)
{
	for (size_t i = 0; i < all->nr; i++)
		apply_conf_release(&all->items[i]);
	free(all->items);
	*all = (struct apply_confs){.nr = 0};
}

const char *apply_change_word(enum apply_change change)
{
	switch (change) {
	case APPLY_CHANGE_REFUSE:
		break;
	case APPLY_CHANGE_FRESH:
		return "fresh";
	case APPLY_CHANGE_MIGRATE:
		return "migrate";
	}
	return "refuse";
}

const char *apply_mode_word(enum apply_mode mode)
{
	static const char *const words[] = {
		[APPLY_MULTI] = "multi",
		[APPLY_OVERRIDE] = "override",
		[APPLY_EXCLUSIVE] = "exclusive",
		[APPLY_LINK] = "link",
	};

	return words[mode];
}

int apply_conf_context(struct err *err, const struct apply_conf *conf, struct apply_at at)
{
	return err_context(err, "%s:%u:%u", conf->file, at.line, at.column);
}
