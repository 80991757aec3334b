/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who wins where both sides wrote a member, as the run decided that copied the map: a later one
 * that finishes it may find no old program any more to tell it from. A text in a map of one
 * element: the id of the old map, then "MEMBER=POLICY" in a line each.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text_list.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "kernel/pin_dir.h"
#include "kernel/pin_txn.h"
#include "load/migrate_private.h"

int migrate_policy_save(const struct migration *m, struct err *err)
{
	const struct element_plan *plan = &m->report->plan;
	auto_free char *path = xasprintf("%s/policy", m->aside);
	auto_strbuf text = STRBUF_INIT;
	auto_close int fd = -1;
	struct bpf_map_info info;
	uint32_t key = 0;
	int r;

	sb_addf(&text, "%u\n", m->old.id);
	for (size_t i = 0; i < plan->nr_rows; i++)
		if (!plan->rows[i].of_key && plan->rows[i].policy != ELEMENT_NONE)
			sb_addf(&text, "%s=%s\n", plan->rows[i].path,
				element_policy_name(plan->rows[i].policy));
	sb_add_char(&text, '\0');
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "mapshare_policy", sizeof(key),
			    (uint32_t)text.len, 1, NULL);
	r = fd < 0 ? -errno : map_io_update(fd, &key, text.text, BPF_ANY);
	if (r == 0)
		r = map_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "make a map for what was decided");
	r = pin_txn_pin(m->txn, fd, info.id, path, err);
	return r == -EEXIST ? err_set(err, r, "pin '%s'", path) : r;
}

/* *ret is the caller's to free; it ends in a 0 byte. */
static int policy_text(const struct migration *m, char **ret, struct err *err)
{
	auto_free char *path = xasprintf("%s/policy", m->aside), *text = NULL;
	auto_close int fd = pin_dir_get(path, BPF_FD_MAP, err);
	struct bpf_map_info info;
	uint32_t key = 0;
	int r;

	if (fd == PIN_DIR_REFUSED)
		return fd;
	r = fd < 0 ? fd : map_fd_info(fd, &info);
	if (r < 0)
		return err_set(err, r, "pin '%s'", path);
	text = xcalloc((size_t)info.value_size + 1, 1);
	r = map_io_lookup(fd, &key, text);
	if (r < 0)
		return err_set(err, r, "read what was decided from '%s'", path);
	*ret = take_ptr(text);
	return 0;
}

static int policy_map(const struct migration *m, const char *text, uint32_t *ret,
		      struct err *err)
{
	char *end;
	unsigned long id = strtoul(text, &end, 10);

	if (end == text || *end != '\n')
		return err_say(err, -EBADMSG, "pin '%s/policy' has no map id", m->aside);
	*ret = (uint32_t)id;
	return 0;
}

int migrate_policy_map(const struct migration *m, uint32_t *ret, struct err *err)
{
	auto_free char *text = NULL;
	int r = policy_text(m, &text, err);

	return r < 0 ? r : policy_map(m, text, ret, err);
}

int migrate_policy_check_map(const struct migration *m, struct err *err)
{
	uint32_t of;
	int r = migrate_policy_map(m, &of, err);

	if (r < 0 || of == m->old.id)
		return r;
	return err_say(
		err, -EBUSY,
		"pin '%s' is map id %u now, but the interrupted migration is of map id %u; remove the directory '%s' to start over",
		m->opts->pin, m->old.id, of, m->aside);
}

int migrate_policy_read(const struct migration *m, struct text_list *merge,
			struct err *err)
{
	auto_free char *text = NULL;
	int r = policy_text(m, &text, err);

	if (r < 0)
		return r;
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (line != text)
			text_list_add(merge, line);
	}
	return 0;
}

/* decided: what migrate_policy_read() gave, nr of them, and what the user says behind it. */
int migrate_policy_check(const struct migration *m, const struct text_list *decided,
			 size_t nr, struct err *err)
{
	const struct element_plan *plan = &m->report->plan;

	for (size_t i = 0; i < plan->nr_rows; i++) {
		const struct element_row *row = &plan->rows[i];
		auto_free char *now =
			xasprintf("%s=%s", row->path, element_policy_name(row->policy));
		bool found = row->of_key || row->policy == ELEMENT_NONE;

		for (size_t k = 0; k < nr && !found; k++)
			found = strcmp(decided->items[k], now) == 0;
		if (!found)
			return err_say(
				err, -EBUSY,
				"'--merge %s': the interrupted run that is to be finished decided otherwise; finish it without that option",
				now);
	}
	return 0;
}
