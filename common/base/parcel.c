/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/parcel.h"

/* In the place of a length, which counts the NUL. */
enum { PARCEL_NULL = 0 };

void parcel_add_number(struct strbuf *out, uint64_t number)
{
	sb_add_mem(out, &number, sizeof(number));
}

void parcel_add_text(struct strbuf *out, const char *text)
{
	size_t size = text ? strlen(text) + 1 : PARCEL_NULL;

	parcel_add_number(out, size);
	sb_add_mem(out, text, size);
}

static size_t parcel_left(const struct parcel *p)
{
	return p->bad ? 0 : (size_t)(p->end - p->at);
}

uint64_t parcel_number(struct parcel *p)
{
	uint64_t number;

	if (parcel_left(p) < sizeof(number)) {
		p->bad = true;
		return 0;
	}
	memcpy(&number, p->at, sizeof(number));
	p->at += sizeof(number);
	return number;
}

uint64_t parcel_up_to(struct parcel *p, uint64_t max)
{
	uint64_t number = parcel_number(p);

	if (number <= max)
		return number;
	p->bad = true;
	return 0;
}

size_t parcel_count(struct parcel *p)
{
	uint64_t number = parcel_number(p);

	if (number <= parcel_left(p) / sizeof(number))
		return (size_t)number;
	p->bad = true;
	return 0;
}

const char *parcel_text_or_null(struct parcel *p)
{
	uint64_t size = parcel_number(p);
	const char *text = p->at;

	if (size == PARCEL_NULL)
		return NULL;
	if (size > parcel_left(p) ||
	    memchr(text, '\0', (size_t)size) != text + size - 1) {
		p->bad = true;
		return NULL;
	}
	p->at += size;
	return text;
}

const char *parcel_text(struct parcel *p)
{
	const char *text = parcel_text_or_null(p);

	return text ? text : "";
}
