/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "btf/bits.h"
#include "btf/btf_value_private.h"

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

/* The bytes of one number, as they lie from the byte that bit is in. */
static void number_bytes(unsigned char *to, uint32_t shift, uint32_t bits, uint64_t low,
			 uint64_t high)
{
	uint32_t lower = bits < 64 ? bits : 64, upper = bits - lower;

	bits_put(to, shift + (MACHINE_IS_BIG ? upper : 0), lower, low, MACHINE_IS_BIG);
	if (upper)
		bits_put(to, shift + (MACHINE_IS_BIG ? 0 : lower), upper, high,
			 MACHINE_IS_BIG);
}

int value_put(struct value_parser *p, uint64_t bit, uint32_t bits, uint64_t low,
	      uint64_t high)
{
	unsigned char number[17] = {0};
	uint32_t shift = bit % 8;

	if (bits > 128 || bit > (uint64_t)p->size * 8 ||
	    bits > (uint64_t)p->size * 8 - bit)
		return value_error(p, "lies outside the value's %zu bytes", p->size);
	number_bytes(number, shift, bits, low, high);
	for (uint32_t i = shift; i < shift + bits; i++) {
		unsigned char mask = bits_mask(i);
		size_t at = bit / 8 + i / 8;

		if (p->taken[at] & mask && (p->bytes[at] ^ number[i / 8]) & mask)
			return value_error(
				p,
				"shares its bytes with a member that was given another value");
	}
	for (uint32_t i = shift; i < shift + bits; i++) {
		unsigned char mask = bits_mask(i);
		size_t at = bit / 8 + i / 8;

		p->taken[at] |= mask;
		p->bytes[at] &= (unsigned char)~mask;
		p->bytes[at] |= number[i / 8] & mask;
	}
	return 0;
}

static int add_vague(struct value_parser *p, uint64_t bit, uint32_t bits, uint64_t number)
{
	array_grow(p->vague, p->nr_vague);
	p->vague[p->nr_vague++] = (struct value_vague){
		.bit = bit,
		.bits = bits,
		.number = number,
		.path = xstrdup(sb_text(&p->path)),
	};
	return 0;
}

/* Is what others have put there one of the numbers that the text may mean? */
static bool is_told(const struct value_parser *p, const struct value_vague *v)
{
	const unsigned char *at = p->bytes + v->bit / 8;
	double wide;
	float narrow;

	if (v->bit % 8 || v->bits > p->size * 8 || v->bit > p->size * 8 - v->bits)
		return false;
	if (v->bits == 8)
		return *at != 0;
	if (v->bits == 32) {
		memcpy(&narrow, at, sizeof(narrow));
		return isnan(narrow);
	}
	memcpy(&wide, at, sizeof(wide));
	return isnan(wide);
}

int value_put_vague(struct value_parser *p)
{
	for (size_t i = 0; i < p->nr_vague; i++) {
		struct value_vague *v = &p->vague[i];
		int r;

		if (is_told(p, v))
			continue;
		/* Any bit that no other member has told to be 0 makes it true. */
		while (v->bits == 8 && v->bit / 8 < p->size && v->number < 0x80 &&
		       p->taken[v->bit / 8] & v->number)
			v->number <<= 1;
		sb_clear(&p->path);
		sb_add(&p->path, v->path);
		r = value_put(p, v->bit, v->bits, v->number, 0);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --- numbers -------------------------------------------------------------------- */

struct number {
	bool negative, hex;
	uint64_t low, high; /* of the magnitude */
};

static int btf_value_scalar_digit_of(char c)
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
		int digit = btf_value_scalar_digit_of(*word);

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

enum sign { UNSIGNED, SIGNED, EITHER };

static void add_128(struct strbuf *out, unsigned __int128 number)
{
	char text[40], *at = text + sizeof(text) - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + (int)(number % 10));
		number /= 10;
	} while (number);
	sb_add(out, at);
}

/* Numbers of up to 128 bits, from -least to most; of EITHER sign: of both kinds. */
static int check_range(struct value_parser *p, uint32_t bits, enum sign sign,
		       const struct number *n, const char *word)
{
	unsigned __int128 all =
		bits < 128 ? ((unsigned __int128)1 << bits) - 1 : ~(unsigned __int128)0;
	unsigned __int128 magnitude = (unsigned __int128)n->high << 64 | n->low;
	unsigned __int128 least = sign == UNSIGNED ? 0 : all / 2 + 1;
	unsigned __int128 most = sign == SIGNED ? all / 2 : all;
	auto_strbuf range = STRBUF_INIT;

	if (n->negative ? magnitude <= least : magnitude <= most)
		return 0;
	sb_add(&range, least ? "-" : "");
	add_128(&range, least);
	sb_add(&range, " to ");
	add_128(&range, most);
	return value_error(p, "%s is not from %s", word, sb_text(&range));
}

