/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "legacy/tail_calls.h"

/* One side: what strtoll() takes, if 32 bits hold it. end is behind it. */
static bool parse_side(const char *text, const char **end, uint32_t *ret)
{
	char *behind;
	long long v;

	errno = 0;
	v = strtoll(text, &behind, 0);
	if (behind == text || errno || v < INT32_MIN || v > UINT32_MAX)
		return false;
	*end = behind;
	*ret = (uint32_t)v;
	return true;
}

bool tail_calls_parse(const char *section, uint32_t *ret_id, uint32_t *ret_key)
{
	uint32_t id, key;
	const char *end;

	if (!parse_side(section, &end, &id) || *end != '/' ||
	    !parse_side(end + 1, &end, &key))
		return false;
	*ret_id = id;
	*ret_key = key;
	return true;
}

bool tail_calls_almost(const char *section)
{
	static const char digits[] = "0123456789";
	const char *text = section + strspn(section, " \t+-");
	size_t n = strspn(text, "0123456789abcdefABCDEFxX");
	uint32_t id, key;

	return strspn(text, digits) && text[n] == '/' &&
	       strspn(text + n + 1 + strspn(text + n + 1, " \t+-"), digits) &&
	       !tail_calls_parse(section, &id, &key);
}

/* The first wins, id 0 counts; bpf_map_def has no id that could be meant. */
static int find_map(const struct object_def *def, uint32_t id)
{
	for (size_t i = 0; i < def->nr_maps; i++)
		if (def->maps[i].dialect == MAPDEF_ELF && def->maps[i].id == id &&
		    def->maps[i].type == BPF_MAP_TYPE_PROG_ARRAY)
			return (int)i;
	return -1;
}

int tail_calls_read(struct object_def *ret, const struct elf_view *view,
		    const struct elf_functions *functions, struct err *err)
{
	for (uint32_t i = 1; i < view->nr_sections; i++) {
		const struct elf_section *section = &view->sections[i];
		const char *program;
		uint32_t id, key;
		int map;

		if (!elf_section_is_code(section) ||
		    !tail_calls_parse(section->name, &id, &key))
			continue;
		program = elf_functions_first(functions, view, i);
		if (!program)
			continue;
		map = find_map(ret, id);
		if (map >= 0 && key >= ret->maps[map].max_entries)
			return err_say(
				err, -EINVAL,
				"section '%s': tail call key %u, map '%s' has %u entries",
				section->name, key, ret->maps[map].name,
				ret->maps[map].max_entries);
		array_grow(ret->tail_calls, ret->nr_tail_calls);
		ret->tail_calls[ret->nr_tail_calls++] = (struct tail_call){
			.section = xstrdup(section->name),
			.program = xstrdup(program),
			.map_id = id,
			.key = key,
			.map = map,
		};
	}
	return 0;
}
