/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The usage texts of qdisc, filter and exec as what base/synopsis.h reads. */
#ifndef TC_LOADER_USAGE_GRAMMAR_H
#define TC_LOADER_USAGE_GRAMMAR_H

#include "base/strbuf.h"

/* Its lines "tc_loader ..." as alternatives, with the words of bpf where "OPTIONS" stands. */
void usage_grammar(const char *text, struct strbuf *out);

#endif
