/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/alloc.h"
#include "base/suggest.h"
#include "base/ways_out.h"
#include "kernel/bpf_fd.h"
#include "kernel/map_fd.h"
#include "scan/scan_sources.h"
#include "verbs/share_words.h"

/* --- places --- */

static int share_words_add_place(struct share_words *w, const struct share_place *place)
{
	array_grow(w->places, w->nr_places);
	w->places[w->nr_places++] = *place;
	return 0;
}

/* dev DEVICE [netns NAME] */
static int share_words_set_dev(struct args *a, struct share_words *w, struct err *err)
{
	struct share_place place = {.kind = GRAPH_TC};
	const char *dev, *netns = NULL;
	int r = args_value(a, "dev", "DEVICE", &dev, err);

	if (r == 0 && args_more(a) && strcmp(args_peek(a), "netns") == 0) {
		args_next(a);
		r = args_value(a, "netns", "NAME", &netns, err);
	}
	r = r ? r : scan_dev_place(dev, netns, &place, err);
	place.name = dev;
	return r ? r : share_words_add_place(w, &place);
}

static int share_words_set_cgroup(struct args *a, struct share_words *w, struct err *err)
{
	struct share_place place;
	const char *path;
	int r = args_value(a, "cgroup", "PATH", &path, err);

	r = r ? r : scan_cgroup_place(path, &place, err);
	place.name = path;
	return r ? r : share_words_add_place(w, &place);
}

/* --- options --- */

static int set_svg(struct args *a, struct share_words *w, struct err *err)
{
	int r = args_value(a, "--svg", "FILE", &w->svg, err);

	return r == 0 && !w->svg[0] ? err_say(err, -EINVAL, "'--svg' needs a value: FILE")
				    : r;
}

static int share_words_unknown(const char *word, enum share_words_of of, struct err *err)
{
	static const char *const check[] = {"--all", "--verbose", "--json", "--pretty"};
	static const char *const show[] = {"--dot", "--svg", "--json", "--pretty"};
	const bool checks = of == SHARE_WORDS_CHECK;
	struct suggest near = {.word = word};
	auto_strbuf hint = STRBUF_INIT;

	for (size_t i = 0; i < (checks ? array_size(check) : array_size(show)); i++)
		suggest_offer(&near, checks ? check[i] : show[i]);
	suggest_hint(&near, &hint);
	if (!hint.len)
		sb_addf(&hint, "; use %s",
			checks ? "'--all' or '-v'" : "'--dot', '--svg FILE' or '-j'");
	return err_say(err, -EINVAL, "unknown option '%s'%s", word, sb_text(&hint));
}

/* One and two dashes, as the two tools write their own options. */
static int set_option(struct args *a, enum share_words_of of, struct share_words *w,
		      struct err *err)
{
	const char *word = args_next(a);
	const char *name = word + strspn(word, "-");

	if (strcmp(name, "j") == 0 || strcmp(name, "json") == 0)
		w->json = true;
	else if (strcmp(name, "p") == 0 || strcmp(name, "pretty") == 0)
		w->json = w->pretty = true;
	else if (of == SHARE_WORDS_CHECK &&
		 (strcmp(name, "v") == 0 || strcmp(name, "verbose") == 0))
		w->verbose = true;
	else if (of == SHARE_WORDS_CHECK && strcmp(word, "--all") == 0)
		w->all = true;
	else if (of == SHARE_WORDS_SHOW && strcmp(word, "--dot") == 0)
		w->dot = true;
	else if (of == SHARE_WORDS_SHOW && strcmp(word, "--svg") == 0)
		return set_svg(a, w, err);
	else if (of == SHARE_WORDS_SHOW && strncmp(word, "--svg=", 6) == 0 && word[6])
		w->svg = word + 6;
	else
		return share_words_unknown(word, of, err);
	return 0;
}

/* --- maps --- */

