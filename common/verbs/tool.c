/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/shell_word.h"
#include "base/utf8.h"
#include "legacy/object_def.h"
#include "kernel/caller_ns.h"
#include "kernel/libbpf_words.h"
#include "verbs/tool.h"
#include "view/json_out.h"

/* --- shared options ------------------------------------------------------------- */

static int set_maps_layout(struct args *a, void *ctx, struct err *err)
{
	struct tool *tool = ctx;

	return maps_layout_by_name(args_next(a), &tool->share.layout, err);
}

static int set_no_caller_pins(struct args *a, void *ctx, struct err *err)
{
	(void)a;
	(void)ctx;
	(void)err;
	caller_ns_allow(false);
	return 0;
}

const struct keyword tool_options[] = {
	{"--pin-root", 0, NULL, "DIR|none",
	 "where maps pinned by name live, in place of MNT/tc/globals",
	 KEYWORD_TEXT(struct tool, share.pin_root)},
	{"--maps-layout", 0, set_maps_layout, "elf|def|samples",
	 "how map definitions without BTF are read"},
	{"--mount-bpffs", 0, NULL, NULL, "mount a BPF file system where there is none",
	 KEYWORD_BOOL(struct tool, share.mount_bpffs)},
	{"--no-layout-check", 0, NULL, NULL,
	 "share maps although BTF says that keys or values differ: programs may then interpret the same bytes differently",
	 KEYWORD_BOOL(struct tool, share.no_layout_check)},
	{"--no-caller-pins", 0, set_no_caller_pins, NULL,
	 "leave pins and cgroups alone that 'ip netns exec' and 'unshare -m' hide"},
	{"--require-shared", 0, NULL, NULL,
	 "refuse loads that make a map private or new while another of its name is there",
	 KEYWORD_BOOL(struct tool, share.require_shared)},
	{"--strict-names", 0, NULL, NULL,
	 "refuse to share maps whose members were renamed",
	 KEYWORD_BOOL(struct tool, share.strict_names)},
	{"--sum", 0, NULL, NULL, "map dump, map lookup: add up the values of all CPUs",
	 KEYWORD_BOOL(struct tool, sum)},
	{"--readable", 0, NULL, NULL,
	 "map dump, lookup, watch, export: addresses, ports, cgroups as people write them",
	 KEYWORD_BOOL(struct tool, readable)},
	{"--openmetrics", 0, NULL, NULL,
	 "map export: text for node_exporter's textfile collector",
	 KEYWORD_BOOL(struct tool, openmetrics)},
	{"--private", 0, NULL, NULL,
	 "object convert: maps of bpf_map_def are not pinned by name",
	 KEYWORD_BOOL(struct tool, private)},
	{.name = NULL},
};

int tool_option(struct tool *tool, const char *word, const char *value, struct err *err)
{
	return keyword_option(tool_options, word, value, tool, err);
}

bool tool_option_behind(struct args *a, const char *option)
{
	for (int i = 0; i < a->argc; i++) {
		if (strcmp(a->argv[i], option) != 0)
			continue;
		memmove(a->argv + i, a->argv + i + 1,
			(size_t)(a->argc - i - 1) * sizeof(*a->argv));
		a->argc--;
		return true;
	}
	return false;
}

void tool_option_near(const char *word, struct strbuf *out)
{
	keyword_near(tool_options, word, out);
}

void tool_option_usage(struct strbuf *out)
{
	for (const struct keyword *o = tool_options; o->name; o++)
		sb_addf(out, "%s%s%s\n\t%s\n", o->name, o->value ? " " : "",
			o->value ? o->value : "", o->help);
}

void tool_option_words(struct strbuf *out)
{
	keyword_usage(tool_options, out);
}

/* --- the command as typed --- */

char *tool_line(const struct args *a)
{
	auto_strbuf line = STRBUF_INIT;

	for (int i = 0; i < a->argc; i++) {
		if (i)
			sb_add_char(&line, ' ');
		shell_word_add(&line, a->argv[i]);
	}
	return sb_take(&line);
}

/* --- main -------------------------------------------------------------------- */

struct main_call {
	int (*fn)(int argc, char **argv);
	int argc;
	char **argv;
};

