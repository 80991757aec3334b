/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "base/utf8.h"
#include "verbs/complete_offer.h"

/* Other people's names go to a shell, a line each. */
static bool may_be_offered(const char *text)
{
	auto_strbuf scratch = STRBUF_INIT;

	return *text && utf8_visible(text, &scratch) == text;
}

static bool was_offered(const struct text_list *list, const char *text)
{
	for (size_t i = 0; i < list->nr; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

void complete_offer(struct complete *c, const char *text, const char *about)
{
	auto_strbuf scratch = STRBUF_INIT;

	if (strncmp(text, c->word, strlen(c->word)) != 0 || !may_be_offered(text) ||
	    was_offered(&c->offered, text))
		return;
	text_list_add(&c->offered, text);
	if (about && *about)
		fprintf(c->tool->out, "%s\t%s\n", text, utf8_visible(about, &scratch));
	else
		fprintf(c->tool->out, "%s\n", text);
}
