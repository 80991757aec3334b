/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Some of the shared options are for a few verbs: for those whose synopsis names them, which is
 * all that decides.
 */
#ifndef VERBS_OPTION_USE_H
#define VERBS_OPTION_USE_H

#include "base/args.h"

struct tool;

/*
 * Refused where one was given that the verb does not use. The words name the verb below object
 * ("": none), whose table rows is; NULL: it has none, and uses none.
 */
int option_use_check(const struct tool *tool, const char *object, const struct verb *rows,
		     const struct args *words, struct err *err) must_check;
/* Of tc_loader, where they may stand behind a verb, too: the words left make them given. */
void option_use_behind(const struct args *words, struct tool *given);
/* "[--sum] ": all of them. */
void option_use_words(struct strbuf *out);

#endif
