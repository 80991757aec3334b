/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A key or value written down in terms of its BTF type, as bytes:
 *
 *	5   -1   0x50   true   'a'   1.5   BUSY              scalars; enums by name
 *	{packets:5,bytes:10}                                 structs; the rest is 0
 *	{"ip":16777226,"in":{"port":80,"mac":[1,2,3,4,5,6]}}
 *	"eth0"                                               arrays of char
 *	192.0.2.1   2001:db8::1   :80   192.0.2.0/24         as btf/readable.h has them
 *
 * What a dump prints as "formatted" is such a text. Blanks count only inside quotes. The
 * bytes are those of this machine: an object's BTF has its byte order.
 */
#ifndef BTF_BTF_VALUE_H
#define BTF_BTF_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct btf;
struct readable_names;

/*
 * Fills the size bytes of ret, only on success. -EINVAL, and a text that names the
 * member: "member 'in.port': 70000 is not from 0 to 65535".
 */
int btf_value_parse(const struct btf *btf, uint32_t type_id, const char *text, void *ret,
		    size_t size, struct err *err) must_check;
/* The same; names NULL: none, so that a path is no value. */
int btf_value_parse_names(const struct btf *btf, uint32_t type_id, const char *text,
			  const struct readable_names *names, void *ret, size_t size,
			  struct err *err) must_check;

/*
 * Writes text into a value that is there: size bytes, with type_id at the byte offset, and
 * below that where path leads: "" to all of it, ".port", "[2]", ".in.mac[0]". What text does
 * not tell of that place becomes 0, everything else stays. bytes change only on success;
 * -EINVAL as above, or because path leads nowhere.
 */
int btf_value_write(const struct btf *btf, uint32_t type_id, uint32_t offset,
		    const char *path, const char *text, void *bytes, size_t size,
		    struct err *err) must_check;

struct text_list;
/* Adds the names that may stand in front of a ':' in a value of that type; none: no struct. */
void btf_value_members(const struct btf *btf, uint32_t type_id, struct text_list *ret);

/* Are all brackets of text closed again? */
bool btf_value_is_whole(const char *text);

#endif
