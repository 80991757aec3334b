/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>

#include "format/mapdef.h"
#include "kernel/map_fd.h"
#include "kernel/map_io.h"
#include "verbs/map_ref.h"
#include "verbs/verb_map.h"
#include "view/json_out.h"

struct dump {
	struct map_shape shape;
	struct strbuf *text; /* plain or compact JSON; NULL: list */
	bool compact;        /* text is JSON */
	struct json_object *list;
	uint64_t nr; /* elements that could be read */
};

static int dump_element(const void *key, const void *value, int error, void *ctx)
{
	struct dump *dump = ctx;

	if (value)
		dump->nr++;
	if (dump->text && dump->compact) {
		if (dump->text->text[dump->text->len - 1] != '[')
			sb_add_char(dump->text, ',');
		map_view_element_compact(&dump->shape, key, value, error, dump->text);
	} else if (dump->text)
		map_view_element(&dump->shape, key, value, error, dump->text);
	else
		json_out_list_add(dump->list,
				  map_view_element_json(&dump->shape, key, value, error));
	return 0;
}

static int dump_map(int fd, const struct bpf_map_info *info, struct dump *dump,
		    struct err *err)
{
	const char *type = mapdef_type_name(info->type);
	int r;

	dump->shape = map_shape_of(info);
	r = map_io_dump(fd, info, dump_element, dump);
	if (r < 0)
		return err_set(err, r, "dump map %" PRIu32 " of type %s", info->id,
			       type ? type : "unknown");
	return 0;
}

/* Of several maps each gets its title; title NULL: there is one only. */
static int dump_text(int fd, const struct bpf_map_info *info, const struct map_row *title,
		     struct strbuf *text, struct err *err)
{
	struct dump dump = {.text = text};
	int r;

	if (title) {
		sb_add(text, text->len ? "\n" : "");
		map_view_title(title, text);
	}
	r = dump_map(fd, info, &dump, err);
	if (r == 0)
		map_view_count(dump.nr, text);
	return r;
}

/* The one large answer: written as text, element by element. */
static int dump_compact(int fd, const struct bpf_map_info *info, struct strbuf *text,
			struct err *err)
{
	struct dump dump = {.text = text, .compact = true};
	int r;

	sb_add_char(text, '[');
	r = dump_map(fd, info, &dump, err);
	sb_add(text, "]\n");
	return r;
}

static int dump_json(int fd, const struct bpf_map_info *info, const struct map_row *title,
		     struct json_object **root, struct err *err)
{
	auto_json *list = json_out_list();
	struct dump dump = {.list = list};
	int r = dump_map(fd, info, &dump, err);

	if (r < 0)
		return r;
	if (!title) {
		*root = take_ptr(list);
		return 0;
	}
	if (!*root)
		*root = json_out_list();
	json_out_list_add(*root, map_view_dump_json(title, take_ptr(list)));
	return 0;
}

static int dump_one(const struct tool *tool, int fd, bool one_of_several,
		    struct strbuf *text, struct json_object **root, struct err *err)
{
	auto_free char *name = NULL;
	struct bpf_map_info info;
	struct map_row row;
	int r = map_fd_info(fd, &info);

	if (r < 0)
		return err_set(err, r, "can't get map info");
	name = map_name_of(&info);
	row = map_row_of(&info, name);
	if (!tool->json)
		return dump_text(fd, &info, one_of_several ? &row : NULL, text, err);
	if (!tool->pretty && !one_of_several)
		return dump_compact(fd, &info, text, err);
	return dump_json(fd, &info, one_of_several ? &row : NULL, root, err);
}

int verb_map_dump(struct args *a, void *ctx, struct err *err)
{
	const struct tool *tool = ctx;
	auto_map_fds fds = {.nr = 0};
	auto_strbuf text = STRBUF_INIT;
	auto_json *root = NULL;
	struct map_ref ref;
	int r = map_ref_parse(&ref, a, err);

	if (r == 0)
		r = map_words_end(a, err);
	if (r == 0)
		r = map_ref_open_all(&ref, &fds, err);
	for (size_t i = 0; r == 0 && i < fds.nr; i++)
		r = dump_one(tool, fds.fds[i], fds.nr > 1, &text, &root, err);
	if (r < 0)
		return r;
	if (root)
		map_answer_json(tool, root);
	else
		map_answer_text(tool, &text);
	return 0;
}
