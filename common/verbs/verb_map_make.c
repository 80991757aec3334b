/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/suggest.h"
#include "base/alloc.h"
#include "base/log.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpf_token.h"
#include "kernel/map_fd.h"
#include "kernel/pin_txn.h"
#include "verbs/map_ref.h"
#include "verbs/map_refusal.h"
#include "load/new_pin.h"
#include "verbs/verb_map.h"

/* --- create --------------------------------------------------------------------- */

struct create {
	const char *path;
	struct mapdef def;
	bool typed, keyed, valued, counted, flagged; /* said already */
	const char *name;
	int inner_fd; /* -1: none */
};

#define MAKE_WORDS                                                              \
	"FILE type TYPE key BYTES value BYTES entries N [name NAME] [flags N] " \
	"[inner_map MAP]"

static void create_release(struct create *create)
{
	cleanup_close(&create->inner_fd);
	mapdef_release(&create->def);
}

static int unknown_map_type(const char *word, struct err *err)
{
	struct suggest near = {.word = word};
	auto_strbuf hint = STRBUF_INIT;
	const char *name;

	for (uint32_t type = 0; (name = mapdef_type_name(type)); type++)
		suggest_offer(&near, name);
	/* Of a word that only begins a name bpftool's text alone is said. */
	if (near.mistakes <= strlen(word))
		suggest_hint(&near, &hint);
	err_say(err, -EINVAL, "unrecognized map type: %s%s", word, sb_text(&hint));
	return hint.len ? err->code : err_hint(err, "'help map' lists the types");
}

static int map_make_set_type(struct args *a, void *ctx, struct err *err)
{
	struct create *create = ctx;
	const char *word;
	int r = args_value(a, "type", "TYPE", &word, err);

	if (r < 0)
		return r;
	if (create->typed)
		return err_say(err, -EINVAL, "map type already specified");
	r = mapdef_type_by_name(word);
	if (r < 0)
		return unknown_map_type(word, err);
	create->def.type = (uint32_t)r;
	create->typed = true;
	return 0;
}

static int map_make_set_name(struct args *a, void *ctx, struct err *err)
{
	struct create *create = ctx;

	return args_value(a, "name", "NAME", &create->name, err);
}

static int read_size(struct args *a, const char *keyword, const char *what, bool *said,
		     uint32_t *ret, struct err *err)
{
	const char *word;
	uint64_t number;
	int r = args_value(a, keyword, "NUMBER", &word, err);

	if (r < 0)
		return r;
	if (*said)
		return err_say(err, -EINVAL, "%s already specified", what);
	if (args_to_number(keyword, word, 0, UINT32_MAX, &number, err) < 0) {
		err_say(err, -EINVAL, "can't parse %s as %s", word, what);
		return err_hint(err, "give a number");
	}
	*said = true;
	*ret = (uint32_t)number;
	return 0;
}

static int map_make_set_key(struct args *a, void *ctx, struct err *err)
{
	struct create *create = ctx;

	return read_size(a, "key", "key size", &create->keyed, &create->def.key_size,
			 err);
}

static int map_make_set_value(struct args *a, void *ctx, struct err *err)
{
	struct create *create = ctx;

	return read_size(a, "value", "value size", &create->valued,
			 &create->def.value_size, err);
}

static int set_entries(struct args *a, void *ctx, struct err *err)
{
	struct create *create = ctx;

	return read_size(a, "entries", "max entries", &create->counted,
			 &create->def.max_entries, err);
}

static int set_flags(struct args *a, void *ctx, struct err *err)
{
	struct create *create = ctx;

	return read_size(a, "flags", "flags", &create->flagged, &create->def.map_flags,
			 err);
}

static int set_inner(struct args *a, void *ctx, struct err *err)
{
	struct create *create = ctx;
	struct map_ref ref;
	int r = map_ref_parse(&ref, a, err);

	if (r < 0)
		return r;
	if (create->inner_fd >= 0)
		return err_say(err, -EINVAL, "inner_map already specified");
	create->inner_fd = map_ref_open(&ref, err);
	return create->inner_fd < 0 ? create->inner_fd : 0;
}

/* Row order is bpftool's abbreviation order; what stands twice has words of its own. */
static const struct keyword create_words[] = {
	{"type", KEYWORD_MANY, map_make_set_type, "TYPE", NULL},
	{"name", KEYWORD_MANY, map_make_set_name, "NAME", NULL},
	{"key", KEYWORD_MANY, map_make_set_key, "BYTES", NULL},
	{"value", KEYWORD_MANY, map_make_set_value, "BYTES", NULL},
	{"entries", KEYWORD_MANY, set_entries, "N", NULL},
	{"flags", KEYWORD_MANY, set_flags, "N", NULL},
	{"inner_map", KEYWORD_MANY, set_inner, "MAP", NULL},
	{.name = NULL},
};

