/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * "--complete WORD...": what the last word, which may be empty, could become. The shells'
 * scripts ask for it, so all of them offer the same, and what they offer follows the tables
 * that parsers and help read. An answer is a line:
 *
 *	CANDIDATE [TAB what it is]   as it would stand on the line, unquoted
 *	TAB files | TAB dirs         file names, which a shell completes better
 *	TAB nospace                  a candidate is not a whole word yet
 *
 * Candidates with control bytes are left out.
 */
#ifndef VERBS_COMPLETE_H
#define VERBS_COMPLETE_H

#include "verbs/tool.h"

/* In place of the first word of a line; no user types it. */
#define COMPLETE_OPTION "--complete"

struct complete_grammar {
	/* Those of the tool: "[--json] [--pin-root {DIR|none}]". */
	void (*options)(struct strbuf *out);
	/*
	 * The grammar of a line that begins with these words, options left out. Returns the table
	 * of what may come next, whose help is shown, or NULL.
	 */
	const struct verb *(*line)(struct args *words, struct strbuf *out);
	bool in_front; /* options stand in front of the first such word only */
};

/* Nothing to offer is no error: the exit status is 0. */
int complete_run(const struct tool *tool, const struct complete_grammar *grammar,
		 const struct args *words);

#endif
