/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "kernel/stop_hold.h"
#include "kernel/undo.h"
#include "verbs/batch_file.h"
#include "verbs/batch_run.h"
#include "verbs/tool.h"
#include "view/json_out.h"

/* A file that names itself must end; nobody nests deeper by hand. */
enum { BATCHES_MAX = 16 };

struct batch {
	struct tool *tool;
	batch_run_line_fn line;
	struct json_object *list; /* pretty JSON is laid out at the end; else NULL */
	FILE *answer;             /* of one command, in JSON */
	size_t nr;                /* commands that were run */
	bool begun;               /* the list, in JSON that is not laid out */
	bool said;
};

static void batch_run_batch_release(struct batch *b)
{
	if (b->answer)
		fclose(b->answer);
	json_out_put(&b->list);
}

/* What a command answers is kept until it is known whether it fails. */
static int open_answer(struct batch *b, struct err *err)
{
	auto_close int fd = memfd_create("batch", MFD_CLOEXEC);

	b->answer = fd < 0 ? NULL : fdopen(fd, "w+");
	if (!b->answer)
		return err_set(err, -errno, "batch");
	take_fd(&fd);
	return 0;
}

static struct json_object *words_json(const struct args *a)
{
	struct json_object *words = json_object_new_array();

	for (int i = 0; i < a->argc; i++)
		json_object_array_add(words, json_out_string(a->argv[i]));
	return words;
}

static int copy_answer(struct batch *b, size_t size)
{
	char piece[BUFSIZ];

	rewind(b->answer);
	while (size) {
		size_t n = size < sizeof(piece) ? size : sizeof(piece);

		n = fread(piece, 1, n, b->answer);
		if (!n)
			return -EIO;
		fwrite(piece, 1, n, b->tool->out);
		size -= n;
	}
	return 0;
}

/* The answer without the newline behind it. */
static int answer_size(struct batch *b, size_t *ret)
{
	long end;

	if (fflush(b->answer) || fseek(b->answer, 0, SEEK_END) ||
	    (end = ftell(b->answer)) < 0)
		return -errno;
	if (end > 0 && !fseek(b->answer, -1, SEEK_END) && fgetc(b->answer) == '\n')
		end--;
	*ret = (size_t)end;
	return 0;
}

static int add_pretty(struct batch *b, struct json_object *entry, size_t size)
{
	auto_free char *text = xcalloc(size + 1, 1);
	struct json_object *answer = NULL;

	rewind(b->answer);
	if (fread(text, 1, size, b->answer) != size)
		return -EIO;
	if (size)
		answer = json_tokener_parse(text);
	json_object_object_add(entry, "output", answer);
	json_object_array_add(b->list, json_object_get(entry));
	return 0;
}

/* {"command":[...],"output":...}: of what was kept, or of the error. */
static int add_entry(struct batch *b, struct json_object *words, const struct err *failed)
{
	auto_json *entry = json_object_new_object();
	auto_strbuf text = STRBUF_INIT;
	FILE *out = b->tool->out;
	size_t size = 0;
	int r;

	json_object_object_add(entry, "command", words);
	if (failed) {
		/* Half an answer that is still buffered must not come back. */
		if (fflush(b->answer) || ftruncate(fileno(b->answer), 0) < 0)
			return -errno;
		json_out_error(&text, failed, JSON_COMPACT);
		rewind(b->answer);
		fputs(sb_text(&text), b->answer);
		sb_clear(&text);
	}
	r = answer_size(b, &size);
	if (r < 0)
		return r;
	if (b->list)
		return add_pretty(b, entry, size);
	json_out(&text, entry, JSON_COMPACT);
	/* In place of the object's end. */
	fprintf(out, "%s%.*s,\"output\":", b->begun ? "," : "[", (int)text.len - 2,
		sb_text(&text));
	b->begun = true;
	r = size ? copy_answer(b, size) : fputs("null", out) < 0 ? -EIO : 0;
	fputc('}', out);
	return r;
}

