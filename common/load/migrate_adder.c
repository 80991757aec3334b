/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "btf/element_plan.h"
#include "kernel/caps.h"
#include "load/migrate_adder.h"
#include "load/migrate_adder_code.h"
#include "load/migrate_shadow.h"

static struct migrate_adder_layout adder_layout(const struct migrate_adder *a)
{
	return migrate_adder_layout(a->plan, a->slots);
}

int migrate_adder_check(const struct element_plan *plan, struct err *err)
{
	if (plan->new_value_size <= MIGRATE_ADDER_VALUE_MAX &&
	    plan->old_value_size <= MIGRATE_ADDER_VALUE_MAX)
		return 0;
	return err_say(
		err, -EOPNOTSUPP,
		"value_size %u: values of more than %u bytes cannot be migrated while programs write them",
		plan->new_value_size > plan->old_value_size ? plan->new_value_size
							    : plan->old_value_size,
		(unsigned int)MIGRATE_ADDER_VALUE_MAX);
}

int migrate_adder_init(struct migrate_adder *a, struct err *err)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct migrate_adder_layout at = adder_layout(a);
	void *params;

	a->params_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "mapshare_adds",
				      sizeof(uint32_t), at.bytes, 1, &opts);
	if (a->params_fd < 0) {
		err_set(err, -errno, "make a map for what is added");
		return caps_explain(err, CAPS_LOAD);
	}
	a->params_bytes = (at.bytes + page - 1) / page * page;
	params = mmap(NULL, a->params_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		      a->params_fd, 0);
	if (params == MAP_FAILED)
		return err_set(err, -errno, "map what is added into memory");
	a->params = params;
	a->rows_map = SIZE_MAX;
	return 0;
}

static void adder_unload(struct migrate_adder *a)
{
	for (size_t i = 0; i < array_size(a->progs); i++) {
		cleanup_close(&a->progs[i]);
		a->progs[i] = -1;
	}
}

void migrate_adder_release(struct migrate_adder *a)
{
	adder_unload(a);
	if (a->params)
		munmap(a->params, a->params_bytes);
	cleanup_close(&a->params_fd);
	*a = (struct migrate_adder)MIGRATE_ADDER_INIT;
}

/* With a log only once it was refused. */
static int adder_load_as(const struct bpf_insn *insns, size_t nr, uint32_t type,
			 char *log, size_t log_size)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	int fd;

	if (type == BPF_PROG_TYPE_SYSCALL)
		opts.prog_flags = BPF_F_SLEEPABLE;
	if (log) {
		opts.log_buf = log;
		opts.log_size = (uint32_t)log_size;
		opts.log_level = 1;
	}
	fd = bpf_prog_load(type, "mapshare_adds", "GPL", insns, nr, &opts);
	return fd < 0 ? -errno : fd;
}

/*
 * A classifier may look into maps and take locks that programs that may sleep cannot on some
 * kernels, but each of its runs costs a packet.
 */
static int adder_load(struct migrate_adder *a, enum migrate_adder_act act,
		      struct err *err)
{
	enum { LOG_BYTES = 256 * 1024 };
	auto_free struct bpf_insn *insns = NULL;
	size_t nr = migrate_adder_code(
		&(struct migrate_adder_code){
			.plan = a->plan,
			.at = adder_layout(a),
			.params_fd = a->params_fd,
			.new_fd = a->new_fd,
			.rows_fd = a->shadow->fds[a->rows_map],
			.value_offset = a->shadow->value_offset,
			.slots = a->slots,
			.lock_at = a->lock_at,
			.act = act,
		},
		&insns);
	int fd = a->packet ? -EINVAL
			   : adder_load_as(insns, nr, BPF_PROG_TYPE_SYSCALL, NULL, 0);

