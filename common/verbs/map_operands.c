/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/btf_value.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "verbs/cgroup_names.h"
#include "verbs/map_data.h"
#include "verbs/map_operands.h"
#include "verbs/map_ref.h"
#include "verbs/prog_ref.h"

struct reading {
	const struct bpf_map_info *info;
	unsigned int want;
	struct map_operands *to;
	bool flagged;
	struct btf *btf; /* of the map; read when first needed */
};

static void map_operands_reading_release(struct reading *reading)
{
	map_fd_btf_put(&reading->btf);
}

/* --- text in terms of BTF ------------------------------------------------------- */

/* Is it "member:" or more of it? No name begins like a port, and few like an address. */
static bool begins_with_member(const char *word)
{
	size_t n = strcspn(word, "/");
	char address[INET6_ADDRSTRLEN];
	unsigned char bytes[16];

	if (!strchr(word, ':') || word[0] == ':' || isdigit((unsigned char)word[0]))
		return false;
	if (n >= sizeof(address))
		return true;
	memcpy(address, word, n);
	address[n] = '\0';
	return inet_pton(AF_INET6, address, bytes) != 1;
}

/* Words are a shell's: "{ packets: 5 }" comes in four, and stands for one text. */
static void gather_text(struct args *a, struct strbuf *text)
{
	bool bare = !strchr("{[\"", args_peek(a)[0]);

	if (bare && begins_with_member(args_peek(a)))
		sb_add_char(text, '{');
	do {
		if (text->len > 1)
			sb_add_char(text, bare ? ',' : ' ');
		sb_add(text, args_next(a));
		if (!bare && btf_value_is_whole(sb_text(text)))
			return;
		if (bare && sb_text(text)[0] != '{')
			return;
	} while (args_more(a) && (!bare || !map_data_ends(args_peek(a))));
	if (bare)
		sb_add_char(text, '}');
}

/*
 * Text, not bytes: an opening bracket, a quote or "member:", which a shell makes of an
 * unquoted {a:1,b:2}; and one word where several bytes are due, if it is not their start,
 * or where one is due and it is none: true, -1.
 */
static bool is_text(const struct args *a, size_t size)
{
	const char *word = args_peek(a);

	if (!word || args_is_prefix(word, "hex"))
		return false;
	if (strchr("{[\"", word[0]) || strchr(word, ':'))
		return true;
	if (a->argc > 1 && !map_data_ends(a->argv[1]))
		return false;
	return size > 1 || !map_data_is_byte(word);
}

static int read_text(struct reading *reading, struct args *a, const char *what,
		     uint32_t type_id, void *ret, size_t size, struct err *err)
{
	auto_strbuf text = STRBUF_INIT;
	int r;

	if (!reading->btf)
		reading->btf = map_fd_btf(reading->info);
	gather_text(a, &text);
	if (!reading->btf || !type_id)
		return err_say(
			err, -EINVAL,
			"%s '%s': the map has no BTF that says what its %ss are; give %zu bytes",
			what, sb_text(&text), what, size);
	r = btf_value_parse_names(reading->btf, type_id, sb_text(&text), &cgroup_names,
				  ret, size, err);
	return r < 0 ? err_context(err, "%s", what) : 0;
}

static int read_data(struct reading *reading, struct args *a, const char *what,
		     uint32_t type_id, void *ret, size_t size, struct err *err)
{
	const char *word = args_peek(a);
	bool texty = word && (strchr("{[\"", word[0]) || strchr(word, ':'));

	/* One plain word can only be text where the map says what it means. */
	if (is_text(a, size) && (texty || (reading->info->btf_id && type_id)))
		return read_text(reading, a, what, type_id, ret, size, err);
	return map_data_parse(a, what, ret, size, err);
}

/* --- words ---------------------------------------------------------------------- */

static int map_operands_set_key(struct args *a, void *ctx, struct err *err)
{
	struct reading *reading = ctx;
	const struct bpf_map_info *info = reading->info;

	if (info->key_size == 0) {
		err_say(err, -EINVAL, "unnecessary key");
		return err_hint(
			err,
			"maps of this type have no keys: leave 'key' and its bytes out");
	}
	if (reading->to->key)
		return err_say(err, -EINVAL, "duplicate key");
	reading->to->key = xcalloc(1, info->key_size);
	return read_data(reading, a, "key", info->btf_key_type_id, reading->to->key,
			 info->key_size, err);
}

