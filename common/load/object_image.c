/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "elf/elf_calls.h"
#include "elf/elf_functions.h"
#include "elf/elf_view.h"
#include "kernel/confine.h"
#include "kernel/libbpf_words.h"
#include "load/object_image.h"

/* What the child writes when all is well; anything else is its reason, or a part of it. */
#define OPENED "\1"

static int check_calls(const void *image, size_t size, struct err *err)
{
	auto_release(elf_view_release) struct elf_view view = {.bytes = NULL};
	auto_release(elf_functions_release) struct elf_functions functions = {.nr = 0};
	int r = elf_view_open(&view, image, size, err);

	if (r < 0)
		return r;
	elf_functions_read(&functions, &view);
	return elf_calls_check(&view, &functions, err);
}

static int open_by_libbpf(const void *image, size_t size, struct err *err)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "object",
		    .relaxed_maps = true);
	auto_strbuf words = STRBUF_INIT;
	struct bpf_object *obj;
	int r;

	libbpf_words_begin(&words);
	obj = bpf_object__open_mem(image, size, &opts);
	r = -errno;
	libbpf_words_end();
	if (!obj)
		return libbpf_words_err(err, r, &words, "libbpf cannot open it");
	bpf_object__close(obj);
	return 0;
}

/* Never returns. Its memory, stdio buffers included, is a copy that must not be flushed. */
static void object_image_answer(int out, const void *image, size_t size)
{
	const struct rlimit no_core = {0, 0};
	auto_err err = ERR_INIT;
	const char *text = OPENED;
	ssize_t unused;

	setrlimit(RLIMIT_CORE, &no_core);
	confine_to_memory(size);
	if (check_calls(image, size, &err) < 0 || open_by_libbpf(image, size, &err) < 0)
		text = err.text;
	unused = write(out, text, strlen(text));
	(void)unused;
	_exit(0);
}

static void read_answer(int in, struct strbuf *ret)
{
	char buf[512];
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) != 0)
		if (n > 0)
			sb_add_mem(ret, buf, (size_t)n);
		else if (errno != EINTR)
			return;
}

/* What the child wrote; nothing, and its status, if it crashed. */
static int ask_child(const void *image, size_t size, struct strbuf *text, int *status,
		     struct err *err)
{
	auto_close int in = -1, out = -1;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(err, -errno, "pipe");
	in = ends[0];
	out = ends[1];
	pid = fork();
	if (pid < 0)
		return err_set(err, -errno, "fork");
	if (pid == 0)
		object_image_answer(out, image, size);
	cleanup_close(&out);
	read_answer(in, text);
	/* ECHILD: our caller ignores SIGCHLD; the answer tells. */
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return 0;
}

/* Whoever ends it from outside, or leaves it without memory, says nothing about the object. */
static int say_no_answer(int status, struct err *err)
{
	if (!WIFSIGNALED(status))
		return err_say(
			err, -EIO,
			"whether libbpf can read it is not known: the process that tries it gave no answer");
	if (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM)
		return err_say(
			err, -EIO,
			"whether libbpf can read it is not known: the process that tries it was ended (signal %d)",
			WTERMSIG(status));
	if (WTERMSIG(status) == SIGXCPU)
		return err_say(err, -EINVAL, "libbpf needs more than %d s to read it",
			       CONFINE_SECONDS);
	return err_say(err, -EINVAL, "libbpf crashes on it (signal %d)",
		       WTERMSIG(status));
}

int object_image_check(const void *image, size_t size, struct err *err)
{
	auto_strbuf text = STRBUF_INIT;
	int status = 0, r = ask_child(image, size, &text, &status, err);

	if (r < 0 || strcmp(sb_text(&text), OPENED) == 0)
		return r;
	return text.len ? err_say(err, -EINVAL, "%s", sb_text(&text))
			: say_no_answer(status, err);
}

int object_image_survives(const void *image, size_t size, struct err *err)
{
	auto_strbuf text = STRBUF_INIT;
	int status = 0, r = ask_child(image, size, &text, &status, err);

	return r < 0 || text.len ? r : say_no_answer(status, err);
}