	a->packet = fd < 0;
	if (fd < 0)
		fd = adder_load_as(insns, nr, BPF_PROG_TYPE_SCHED_CLS, NULL, 0);
	if (fd < 0) {
		auto_free char *log = xcalloc(1, LOG_BYTES);

		fd = adder_load_as(insns, nr, BPF_PROG_TYPE_SCHED_CLS, log, LOG_BYTES);
		if (fd < 0) {
			err_set(err, fd, "load the program that adds");
			if (log[0])
				err->log = take_ptr(log);
			return caps_explain(err, CAPS_LOAD);
		}
	}
	a->progs[act] = fd;
	return 0;
}

int migrate_adder_try(struct migrate_adder *a, struct err *err)
{
	int r = 0;

	if (!a->shadow->nr_fds)
		return 0;
	a->rows_map = 0;
	for (size_t act = 0; act < MIGRATE_ADDER_DELETES && r == 0; act++)
		r = a->progs[act] < 0 ? adder_load(a, (enum migrate_adder_act)act, err)
				      : 0;
	return r;
}

static int adder_call(const struct migrate_adder *a, int prog_fd, uint32_t *ret)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	static const char packet[64];

	if (a->packet) {
		opts.data_in = packet;
		opts.data_size_in = sizeof(packet);
		opts.repeat = 1;
	}
	if (bpf_prog_test_run_opts(prog_fd, &opts) < 0)
		return -errno;
	*ret = opts.retval;
	return 0;
}

/* The program is there, and knows which row it is about. */
static int adder_begin(struct migrate_adder *a, enum migrate_adder_act act, uint64_t row,
		       const void *key, struct err *err)
{
	struct migrate_adder_layout at = adder_layout(a);
	size_t rows_map = (size_t)(row / a->shadow->map_rows);
	int r = 0;

	if (rows_map != a->rows_map) {
		adder_unload(a);
		a->rows_map = rows_map;
	}
	if (a->progs[act] < 0)
		r = adder_load(a, act, err);
	*(uint32_t *)(void *)(a->params + at.row) = (uint32_t)(row % a->shadow->map_rows);
	memcpy(a->params + at.key, key, a->plan->new_key_size);
	return r;
}

static int adder_end(struct migrate_adder *a, enum migrate_adder_act act, struct err *err)
{
	uint32_t verdict = 0;
	int r = adder_call(a, a->progs[act], &verdict);

	return r < 0 ? err_set(err, r, "run the program that adds") : (int)verdict;
}

int migrate_adder_run(struct migrate_adder *a, const struct migrate_addition *add,
		      struct err *err)
{
	const struct element_plan *plan = a->plan;
	struct migrate_adder_layout at = adder_layout(a);
	enum migrate_adder_act act =
		add->merge->sets ? MIGRATE_ADDER_SETS : MIGRATE_ADDER_ADDS;
	int r = adder_begin(a, act, add->row, add->key, err);

	if (r < 0)
		return r;
	*(uint32_t *)(void *)(a->params + at.slot) = add->slot;
	memcpy(a->params + at.add, add->merge->add, plan->nr_deltas * sizeof(uint64_t));
	if (add->merge->sets) {
		memcpy(a->params + at.set, add->merge->bytes, plan->new_value_size);
		memcpy(a->params + at.mask, add->merge->mask, plan->new_value_size);
		memcpy(a->params + at.keep, add->merge->keep, plan->new_value_size);
		memcpy(a->params + at.same, add->new_now, plan->new_value_size);
	}
	memcpy(a->params + at.now, add->old_now, plan->old_value_size);
	return adder_end(a, act, err);
}

int migrate_adder_delete(struct migrate_adder *a, uint64_t row, const void *key,
			 const void *new_values, struct err *err)
{
	struct migrate_adder_layout at = adder_layout(a);
	auto_err refused = ERR_INIT;

	if (!a->no_deletes)
		a->no_deletes =
			adder_begin(a, MIGRATE_ADDER_DELETES, row, key, &refused) < 0;
	if (a->no_deletes)
		return -EOPNOTSUPP;
	memcpy(a->params + at.same, new_values,
	       a->slots > 1 ? at.bytes - at.same : a->plan->new_value_size);
	return adder_end(a, MIGRATE_ADDER_DELETES, err);
}
