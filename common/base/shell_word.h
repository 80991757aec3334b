/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A word as it stands on a line that is meant to be pasted into a shell. */
#ifndef BASE_SHELL_WORD_H
#define BASE_SHELL_WORD_H

#include "base/strbuf.h"

/* In single quotes where it needs them. */
void shell_word_add(struct strbuf *out, const char *word);

#endif
