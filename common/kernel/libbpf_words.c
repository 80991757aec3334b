/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/caps.h"
#include "kernel/libbpf_words.h"

static const char log_begin[] = "-- BEGIN PROG LOAD LOG --\n";
static const char log_end[] = "-- END PROG LOAD LOG --";

static __thread struct strbuf *collecting;

static int libbpf_words_hear(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	auto_free char *text = NULL;
	char *rest = NULL;

	if (!(collecting && level == LIBBPF_WARN) && !log_wants(LOG_DEBUG))
		return 0;
	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;
		return 0;
	}
	if (collecting && level == LIBBPF_WARN)
		sb_add(collecting, text);
	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		log_debug("%s", line);
	return 0;
}

void libbpf_words_install(void)
{
	libbpf_set_print(libbpf_words_hear);
}

void libbpf_words_begin(struct strbuf *text)
{
	collecting = text;
}

void libbpf_words_end(void)
{
	collecting = NULL;
}

/* Cuts the verifier log out of text (in place) and returns it, NULL without one. */
static char *cut_log(char *text)
{
	char *begin = strstr(text, log_begin), *end, *log;

	if (!begin)
		return NULL;
	end = strstr(begin, log_end);
	log = end ? xstrndup(begin + strlen(log_begin),
			     (size_t)(end - begin) - strlen(log_begin))
		  : xstrdup(begin + strlen(log_begin));
	/* The line in front of the log has only the program's name left. */
	while (begin > text && begin[-1] != '\n')
		begin--;
	*begin = '\0';
	return log;
}

/*
 * libbpf tries again by itself after the one, and blames a limit where a capability is
 * missing: of programs and maps, 5.11 and newer kernels do not count it at all.
 */
static bool libbpf_words_explains(const char *line, int r)
{
	bool limit = strstr(line, "RLIMIT_MEMLOCK") || strstr(line, "'ulimit -l'");

	return *line && !strstr(line, "Retrying without BTF") &&
	       !(limit && r == -EPERM && caps_missing(CAPS_BPF));
}

int libbpf_words_err(struct err *err, int r, const struct strbuf *text,
		     const char *fallback)
{
	auto_free char *lines = xstrdup(sb_text(text));
	char *save = NULL;

	free(take_ptr(err->log));
	err->log = cut_log(lines);
	for (char *line = strtok_r(lines, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "libbpf: ", 8) == 0)
			line += 8;
		if (libbpf_words_explains(line, r))
			return err_say(err, r, "%s", line);
	}
	return err_set(err, r, "%s", fallback);
}
