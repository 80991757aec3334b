/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words of share check and share show: any number of maps, options before, between
 * and behind them, places. Parsing looks up no map; it does look for devices and cgroups.
 */
#ifndef VERBS_SHARE_WORDS_H
#define VERBS_SHARE_WORDS_H

#include "base/args.h"
#include "graph/share_report.h"

/* One map, or all of one name. */
struct share_map_word {
	const char *name; /* NULL: by id or pin; borrowed, as is pin */
	const char *pin;
	uint32_t id;
};

struct share_words {
	struct share_map_word *maps; /* owned */
	size_t nr_maps;
	struct share_place *places; /* owned */
	size_t nr_places;
	bool all, dot;
	const char *svg; /* FILE; NULL: not asked for */
	bool json, pretty, verbose;
};

/* Which words are taken beside maps and -j, -p. */
enum share_words_of { SHARE_WORDS_CHECK, SHARE_WORDS_SHOW };

/* ret needs share_words_release(), in case of an error too. */
int share_words_parse(struct share_words *ret, enum share_words_of of, struct args *a,
		      struct err *err) must_check;
void share_words_release(struct share_words *w);
#define auto_share_words auto_release(share_words_release) struct share_words

/* The way out for a word that names no map: what it looks like. */
const char *share_word_hint(const char *word);

/* Reads the pins among the maps: their ids. */
int share_words_open(struct share_words *w, struct err *err) must_check;

#endif
