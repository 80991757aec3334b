/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <math.h>

#include "base/alloc.h"
#include "btf/sample_top.h"

struct race {
	const struct samples *now, *before;
	const struct sample_order *order;
};

static double sample_speed(const struct race *race, const struct sample_place *place,
			   const struct value_field *field)
{
	double rate;

	if (!place->before ||
	    !samples_rate(field, place->before, samples_value(race->now, place->row),
			  race->now->time - race->before->time, &rate))
		return 0;
	return isnan(rate) ? 0 : fabs(rate);
}

static double sample_height(const struct race *race, const struct sample_place *place,
			    const struct value_field *field)
{
	double value = value_field_double(field, samples_value(race->now, place->row));

	return isnan(value) ? -INFINITY : value;
}

/* Below 0: a is before b. */
static int sample_compare(const void *a_, const void *b_, void *race_)
{
	const struct sample_place *a = a_, *b = b_;
	const struct race *race = race_;
	const struct value_fields *fields = race->order->fields;
	bool one = race->order->by < fields->nr;
	size_t first = one ? race->order->by : 0;
	size_t end = one ? first + 1 : fields->nr;

	if (end > first + SAMPLE_TOP_FIELDS)
		end = first + SAMPLE_TOP_FIELDS;
	for (int height = 0; height < 2; height++)
		for (size_t i = first; i < end; i++) {
			const struct value_field *field = &fields->items[i];
			double x, y;

			if (field->kind == LAYOUT_POINTER)
				continue;
			x = height ? sample_height(race, a, field)
				   : sample_speed(race, a, field);
			y = height ? sample_height(race, b, field)
				   : sample_speed(race, b, field);
			if (x != y)
				return x > y ? -1 : 1;
		}
	return a->row < b->row ? -1 : a->row > b->row;
}

/* The last of those kept is on top: it leaves for one that is before it. */
static void sample_heap_sink(struct sample_top *top, size_t at, struct race *race)
{
	for (;;) {
		size_t last = at;

		for (size_t kid = at * 2 + 1; kid <= at * 2 + 2 && kid < top->nr; kid++)
			if (sample_compare(&top->places[kid], &top->places[last], race) >
			    0)
				last = kid;
		if (last == at)
			return;
		struct sample_place moved = top->places[at];

		top->places[at] = top->places[last];
		top->places[last] = moved;
		at = last;
	}
}

static struct sample_place sample_place_of(const struct race *race, size_t row)
{
	return (struct sample_place){
		.row = row,
		.before = race->before ? samples_find(race->before,
						      samples_key(race->now, row))
				       : NULL,
	};
}

void sample_top_init(struct sample_top *ret, const struct samples *now,
		     const struct samples *before, const struct sample_order *order,
		     size_t most)
{
	struct race race = {.now = now, .before = before, .order = order};
	struct sample_top top = {.nr = now->nr < most ? now->nr : most};

	top.places = xcalloc(top.nr + 1, sizeof(*top.places));
	for (size_t row = 0; row < top.nr; row++)
		top.places[row] = sample_place_of(&race, row);
	for (size_t i = top.nr / 2; i-- > 0;)
		sample_heap_sink(&top, i, &race);
	for (size_t row = top.nr; row < now->nr && top.nr; row++) {
		const struct sample_place place = sample_place_of(&race, row);

		if (sample_compare(&place, &top.places[0], &race) > 0)
			continue;
		top.places[0] = place;
		sample_heap_sink(&top, 0, &race);
	}
	qsort_r(top.places, top.nr, sizeof(*top.places), sample_compare, &race);
	*ret = top;
}

void sample_top_release(struct sample_top *top)
{
	free(top->places);
	*top = (struct sample_top){.nr = 0};
}
