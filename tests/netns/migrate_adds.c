/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What old programs wrote, into a new map by the program that the kernel runs for it: random
 * definitions, values and policies, for maps per CPU and not, while the new programs write on.
 * A plain model says what has to be there. MAPSHARE_SEED=N, MAPSHARE_ROUNDS=N.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "kernel/cpu_stay.h"
#include "kernel/cpus.h"
#include "load/migrate_adder.h"
#include "load/migrate_shadow.h"

#define check(condition)                                                           \
	do {                                                                       \
		if (!(condition)) {                                                \
			printf("FAIL: %s:%d: %s (errno %d)\n", __FILE__, __LINE__, \
			       #condition, errno);                                 \
			exit(1);                                                   \
		}                                                                  \
	} while (0)
#define fail_msg(...)                \
	do {                         \
		printf("FAIL: ");    \
		printf(__VA_ARGS__); \
		putchar('\n');       \
		exit(1);             \
	} while (0)
#define assert_memory_equal(a, b, n) check(memcmp(a, b, n) == 0)

#include "../unit/element_merge_model.h"

static const struct kind {
	const char *name;
	enum bpf_map_type type;
	bool percpu, is_array;
} kinds[] = {
	{"hash", BPF_MAP_TYPE_HASH, false, false},
	{"array", BPF_MAP_TYPE_ARRAY, false, true},
	{"percpu_hash", BPF_MAP_TYPE_PERCPU_HASH, true, false},
	{"percpu_array", BPF_MAP_TYPE_PERCPU_ARRAY, true, true},
	{"lru_hash", BPF_MAP_TYPE_LRU_HASH, false, false},
	{"lru_percpu_hash", BPF_MAP_TYPE_LRU_PERCPU_HASH, true, false},
};
enum { VALUE_OFFSET = 16 };

/* One round: both maps, what is in them, and what is to be. */
struct round {
	int nr;
	struct model_random random;
	const struct kind *kind;
	struct type from, to;
	struct element_plan plan;
	unsigned int slots;
	size_t old_stride, new_stride;
	int new_fd, rows_fd;
	unsigned char *rows;
	/* Values of each CPU; look: of the new map as it was looked at. */
	unsigned char *before, *old_now, *look, *later, *want, *got;
	bool done[1024];
	size_t nr_changed, nr_done;
};

static size_t padded(size_t n)
{
	return (n + 7) / 8 * 8;
}

static void round_plan(struct round *t)
{
	auto_element_plan plain = {.nr_rows = 0};
	struct model_struct *s;
	char *merge[64];
	size_t nr = 0;

	t->from = type_of(model_random_struct(&t->random, 2, 6));
	s = model_copy(t->from.s);
	model_upgrade(&t->random, s, true);
	t->to = type_of(s);
	plan_make(&plain, &t->from, &t->to, false, NULL, 0);
	for (size_t i = 0; i < plain.nr_rows && nr < 64; i++) {
		static const char *const words[] = {"add", "keep-new", "overwrite"};
		auto_free char *add = xasprintf("%s=add", plain.rows[i].path);
		uint32_t word = model_below(&t->random, 3);

		if (plain.rows[i].policy == ELEMENT_NONE || model_below(&t->random, 2) ||
		    (!word && plan_tried(&t->from, &t->to, add) < 0))
			continue;
		merge[nr++] = xasprintf("%s=%s", plain.rows[i].path, words[word]);
	}
	plan_make(&t->plan, &t->from, &t->to, false, (const char *const *)merge, nr);
	while (nr)
		free(merge[--nr]);
}

static void round_maps(struct round *t)
{
	LIBBPF_OPTS(bpf_map_create_opts, mapped, .map_flags = BPF_F_MMAPABLE);
	size_t row;

	t->slots = t->kind->percpu ? possible_cpus() : 1;
	check(t->slots > 0 && t->slots <= array_size(t->done));
	t->old_stride = padded(t->from.s->size);
	t->new_stride = t->kind->percpu ? padded(t->to.s->size) : t->to.s->size;
	row = VALUE_OFFSET + t->slots * t->old_stride;
	t->new_fd = bpf_map_create(t->kind->type, "adds_new", 4, t->to.s->size, 8, NULL);
	t->rows_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "adds_rows", 4, (uint32_t)row, 1,
				    &mapped);
	check(t->new_fd >= 0 && t->rows_fd >= 0);
	t->rows = mmap(NULL, row, PROT_READ | PROT_WRITE, MAP_SHARED, t->rows_fd, 0);
	check(t->rows != MAP_FAILED);
	t->before = xcalloc(t->slots, t->old_stride);
	t->old_now = xcalloc(t->slots, t->old_stride);
	t->look = xcalloc(t->slots, t->new_stride);
	t->later = xcalloc(t->slots, t->new_stride);
	t->want = xcalloc(t->slots, t->new_stride);
	t->got = xcalloc(t->slots, t->new_stride);
}

