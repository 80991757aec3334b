/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <json-c/json.h>
#include <linux/bpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "verbs/map_operands.h"
#include "verbs/map_ref.h"
#include "verbs/map_refusal.h"
#include "verbs/verb_map.h"
#include "view/json_out.h"

/* Exit status of "not there" answers, which are results and not errors. */
enum { STATUS_NOT_FOUND = 255 };

/* The map and the operands of one command. */
struct command {
	const struct tool *tool;
	struct map_ref ref;
	int fd;
	struct bpf_map_info info;
	struct map_operands operands;
};

#define COMMAND_INIT                                    \
	{                                               \
		.fd = -1, .operands = MAP_OPERANDS_INIT \
	}
#define auto_command auto_release(command_release) struct command

static void command_release(struct command *c)
{
	cleanup_close(&c->fd);
	map_operands_release(&c->operands);
}

static int open_map(struct command *c, const char *verb, struct args *a, struct err *err)
{
	bool reading = c->ref.reading;
	int r;

	if (a->argc < 2) {
		err_say(err, -EINVAL, "'%s' needs at least 2 arguments, %d found", verb,
			a->argc);
		return err_hint(err,
				"'id N', 'name NAME' or 'pinned PATH' says which map");
	}
	r = map_ref_parse(&c->ref, a, err);
	if (r < 0)
		return r;
	c->ref.reading = reading;
	c->fd = map_ref_open(&c->ref, err);
	return c->fd < 0 ? c->fd : map_ref_info(c->fd, &c->info, err);
}

/* In JSON the words are bpftool's, which scripts compare; a reader is told what to add. */
static int map_element_missing(const struct command *c, const char *what, uint32_t size,
			       struct err *err)
{
	if (c->tool->json)
		return err_say(err, -EINVAL, "did not find %s", what);
	if (!size)
		return err_say(
			err, -EINVAL,
			"did not find %s: elements of map %u have none; 'map pop' takes the next one",
			what, c->info.id);
	return err_say(
		err, -EINVAL,
		"did not find %s: each of map %u has %u bytes; add '%s' and those bytes",
		what, c->info.id, size, what);
}

static int map_element_start(struct command *c, const char *verb, unsigned int want,
			     struct args *a, void *tool, struct err *err)
{
	int r = open_map(c, verb, a, err);

	c->tool = tool;
	if (r == 0)
		r = map_operands_parse(a, &c->info, want, &c->operands, err);
	if (r < 0)
		return r;
	if (want & MAP_OPERAND_KEY && c->info.key_size && !c->operands.key)
		return map_element_missing(c, "key", c->info.key_size, err);
	if (want & MAP_OPERAND_VALUE && c->info.value_size && !c->operands.value)
		return map_element_missing(c, "value", c->info.value_size, err);
	return 0;
}

int verb_map_lookup(struct args *a, void *tool, struct err *err)
{
	struct tool own = *(const struct tool *)tool;
	bool summed = tool_option_behind(a, "--sum");
	struct map_element element;
	auto_command c = COMMAND_INIT;
	auto_free char *value = NULL;
	int r;

	if (tool_option_behind(a, "--readable"))
		own.readable = true;
	c.ref.reading = true;
	r = map_element_start(&c, "lookup", MAP_OPERAND_KEY, a, tool, err);
	if (r < 0)
		return r;
	value = xcalloc(1, map_io_value_bytes(&c.info));
	r = map_io_lookup(c.fd, c.operands.key, value);
	if (r < 0 && r != -ENOENT)
		return map_refusal(c.fd, &c.info, c.operands.key, r, "lookup failed",
				   err);
	if (r < 0)
		map_refusal_remark(&c.info, c.operands.key);
	element = (struct map_element){
		.info = &c.info,
		.key = c.operands.key,
		.value = r < 0 ? NULL : value,
		.sum = summed || c.tool->sum,
	};
	r = verb_map_element(&own, &element, err);
	return r == 0 && !element.value ? STATUS_NOT_FOUND : r;
}

/* A slot of a prog array is emptied when nobody holds the array any more. */
static void warn_of_loss(const struct command *c)
{
	if (c->info.type == BPF_MAP_TYPE_PROG_ARRAY && c->ref.kind != MAP_REF_PINNED)
		log_warn(
			"a prog array keeps its programs only while it is pinned or some process has it open");
}

int verb_map_update(struct args *a, void *tool, struct err *err)
{
	auto_command c = COMMAND_INIT;
	int r = map_element_start(&c, "update",
				  MAP_OPERAND_KEY | MAP_OPERAND_VALUE | MAP_OPERAND_FLAGS,
				  a, tool, err);

	if (r < 0)
		return r;
	warn_of_loss(&c);
	r = map_io_update(c.fd, c.operands.key, c.operands.value, c.operands.flags);
	if (r < 0)
		return map_refusal(c.fd, &c.info, c.operands.key, r, "update failed",
				   err);
	map_answer_done(tool);
	return 0;
}

