/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/suggest.h"
#include "btf/element_plan_private.h"

/* What is known of a row's numbers, all elements of arrays together. */
struct policy_numbers {
	bool is_mergeable; /* it has a unit */
	bool is_countable; /* integers that can be added to */
	bool is_odd;       /* one of them cannot */
	bool old_adds, new_adds;
	bool old_plain, new_plain; /* one of them, in steps that can lose a count */
	uint64_t nr;
};

struct policy_run {
	struct element_plan *plan;
	const struct element_side *old_side, *new_side;
	struct policy_numbers *numbers; /* for each row; owned */
	const struct element_step *unit;
	bool fill; /* deltas, instead of numbers */
	uint32_t looks;
};

/* Numbers looked at, elements of arrays too: none beyond is added up. */
enum { POLICY_LOOKS_MAX = 1 << 20 };

static bool side_is_plain(const struct element_side *side, uint64_t offset, uint32_t size)
{
	return side->plain && side->plain(side->adds_ctx, (uint32_t)offset, size);
}

static bool is_aligned_word(uint64_t bit, uint32_t bits)
{
	return (bits == 32 || bits == 64) && bit % bits == 0;
}

/* --- numbers, one after the other ------------------------------------------------------ */

static void policy_delta_add(struct policy_run *run, const struct element_step *step,
			     uint64_t old_bit, uint64_t new_bit)
{
	struct element_plan *plan = run->plan;

	if (plan->rows[run->unit->row].policy != ELEMENT_ADD)
		return;
	array_grow(plan->deltas, plan->nr_deltas);
	plan->deltas[plan->nr_deltas++] = (struct element_delta){
		.offset = (uint32_t)(new_bit / 8),
		.size = step->new_bits / 8,
		.old_offset = (uint32_t)(old_bit / 8),
		.old_size = step->old_bits / 8,
		.is_signed = step->is_signed,
		.row = run->unit->row,
	};
}

static void policy_number(struct policy_run *run, const struct element_step *step,
			  uint64_t old_bit, uint64_t new_bit)
{
	struct policy_numbers *numbers = &run->numbers[run->unit->row];
	bool is_first = numbers->nr++ == 0;

	run->looks++;
	if (run->fill) {
		policy_delta_add(run, step, old_bit, new_bit);
		return;
	}
	if (!run->unit->is_number || !is_aligned_word(old_bit, step->old_bits) ||
	    !is_aligned_word(new_bit, step->new_bits) ||
	    numbers->nr > ELEMENT_DELTAS_MAX) {
		numbers->is_odd = true;
		return;
	}
	numbers->is_countable = true;
	numbers->old_adds =
		(is_first || numbers->old_adds) &&
		element_side_adds(run->old_side, old_bit / 8, step->old_bits / 8);
	numbers->new_adds =
		(is_first || numbers->new_adds) &&
		element_side_adds(run->new_side, new_bit / 8, step->new_bits / 8);
	numbers->old_plain |=
		side_is_plain(run->old_side, old_bit / 8, step->old_bits / 8);
	numbers->new_plain |=
		side_is_plain(run->new_side, new_bit / 8, step->new_bits / 8);
}

/* What is in an array of which not all elements are looked at. */
static void policy_give_up(struct policy_run *run, const struct element_step *steps,
			   size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (steps[i].kind == STEP_UNIT)
			run->numbers[steps[i].row].is_odd = true;
	/* Of numbers: their unit stands in front of the array. */
	if (run->unit < steps)
		run->numbers[run->unit->row].is_odd = true;
}

static void policy_walk(struct policy_run *run, const struct element_step *steps,
			size_t nr, uint64_t old_bit, uint64_t new_bit)
{
	for (size_t i = 0; i < nr; i += 1 + steps[i].inside) {
		const struct element_step *step = &steps[i];
		uint64_t old_at = old_bit + step->old_bit,
			 new_at = new_bit + step->new_bit;

		if (step->kind == STEP_UNIT) {
			run->unit = step;
			run->numbers[step->row].is_mergeable = true;
		} else if (step->kind != STEP_EACH) {
			policy_number(run, step, old_at, new_at);
		} else {
			for (uint32_t k = 0; k < step->nr; k++) {
				if (k && run->looks > POLICY_LOOKS_MAX) {
					policy_give_up(run, step + 1, step->inside);
					break;
				}
				policy_walk(run, step + 1, step->inside, old_at, new_at);
				old_at += step->old_stride;
				new_at += step->new_stride;
			}
		}
	}
}

/* --- defaults -------------------------------------------------------------------------- */

static void policy_say(struct element_row *row, const char *fmt, const char *arg)
{
	auto_free char *before = row->why, *text = xasprintf(fmt, arg);

	row->why = before ? xasprintf("%s; %s", before, text) : take_ptr(text);
}

/* Why a number that looks like a counter is none. */
static void policy_explain(const struct policy_run *run, struct element_row *row,
			   const struct policy_numbers *numbers)
{
	const struct element_side *doubtful =
		!numbers->old_adds && (!run->old_side->adds || run->old_side->adds_doubt)
			? run->old_side
		: !numbers->new_adds &&
				(!run->new_side->adds || run->new_side->adds_doubt)
			? run->new_side
			: NULL;

	row->doubted = doubtful;
	if (doubtful)
		policy_say(row, "not added up: %s",
			   doubtful->adds_doubt
				   ? doubtful->adds_doubt
				   : "what programs do with it is not known");
	else if (numbers->old_adds != numbers->new_adds)
		policy_say(row, "only the %s programs add to it",
			   numbers->old_adds ? "old" : "new");
}

