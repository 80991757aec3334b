/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the process that reads an object tells, heard by one that believes it nothing: whole, cut
 * anywhere, and with bytes and numbers of it exchanged. MAPSHARE_SEED=N makes the same ones,
 * MAPSHARE_ROUNDS=N so many of each object.
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/parcel.h"
#include "fixture.h"
#include "load/object.h"
#include "load/object_image.h"

#define DIR "tests/fixtures/"

enum { WORD = sizeof(uint64_t) };

static const char *const files[] = {
	DIR "by_name.o",     DIR "mixed.o",          DIR "front.o",
	DIR "constants.o",   DIR "moved_hash_new.o", DIR "again.o",
	DIR "jumps.o",       DIR "nested_elf.o",     DIR "moved_lot_trie_new.o",
	DIR "again_inner.o",
};

/* --- the process, whose answer is ours to choose ------------------------------------------- */

/* What object_image_ask() answers; size 0: the truth, which is kept there. */
static struct strbuf answer;

/* In the place of load/object_image.c. The truth still comes from a process of its own. */
int object_image_ask(object_image_fn fn, void *ctx, size_t size, struct strbuf *ret,
		     struct err *err)
{
	char chunk[4096];
	int ends[2];
	ssize_t n;

	(void)size;
	if (answer.len == 0) {
		assert_int_equal(pipe(ends), 0);
		if (fork() == 0) {
			auto_strbuf out = STRBUF_INIT;

			close(ends[0]);
			n = fn(ctx, &out, err) == 0 &&
			    write(ends[1], sb_text(&out), out.len) == (ssize_t)out.len;
			_exit(n == 0);
		}
		close(ends[1]);
		while ((n = read(ends[0], chunk, sizeof(chunk))) > 0)
			sb_add_mem(&answer, chunk, (size_t)n);
		close(ends[0]);
		while (wait(NULL) > 0)
			;
	}
	sb_add_mem(ret, sb_text(&answer), answer.len);
	return 0;
}

int object_image_check(const void *image, size_t size, struct err *err)
{
	(void)image;
	(void)size;
	(void)err;
	return 0;
}

int object_image_survives(const void *image, size_t size, struct err *err)
{
	return object_image_check(image, size, err);
}

static void tell_more(const struct object *obj, struct strbuf *out)
{
	(void)obj;
	parcel_add_text(out, "more");
}

static void hear_more(struct parcel *p, void *ctx)
{
	*(bool *)ctx = strcmp(parcel_text(p), "more") == 0;
}

/* With the answer as it stands; *heard: the end of it, which is the caller's, was there. */
static int look(struct object **ret, const char *file, bool *heard, struct err *err)
{
	static const struct share_opts opts = {.reader = MAPS_READER_CGROUP};
	const struct object_ask ask = {
		.tell = tell_more, .hear = hear_more, .ctx = heard};
	const char *build = getenv("MAPSHARE_BUILD");
	auto_free char *path = xasprintf("%s/%s", build ? build : "build", file);

	*heard = false;
	return object_look(ret, path, &opts, &ask, err);
}

/* --- what was heard --------------------------------------------------------------------- */

static void layout_holds(const struct layout *l, struct strbuf *out)
{
	if (!l)
		return;
	assert_true(l->nr_members <= LAYOUT_MEMBERS_MAX);
	for (size_t i = 0; i < l->nr_members; i++) {
		const struct layout_member *m = &l->members[i];

		assert_true(m->kind <= LAYOUT_OTHER);
		assert_true(m->inside < l->nr_members - i);
		assert_non_null(m->path);
		layout_member_describe(m, out);
	}
}

/* Whatever it is, it can be described, compared and shown without harm. */
static void object_holds(struct object *obj)
{
	size_t nr_maps, nr_programs;
	const struct object_map *maps = object_maps(obj, &nr_maps);
	const struct object_program *programs = object_programs(obj, &nr_programs);
	auto_strbuf out = STRBUF_INIT;

	for (size_t i = 0; i < nr_maps; i++) {
		const struct mapdef *def = &maps[i].def,
				    *other = &maps[nr_maps - 1 - i].def;
		auto_err err = ERR_INIT;

		assert_true(strlen(def->name) <= MAPDEF_NAME_MAX);
		assert_int_equal(mapdef_check_name(def->name, &err), 0);
		assert_true(def->inner < (int)nr_maps);
		mapdef_describe(def, &out);
		mapdef_diff(def, other, 0, 2, &out);
		layout_holds(def->key_layout, &out);
		layout_holds(def->value_layout, &out);
		if (def->value_layout && other->value_layout)
			layout_table("value", def->value_layout, other->value_layout,
				     &out);
	}
	for (size_t i = 0; i < nr_programs; i++)
		sb_addf(&out, "%s %s", programs[i].name, programs[i].section);
}

/* True: it was taken. What was not is one line, and says what is not known. */
static bool is_taken(const char *file)
{
	auto_object *obj = NULL;
	auto_err err = ERR_INIT;
	bool heard;
	int r = look(&obj, file, &heard, &err);

	if (r == 0) {
		object_holds(obj);
		return true;
	}
	if (r == -EIO)
		assert_non_null(strstr(err.text, "gave an answer without sense"));
	/* A name that may be none is the object's fault. */
	else
		assert_non_null(strstr(err.text, "map name "));
	assert_null(strchr(err.text, '\n'));
	assert_null(obj);
	return false;
}

