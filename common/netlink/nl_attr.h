/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Attribute lists in tables, checked: what libmnl's walkers leave to their callers. For
 * the nl_*.c files beside this one.
 */
#ifndef NETLINK_NL_ATTR_H
#define NETLINK_NL_ATTR_H

#include <stddef.h>

#include "base/cleanup.h"

struct nlattr;
struct nlmsghdr;

/*
 * tb[type] = the last attribute of each type below nr, others NULL; the attributes behind
 * offset bytes of payload, or inside nest. -EINVAL if the payload is shorter than offset
 * or the list does not end where it should.
 */
int nl_attr_table(const struct nlattr **tb, size_t nr, const struct nlmsghdr *nlh,
		  size_t offset) must_check;
int nl_attr_nest(const struct nlattr **tb, size_t nr,
		 const struct nlattr *nest) must_check;

/*
 * Values; an absent attribute (NULL) leaves *ret alone. -EINVAL: shorter than the value;
 * for text: no NUL inside the attribute, or too long for ret.
 */
int nl_attr_u32(const struct nlattr *attr, unsigned int *ret) must_check;
int nl_attr_text(const struct nlattr *attr, char *ret, size_t size) must_check;
/* Copies as much of a structure as the attribute has; -EINVAL if shorter than min. */
int nl_attr_copy(const struct nlattr *attr, void *ret, size_t size,
		 size_t min) must_check;

#endif
