/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "load/apply_node.h"

/* As deep as the reader lets a file be. */
void apply_node_release(struct apply_node *node)
{
	for (size_t i = 0; i < node->nr; i++)
		apply_node_release(&node->items[i]);
	free(node->items);
	free(node->text);
	free(node->key.text);
	*node = (struct apply_node){.nr = 0};
}

const struct apply_node *apply_node_find(const struct apply_node *mapping,
					 const char *key)
{
	for (size_t i = 0; i < mapping->nr; i++)
		if (strcmp(mapping->items[i].key.text, key) == 0)
			return &mapping->items[i];
	return NULL;
}

const char *apply_node_kind_text(enum apply_node_kind kind)
{
	switch (kind) {
	case APPLY_NODE_TEXT:
		return "a text";
	case APPLY_NODE_LIST:
		return "a list";
	case APPLY_NODE_MAPPING:
		return "a mapping";
	}
	return "a value";
}

int apply_node_refuse(struct err *err, const char *file, struct apply_at at,
		      const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_say(err, -EINVAL, "%s:%u:%u: %s", file, at.line, at.column, text);
}
