/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "base/outbuf.h"
#include "view/btf_json.h"
#include "view/btf_plan.h"

char *btf_json_text(const struct btf *btf, uint32_t type_id, const void *bytes,
		    uint32_t size)
{
	auto_release(btf_plan_freep) struct btf_plan *plan = NULL;
	auto_outbuf out = {.bytes = NULL};
	char *text = NULL;
	size_t len;
	FILE *f;

	if (btf_plan_new(btf, type_id, size, BTF_JSON, 0, &plan) < 0)
		return NULL;
	f = open_memstream(&text, &len);
	if (!f)
		return NULL;
	outbuf_init(&out, f);
	btf_plan_run(plan, bytes, &out);
	outbuf_flush(&out);
	fclose(f);
	return text;
}