static void round_values(struct round *t)
{
	struct model_random *r = &t->random;
	size_t old_size = t->from.s->size, new_size = t->to.s->size;

	for (unsigned int i = 0; i < t->slots; i++) {
		unsigned char *before = t->before + i * t->old_stride;
		unsigned char *old_now = t->old_now + i * t->old_stride;
		unsigned char *look = t->look + i * t->new_stride;
		unsigned char *later = t->later + i * t->new_stride;

		value_random(r, &t->from, before, false);
		memcpy(old_now, before, old_size);
		value_random(r, &t->from, old_now, true);
		model_convert(&t->from, before, &t->to, look);
		if (model_below(r, 4))
			value_random(r, &t->to, look, true);
		memcpy(later, look, new_size);
		if (model_below(r, 2))
			value_random(r, &t->to, later, true);
	}
	memcpy(t->rows + VALUE_OFFSET, t->before, t->slots * t->old_stride);
	*(uint64_t *)(void *)t->rows = MIGRATE_ROW_COPIED;
}

/* looked: what the merge was made of, which is not what the program finds if they differ. */
static void round_want(struct round *t, unsigned int slot, const unsigned char *looked)
{
	auto_free unsigned char *converted = xcalloc(1, t->to.s->size);
	auto_free unsigned char *old_new = xcalloc(1, t->to.s->size);
	const unsigned char *later = t->later + slot * t->new_stride;
	struct sides s = {
		.from = &t->from,
		.to = &t->to,
		.before = t->before + slot * t->old_stride,
		.old_now = t->old_now + slot * t->old_stride,
		.new_now = later,
		.converted = converted,
	};

	model_convert(&t->from, s.before, &t->to, converted);
	model_convert(&t->from, s.old_now, &t->to, old_new);
	for (size_t i = 0; i < t->to.places.nr; i++) {
		const char *unit = t->to.places.items[i].unit;
		enum element_policy policy =
			policy_of(&t->plan, t->to.places.items[i].row);
		uint64_t number = model_merge(&s, i, policy, unit);

		/* Both had written the same, and then the new side went on. */
		if (policy != ELEMENT_ADD && !unit_changed(&t->to, unit, old_new, looked))
			number = number_at(&t->to, i, later);
		/* The new side had written, and then what was there before. */
		if (policy == ELEMENT_KEEP_NEW &&
		    unit_changed(&t->to, unit, converted, looked))
			number = number_at(&t->to, i, later);
		model_put(t->want + slot * t->new_stride, t->to.places.items[i].bit,
			  t->to.places.items[i].bits, number);
	}
}

static bool keeps_differ(const struct element_merge *merge, const unsigned char *a,
			 const unsigned char *b, size_t n)
{
	for (size_t i = 0; merge->sets && i < n; i++)
		if (merge->keep[i] & (a[i] ^ b[i]))
			return true;
	return false;
}

static void round_slot(struct round *t, struct migrate_adder *a, unsigned int slot)
{
	const uint32_t key = 1;
	const unsigned char *old_now = t->old_now + slot * t->old_stride;
	const unsigned char *later = t->later + slot * t->new_stride;
	const unsigned char *look = t->look + slot * t->new_stride;
	auto_element_merge merge = {.adds = false};
	auto_err err = ERR_INIT;
	int r = MIGRATE_ADDER_CHANGED;

	element_merge_init(&merge, &t->plan);
	while (r == MIGRATE_ADDER_CHANGED) {
		element_plan_merge(&t->plan, t->before + slot * t->old_stride, old_now,
				   look, &merge);
		if (!merge.adds && !merge.sets)
			break;
		r = migrate_adder_run(a,
				      &(struct migrate_addition){
					      .key = &key,
					      .merge = &merge,
					      .old_now = old_now,
					      .new_now = look,
					      .slot = slot,
				      },
				      &err);
		if (r < 0)
			fail_msg("round %d: %s\n%s", t->nr, err.text,
				 err.log ? err.log : "");
		if ((r == MIGRATE_ADDER_CHANGED) !=
		    keeps_differ(&merge, look, later, t->to.s->size))
			fail_msg("round %d: verdict %d", t->nr, r);
		t->nr_changed += r == MIGRATE_ADDER_CHANGED;
		if (r == MIGRATE_ADDER_CHANGED)
			look = later;
	}
	check(r == MIGRATE_ADDER_DONE || (!merge.adds && !merge.sets));
	t->done[slot] = r == MIGRATE_ADDER_DONE;
	t->nr_done += t->done[slot];
	round_want(t, slot, look);
}

