/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A BTF type compiled into a flat program that prints values of that type. BTF is walked
 * once per map; a row then costs one pass over a few operations, each a piece of fixed
 * text and at most one number. The texts are bpftool's:
 *
 *	BTF_TEXT      {                     BTF_JSON    {"port":80,"ok":true,"b":"0x1"}
 *	                  "port": 80,
 *	                  "ok": true,       BTF_PRETTY  as BTF_TEXT, but valid JSON:
 *	                  "b": 0x1                      bit-fields and 128-bit numbers are
 *	              }                                 quoted, pointers are numbers
 *
 * Where bpftool's text is broken ours is not: floats are numbers (quoted "nan", "inf"), a
 * quote or backslash in a string is escaped.
 */
#ifndef VIEW_BTF_PLAN_H
#define VIEW_BTF_PLAN_H

#include <stdint.h>

#include "base/cleanup.h"
#include "base/outbuf.h"
#include "view/btf_form.h"

struct btf;
struct btf_plan;
struct readable_names;

/*
 * Compiles type_id for values of size bytes. depth is how many brackets are open where
 * the value will stand (4 blanks each; BTF_JSON has no use for it). btf is not needed
 * afterwards. -EOPNOTSUPP: a type that has no values, or none this size; -E2BIG: more
 * than 2^17 operations, 8 MiB of names, 64 levels or 4096 elements of no bytes: no compiler
 * makes that of a real program.
 */
int btf_plan_new(const struct btf *btf, uint32_t type_id, uint32_t size,
		 enum btf_form form, unsigned int depth,
		 struct btf_plan **ret) must_check;
/*
 * The same with values as people write them: btf/readable.h. names NULL: as above; else it
 * outlives the plan.
 */
int btf_plan_new_readable(const struct btf *btf, uint32_t type_id, uint32_t size,
			  enum btf_form form, unsigned int depth,
			  const struct readable_names *names,
			  struct btf_plan **ret) must_check;
void btf_plan_free(struct btf_plan *plan);
void btf_plan_freep(struct btf_plan **plan); /* for auto_release() */

/* Prints the value, without a newline behind it. value holds the size bytes. */
void btf_plan_run(const struct btf_plan *plan, const void *value, struct outbuf *out);

#endif
