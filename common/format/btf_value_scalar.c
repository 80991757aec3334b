/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "format/btf_value_private.h"

int value_error(struct value_parser *p, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!p->path.len)
		return err_say(p->err, -EINVAL, "%s", text);
	return err_say(p->err, -EINVAL, "member '%s': %s", sb_text(&p->path), text);
}

static int take_bits(struct value_parser *p, uint64_t bit, uint32_t bits)
{
	if (bit > (uint64_t)p->size * 8 || bits > (uint64_t)p->size * 8 - bit)
		return value_error(p, "lies outside of the value's %zu bytes", p->size);
	for (uint64_t i = bit; i < bit + bits; i++)
		if (p->taken[i / 8] & 1 << i % 8)
			return value_error(p, "is said twice, or shares its bytes with "
					      "one that was said");
	for (uint64_t i = bit; i < bit + bits; i++)
		p->taken[i / 8] |= (unsigned char)(1 << i % 8);
	return 0;
}

/* Whole integers in the machine's byte order; bit-fields lie as little-endian ones do. */
int value_put(struct value_parser *p, uint64_t bit, uint32_t bits, uint64_t low,
	      uint64_t high)
{
	unsigned char *to;
	int r = take_bits(p, bit, bits);

	if (r < 0)
		return r;
	to = p->bytes + bit / 8;
	if (bit % 8 == 0 && bits == 8)
		*to = (unsigned char)low;
	else if (bit % 8 == 0 && bits == 16)
		memcpy(to, &(uint16_t){(uint16_t)low}, 2);
	else if (bit % 8 == 0 && bits == 32)
		memcpy(to, &(uint32_t){(uint32_t)low}, 4);
	else if (bit % 8 == 0 && bits == 64)
		memcpy(to, &low, 8);
	else
		for (uint32_t i = 0; i < bits; i++, bit++) {
			uint64_t word = i < 64 ? low >> i : high >> (i - 64);

			if (word & 1)
				p->bytes[bit / 8] |= (unsigned char)(1 << bit % 8);
		}
	return 0;
}

/* --- numbers -------------------------------------------------------------------- */

struct number {
	bool negative, hex;
	uint64_t low, high; /* of the magnitude */
};

