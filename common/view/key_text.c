/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "view/btf_plan.h"
#include "view/key_text.h"

struct key_text {
	size_t size;
	struct btf_plan *plan; /* NULL: bytes */
	struct outbuf out;
	FILE *file; /* what the plan writes, into json */
	char *json;
	size_t json_len;
	struct strbuf text;
};

/* plan may be NULL, and is the text's now. */
static struct key_text *key_text_of(struct btf_plan *plan, size_t size)
{
	struct key_text *t = xcalloc(1, sizeof(*t));

	t->size = size;
	t->plan = plan;
	if (!t->plan)
		return t;
	t->file = open_memstream(&t->json, &t->json_len);
	if (!t->file)
		alloc_give_up();
	outbuf_init(&t->out, t->file);
	return t;
}

struct key_text *key_text_new_readable(const struct btf *btf, uint32_t type_id,
				       size_t size, const struct readable_names *names)
{
	struct btf_plan *plan = NULL;

	if (btf && type_id && size <= UINT32_MAX &&
	    btf_plan_new_readable(btf, type_id, (uint32_t)size, BTF_JSON, 0, names,
				  &plan) < 0)
		plan = NULL;
	return key_text_of(plan, size);
}

struct key_text *key_text_new(const struct btf *btf, uint32_t type_id, size_t size)
{
	return key_text_new_readable(btf, type_id, size, NULL);
}

void key_text_freep(struct key_text **text)
{
	struct key_text *t = *text;

	if (!t)
		return;
	if (t->file) {
		outbuf_release(&t->out);
		fclose(t->file);
	}
	free(t->json);
	btf_plan_free(t->plan);
	sb_release(&t->text);
	free(t);
}

/* Does the string at s, up to its closing quote, read the same without quotes? */
static bool is_plain(const char *s)
{
	const char *end = s;

	while (isalnum((unsigned char)*end) || *end == '_' || *end == '.')
		end++;
	return *end == '"' && end > s;
}

static void add_unquoted(struct strbuf *out, const char *json)
{
	bool quoted = false, bare = false;

	for (; *json; json++) {
		if (*json == '\\' && json[1]) {
			sb_add_mem(out, json++, 2);
			continue;
		}
		if (*json != '"') {
			sb_add_char(out, *json);
			continue;
		}
		if (!quoted)
			bare = is_plain(json + 1);
		quoted = !quoted;
		if (!bare)
			sb_add_char(out, '"');
	}
}

const char *key_text_get(struct key_text *t, const void *key)
{
	const unsigned char *bytes = key;

	sb_clear(&t->text);
	if (!t->plan) {
		sb_add(&t->text, "hex");
		for (size_t i = 0; i < t->size; i++)
			sb_addf(&t->text, " %02x", bytes[i]);
		return sb_text(&t->text);
	}
	rewind(t->file);
	btf_plan_run(t->plan, key, &t->out);
	outbuf_flush(&t->out);
	fflush(t->file);
	t->json[t->json_len] = '\0';
	add_unquoted(&t->text, t->json);
	return sb_text(&t->text);
}
