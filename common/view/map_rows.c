/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digits.h"
#include "view/map_rows_private.h"

/* The depths at which add_typed() and add_values() put key and value. */
static void compile_types(struct map_rows *rows, const struct map_rows_opts *opts)
{
	unsigned int depth = opts->depth + (opts->form == BTF_TEXT ? 1 : 2);
	int r;

	if (!opts->btf || !opts->value_type)
		return;
	depth += opts->shape.ncpus ? 2 : 0;
	if (opts->typed.btf)
		r = btf_plan_new_readable(opts->typed.btf, opts->typed.type,
					  (uint32_t)opts->typed.size, opts->form, depth,
					  opts->readable, &rows->value);
	else
		r = btf_plan_new_readable(opts->btf, opts->value_type,
					  opts->shape.value_size, opts->form, depth,
					  opts->readable, &rows->value);
	rows->typed_at = opts->typed.at;
	depth -= opts->shape.ncpus ? 2 : 0;
	if (r == 0 && opts->key_type)
		r = btf_plan_new_readable(opts->btf, opts->key_type, opts->shape.key_size,
					  opts->form, depth, opts->readable, &rows->key);
	if (r) {
		btf_plan_free(rows->value);
		rows->value = NULL;
	}
}

struct map_rows *map_rows_new(const struct map_rows_opts *opts)
{
	struct map_rows *rows = xcalloc(1, sizeof(*rows));

	rows->shape = opts->shape;
	rows->form = opts->form;
	rows->depth = opts->depth;
	compile_types(rows, opts);
	map_row_layout(rows);
	return rows;
}

void map_rows_free(struct map_rows *rows)
{
	if (!rows)
		return;
	btf_plan_free(rows->key);
	btf_plan_free(rows->value);
	sb_release(&rows->text);
	free(rows);
}

void map_rows_freep(struct map_rows **rows)
{
	map_rows_free(*rows);
}

/* "00 01 … 07  08 … 0f", 16 a line; no newline at the end. */
static void put_text_bytes(struct outbuf *o, const uint8_t *bytes, size_t n)
{
	while (n) {
		size_t line = n < MAP_LINE_BYTES ? n : MAP_LINE_BYTES;
		char *p = outbuf_room(o, 3 * MAP_LINE_BYTES + 1);

		for (size_t i = 0; i < line; i++) {
			if (i == MAP_LINE_BYTES / 2)
				*p++ = ' ';
			p = digits_hex_byte(p, bytes[i]);
			*p++ = ' ';
		}
		bytes += line;
		n -= line;
		if (n)
			p[-1] = '\n';
		o->at = n ? p : p - 1;
	}
}

/* "0x00","0x01" … */
static void put_json_bytes(struct outbuf *o, const uint8_t *bytes, size_t n)
{
	enum { STEP = 16, BYTE_TEXT = 7 };

	while (n) {
		size_t some = n < STEP ? n : STEP;
		char *p = outbuf_room(o, STEP * BYTE_TEXT + 1);

		for (size_t i = 0; i < some; i++) {
			memcpy(p, "\"0x00\",", 8);
			digits_hex_byte(p + 3, bytes[i]);
			p += BYTE_TEXT;
		}
		bytes += some;
		n -= some;
		o->at = n ? p : p - 1;
	}
}

static void put_bytes(const struct map_rows *rows, struct outbuf *o, const void *bytes,
		      size_t n)
{
	if (rows->form == BTF_TEXT)
		put_text_bytes(o, bytes, n);
	else
		put_json_bytes(o, bytes, n);
}

static void put_cpu(const struct map_rows *rows, struct outbuf *o, unsigned int cpu)
{
	/* "CPU 00" in plain text, a plain number elsewhere. */
	if (!map_rows_listed(rows) && cpu < 10)
		outbuf_char(o, '0');
	o->at = digits_u64(outbuf_room(o, DIGITS_MAX), cpu);
}