static int digit_of(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isalpha((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : 99;
}

/* C's notation, up to 128 bits. */
static bool read_number(const char *word, struct number *ret)
{
	unsigned __int128 value = 0, before;
	struct number n = {.negative = *word == '-'};
	int base = 10;

	word += n.negative;
	if (word[0] == '0' && (word[1] == 'x' || word[1] == 'X') && word[2]) {
		base = 16;
		word += 2;
	} else if (word[0] == '0' && word[1]) {
		base = 8;
	}
	n.hex = base == 16;
	if (!*word)
		return false;
	for (; *word; word++) {
		int digit = digit_of(*word);

		if (digit >= base)
			return false;
		before = value;
		value = value * (unsigned int)base + (unsigned int)digit;
		if (value / (unsigned int)base != before)
			return false;
	}
	n.low = (uint64_t)value;
	n.high = (uint64_t)(value >> 64);
	*ret = n;
	return true;
}

static uint64_t ones(uint32_t bits)
{
	return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

enum sign { UNSIGNED, SIGNED, EITHER };

static int put_number(struct value_parser *p, struct value_spot spot, uint32_t bits,
		      enum sign sign, const char *word)
{
	uint64_t least = 0, most = ones(bits);
	struct number n;

	if (!read_number(word, &n))
		return value_error(p, "'%s' is no number", word);
	/* The bits of a signed bit-field, as dumps show them. */
	if (sign == SIGNED && spot.bitfield && n.hex && !n.negative)
		sign = UNSIGNED;
	if (sign != UNSIGNED)
		least = bits ? UINT64_C(1) << ((bits > 64 ? 64 : bits) - 1) : 0;
	if (sign == SIGNED)
		most = ones((bits > 64 ? 64 : bits) - 1);
	if (bits <= 64 && (n.high || (n.negative ? n.low > least : n.low > most)))
		return value_error(p, "%s is not from %s%" PRIu64 " to %" PRIu64, word,
				   least ? "-" : "", least, most);
	if (bits > 64 && n.negative && sign == UNSIGNED)
		return value_error(p, "%s is negative", word);
	if (!n.negative)
		return value_put(p, spot.bit, bits, n.low, n.high);
	n.high = ~n.high + (n.low == 0);
	n.low = ~n.low + 1;
	return value_put(p, spot.bit, bits, n.low, n.high);
}

static bool is_quoted_char(const char *word)
{
	return strlen(word) == 3 && word[0] == '\'' && word[2] == '\'';
}

static int put_int(struct value_parser *p, const struct btf_type *t,
		   struct value_spot spot, const struct value_word *word)
{
	uint8_t encoding = btf_int_encoding(t);
	uint32_t bits = spot.bitfield ? spot.bitfield : btf_int_bits(t);
	const char *text = sb_text(&word->text);

	if (!spot.bitfield)
		spot.bit += btf_int_offset(t);
	if (encoding & BTF_INT_BOOL) {
		bool yes = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;

		if (!yes && strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
			return value_error(p, "'%s' is neither true nor false", text);
		return value_put(p, spot.bit, bits, yes, 0);
	}
	if (bits == 8 && is_quoted_char(text))
		return value_put(p, spot.bit, bits, (unsigned char)text[1], 0);
	if (bits == 8 && word->quoted && word->text.len == 1 && !isdigit(text[0]))
		return value_put(p, spot.bit, bits, (unsigned char)text[0], 0);
	return put_number(p, spot, bits, encoding & BTF_INT_SIGNED ? SIGNED : UNSIGNED,
			  text);
}

static bool find_enumerator(const struct btf *btf, const struct btf_type *t,
			    const char *name, uint64_t *ret)
{
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const struct btf_enum *e = btf_enum(t) + i;
		const struct btf_enum64 *e64 = btf_enum64(t) + i;
		const char *known = btf__name_by_offset(
			btf, btf_is_enum(t) ? e->name_off : e64->name_off);

		if (!known || strcmp(known, name) != 0)
			continue;
		*ret = btf_is_enum(t) ? (uint64_t)(int64_t)e->val : btf_enum64_value(e64);
		return true;
	}
	return false;
}

static int put_enum(struct value_parser *p, const struct btf_type *t,
		    struct value_spot spot, const char *text)
{
	uint32_t bits = spot.bitfield ? spot.bitfield : t->size * 8;
	const char *name = btf__name_by_offset(p->btf, t->name_off);
	struct number n;
	uint64_t value;

	if (find_enumerator(p->btf, t, text, &value))
		return value_put(p, spot.bit, bits, value, 0);
	if (!read_number(text, &n))
		return value_error(p, "enum %s has no '%s'", name && *name ? name : "",
				   text);
	return put_number(p, spot, bits, EITHER, text);
}

static int put_float(struct value_parser *p, const struct btf_type *t,
		     struct value_spot spot, const char *text)
{
	uint32_t narrow;
	uint64_t wide;
	double value;
	char *end;

	errno = 0;
	value = strtod(text, &end);
	if (end == text || *end)
		return value_error(p, "'%s' is no number", text);
	if (t->size != 4 && t->size != 8)
		return value_error(p, "is a number of %u bytes, which is not offered",
				   t->size);
	if (t->size == 4) {
		float f = (float)value;

		memcpy(&narrow, &f, sizeof(narrow));
		return value_put(p, spot.bit, 32, narrow, 0);
	}
	memcpy(&wide, &value, sizeof(wide));
	return value_put(p, spot.bit, 64, wide, 0);
}

int value_scalar(struct value_parser *p, const struct btf_type *t, struct value_spot spot,
		 const struct value_word *word)
{
	const char *text = sb_text(&word->text);

	if (btf_is_int(t))
		return put_int(p, t, spot, word);
	if (btf_is_any_enum(t))
		return put_enum(p, t, spot, text);
	if (btf_is_float(t))
		return put_float(p, t, spot, text);
	return put_number(p, spot, 64, UNSIGNED, text);
}
