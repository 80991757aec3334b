/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <json-c/json.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "verbs/map_ref.h"
#include "verbs/map_refusal.h"
#include "verbs/verb_map.h"
#include "view/json_out.h"

/* How a map is emptied. */
enum clear_how {
	CLEAR_NOT,
	CLEAR_DELETE, /* key by key */
	CLEAR_ZERO,   /* elements of an array are always there: their values become 0 */
	CLEAR_POP,
};

struct clear {
	int fd;
	struct bpf_map_info info;
	char *keys; /* those there were at the beginning, one behind the other */
	size_t nr, room;
	uint64_t done;
};

static void clear_release(struct clear *c)
{
	cleanup_close(&c->fd);
	free(c->keys);
}

/* Of data alone: slots that hold programs, maps or sockets are not counters. */
static enum clear_how clear_how(uint32_t type)
{
	switch (type) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_LPM_TRIE:
		return CLEAR_DELETE;
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return CLEAR_ZERO;
	case BPF_MAP_TYPE_QUEUE:
	case BPF_MAP_TYPE_STACK:
		return CLEAR_POP;
	default:
		return CLEAR_NOT;
	}
}

static int clear_add_key(const void *key, const void *value, int error, void *ctx)
{
	struct clear *c = ctx;

	(void)value;
	(void)error;
	if (c->nr == c->room) {
		c->room = c->room ? 2 * c->room : 64;
		c->keys = xrealloc(c->keys, c->room, c->info.key_size);
	}
	memcpy(c->keys + c->nr++ * c->info.key_size, key, c->info.key_size);
	return 0;
}

/*
 * The keys first: a walk that goes on from a key that was deleted begins again. What
 * programs add meanwhile stays, or this might never end.
 */
static int clear_each(struct clear *c, bool zero, struct err *err)
{
	auto_free char *none = xcalloc(1, map_io_value_bytes(&c->info) + 1);
	int r = map_io_dump(c->fd, &c->info, clear_add_key, c);

	if (r < 0)
		return err_set(err, r, "read map %" PRIu32, c->info.id);
	for (size_t i = 0; i < c->nr; i++) {
		const char *key = c->keys + i * c->info.key_size;

		r = zero ? map_io_update(c->fd, key, none, BPF_ANY)
			 : map_io_delete(c->fd, key);
		if (r < 0 && r != -ENOENT)
			return map_refusal(c->fd, &c->info, key, r, "clear failed", err);
		c->done += r == 0;
	}
	return 0;
}

static int clear_pop(struct clear *c, struct err *err)
{
	auto_free char *value = xcalloc(1, map_io_value_bytes(&c->info) + 1);

	/* At most what fits, where somebody adds as fast as this takes. */
	while (c->done < c->info.max_entries) {
		int r = map_io_pop(c->fd, NULL, value);

		if (r == -ENOENT)
			break;
		if (r < 0)
			return map_refusal(c->fd, &c->info, NULL, r, "clear failed", err);
		c->done++;
	}
	return 0;
}

static void clear_answer(const struct tool *tool, const struct clear *c, bool zero)
{
	auto_json *root = json_object_new_object();
	auto_strbuf text = STRBUF_INIT;

	if (tool->json) {
		json_object_object_add(root, "id", json_object_new_int64(c->info.id));
		json_object_object_add(root, zero ? "zeroed" : "removed",
				       json_object_new_int64((int64_t)c->done));
		map_answer_json(tool, root);
		return;
	}
	sb_addf(&text, "map %" PRIu32 ": %" PRIu64 " element%s %s\n", c->info.id, c->done,
		c->done == 1 ? "" : "s", zero ? "set to 0" : "removed");
	map_answer_text(tool, &text);
}

int verb_map_clear(struct args *a, void *ctx, struct err *err)
{
	auto_release(clear_release) struct clear c = {.fd = -1};
	const struct tool *tool = ctx;
	struct map_ref ref;
	enum clear_how how;
	int r = map_ref_parse(&ref, a, err);

	if (r == 0)
		r = map_words_end(a, NULL, err);
	if (r == 0)
		r = c.fd = map_ref_open(&ref, err);
	if (r >= 0)
		r = map_ref_info(c.fd, &c.info, err);
	if (r < 0)
		return r;
	how = clear_how(c.info.type);
	if (how == CLEAR_NOT)
		return err_say(
			err, -EOPNOTSUPP,
			"map %" PRIu32
			" holds no plain data: hashes, arrays, tries, queues and stacks can be cleared",
			c.info.id);
	r = how == CLEAR_POP ? clear_pop(&c, err)
			     : clear_each(&c, how == CLEAR_ZERO, err);
	if (r < 0 && c.done && how == CLEAR_POP)
		err_context(err, "%" PRIu64 " element%s removed", c.done,
			    c.done == 1 ? " is" : "s are");
	else if (r < 0 && c.done)
		err_context(err, "%" PRIu64 " of %zu elements are cleared", c.done, c.nr);
	if (r == 0)
		clear_answer(tool, &c, how == CLEAR_ZERO);
	return r;
}
