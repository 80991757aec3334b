/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "btf/readable.h"
#include "view/btf_plan.h"
#include "view/btf_plan_private.h"

/* More than the longest single value, a quoted 128-bit number, with a comma. */
enum { VALUE_ROOM = 64 };

#define LOAD(type, at)                               \
	({                                           \
		type loaded;                         \
		memcpy(&loaded, at, sizeof(loaded)); \
		loaded;                              \
	})

static void put_piece(struct outbuf *o, const struct btf_plan *plan,
		      struct plan_piece piece)
{
	outbuf_padded(o, plan->text + piece.at, piece.len);
}

/* Bits shift .. shift + bits - 1 of the value, least significant first. */
static char *put_bits(char *p, const struct plan_op *op, const uint8_t *v)
{
	unsigned int bytes = (op->shift + op->bits + 7u) / 8;
	unsigned __int128 number = 0;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	/* Up to 17 bytes where 128 bits start within a byte: the last goes in apart. */
	for (unsigned int i = bytes > 16 ? 16 : bytes; i-- > 0;)
		number = number << 8 | v[i];
	number >>= op->shift;
	if (bytes > 16)
		number |= (unsigned __int128)v[16] << (128 - op->shift);
#else
	for (unsigned int i = 0; i < bytes; i++) {
		unsigned int drop = 8 * bytes - op->shift - op->bits;

		if (i == bytes - 1)
			number = number << (8 - drop) | v[i] >> drop;
		else
			number = number << 8 | v[i];
	}
#endif
	if (op->bits < 128)
		number &= ((unsigned __int128)1 << op->bits) - 1;
	return digits_hex(p, (uint64_t)(number >> 64), (uint64_t)number);
}

static char *put_char(char *p, unsigned char byte, bool json)
{
	*p++ = '"';
	if (json && (byte < 0x20 || byte >= 0x7f)) {
		memcpy(p, "\\u00", 4);
		p = digits_hex_byte(p + 4, byte);
	} else {
		if (json && (byte == '"' || byte == '\\'))
			*p++ = '\\';
		*p++ = (char)byte;
	}
	*p++ = '"';
	return p;
}

/* As few digits as read back to the same number. */
static char *btf_run_put_float(char *p, const struct plan_op *op, const uint8_t *v)
{
	bool single = op->bits == 32;
	double number = single ? (double)LOAD(float, v) : LOAD(double, v);
	int n = 0;

	if (!isfinite(number))
		return p + sprintf(p, "\"%s\"",
				   isnan(number) ? "nan"
				   : number < 0  ? "-inf"
						 : "inf");
	for (int digits = single ? 6 : 15; digits <= 17; digits++) {
		n = snprintf(p, VALUE_ROOM, "%.*g", digits, number);
		if (single ? strtof(p, NULL) == (float)number : strtod(p, NULL) == number)
			break;
	}
	return p + n;
}

static int64_t load_signed(const uint8_t *v, uint32_t size)
{
	switch (size) {
	case 1:
		return LOAD(int8_t, v);
	case 2:
		return LOAD(int16_t, v);
	case 4:
		return LOAD(int32_t, v);
	default:
		return LOAD(int64_t, v);
	}
}

/* bpftool compares enumerators with the value as a signed number, and prints it so. */
static void btf_run_put_enum(struct outbuf *o, const struct btf_plan *plan,
			     const struct plan_op *op, const uint8_t *v)
{
	const struct plan_enum *table = &plan->enums[op->table];
	const struct plan_name *names = plan->names + table->first;
	int64_t value = load_signed(v, table->size);
	uint32_t low = 0, high = table->nr;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (names[middle].value < value)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < table->nr && names[low].value == value)
		put_piece(o, plan, names[low].text);
	else
		o->at = digits_i64(outbuf_room(o, VALUE_ROOM), value);
}

static char *put_readable(char *p, const struct plan_op *op, const uint8_t *v)
{
	char text[READABLE_TEXT];
	size_t n = readable_print(op->element, v, text);

	*p++ = '"';
	memcpy(p, text, n);
	p += n;
	*p++ = '"';
	return p;
}

/* Names are chosen by others; one that JSON cannot hold as it is stays a number. */
static bool is_text_throughout(const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at;) {
		size_t n = utf8_length(at);

		if (n == 0 || *at < ' ' || *at == 0x7f)
			return false;
		at += n;
	}
	return true;
}

static void put_cgroup(struct outbuf *o, const struct btf_plan *plan, const uint8_t *v)
{
	auto_strbuf path = STRBUF_INIT;
	uint64_t id = LOAD(uint64_t, v);

	if (!plan->kernel->cgroup_path(id, &path) ||
	    !is_text_throughout(sb_text(&path))) {
		o->at = digits_u64(outbuf_room(o, VALUE_ROOM), id);
		return;
	}
	outbuf_char(o, '"');
	for (const char *at = sb_text(&path); *at; at++) {
		if (*at == '"' || *at == '\\')
			outbuf_char(o, '\\');
		outbuf_char(o, *at);
	}
	outbuf_char(o, '"');
}