static int btf_value_scalar_put_number(struct value_parser *p, struct value_spot spot,
				       uint32_t bits, enum sign sign, const char *word)
{
	struct number n;
	int r;

	if (!read_number(word, &n))
		return value_error(p, "'%s' is not a number", word);
	if (bits == 0 || bits > 128)
		return value_error(p, "is a number of %u bits, which is not offered",
				   bits);
	/* Dumps show the bits of signed bit-fields, bytes and 128-bit numbers. */
	if (sign == SIGNED && n.hex && !n.negative &&
	    (spot.bitfield || bits == 8 || bits > 64))
		sign = UNSIGNED;
	r = check_range(p, bits, sign, &n, word);
	if (r < 0)
		return r;
	if (n.negative) {
		n.high = ~n.high + (n.low == 0);
		n.low = ~n.low + 1;
	}
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
	struct number n;

	if (!spot.bitfield)
		spot.bit += btf_int_offset(t);
	if (encoding & BTF_INT_BOOL) {
		bool number =
			read_number(text, &n) && !n.high && n.low < 2 && !n.negative;
		bool yes = number ? n.low : strcmp(text, "true") == 0;

		if (!number && !yes && strcmp(text, "false") != 0)
			return value_error(p, "'%s' is neither true nor false", text);
		return yes && bits == 8 && !spot.bitfield
			       ? add_vague(p, spot.bit, bits, yes)
			       : value_put(p, spot.bit, bits, yes, 0);
	}
	if (bits == 8 && is_quoted_char(text))
		return value_put(p, spot.bit, bits, (unsigned char)text[1], 0);
	/* What a dump quotes is a character, a digit too; of bit-fields it is the bits. */
	if (bits == 8 && !spot.bitfield && word->quoted && word->text.len == 1)
		return value_put(p, spot.bit, bits, (unsigned char)text[0], 0);
	/* Dumps show signed characters as unsigned numbers, if not as what they are. */
	if (encoding & BTF_INT_CHAR)
		return btf_value_scalar_put_number(p, spot, bits, EITHER, text);
	return btf_value_scalar_put_number(
		p, spot, bits, encoding & BTF_INT_SIGNED ? SIGNED : UNSIGNED, text);
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

static int btf_value_scalar_put_enum(struct value_parser *p, const struct btf_type *t,
				     struct value_spot spot, const char *text)
{
	uint32_t bits = spot.bitfield ? spot.bitfield : t->size * 8;
	const char *name = btf__name_by_offset(p->btf, t->name_off);
	struct number n;
	uint64_t value;

	if (find_enumerator(p->btf, t, text, &value)) {
		n = (struct number){.low = value};
		if (btf_is_enum(t) || btf_kflag(t)) {
			n.negative = (int64_t)value < 0;
			n.low = n.negative ? -value : value;
		}
		if (check_range(p, bits, EITHER, &n, text) < 0)
			return p->err->code;
		return value_put(p, spot.bit, bits, value, 0);
	}
	if (!read_number(text, &n))
		return name && *name ? value_error(p, "enum %s has no '%s'", name, text)
				     : value_error(p, "the enum has no '%s'", text);
	return btf_value_scalar_put_number(p, spot, bits, EITHER, text);
}

static int btf_value_scalar_put_float(struct value_parser *p, const struct btf_type *t,
				      struct value_spot spot, const char *text)
{
	uint32_t narrow;
	uint64_t wide;
	double value;
	char *end;
	bool lost;
	float f;

	/* Others are shown as their bits. */
	if (t->size != 4 && t->size != 8)
		return btf_value_scalar_put_number(p, spot, t->size * 8, UNSIGNED, text);
	errno = 0;
	value = strtod(text, &end);
	if (end == text || *end)
		return value_error(p, "'%s' is not a number", text);
	lost = errno == ERANGE && (isinf(value) || value == 0);
	f = (float)value;
	if (t->size == 4 && !isnan(value))
		lost |= isinf(f) != isinf(value) || (f == 0) != (value == 0);
	if (lost)
		return value_error(p, "%s does not fit in a float of %u bytes", text,
				   t->size);
	if (t->size == 4) {
		memcpy(&narrow, &f, sizeof(narrow));
		return isnan(f) ? add_vague(p, spot.bit, 32, narrow)
				: value_put(p, spot.bit, 32, narrow, 0);
	}
	memcpy(&wide, &value, sizeof(wide));
	return isnan(value) ? add_vague(p, spot.bit, 64, wide)
			    : value_put(p, spot.bit, 64, wide, 0);
}

int value_scalar(struct value_parser *p, const struct btf_type *t, struct value_spot spot,
		 const struct value_word *word)
{
	const char *text = sb_text(&word->text);

	if (btf_is_int(t))
		return put_int(p, t, spot, word);
	if (btf_is_any_enum(t))
		return btf_value_scalar_put_enum(p, t, spot, text);
	if (btf_is_float(t))
		return btf_value_scalar_put_float(p, t, spot, text);
	/* As a dump prints the null pointer. */
	return btf_value_scalar_put_number(p, spot, 64, UNSIGNED,
					   strcmp(text, "(nil)") == 0 ? "0" : text);
}
