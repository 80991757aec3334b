/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What libbpf says while it works. Its one print callback is process-wide and has no
 * context argument, so the buffer to collect into is, for the length of one call, a
 * static of the .c file. Everything also goes to log_debug().
 */
#ifndef KERNEL_LIBBPF_WORDS_H
#define KERNEL_LIBBPF_WORDS_H

#include "base/err.h"
#include "base/strbuf.h"

/* Nothing of libbpf reaches stderr from here on. Once, early in main. */
void libbpf_words_install(void);

/* Collect libbpf's warnings into text (borrowed) until libbpf_words_end(). */
void libbpf_words_begin(struct strbuf *text);
void libbpf_words_end(void);

/*
 * Turns what was collected into the error: the first line that explains something becomes
 * the text, a verifier log becomes err->log. r is libbpf's -errno; fallback says what
 * failed when libbpf had no words.
 */
int libbpf_words_err(struct err *err, int r, const struct strbuf *text,
		     const char *fallback);

#endif
