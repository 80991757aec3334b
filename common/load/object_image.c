/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/parcel.h"
#include "elf/elf_calls.h"
#include "elf/elf_functions.h"
#include "elf/elf_view.h"
#include "kernel/confine.h"
#include "kernel/libbpf_words.h"
#include "load/object_image.h"

struct image {
	const void *bytes;
	size_t size;
};

/* A function on its way through alloc_guard(). */
struct image_call {
	object_image_fn fn;
	void *ctx;
	struct strbuf out;
	struct err err;
};

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

static int call_guarded(void *arg)
{
	struct image_call *c = arg;

	return c->fn(c->ctx, &c->out, &c->err);
}

static void image_write(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t written = write(fd, bytes, n);

		if (written < 0 && errno != EINTR)
			return;
		bytes += written > 0 ? written : 0;
		n -= written > 0 ? (size_t)written : 0;
	}
}

/*
 * Never returns. Its memory, stdio buffers included, is a copy that must not be flushed. The
 * answer is 0 and all that was appended, or an errno and the reason.
 */
static void object_image_answer(int to, struct image_call *c, size_t size)
{
	const struct rlimit no_core = {0, 0};
	struct log_scope silence = {.sink = NULL};
	auto_strbuf head = STRBUF_INIT;
	int r;

	/* It may not write to a file, which stderr may be. */
	log_scope_begin(&silence);
	setrlimit(RLIMIT_CORE, &no_core);
	confine_to_memory(size);
	r = alloc_guard(call_guarded, c);
	if (r == -ENOMEM && !c->err.code)
		err_set(&c->err, r, "libbpf reads it");
	parcel_add_number(&head, r < 0 ? (uint64_t)-r : 0);
	if (r < 0)
		parcel_add_text(&head, c->err.text);
	else
		parcel_add_number(&head, c->out.len);
	image_write(to, head.text, head.len);
	if (r >= 0)
		image_write(to, c->out.text, c->out.len);
	_exit(0);
}

static void read_answer(int in, struct strbuf *ret)
{
	char buf[16384];
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) != 0)
		if (n > 0)
			sb_add_mem(ret, buf, (size_t)n);
		else if (errno != EINTR)
			return;
}

/* What the child wrote; nothing, and its status, if it crashed. */
static int ask_child(struct image_call *c, size_t size, struct strbuf *text, int *status,
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
		object_image_answer(out, c, size);
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

int object_image_ask(object_image_fn fn, void *ctx, size_t size, struct strbuf *ret,
		     struct err *err)
{
	enum { LIBBPF_CODES_END = 5000 }; /* libbpf has errors of its own from 4000 on */
	struct image_call c = {.fn = fn, .ctx = ctx, .out = STRBUF_INIT};
	auto_strbuf answer = STRBUF_INIT;
	struct parcel p;
	int status = 0, code, r = ask_child(&c, size, &answer, &status, err);

	if (r < 0)
		return r;
	p = (struct parcel){.at = sb_text(&answer), .end = sb_text(&answer) + answer.len};
	code = (int)parcel_up_to(&p, LIBBPF_CODES_END);
	if (code > 0) {
		const char *reason = parcel_text(&p);

		return p.bad ? say_no_answer(status, err)
			     : err_say(err, -code, "%s", reason);
	}
	if (parcel_number(&p) != (uint64_t)(p.end - p.at) || p.bad)
		return say_no_answer(status, err);
	sb_add_mem(ret, p.at, (size_t)(p.end - p.at));
	return 0;
}

static int check_image(void *ctx, struct strbuf *out, struct err *err)
{
	const struct image *image = ctx;
	int r = check_calls(image->bytes, image->size, err);

	(void)out;
	if (r == 0)
		r = open_by_libbpf(image->bytes, image->size, err);
	return r < 0 ? err_say(err, -EINVAL, "%s", err->text) : 0;
}

/* Opened or refused, as long as it lives on. */
static int survive_image(void *ctx, struct strbuf *out, struct err *err)
{
	(void)check_image(ctx, out, err);
	return 0;
}

static int ask_image(object_image_fn fn, const void *bytes, size_t size, struct err *err)
{
	struct image image = {bytes, size};
	auto_strbuf nothing = STRBUF_INIT;

	return object_image_ask(fn, &image, size, &nothing, err);
}

int object_image_check(const void *image, size_t size, struct err *err)
{
	return ask_image(check_image, image, size, err);
}

int object_image_survives(const void *image, size_t size, struct err *err)
{
	return ask_image(survive_image, image, size, err);
}
