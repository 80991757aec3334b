/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "verbs/map_answer.h"
#include "view/json_out.h"

void map_answer_text(const struct tool *tool, const struct strbuf *text)
{
	fwrite(sb_text(text), 1, text->len, tool->out);
}

void map_answer_json(const struct tool *tool, struct json_object *root)
{
	auto_strbuf text = STRBUF_INIT;

	json_out(&text, root, tool->pretty ? JSON_BPFTOOL : JSON_COMPACT);
	map_answer_text(tool, &text);
}

void map_answer_done(const struct tool *tool)
{
	if (tool->json)
		map_answer_json(tool, NULL);
}

enum btf_form map_form(const struct tool *tool)
{
	if (!tool->json)
		return BTF_TEXT;
	return tool->pretty ? BTF_PRETTY : BTF_JSON;
}

int map_words_end(const struct args *a, const struct keyword *rows, struct err *err)
{
	auto_strbuf hint = STRBUF_INIT;

	if (!args_more(a))
		return 0;
	if (!rows) {
		err_say(err, -EINVAL, "what is '%s'?", args_peek(a));
		return err_hint(err, "nothing may follow");
	}
	if (args_names_file(args_peek(a)) && keyword_find(rows, "obj"))
		sb_add(&hint, "; 'obj' goes before a file");
	else
		keyword_near(rows, args_peek(a), &hint);
	if (!hint.len) {
		sb_add(&hint, "; here may follow:");
		keyword_usage(rows, &hint);
	}
	return err_say(err, -EINVAL, "unknown word '%s'%s", args_peek(a), sb_text(&hint));
}

void map_words_ignored(const struct args *a, const char *verb)
{
	if (args_more(a))
		log_warn("'%s' and what follows has no meaning for %s, and is ignored",
			 args_peek(a), verb);
}

struct map_row map_row_of(const struct bpf_map_info *info, const char *name)
{
	return (struct map_row){
		.id = info->id,
		.type = info->type,
		.flags = info->map_flags,
		.key_size = info->key_size,
		.value_size = info->value_size,
		.max_entries = info->max_entries,
		.name = name,
		.btf_id = info->btf_id,
		.owner_prog_type = -1,
	};
}

struct map_shape map_shape_of(const struct bpf_map_info *info)
{
	return (struct map_shape){
		.type = info->type,
		.key_size = info->key_size,
		.value_size = info->value_size,
		.ncpus = map_io_is_percpu(info) ? possible_cpus() : 0,
		.stride = map_io_stride(info),
	};
}

/* The kernel's name ends in a NUL, but nothing says that it always will. */
char *map_name_of(const struct bpf_map_info *info)
{
	return xstrndup(info->name, strnlen(info->name, sizeof(info->name)));
}