static char *put_value(char *p, const struct plan_op *op, unsigned int code,
		       const uint8_t *v)
{
	switch (code) {
	case PLAN_U8:
		return digits_u64(p, *v);
	case PLAN_S8:
		return digits_i64(p, (int8_t)*v);
	case PLAN_U16:
		return digits_u64(p, LOAD(uint16_t, v));
	case PLAN_S16:
		return digits_i64(p, LOAD(int16_t, v));
	case PLAN_U32:
		return digits_u64(p, LOAD(uint32_t, v));
	case PLAN_S32:
		return digits_i64(p, LOAD(int32_t, v));
	case PLAN_U64:
		return digits_u64(p, LOAD(uint64_t, v));
	case PLAN_S64:
		return digits_i64(p, LOAD(int64_t, v));
	case PLAN_BOOL:
		memcpy(p, *v ? "true\0" : "false", 5);
		return p + 5 - !!*v;
	case PLAN_CHAR:
		if (*v < 0x20 || *v >= 0x7f)
			return digits_hex(p, 0, *v);
		return put_char(p, *v, false);
	case PLAN_CHAR_JSON:
		return put_char(p, *v, true);
	case PLAN_BITS:
		return put_bits(p, op, v);
	case PLAN_BITS_QUOTED:
		*p++ = '"';
		p = put_bits(p, op, v);
		*p++ = '"';
		return p;
	case PLAN_POINTER:
		if (LOAD(uint64_t, v))
			return digits_hex(p, 0, LOAD(uint64_t, v));
		memcpy(p, "(nil)", 5);
		return p + 5;
	default:
		return btf_run_put_float(p, op, v);
	}
}

static void put_list(struct outbuf *o, const struct btf_plan *plan,
		     const struct plan_op *op, const uint8_t *v)
{
	for (uint32_t i = 0; i < op->count; i++, v += op->stride) {
		char *p = outbuf_room(o, VALUE_ROOM);

		if (i)
			*p++ = ',';
		o->at = p;
		if (op->element == PLAN_ENUM)
			btf_run_put_enum(o, plan, op, v);
		else
			o->at = put_value(p, op, op->element, v);
	}
	put_piece(o, plan, op->close);
}

/* Printable up to a NUL that is there; what follows the NUL does not count. */
static bool is_string(const uint8_t *v, uint32_t count, uint32_t *len)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!v[i]) {
			*len = i;
			return true;
		}
		if (v[i] < 0x20 || v[i] >= 0x7f)
			return false;
	}
	return false;
}

static void btf_run_put_string(struct outbuf *o, const struct btf_plan *plan,
			       const struct plan_op *op, const uint8_t *v)
{
	uint32_t len;

	if (!is_string(v, op->count, &len)) {
		outbuf_char(o, '[');
		put_list(o, plan, op, v);
		return;
	}
	outbuf_char(o, '"');
	for (uint32_t i = 0; i < len; i++) {
		char *p = outbuf_room(o, 2);

		if (v[i] == '"' || v[i] == '\\')
			*p++ = '\\';
		*p++ = (char)v[i];
		o->at = p;
	}
	outbuf_char(o, '"');
}

void btf_plan_run(const struct btf_plan *plan, const void *value, struct outbuf *o)
{
	struct {
		const struct plan_op *op;
		const uint8_t *around;
		uint32_t left;
	} loops[PLAN_MAX_LEVELS];
	int loop = -1;
	const uint8_t *base = value;

	for (const struct plan_op *op = plan->ops;; op++) {
		put_piece(o, plan, op->before);
		switch (op->code) {
		case PLAN_ENUM:
			btf_run_put_enum(o, plan, op, base + op->offset);
			break;
		case PLAN_LIST:
			put_list(o, plan, op, base + op->offset);
			break;
		case PLAN_STRING:
			btf_run_put_string(o, plan, op, base + op->offset);
			break;
		case PLAN_LOOP:
			loops[++loop] = (__typeof__(*loops)){op, base, op->count};
			base += op->offset;
			break;
		case PLAN_LOOP_END:
			if (!--loops[loop].left) {
				base = loops[loop--].around;
				break;
			}
			outbuf_char(o, ',');
			op = loops[loop].op;
			base += op->stride;
			break;
		case PLAN_READABLE:
			o->at = put_readable(outbuf_room(o, READABLE_TEXT + 2), op,
					     base + op->offset);
			break;
		case PLAN_CGROUP:
			put_cgroup(o, plan, base + op->offset);
			break;
		case PLAN_END:
			return;
		default:
			o->at = put_value(outbuf_room(o, VALUE_ROOM), op, op->code,
					  base + op->offset);
		}
	}
}
