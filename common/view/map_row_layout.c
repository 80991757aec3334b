/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "view/map_rows_private.h"

static void add_part(struct map_rows *rows, enum part_code code)
{
	rows->parts[rows->nr_parts++] = (struct part){
		.code = code,
		.at = (uint32_t)rows->done,
		.len = (uint32_t)(rows->text.len - rows->done),
	};
	rows->done = rows->text.len;
}

static void map_row_layout_add_line(struct map_rows *rows, unsigned int depth)
{
	btf_form_line(&rows->text, rows->form, rows->depth + depth);
}

static void map_row_layout_add_name(struct map_rows *rows, unsigned int depth,
				    const char *name)
{
	btf_form_name(&rows->text, rows->form, rows->depth + depth, name);
}

static void add_json_bytes(struct map_rows *rows, unsigned int depth, enum part_code code,
			   uint32_t size)
{
	sb_add_char(&rows->text, '[');
	if (size) {
		add_part(rows, code);
		map_row_layout_add_line(rows, depth);
	}
	sb_add_char(&rows->text, ']');
}

/* "value": …, or "values": [{"cpu": 0,"value": …},…]; depth is that of the name. */
static void add_values(struct map_rows *rows, unsigned int depth, bool typed)
{
	unsigned int inner = rows->shape.ncpus ? depth + 2 : depth;

	if (rows->shape.ncpus) {
		map_row_layout_add_name(rows, depth, "values");
		sb_add_char(&rows->text, '[');
		add_part(rows, PART_CPUS);
		sb_add_char(&rows->text, '{');
		map_row_layout_add_name(rows, inner, "cpu");
		add_part(rows, PART_CPU);
		sb_add_char(&rows->text, ',');
	}
	map_row_layout_add_name(rows, inner, "value");
	if (typed)
		add_part(rows, PART_VALUE_TYPED);
	else
		add_json_bytes(rows, inner, PART_VALUE_BYTES, rows->shape.value_size);
	if (rows->shape.ncpus) {
		map_row_layout_add_line(rows, depth + 1);
		sb_add_char(&rows->text, '}');
		add_part(rows, PART_CPUS_END);
		map_row_layout_add_line(rows, depth);
		sb_add_char(&rows->text, ']');
	}
}

static void add_typed(struct map_rows *rows, unsigned int depth)
{
	sb_add_char(&rows->text, '{');
	if (rows->key) {
		map_row_layout_add_name(rows, depth, "key");
		add_part(rows, PART_KEY_TYPED);
		sb_add_char(&rows->text, ',');
	}
	add_values(rows, depth, true);
	map_row_layout_add_line(rows, depth - 1);
	sb_add_char(&rows->text, '}');
}

static void compile_json(struct map_rows *rows)
{
	sb_add_char(&rows->text, '{');
	map_row_layout_add_name(rows, 1, "key");
	add_json_bytes(rows, 1, PART_KEY_BYTES, rows->shape.key_size);
	sb_add_char(&rows->text, ',');
	add_values(rows, 1, false);
	if (rows->value) {
		sb_add_char(&rows->text, ',');
		map_row_layout_add_name(rows, 1, "formatted");
		add_typed(rows, 2);
	}
	map_row_layout_add_line(rows, 0);
	sb_add_char(&rows->text, '}');
}

static void compile_percpu(struct map_rows *rows)
{
	sb_add(&rows->text, "key:\n");
	add_part(rows, PART_KEY_BYTES);
	add_part(rows, PART_CPUS);
	sb_add(&rows->text, "\nvalue (CPU ");
	add_part(rows, PART_CPU);
	sb_addf(&rows->text, "):%c",
		rows->shape.value_size > MAP_LINE_BYTES ? '\n' : ' ');
	add_part(rows, PART_VALUE_BYTES);
	add_part(rows, PART_CPUS_END);
	sb_add_char(&rows->text, '\n');
}

struct map_row_gaps map_row_gaps(size_t key_size, size_t value_size)
{
	enum { ONE_LINE_BYTES = 24 };
	bool tall = key_size > MAP_LINE_BYTES || value_size > MAP_LINE_BYTES;
	bool one_line = !tall && key_size + value_size <= ONE_LINE_BYTES;

	return (struct map_row_gaps){
		.behind_name = tall ? '\n' : ' ',
		.behind_key = one_line ? "  " : "\n",
	};
}

static void compile_text(struct map_rows *rows)
{
	const struct map_shape *shape = &rows->shape;
	struct map_row_gaps gaps = map_row_gaps(shape->key_size, shape->value_size);

	if (shape->key_size) {
		sb_addf(&rows->text, "key:%c", gaps.behind_name);
		add_part(rows, PART_KEY_BYTES);
		sb_add(&rows->text, gaps.behind_key);
	}
	if (shape->value_size) {
		sb_addf(&rows->text, "value:%c", gaps.behind_name);
		add_part(rows, PART_VALUE_BYTES);
	}
	sb_add_char(&rows->text, '\n');
}

void map_row_layout(struct map_rows *rows)
{
	char padding[OUTBUF_STEP] = "";

	if (rows->form != BTF_TEXT)
		compile_json(rows);
	else if (rows->value)
		add_typed(rows, 1);
	else if (rows->shape.ncpus)
		compile_percpu(rows);
	else
		compile_text(rows);
	add_part(rows, PART_END);
	sb_add_mem(&rows->text, padding, sizeof(padding));
}