static int run_json(struct batch *b, struct tool *tool, struct args *a, struct err *err)
{
	struct json_object *words = words_json(a);
	int r, told;

	rewind(b->answer);
	if (ftruncate(fileno(b->answer), 0) < 0) {
		json_out_put(&words);
		return err_set(err, -errno, "batch");
	}
	tool->out = b->answer;
	tool->pretty = false;
	r = b->line(tool, a, err);
	told = add_entry(b, words, r < 0 ? err : NULL);
	if (told < 0)
		return r < 0 ? err_set(err, told, "batch")
			     : err_say(err, told,
				       "batch: %s; the command is done, and its answer is lost",
				       err_words(told));
	b->said = r < 0;
	return r;
}

static int batch_run_run_command(struct batch *b, struct strbuf *text, struct err *err)
{
	auto_free char **words = NULL, *line = NULL;
	struct tool tool = *b->tool;
	struct args a = {.argc = 0};
	int r = batch_file_split(text, &words, &a.argc, err);

	if (r < 0 || a.argc == 0)
		return r;
	a.argv = words;
	line = tool_line(&a);
	tool.share.line = line;
	tool.batches++;
	r = tool.json ? run_json(b, &tool, &a, err) : b->line(&tool, &a, err);
	b->nr++;
	/* Who feeds the batch line by line waits for each answer. */
	fflush(b->tool->out);
	return r;
}

static int run_lines(struct batch *b, FILE *file, const char *path, struct err *err)
{
	auto_release(undo_spares_end) struct undo_spares spares;
	auto_strbuf text = STRBUF_INIT;
	size_t line = 0;
	int r;

	undo_spares_share(&spares);
	while ((r = batch_file_next(file, &text, &line, err)) > 0) {
		r = batch_run_run_command(b, &text, err);
		/* What ended a watch, and waits, is meant for the batch too. */
		if (r == 0)
			r = stop_hold_check(err);
		if (r != 0)
			break;
	}
	return r < 0 ? err_context(err, "%s:%zu", path, line) : r;
}

/* The end of the list; an error of the batch itself is its last element. */
static void close_list(struct batch *b, int result, const struct err *err)
{
	auto_strbuf text = STRBUF_INIT;

	if (result < 0 && !b->said) {
		json_out_error(&text, err, JSON_COMPACT);
		if (b->list)
			json_object_array_add(b->list,
					      json_tokener_parse(sb_text(&text)));
		else
			fprintf(b->tool->out, "%s%.*s", b->begun ? "," : "[",
				(int)text.len - 1, sb_text(&text));
		b->begun = b->said = true;
	}
	if (!b->list) {
		fputs(b->begun ? "]\n" : "[]\n", b->tool->out);
		return;
	}
	sb_clear(&text);
	json_out(&text, b->list, JSON_BPFTOOL);
	fputs(sb_text(&text), b->tool->out);
}

int batch_run_file(struct tool *tool, const char *path, batch_run_line_fn line,
		   bool *ret_said, struct err *err)
{
	auto_file FILE *opened = strcmp(path, "-") == 0 ? NULL : fopen(path, "re");
	FILE *file = opened ? opened : stdin;
	auto_release(batch_run_batch_release) struct batch b = {.tool = tool,
								.line = line};
	int r = 0;

	if (tool->batches >= BATCHES_MAX)
		return err_say(err, -ELOOP,
			       "batch file '%s': %u batch files are open already", path,
			       tool->batches);
	if (!opened && strcmp(path, "-") != 0) {
		err_set(err, -errno, "batch file '%s'", path);
		return err_hint_path(err, path);
	}
	if (tool->json)
		r = open_answer(&b, err);
	if (r < 0)
		return r;
	if (tool->pretty)
		b.list = json_object_new_array();
	r = run_lines(&b, file, path, err);
	if (tool->json)
		close_list(&b, r, err);
	else if (r == 0)
		fprintf(tool->out, "processed %zu commands\n", b.nr);
	*ret_said = b.said;
	return r;
}