int verb_map_delete(struct args *a, void *tool, struct err *err)
{
	auto_command c = COMMAND_INIT;
	int r = map_element_start(&c, "delete", MAP_OPERAND_KEY, a, tool, err);

	if (r == 0 && !c.operands.key)
		r = map_element_missing(&c, "key", 0, err);
	if (r < 0)
		return r;
	r = map_io_delete(c.fd, c.operands.key);
	if (r < 0)
		return map_refusal(c.fd, &c.info, c.operands.key, r, "delete failed",
				   err);
	map_answer_done(tool);
	return 0;
}

static void add_hex(struct strbuf *out, const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sb_addf(out, "%s%02x",
			i == 0        ? ""
			: i % 16 == 0 ? "\n"
			: i % 8       ? " "
				      : "  ",
			bytes[i]);
	sb_add_char(out, '\n');
}

static struct json_object *hex_list(const unsigned char *bytes, size_t n)
{
	struct json_object *list = json_out_list();
	char word[8];

	for (size_t i = 0; i < n; i++) {
		snprintf(word, sizeof(word), "0x%02x", bytes[i]);
		json_out_list_add(list, json_out_string(word));
	}
	return list;
}

static void answer_next(const struct command *c, const void *next)
{
	const void *key = c->operands.key;
	auto_strbuf text = STRBUF_INIT;
	auto_json *root = NULL;

	if (c->tool->json) {
		root = json_object_new_object();
		json_object_object_add(root, "key",
				       key ? hex_list(key, c->info.key_size) : NULL);
		json_object_object_add(root, "next_key",
				       hex_list(next, c->info.key_size));
		map_answer_json(c->tool, root);
		return;
	}
	sb_add(&text, key ? "key:\n" : "key: None\n");
	if (key)
		add_hex(&text, key, c->info.key_size);
	sb_add(&text, "next key:\n");
	add_hex(&text, next, c->info.key_size);
	map_answer_text(c->tool, &text);
}

/* What -ENOENT says of a key depends on whether one was said. */
static int say_no_next(const struct command *c, int code, struct err *err)
{
	err_set(err, code, "can't get next key");
	if (code == -EINVAL && !c->info.key_size)
		return err_hint(err, "maps of this type have no keys");
	if (code != -ENOENT)
		return code;
	return err_hint(err, c->operands.key ? "KEY is the last one of the map"
					     : "the map has no elements");
}

int verb_map_getnext(struct args *a, void *tool, struct err *err)
{
	auto_command c = COMMAND_INIT;
	auto_free char *next = NULL;
	int r;

	c.ref.reading = true;
	r = map_element_start(&c, "getnext", MAP_OPERAND_KEY_OPTIONAL, a, tool, err);
	if (r < 0)
		return r;
	next = xcalloc(1, c.info.key_size + 1);
	r = map_io_next_key(c.fd, c.operands.key, next);
	if (r < 0)
		return say_no_next(&c, r, err);
	answer_next(&c, next);
	return 0;
}

/* The map does not have it any more: where nobody reads of it, it is lost. */
static int tell_popped(const struct command *c, const char *value, struct err *err)
{
	int r = verb_map_element(
		c->tool, &(struct map_element){.info = &c->info, .value = value}, err);

	if (r < 0)
		return err_context(err, "the element is taken from the map, and lost");
	if (r > 0)
		log_warn(
			"the element is taken from the map, and lost: its reader is gone");
	return r;
}

int verb_map_pop(struct args *a, void *tool, struct err *err)
{
	auto_command c = COMMAND_INIT;
	auto_strbuf empty = STRBUF_INIT;
	auto_free char *value = NULL;
	int r = open_map(&c, "pop", a, err);

	if (r < 0)
		return r;
	map_words_ignored(a, "pop and dequeue");
	if (c.info.key_size)
		return err_say(
			err, -EINVAL,
			"a map with keys has no element that comes first: use 'map delete'");
	c.tool = tool;
	value = xcalloc(1, map_io_value_bytes(&c.info));
	r = map_io_pop(c.fd, NULL, value);
	if (r == 0)
		return tell_popped(&c, value, err);
	if (r != -ENOENT)
		return err_set(err, r, "pop failed");
	sb_add(&empty, "Error: empty map\n"); /* where bpftool says it */
	if (c.tool->json)
		map_answer_done(tool);
	else
		map_answer_text(tool, &empty);
	return STATUS_NOT_FOUND;
}

int verb_map_freeze(struct args *a, void *tool, struct err *err)
{
	auto_command c = COMMAND_INIT;
	int r = open_map(&c, "freeze", a, err);

	if (r == 0)
		r = map_words_end(a, NULL, err);
	if (r < 0)
		return r;
	r = map_io_freeze(c.fd);
	if (r < 0)
		return map_refusal(c.fd, &c.info, NULL, r, "failed to freeze map", err);
	map_answer_done(tool);
	return 0;
}