static void map_rows_put_row(const struct map_rows *rows, const void *key,
			     const char *value, struct outbuf *o)
{
	const char *text = rows->text.text;
	const struct part *loop = NULL;
	unsigned int cpu = 0;

	for (const struct part *part = rows->parts;; part++) {
		outbuf_padded(o, text + part->at, part->len);
		switch (part->code) {
		case PART_KEY_BYTES:
			put_bytes(rows, o, key, rows->shape.key_size);
			break;
		case PART_VALUE_BYTES:
			put_bytes(rows, o, value, rows->shape.value_size);
			break;
		case PART_KEY_TYPED:
			btf_plan_run(rows->key, key, o);
			break;
		case PART_VALUE_TYPED:
			btf_plan_run(rows->value, value + rows->typed_at, o);
			break;
		case PART_CPUS:
			loop = part;
			cpu = 0;
			break;
		case PART_CPU:
			put_cpu(rows, o, cpu);
			break;
		case PART_CPUS_END:
			value += rows->shape.stride;
			if (++cpu < rows->shape.ncpus) {
				if (map_rows_listed(rows))
					outbuf_char(o, ',');
				part = loop;
			} else {
				value -= cpu * rows->shape.stride;
			}
			break;
		case PART_END:
			return;
		}
	}
}

static const char *map_rows_absence(uint32_t type, int error)
{
	if (error == -ENOENT)
		return "<no entry>";
	/* Sockets are read as 8-byte cookies only. */
	if (error == -ENOSPC && type == BPF_MAP_TYPE_REUSEPORT_SOCKARRAY)
		return "<cannot read>";
	return strerror(-error);
}

/* Laid out as if the words were the value. */
static void put_text_error(const struct map_rows *rows, const void *key, int error,
			   struct outbuf *o)
{
	const char *words = map_rows_absence(rows->shape.type, error);
	uint32_t size = (uint32_t)strlen(words);
	struct map_row_gaps gaps = map_row_gaps(rows->shape.key_size, size);

	outbuf_puts(o, "key:");
	outbuf_char(o, gaps.behind_name);
	put_text_bytes(o, key, rows->shape.key_size);
	outbuf_puts(o, gaps.behind_key);
	outbuf_puts(o, "value:");
	outbuf_char(o, gaps.behind_name);
	outbuf_puts(o, words);
	outbuf_char(o, '\n');
}

/* The start of any row up to the key's bytes, then "error" as its value. */
static void put_json_error(const struct map_rows *rows, const void *key, int error,
			   struct outbuf *o)
{
	enum btf_form form = rows->form;
	unsigned int depth = rows->depth;
	auto_strbuf text = STRBUF_INIT;

	outbuf_add(o, rows->text.text, rows->parts[0].len);
	put_json_bytes(o, key, rows->shape.key_size);
	btf_form_line(&text, form, depth + 1);
	sb_add(&text, "],");
	btf_form_name(&text, form, depth + 1, "value");
	sb_add_char(&text, '{');
	btf_form_name(&text, form, depth + 2, "error");
	btf_form_quote(&text, strerror(-error));
	btf_form_line(&text, form, depth + 1);
	sb_add_char(&text, '}');
	btf_form_line(&text, form, depth);
	sb_add_char(&text, '}');
	outbuf_add(o, text.text, text.len);
}

bool map_rows_listed(const struct map_rows *rows)
{
	return rows->form != BTF_TEXT || rows->value;
}

void map_rows_add(struct map_rows *rows, const void *key, const void *value, int error,
		  struct outbuf *out)
{
	/* bpftool's typed text shows an unreadable slot as a plain line of text. */
	bool listed = map_rows_listed(rows) && (value || rows->form != BTF_TEXT);

	if (listed && rows->comma)
		outbuf_char(out, ',');
	if (value) {
		map_rows_put_row(rows, key, value, out);
		rows->count++;
	} else if (rows->form == BTF_TEXT) {
		put_text_error(rows, key, error, out);
	} else {
		put_json_error(rows, key, error, out);
	}
	rows->comma |= listed;
}

void map_rows_begin(struct map_rows *rows, struct outbuf *out)
{
	if (map_rows_listed(rows))
		outbuf_char(out, '[');
}

void map_rows_end(struct map_rows *rows, struct outbuf *out)
{
	auto_strbuf text = STRBUF_INIT;

	if (!map_rows_listed(rows)) {
		sb_addf(&text, "Found %" PRIu64 " element%s\n", rows->count,
			rows->count == 1 ? "" : "s");
	} else {
		if (rows->comma) {
			rows->depth--;
			btf_form_line(&text, rows->form, rows->depth);
			rows->depth++;
		}
		sb_add_char(&text, ']');
	}
	outbuf_add(out, text.text, text.len);
}

void map_rows_not_found(struct map_rows *rows, const void *key, struct outbuf *out)
{
	if (rows->form != BTF_TEXT) {
		outbuf_puts(out, "null");
		return;
	}
	outbuf_puts(out, "key:\n");
	put_text_bytes(out, key, rows->shape.key_size);
	outbuf_puts(out, "\n\nNot found\n");
}
