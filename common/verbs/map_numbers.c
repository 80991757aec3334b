/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/alloc.h"
#include "base/log.h"
#include "btf/value_sum.h"
#include "kernel/map_fd.h"
#include "verbs/cgroup_names.h"
#include "verbs/map_numbers.h"
#include "verbs/map_ref.h"
#include "verbs/map_answer.h"

/* Values of other types are fds' shadows: ids, cookies. */
static bool has_values(const struct bpf_map_info *info)
{
	const struct mapdef def = {.type = info->type};

	return mapdef_is_data(&def);
}

static void read_fields(struct map_numbers *n, struct btf *btf, struct err *err)
{
	auto_err why = ERR_INIT;

	if (!has_values(&n->info)) {
		err_say(err, 0, "maps of its type hold no numbers");
		return;
	}
	if (value_fields_init(&n->fields, btf, n->info.btf_value_type_id,
			      n->info.value_size, err) < 0) {
		err->code = 0;
		return;
	}
	if (!map_io_is_percpu(&n->info))
		return;
	if (value_sum_possible(&n->fields, &why) < 0) {
		n->cpus = possible_cpus();
		return;
	}
	n->terms = n->fields;
	value_sum_fields(&n->fields, &n->terms);
	n->sum = xcalloc(n->fields.nr, sizeof(*n->sum));
}

int map_numbers_init(struct map_numbers *ret, int fd, bool readable, struct err *err)
{
	struct map_numbers n = {.fd = fd, .cpus = 1};
	auto_release(map_fd_btf_put) struct btf *btf = NULL;
	int r = map_ref_info(fd, &n.info, err);

	if (r < 0)
		return r;
	btf = map_fd_btf(&n.info);
	n.name = map_name_of(&n.info);
	n.keys = key_text_new_readable(btf, n.info.btf_key_type_id, n.info.key_size,
				       readable ? &cgroup_names : NULL);
	n.keyless = n.info.btf_value_type_id && !n.info.btf_key_type_id;
	read_fields(&n, btf, err);
	*ret = n;
	return 0;
}

void map_numbers_release(struct map_numbers *n)
{
	free(n->name);
	free(n->sum);
	value_fields_release(&n->fields);
	value_fields_release(&n->terms);
	key_text_freep(&n->keys);
	*n = (struct map_numbers){.fd = -1};
}

struct each {
	const struct map_numbers *numbers;
	map_numbers_fn fn;
	void *ctx;
	const struct value_field *lost; /* the first whose sum is too large */
};

static int map_numbers_pass_on(const void *key, const void *value, int error, void *ctx)
{
	struct each *each = ctx;
	const struct map_numbers *n = each->numbers;
	const struct value_field *lost;

	(void)error;
	if (!value)
		return 0;
	if (n->sum) {
		lost = value_sum_of(&n->terms, value, map_io_stride(&n->info),
				    possible_cpus(), n->sum);
		each->lost = each->lost ? each->lost : lost;
		value = n->sum;
	}
	return each->fn(n, key, value, each->ctx);
}

int map_numbers_each(const struct map_numbers *n, map_numbers_fn fn, void *ctx)
{
	struct each each = {.numbers = n, .fn = fn, .ctx = ctx};

	int r = map_io_dump(n->fd, &n->info, map_numbers_pass_on, &each);

	if (each.lost)
		log_warn(
			"map %u: the sum of '%s' does not fit in 64 bits: shown is the number nearest to it",
			n->info.id, each.lost->name);
	return r;
}

static int map_numbers_count_one(const void *key, const void *value, int error, void *ctx)
{
	int64_t *nr = ctx;

	(void)key;
	(void)error;
	*nr += value != NULL;
	return 0;
}

int64_t map_numbers_count(const struct map_numbers *n)
{
	int64_t nr = 0;
	int r;

	if (n->info.type == BPF_MAP_TYPE_ARRAY ||
	    n->info.type == BPF_MAP_TYPE_PERCPU_ARRAY)
		return n->info.max_entries;
	r = map_io_dump(n->fd, &n->info, map_numbers_count_one, &nr);
	return r < 0 ? r : nr;
}
