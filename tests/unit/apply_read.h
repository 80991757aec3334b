/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Texts that apply's reader takes or refuses; for its two unit tests. */
#ifndef TESTS_APPLY_READ_H
#define TESTS_APPLY_READ_H

#include <string.h>

#include "load/apply_files.h"

struct refusal {
	const char *text, *error;
};

static inline void assert_read(struct apply_conf *ret, const char *text)
{
	auto_err err = ERR_INIT;

	if (apply_files_read_text(ret, "f", "/etc/acct", text, strlen(text), &err) < 0)
		fail_msg("%s\n%s", text, err.text);
}

static inline void assert_refused(const struct refusal *cases, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		auto_apply_conf conf = APPLY_CONF_INIT;
		auto_err err = ERR_INIT;
		const char *text = cases[i].text;

		if (apply_files_read_text(&conf, "f", "/", text, strlen(text), &err) == 0)
			fail_msg("taken: %s", text);
		assert_string_equal(err.text, cases[i].error);
		assert_int_equal(err.code, -EINVAL);
	}
}

#endif
