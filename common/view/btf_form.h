/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The three shapes of bpftool's JSON-like text: what stands between two values. Names are
 * written with their line, in JSON's escapes.
 */
#ifndef VIEW_BTF_FORM_H
#define VIEW_BTF_FORM_H

#include "base/strbuf.h"

enum btf_form {
	BTF_TEXT,   /* typed values in text: indented, looks like JSON but is none */
	BTF_JSON,   /* -j: all on one line */
	BTF_PRETTY, /* -p: indented as BTF_TEXT */
};

/* A new line below depth open brackets, 4 blanks each; nothing in BTF_JSON. */
void btf_form_line(struct strbuf *text, enum btf_form form, unsigned int depth);

/* The same, and the name of a member up to where its value stands. */
void btf_form_name(struct strbuf *text, enum btf_form form, unsigned int depth,
		   const char *name);

/* NULL is the empty string. */
void btf_form_quote(struct strbuf *text, const char *name);

#endif