/* What the kernel takes; what it would refuse without a word about it. */
static int map_make_check_name(const char *name, struct err *err)
{
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_' && *c != '.')
			return err_say(
				err, -EINVAL,
				"map name '%s': the kernel takes letters, digits, '_' and '.' only",
				name);
	if (!*name)
		return err_say(err, -EINVAL, "map name not specified");
	if (strlen(name) >= BPF_OBJ_NAME_LEN)
		log_info("map name '%s': the kernel keeps the first %d bytes", name,
			 BPF_OBJ_NAME_LEN - 1);
	return 0;
}

/* Without a name the map has its pin's, as far as the kernel takes it. */
static int name_it(struct create *create, struct err *err)
{
	const char *slash = strrchr(create->path, '/');
	const char *name = create->name ? create->name : slash ? slash + 1 : create->path;
	int r = create->name ? map_make_check_name(name, err) : 0;

	snprintf(create->def.name, sizeof(create->def.name), "%s", name);
	return r;
}

static int parse_create(struct create *create, struct args *a, struct err *err)
{
	int r;

	/* FILE, a type and two sizes are the least that makes a map. */
	if (a->argc < 7) {
		err_say(err, -EINVAL, "'create' needs at least 7 arguments, %d found",
			a->argc);
		return err_hint(err, MAKE_WORDS);
	}
	create->path = args_next(a);
	r = keyword_parse(create_words, a, create, err);
	if (r < 0)
		return r;
	if (args_more(a)) {
		err_say(err, -EINVAL, "unknown arg %s", args_peek(a));
		return err_hint(err, MAKE_WORDS);
	}
	if (!create->typed) {
		err_say(err, -EINVAL, "map type not specified");
		return err_hint(err, "add 'type TYPE'; 'help map' lists the types");
	}
	return name_it(create, err);
}

/* A refusal of new_pin.h in bpftool's words. */
static int map_pin_refuse(int r, const char *path, struct err *err)
{
	if (r != -EEXIST && r != -EPERM)
		return r;
	err_set(err, r, "can't pin the object (%s)", path);
	if (r == -EEXIST)
		return err_hint(err, "name another path, or remove that pin");
	return strchr(path, '.') ? err_hint(err, "names in bpffs may not contain a dot")
				 : r;
}

int verb_map_create(struct args *a, void *ctx, struct err *err)
{
	struct tool *tool = ctx;
	auto_release(create_release) struct create create = {
		.def = MAPDEF_INIT,
		.inner_fd = -1,
	};
	auto_pin_txn *txn = pin_txn_new();
	struct map_create_opts opts = {.btf_fd = -1};
	struct bpf_map_info info;
	auto_close int fd = -1;
	int r = parse_create(&create, a, err);

	if (r == 0)
		r = map_pin_refuse(new_pin_check(txn, &tool->share, create.path, err),
				   create.path, err);
	if (r < 0)
		return r;
	opts.inner_fd = mapdef_is_outer(&create.def) ? create.inner_fd : -1;
	fd = map_fd_create(&create.def, &opts);
	if (fd < 0) {
		map_refusal_create(&create.def, opts.inner_fd >= 0, fd,
				   "map create failed", err);
		return bpf_token_explain(
			err,
			&(struct token_need){BPF_MAP_CREATE, (int)create.def.type,
					     TOKEN_NOTHING, TOKEN_NOTHING},
			1);
	}
	r = map_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "can't get map info");
	r = new_pin_make(txn, fd, info.id, create.path, err);
	if (r < 0)
		return r == -EEXIST ? map_pin_refuse(r, create.path, err) : r;
	bpf_fd_say_lost_name("map", create.def.name, info.name);
	pin_txn_commit(txn);
	map_answer_done(tool);
	return 0;
}

/* --- pin ------------------------------------------------------------------------ */

int verb_map_pin(struct args *a, void *ctx, struct err *err)
{
	struct tool *tool = ctx;
	auto_pin_txn *txn = pin_txn_new();
	const char *path = NULL;
	struct bpf_map_info info;
	auto_close int fd = -1;
	struct map_ref ref;
	int r;

	if (a->argc < 3) {
		err_say(err, -EINVAL, "'pin' needs at least 3 arguments, %d found",
			a->argc);
		return err_hint(err, "{id N|name NAME|pinned PATH} FILE");
	}
	r = map_ref_parse(&ref, a, err);
	if (r == 0)
		r = args_value(a, "pin", "FILE", &path, err);
	if (r == 0)
		map_words_ignored(a, "pin");
	if (r == 0)
		r = fd = map_ref_open(&ref, err);
	if (r >= 0)
		r = map_pin_refuse(new_pin_check(txn, &tool->share, path, err), path,
				   err);
	if (r < 0)
		return r;
	r = map_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "can't get map info");
	r = new_pin_make(txn, fd, info.id, path, err);
	if (r < 0)
		return r == -EEXIST ? map_pin_refuse(r, path, err) : r;
	pin_txn_commit(txn);
	map_answer_done(tool);
	return 0;
}
