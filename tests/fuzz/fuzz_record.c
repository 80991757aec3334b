/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any bytes as a record of apply: what is read leads to one filter or link each, and is written
 * as it was read. */
/* Reads: common/load/apply_record */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "load/apply_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_record(const struct apply_record *record)
{
	auto_apply_record again = APPLY_RECORD_INIT;
	auto_strbuf text = STRBUF_INIT, second = STRBUF_INIT;
	auto_err err = ERR_INIT;

	for (size_t i = 0; i < record->nr_made; i++) {
		const struct apply_made *m = &record->made[i];

		if (m->is_tc)
			check(m->pref && m->handle && m->parent && m->ifindex > 0);
		else
			check(m->cgroup[0] == '/' && (m->mode != APPLY_LINK || m->pin));
	}
	apply_record_write(record, &text);
	check(apply_record_parse(&again, text.text, text.len, &err) == 0);
	apply_record_write(&again, &second);
	check(strcmp(sb_text(&text), sb_text(&second)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_apply_record record = APPLY_RECORD_INIT;
	auto_err err = ERR_INIT;

	if (apply_record_parse(&record, (const char *)data, size, &err) == 0)
		check_record(&record);
	else
		check(err.code < 0 && err.text[0]);
	return 0;
}