static void round_compare(struct round *t)
{
	const uint32_t key = 1;

	check(bpf_map_lookup_elem(t->new_fd, &key, t->got) == 0);
	for (unsigned int slot = 0; slot < t->slots; slot++) {
		if (t->done[slot]) {
			bytes_are(t->got + slot * t->new_stride,
				  t->want + slot * t->new_stride, &t->to, t->nr);
			check(memcmp(t->rows + VALUE_OFFSET + slot * t->old_stride,
				     t->old_now + slot * t->old_stride,
				     t->from.s->size) == 0);
		} else {
			check(memcmp(t->got + slot * t->new_stride,
				     t->later + slot * t->new_stride,
				     t->to.s->size) == 0);
		}
	}
}

/* It goes if it is what it was, and not if one byte of one CPU's is another one. */
static void round_delete(struct round *t, struct migrate_adder *a)
{
	const uint32_t key = 1;
	auto_err err = ERR_INIT;
	size_t at = model_below(&t->random, t->slots) * t->new_stride +
		    model_below(&t->random, t->to.s->size);
	int r;

	t->got[at] ^= 1;
	r = migrate_adder_delete(a, 0, &key, t->got, &err);
	if (r == -EOPNOTSUPP)
		return;
	check(r == MIGRATE_ADDER_CHANGED);
	t->got[at] ^= 1;
	check(migrate_adder_delete(a, 0, &key, t->got, &err) == MIGRATE_ADDER_DONE);
	check(bpf_map_lookup_elem(t->new_fd, &key, t->got) < 0 && errno == ENOENT);
	check(*(uint64_t *)(void *)t->rows == MIGRATE_ROW_GONE);
	check(migrate_adder_delete(a, 0, &key, t->got, &err) == MIGRATE_ADDER_MISSING);
}

static void round_end(struct round *t)
{
	munmap(t->rows, VALUE_OFFSET + t->slots * t->old_stride);
	close(t->new_fd);
	close(t->rows_fd);
	free(t->before);
	free(t->old_now);
	free(t->look);
	free(t->later);
	free(t->want);
	free(t->got);
	element_plan_release(&t->plan);
	type_free(&t->from);
	type_free(&t->to);
}

static void round_run(struct round *t)
{
	auto_cpu_stay stay = CPU_STAY_INIT;
	struct migrate_shadow shadow = {.fds = &t->rows_fd,
					.nr_fds = 1,
					.map_rows = 1,
					.value_offset = VALUE_OFFSET};
	struct migrate_adder a = MIGRATE_ADDER_INIT;
	const uint32_t key = 1;
	auto_err err = ERR_INIT;

	a.plan = &t->plan;
	a.shadow = &shadow;
	a.new_fd = t->new_fd;
	a.lock_at = -1;
	a.slots = t->slots;
	check(migrate_adder_init(&a, &err) == 0);
	/* What is looked at is what was there before the new programs went on. */
	check(bpf_map_update_elem(t->new_fd, &key, t->later, BPF_ANY) == 0);
	if (t->kind->percpu)
		cpu_stay_begin(&stay, t->slots);
	for (unsigned int slot = 0; slot < t->slots; slot++)
		if (!t->kind->percpu || cpu_stay_on(&stay, slot))
			round_slot(t, &a, slot);
	if (t->kind->percpu)
		check(cpu_stay_end(&stay) == 0);
	round_compare(t);
	if (!t->kind->is_array)
		round_delete(t, &a);
	migrate_adder_release(&a);
}

int main(void)
{
	size_t nr_done = 0, nr_changed = 0;

	printf("seed %llu\n", (unsigned long long)round_seed(0));
	for (int nr = 0; nr < rounds(120); nr++) {
		struct round t = {
			.nr = nr,
			.random = {.seed = round_seed(nr)},
			.kind = &kinds[(size_t)nr % array_size(kinds)],
		};

		round_plan(&t);
		round_maps(&t);
		round_values(&t);
		round_run(&t);
		nr_done += t.nr_done;
		nr_changed += t.nr_changed;
		round_end(&t);
	}
	printf("%d rounds: %zu values added up, %zu looked at again\n", rounds(120),
	       nr_done, nr_changed);
	return !(nr_done && nr_changed);
}