/* What the programs lose by themselves is not to be taken for what a migration lost. */
static void policy_say_plain(struct element_row *row,
			     const struct policy_numbers *numbers)
{
	row->plain = numbers->old_plain || numbers->new_plain;
	if (row->plain)
		policy_say(
			row,
			"the %s programs count it without atomic instructions, and can lose counts between CPUs by themselves",
			!numbers->new_plain   ? "old"
			: !numbers->old_plain ? "new"
					      : "old and the new");
}

static void policy_defaults(struct policy_run *run)
{
	struct element_plan *plan = run->plan;

	for (size_t i = 0; i < plan->nr_rows; i++) {
		struct policy_numbers *numbers = &run->numbers[i];
		struct element_row *row = &plan->rows[i];

		if (!numbers->is_mergeable)
			continue;
		numbers->is_countable &= !numbers->is_odd;
		row->policy = ELEMENT_KEEP_NEW;
		if (numbers->is_countable && numbers->old_adds && numbers->new_adds)
			row->policy = ELEMENT_ADD;
		else if (numbers->is_countable)
			policy_explain(run, row, numbers);
		if (numbers->is_countable)
			policy_say_plain(row, numbers);
	}
}

/* --- what the user says ---------------------------------------------------------------- */

static int policy_parse(const char *text, enum element_policy *ret, struct err *err)
{
	struct suggest near = {.word = text};
	auto_strbuf hint = STRBUF_INIT;

	for (enum element_policy p = ELEMENT_ADD; p <= ELEMENT_OVERWRITE; p++) {
		if (strcmp(text, element_policy_name(p)) == 0) {
			*ret = p;
			return 0;
		}
		suggest_offer(&near, element_policy_name(p));
	}
	suggest_hint(&near, &hint);
	return err_say(err, -EINVAL,
		       "unknown policy '%s': expected add, keep-new or overwrite%s", text,
		       sb_text(&hint));
}

/* "stats" is also all that is inside of it. */
static bool policy_names(const char *member, const char *path)
{
	size_t len = strlen(member);

	return strncmp(path, member, len) == 0 &&
	       (path[len] == '\0' || path[len] == '.' || path[len] == '[');
}

static int policy_set_row(const struct policy_run *run, size_t i,
			  enum element_policy policy, struct err *err)
{
	struct element_row *row = &run->plan->rows[i];

	if (policy == ELEMENT_ADD && !run->numbers[i].is_countable)
		return err_say(
			err, -EINVAL,
			"member '%s' (%s) cannot be added up: only aligned integers of 32 or 64 bits can, outside of unions",
			row->path, row->new_type);
	row->policy = policy;
	return 0;
}

static int policy_set(const struct policy_run *run, const char *member,
		      enum element_policy policy, struct err *err)
{
	const struct element_plan *plan = run->plan;
	struct suggest near = {.word = member};
	auto_strbuf hint = STRBUF_INIT;
	const char *unmerged = NULL;
	bool found = false;
	int r;

	for (size_t i = 0; i < plan->nr_rows; i++) {
		const struct element_row *row = &plan->rows[i];

		if (row->of_key)
			continue;
		suggest_offer(&near, row->path);
		if (!policy_names(member, row->path))
			continue;
		if (!run->numbers[i].is_mergeable) {
			unmerged = element_action_name(row->action);
			continue;
		}
		r = policy_set_row(run, i, policy, err);
		if (r < 0)
			return r;
		found = true;
	}
	if (found)
		return 0;
	if (unmerged)
		return err_say(err, -EINVAL, "member '%s' is %s: nothing of it is merged",
			       member, unmerged);
	suggest_hint(&near, &hint);
	return err_say(err, -EINVAL, "no member '%s' in the value%s", member,
		       sb_text(&hint));
}

static int policy_option(const struct policy_run *run, const char *text, struct err *err)
{
	const char *equals = strrchr(text, '=');
	auto_free char *member = NULL;
	enum element_policy policy = ELEMENT_NONE;
	int r;

	if (!equals || equals == text)
		return err_say(err, -EINVAL,
			       "'%s': expected MEMBER=add|keep-new|overwrite", text);
	member = xstrndup(text, (size_t)(equals - text));
	r = policy_parse(equals + 1, &policy, err);
	return r < 0 ? r : policy_set(run, member, policy, err);
}

int element_policies(struct element_plan *plan, const struct element_side *old_side,
		     const struct element_side *new_side,
		     const struct element_options *options, struct err *err)
{
	struct element_steps *steps = plan->value;
	struct policy_run run = {
		.plan = plan, .old_side = old_side, .new_side = new_side};
	auto_free struct policy_numbers *numbers = NULL;
	uint64_t nr = 0;
	int r = 0;

	if (steps->nr && steps->items[0].is_untyped)
		element_untyped_split(plan, old_side, new_side, options);
	numbers = xcalloc(plan->nr_rows + 1, sizeof(*numbers));
	run.numbers = numbers;
	policy_walk(&run, steps->items, steps->nr, 0, 0);
	policy_defaults(&run);
	for (size_t i = 0; i < options->nr_merge && r == 0; i++)
		r = policy_option(&run, options->merge[i], err);
	for (size_t i = 0; i < plan->nr_rows; i++)
		nr += plan->rows[i].policy == ELEMENT_ADD ? numbers[i].nr : 0;
	if (r == 0 && nr > ELEMENT_DELTAS_MAX)
		r = err_say(
			err, -EOPNOTSUPP,
			"a value has %" PRIu64
			" numbers to add up, over %d; merge some of them with keep-new",
			nr, ELEMENT_DELTAS_MAX);
	if (r < 0)
		return r;
	run.fill = true;
	run.looks = 0;
	policy_walk(&run, steps->items, steps->nr, 0, 0);
	return 0;
}
