/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/utf8.h"
#include "legacy/object_def.h"
#include "kernel/caller_ns.h"
#include "kernel/libbpf_words.h"
#include "verbs/tool.h"
#include "view/json_out.h"

/* --- shared options ------------------------------------------------------------- */

static int set_pin_root(struct tool *tool, const char *value, struct err *err)
{
	if (!value[0])
		return err_say(err, -EINVAL, "'--pin-root' needs a value: DIR|none");
	tool->share.pin_root = value;
	return 0;
}

static int set_maps_layout(struct tool *tool, const char *value, struct err *err)
{
	return maps_layout_by_name(value, &tool->share.layout, err);
}

static int set_mount_bpffs(struct tool *tool, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	tool->share.mount_bpffs = true;
	return 0;
}

static int set_no_layout_check(struct tool *tool, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	tool->share.no_layout_check = true;
	return 0;
}

static int set_no_caller_pins(struct tool *tool, const char *value, struct err *err)
{
	(void)tool;
	(void)value;
	(void)err;
	caller_ns_allow(false);
	return 0;
}

static int set_require_shared(struct tool *tool, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	tool->share.require_shared = true;
	return 0;
}

static int set_strict_names(struct tool *tool, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	tool->share.strict_names = true;
	return 0;
}

static int set_sum(struct tool *tool, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	tool->sum = true;
	return 0;
}

static int set_openmetrics(struct tool *tool, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	tool->openmetrics = true;
	return 0;
}

static int set_private(struct tool *tool, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	tool->private = true;
	return 0;
}

static const struct option {
	const char *name;
	const char *value; /* how the usage writes it; NULL: takes none */
	int (*set)(struct tool *tool, const char *value, struct err *err);
	const char *help;
} options[] = {
	{"--pin-root", "DIR|none", set_pin_root,
	 "where maps pinned by name live, in place of MNT/tc/globals"},
	{"--maps-layout", "elf|def|samples", set_maps_layout,
	 "how map definitions without BTF are read"},
	{"--mount-bpffs", NULL, set_mount_bpffs,
	 "mount a BPF file system where there is none"},
	{"--no-layout-check", NULL, set_no_layout_check,
	 "share maps although BTF says that keys or values differ: bytes are then read in two ways"},
	{"--no-caller-pins", NULL, set_no_caller_pins,
	 "leave pins and cgroups alone that 'ip netns exec' and 'unshare -m' hide"},
	{"--require-shared", NULL, set_require_shared,
	 "refuse loads that make a map private or new while another of its name is there"},
	{"--strict-names", NULL, set_strict_names,
	 "refuse to share maps whose members were renamed"},
	{"--sum", NULL, set_sum, "map dump, map lookup: add up the values of all CPUs"},
	{"--openmetrics", NULL, set_openmetrics,
	 "map export: text for node_exporter's textfile collector"},
	{"--private", NULL, set_private,
	 "object convert: maps of bpf_map_def are not pinned by name"},
};

int tool_option(struct tool *tool, const char *word, const char *value, struct err *err)
{
	const char *equals = strchr(word, '=');
	size_t n = equals ? (size_t)(equals - word) : strlen(word);
	const struct option *o = options;
	int r;

	while (o < options + array_size(options) &&
	       (strlen(o->name) != n || strncmp(o->name, word, n) != 0))
		o++;
	if (o == options + array_size(options))
		return 0;
	if (!o->value && equals)
		return err_say(err, -EINVAL, "'%s' takes no value", o->name);
	if (equals)
		value = equals + 1;
	if (o->value && !value)
		return err_say(err, -EINVAL, "'%s' needs a value: %s", o->name, o->value);
	r = o->set(tool, value, err);
	if (r < 0)
		return r;
	return o->value && !equals ? 2 : 1;
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

void tool_option_usage(struct strbuf *out)
{
	for (size_t i = 0; i < array_size(options); i++)
		sb_addf(out, "%s%s%s\n\t%s\n", options[i].name,
			options[i].value ? " " : "",
			options[i].value ? options[i].value : "", options[i].help);
}

/* --- the command as typed --- */

static void tool_add_quoted(struct strbuf *out, const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";

	if (*word && word[strspn(word, plain)] == '\0') {
		sb_add(out, word);
		return;
	}
	sb_add_char(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			sb_add(out, "'\\''");
		else
			sb_add_char(out, *word);
	}
	sb_add_char(out, '\'');
}

char *tool_line(const struct args *a)
{
	auto_strbuf line = STRBUF_INIT;

	for (int i = 0; i < a->argc; i++) {
		if (i)
			sb_add_char(&line, ' ');
		tool_add_quoted(&line, a->argv[i]);
	}
	return sb_take(&line);
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

int tool_finish(struct tool *tool, int result, struct err *err, int usual)
{
	int status = result;

	if (result < 0) {
		status = err->status ? err->status : usual;
		if (tool->json)
			print_json_error(tool, err);
		else
			fprintf(stderr, "%s: %s\n", tool->name, err->text);
		if (err->log)
			tool_print_log(err->log);
	}
	/* A result that nobody could read is none. */
	errno = 0;
	if (fflush(tool->out) != 0 || ferror(tool->out)) {
		fprintf(stderr, "%s: write: %s\n", tool->name,
			errno ? strerror(errno) : "an earlier part was lost");
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

static void fill_standard_streams(void)
{
	int fd;

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