/* NAME stands alone; the words of MAP count only when something follows them. */
static int share_words_add_map(struct args *a, struct share_words *w, struct err *err)
{
	const char *word = args_next(a);
	struct share_map_word map = {.name = NULL};
	uint64_t id;
	int r = 0;

	if (!*word)
		return err_say(err, -EINVAL,
			       "which map? NAME, id N, pinned PATH or name NAME");
	if (args_more(a) && strcmp(word, "id") == 0) {
		r = args_number(a, "id", 1, UINT32_MAX, &id, err);
		if (r == 0)
			map.id = (uint32_t)id;
	} else if (args_more(a) && strcmp(word, "pinned") == 0) {
		r = args_value(a, "pinned", "PATH", &map.pin, err);
	} else if (args_more(a) && strcmp(word, "name") == 0) {
		r = args_value(a, "name", "NAME", &map.name, err);
	} else {
		map.name = word;
	}
	if (r < 0)
		return r;
	array_grow(w->maps, w->nr_maps);
	w->maps[w->nr_maps++] = map;
	return 0;
}

/* A map may be called "dev" too, as long as it comes first. */
static bool is_place(const struct share_words *w, enum share_words_of of,
		     const char *word)
{
	return of == SHARE_WORDS_CHECK && (w->nr_maps || w->all) &&
	       (strcmp(word, "dev") == 0 || strcmp(word, "cgroup") == 0);
}

static int parse_word(struct share_words *w, enum share_words_of of, struct args *a,
		      struct err *err)
{
	const char *word = args_peek(a);
	bool dev = word[0] == 'd';

	if (word[0] == '-' && word[1])
		return set_option(a, of, w, err);
	if (is_place(w, of, word)) {
		args_next(a);
		return dev ? share_words_set_dev(a, w, err)
			   : share_words_set_cgroup(a, w, err);
	}
	if (w->nr_places)
		return err_say(err, -EINVAL, "what is '%s'? dev or cgroup may follow",
			       word);
	return share_words_add_map(a, w, err);
}

static int check_whole(const struct share_words *w, enum share_words_of of,
		       struct err *err)
{
	if (of == SHARE_WORDS_CHECK && w->all && w->nr_maps)
		return err_say(err, -EINVAL,
			       "'--all' stands for the maps: leave it out, or the names");
	if (of == SHARE_WORDS_CHECK && !w->all && !w->nr_maps)
		return err_say(
			err, -EINVAL,
			"which map? NAME, id N, pinned PATH or name NAME; or --all");
	if (w->json + w->dot + (w->svg != NULL) > 1)
		return err_say(err, -EINVAL,
			       "one of -j, --dot and --svg, not two of them");
	return 0;
}

int share_words_parse(struct share_words *ret, enum share_words_of of, struct args *a,
		      struct err *err)
{
	int r = 0;

	/* Wherever it stands, it decides whether "dev" may be a map's name. */
	for (int i = 0; of == SHARE_WORDS_CHECK && i < a->argc; i++)
		ret->all |= strcmp(a->argv[i], "--all") == 0;
	while (r == 0 && args_more(a))
		r = parse_word(ret, of, a, err);
	return r ? r : check_whole(ret, of, err);
}

void share_words_release(struct share_words *w)
{
	free(w->maps);
	free(w->places);
}

const char *share_word_hint(const char *word)
{
	if (strchr(word, '/'))
		return "'pinned' goes before a pin, 'cgroup' before a directory";
	if (if_nametoindex(word))
		return "'dev' goes before an interface";
	return MAP_LISTS;
}

int share_words_open(struct share_words *w, struct err *err)
{
	for (size_t i = 0; i < w->nr_maps; i++) {
		struct share_map_word *map = &w->maps[i];
		auto_close int fd =
			map->pin ? bpf_fd_by_pin_to_read(map->pin, BPF_FD_MAP) : -1;
		struct bpf_map_info info;
		int r;

		if (!map->pin)
			continue;
		if (fd == -EMEDIUMTYPE)
			return err_say(err, fd, "'%s' is not a map; " MAP_PINS, map->pin);
		r = fd < 0 ? fd : map_fd_info(fd, &info);
		if (r < 0)
			err_set(err, r, "map '%s'", map->pin);
		if (r == -ENOENT)
			err_hint(err, MAP_PINS);
		if (r < 0)
			return r;
		map->id = info.id;
	}
	return 0;
}
