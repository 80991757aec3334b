/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The line that is being completed, and what is offered for it. */
#ifndef VERBS_COMPLETE_OFFER_H
#define VERBS_COMPLETE_OFFER_H

#include "base/synopsis.h"
#include "base/text_list.h"
#include "verbs/tool.h"

struct complete {
	const struct tool *tool;
	char *const *words; /* in front of the one that is completed */
	const struct synopsis_atom **taken;
	size_t nr;
	const char *word; /* what is typed of it */
	const struct verb *verbs;
	const char *line; /* the grammar of the words there are */
	/* Options that stand in front of them, or are for other verbs; NULL. */
	const char *too_late;
	struct text_list offered;
	bool nospace, files, dirs;
};

/* Prints text if it begins with what was typed; about may be NULL. */
void complete_offer(struct complete *c, const char *text, const char *about);

#endif
