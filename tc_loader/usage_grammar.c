/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "usage_grammar.h"

#define USAGE_FIRST "Usage: tc_loader "
#define USAGE_NEXT  "       tc_loader "
#define USAGE_BPF   "OPTIONS of bpf: "

void usage_grammar(const char *text, struct strbuf *out)
{
	const size_t margin = strlen(USAGE_FIRST);
	const char *bpf = strstr(text, USAGE_BPF);
	const char *sep = "{";

	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		const char *end = line + strcspn(line, "\n");
		const char *options = strstr(line, "OPTIONS]");

		if (strncmp(line, USAGE_FIRST, margin) != 0 &&
		    strncmp(line, USAGE_NEXT, margin) != 0)
			continue;
		sb_add(out, sep);
		sep = "|";
		line += margin;
		if (bpf && options && options < end) {
			sb_add_mem(out, line, (size_t)(options - line));
			sb_add(out, "[da] ");
			bpf += strlen(USAGE_BPF);
			sb_add_mem(out, bpf, strcspn(bpf, "\n"));
			line = options + strlen("OPTIONS");
			bpf = NULL;
		}
		sb_add_mem(out, line, (size_t)(end - line));
		if (!*end)
			break;
	}
	sb_add(out, "}");
}