/* --- tests ------------------------------------------------------------------------------ */

static void object_ask_again(void)
{
	sb_release(&answer);
	answer = (struct strbuf)STRBUF_INIT;
}

static void what_is_told_is_heard(void **state)
{
	(void)state;
	for (size_t f = 0; f < array_size(files); f++) {
		static const struct share_opts opts = {.reader = MAPS_READER_CGROUP};
		auto_object *told = NULL, *heard = NULL;
		const char *build = getenv("MAPSHARE_BUILD");
		auto_free char *path =
			xasprintf("%s/%s", build ? build : "build", files[f]);
		size_t nr, nr_heard;
		auto_err err = ERR_INIT;
		bool end;

		object_ask_again();
		assert_int_equal(object_open(&told, path, &opts, &err), 0);
		assert_int_equal(look(&heard, files[f], &end, &err), 0);
		assert_true(end);
		const struct object_map *a = object_maps(told, &nr);
		const struct object_map *b = object_maps(heard, &nr_heard);
		assert_int_equal(nr, nr_heard);
		for (size_t i = 0; i < nr; i++) {
			auto_strbuf out = STRBUF_INIT;

			assert_string_equal(a[i].def.name, b[i].def.name);
			assert_int_equal(a[i].def.dialect, b[i].def.dialect);
			assert_int_equal(a[i].def.scope, b[i].def.scope);
			assert_int_equal(a[i].def.inner, b[i].def.inner);
			assert_int_equal(!a[i].def.value_layout, !b[i].def.value_layout);
			mapdef_diff(&a[i].def, &b[i].def, 0, 2, &out);
			assert_string_equal(sb_text(&out), "");
		}
		const struct object_program *p = object_programs(told, &nr);
		const struct object_program *q = object_programs(heard, &nr_heard);
		assert_int_equal(nr, nr_heard);
		for (size_t i = 0; i < nr; i++) {
			assert_string_equal(p[i].name, q[i].name);
			assert_string_equal(p[i].section, q[i].section);
			assert_int_equal(p[i].prog_type, q[i].prog_type);
			assert_int_equal(p[i].attach_type, q[i].attach_type);
			assert_int_equal(p[i].optional, q[i].optional);
			assert_int_equal(p[i].nr_insns, q[i].nr_insns);
		}
	}
}

static void a_part_is_no_answer(void **state)
{
	(void)state;
	for (size_t f = 0; f < array_size(files); f++) {
		size_t whole;

		object_ask_again();
		assert_true(is_taken(files[f]));
		whole = answer.len;
		/* Nothing at all would be asked for again. */
		for (answer.len = 1; answer.len < whole; answer.len++)
			assert_false(is_taken(files[f]));
		sb_add_mem(&answer, "", 1);
		assert_false(is_taken(files[f]));
	}
}

static uint64_t dice_state;

static uint64_t dice(uint64_t below)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 7;
	dice_state ^= dice_state << 17;
	return dice_state % below;
}

/* A byte, a number in place of another, one of the edges, a piece moved elsewhere. */
static void spoil(char *bytes, size_t size)
{
	static const uint64_t edges[] = {0,          1,          2,          4096,
					 4097,       UINT32_MAX, 1ULL << 32, INT64_MAX,
					 UINT64_MAX, 8,          255};
	size_t at = dice(size - WORD), from = dice(size - WORD);
	uint64_t number = edges[dice(array_size(edges))];

	switch (dice(5)) {
	case 0:
		bytes[at] ^= (char)(1 << dice(8));
		break;
	case 1:
		bytes[at] = (char)dice(256);
		break;
	case 2:
		memcpy(bytes + at, &number, WORD);
		break;
	case 3:
		memcpy(bytes + at / WORD * WORD, &number, WORD);
		break;
	default:
		memmove(bytes + at, bytes + from,
			1 + dice(size - (at > from ? at : from)));
	}
}

static void nothing_of_it_is_believed(void **state)
{
	const char *seed = getenv("MAPSHARE_SEED"), *rounds = getenv("MAPSHARE_ROUNDS");
	unsigned long nr = rounds ? strtoul(rounds, NULL, 10) : 300, taken = 0;

	(void)state;
	dice_state = seed ? strtoull(seed, NULL, 10) | 1 : 20261127;
	for (size_t f = 0; f < array_size(files); f++) {
		auto_free char *truth = NULL;
		size_t size;

		object_ask_again();
		assert_true(is_taken(files[f]));
		size = answer.len;
		truth = xcalloc(size, 1);
		memcpy(truth, sb_text(&answer), size);
		for (unsigned long i = 0; i < nr; i++) {
			memcpy(answer.text, truth, size);
			for (uint64_t n = 1 + dice(4); n > 0; n--)
				spoil(answer.text, size);
			taken += is_taken(files[f]);
		}
	}
	/* Numbers that may be any are most of it: some of each has to happen. */
	assert_true(taken > 0 && taken < nr * array_size(files));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_is_heard),
		cmocka_unit_test(a_part_is_no_answer),
		cmocka_unit_test(nothing_of_it_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