static int call_main(void *arg)
{
	const struct main_call *c = arg;

	return c->fn(c->argc, c->argv);
}

static void take_no_notice(int signo)
{
	(void)signo;
}

/*
 * A file past the limit of its size (RLIMIT_FSIZE) is an error of write(2) then, which is said and
 * taken back like any other; the default ends the process in the middle. Not ignored, since what
 * is executed later would inherit that.
 */
static void outlive_large_files(void)
{
	const struct sigaction notice = {.sa_handler = take_no_notice};
	struct sigaction now;

	if (sigaction(SIGXFSZ, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
		(void)sigaction(SIGXFSZ, &notice, NULL);
}

/* Paths of PATH_MAX, and types in types: with less it would end in the middle of what it does. */
static bool has_stack(const char *name)
{
	enum { STACK_KIB = 256 };
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur / 1024 >= STACK_KIB)
		return true;
	fprintf(stderr,
		"%s: a stack of %llu KiB is too small; 'ulimit -s %d' or more has room\n",
		name, (unsigned long long)limit.rlim_cur / 1024, STACK_KIB);
	return false;
}

int tool_main(const char *name, int (*fn)(int argc, char **argv), int argc, char **argv,
	      int usual)
{
	struct main_call c = {fn, argc, argv};
	int status;

	if (!has_stack(name))
		return usual;
	outlive_large_files();
	status = alloc_guard(call_main, &c);

	if (status != -ENOMEM)
		return status;
	fprintf(stderr, "%s: out of memory\n", name);
	return usual;
}

/* --- the end of main ------------------------------------------------------------ */

static void print_json_error(const struct tool *tool, const struct err *err)
{
	auto_strbuf text = STRBUF_INIT;

	json_out_error(&text, err, tool->pretty ? JSON_BPFTOOL : JSON_COMPACT);
	fputs(sb_text(&text), tool->out);
}

void tool_print_log(const char *log)
{
	auto_strbuf shown = STRBUF_INIT;
	size_t n = strlen(log);

	utf8_add_visible_lines(&shown, log);
	fputs(sb_text(&shown), stderr);
	if (n && log[n - 1] != '\n')
		fputc('\n', stderr);
}

int tool_flush(const struct tool *tool, struct err *err)
{
	int r;

	if (fflush(tool->out) == 0)
		return 0;
	r = -errno;
	clearerr(tool->out);
	return err_set(err, r, "write");
}

int tool_finish(struct tool *tool, int result, struct err *err, int usual)
{
	int status = result;

	if (result < 0) {
		status = err->status ? err->status : usual;
		if (tool->json)
			print_json_error(tool, err);
		else
			fprintf(stderr, "%s: %s%s%s\n", tool->name, err->text,
				err->hint ? "; " : "", err->hint ? err->hint : "");
		if (err->log)
			tool_print_log(err->log);
	}
	/* A result that nobody could read is none. */
	errno = 0;
	if (fflush(tool->out) != 0 || ferror(tool->out)) {
		fprintf(stderr, "%s: write: %s%s\n", tool->name,
			errno ? strerror(errno) : "an earlier part was lost",
			status ? "" : "; the command is done, and its answer is lost");
		return status ? status : usual;
	}
	return status;
}

/* The sink has no context argument; like the sink itself this is set once, by main. */
static const char *log_name = "";

static void print_line(enum log_level level, const char *line)
{
	fprintf(stderr, "%s: %s%s\n", log_name, level == LOG_WARN ? "warning: " : "",
		line);
}

static bool has_standard_streams(void)
{
	return fcntl(STDIN_FILENO, F_GETFD) >= 0 && fcntl(STDOUT_FILENO, F_GETFD) >= 0 &&
	       fcntl(STDERR_FILENO, F_GETFD) >= 0;
}

/* What is opened later must not pass for one of them. */
static void fill_standard_streams(void)
{
	int fd;

	if (has_standard_streams())
		return;
	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	cleanup_close(&fd);
}

void tool_log_to(const char *name, bool debug)
{
	fill_standard_streams();
	log_name = name;
	log_to(print_line, debug ? LOG_DEBUG : LOG_INFO);
	libbpf_words_install();
}