static int read_reference(struct args *a, bool is_map, struct err *err)
{
	struct map_ref ref;
	int r;

	if (a->argc < 1 || (a->argc < 2 && is_map))
		return err_say(err, -EINVAL, "not enough value arguments for map %s",
			       is_map ? "in map" : "of progs");
	if (!is_map)
		return prog_ref_open(a, err);
	r = map_ref_parse(&ref, a, err);
	return r < 0 ? r : map_ref_open(&ref, err);
}

/* One value was said; every CPU gets it. */
static void map_operands_spread(const struct bpf_map_info *info, char *value)
{
	size_t stride = map_io_stride(info);

	for (size_t at = stride; at < map_io_value_bytes(info); at += stride)
		memcpy(value + at, value, info->value_size);
}

static int map_operands_set_value(struct args *a, void *ctx, struct err *err)
{
	struct reading *reading = ctx;
	const struct bpf_map_info *info = reading->info;
	const struct mapdef def = {.type = info->type};
	struct map_operands *to = reading->to;
	int r;

	if (!(reading->want & MAP_OPERAND_VALUE) || info->value_size == 0) {
		err_say(err, -EINVAL, "unnecessary value");
		return err_hint(err, "leave 'value' and its bytes out");
	}
	if (to->value)
		return err_say(err, -EINVAL, "duplicate value");
	to->value = xcalloc(1, map_io_value_bytes(info));
	if (mapdef_is_outer(&def) || info->type == BPF_MAP_TYPE_PROG_ARRAY) {
		to->fd = read_reference(a, mapdef_is_outer(&def), err);
		if (to->fd >= 0)
			memcpy(to->value, &to->fd, sizeof(to->fd));
		return to->fd < 0 ? to->fd : 0;
	}
	r = read_data(reading, a, "value", info->btf_value_type_id, to->value,
		      info->value_size, err);
	if (r == 0 && map_io_is_percpu(info))
		map_operands_spread(info, to->value);
	return r;
}

static int set_flag(struct reading *reading, const char *name, uint64_t flag,
		    struct err *err)
{
	if (!(reading->want & MAP_OPERAND_FLAGS))
		return err_say(err, -EINVAL, "expected key or value, got: %s", name);
	if (reading->flagged)
		return err_say(err, -EINVAL, "flags specified multiple times: %s", name);
	reading->flagged = true;
	reading->to->flags = flag;
	return 0;
}

static int map_operands_set_any(struct args *a, void *ctx, struct err *err)
{
	(void)a;
	return set_flag(ctx, "any", BPF_ANY, err);
}

static int map_operands_set_exist(struct args *a, void *ctx, struct err *err)
{
	(void)a;
	return set_flag(ctx, "exist", BPF_EXIST, err);
}

static int map_operands_set_noexist(struct args *a, void *ctx, struct err *err)
{
	(void)a;
	return set_flag(ctx, "noexist", BPF_NOEXIST, err);
}

/* Row order is bpftool's abbreviation order; what stands twice has words of its own. */
static const struct keyword words[] = {
	{.name = "key", .flags = KEYWORD_MANY, .set = map_operands_set_key},
	{.name = "value", .flags = KEYWORD_MANY, .set = map_operands_set_value},
	{.name = "any", .flags = KEYWORD_MANY, .set = map_operands_set_any},
	{.name = "exist", .flags = KEYWORD_MANY, .set = map_operands_set_exist},
	{.name = "noexist", .flags = KEYWORD_MANY, .set = map_operands_set_noexist},
	{.name = NULL},
};

int map_operands_parse(struct args *a, const struct bpf_map_info *info, unsigned int want,
		       struct map_operands *ret, struct err *err)
{
	auto_release(map_operands_reading_release) struct reading reading = {
		.info = info,
		.want = want,
		.to = ret,
	};
	int r;

	*ret = (struct map_operands)MAP_OPERANDS_INIT;
	r = keyword_parse(words, a, &reading, err);
	if (r < 0)
		return r;
	if (args_more(a) && map_data_is_byte(args_peek(a)))
		return err_say(
			err, -EINVAL,
			"expected key or value, got: %s; keys of map %u have %u bytes, values %u",
			args_peek(a), info->id, info->key_size, info->value_size);
	if (args_more(a)) {
		err_say(err, -EINVAL, "expected key or value, got: %s", args_peek(a));
		return want & MAP_OPERAND_FLAGS
			       ? err_hint(err,
					  "'any', 'exist' or 'noexist' may stand here")
			       : err->code;
	}
	return 0;
}

void map_operands_release(struct map_operands *operands)
{
	free(operands->key);
	free(operands->value);
	cleanup_close(&operands->fd);
	*operands = (struct map_operands)MAP_OPERANDS_INIT;
}
