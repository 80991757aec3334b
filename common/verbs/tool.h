/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What main knows and every verb may ask: which tool it is, how output is wanted, what
 * the shared --options said. Passed down, never global. Verbs write results to out and
 * nothing to stderr: errors travel in struct err, remarks through base/log.h.
 *
 * Words of a line may change it for that line ("share check x -j"): each line of a batch
 * is run with a copy, so nothing here passes from one line to the next.
 */
#ifndef VERBS_TOOL_H
#define VERBS_TOOL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/args.h"
#include "load/placement.h"

struct held_pin;

struct tool {
	const char *name; /* "tc_loader" */
	FILE *out;
	bool json, pretty;     /* -j, -p (pretty implies json in cgroup_loader) */
	bool show_pins;        /* cgroup_loader -f */
	bool verbose;          /* cgroup_loader -v: more than bpftool tells */
	bool sum;              /* --sum: map dump and lookup add up CPUs */
	bool readable;         /* --readable: addresses and ports as people write them */
	bool openmetrics;      /* --openmetrics: the format of map export */
	bool private;          /* --private: object convert adds no pinning */
	unsigned int batches;  /* batch files that this line is in */
	struct held_pin *held; /* cgroup_loader's, in a batch; else NULL */
	struct share_opts share; /* the defaults for every load */
};

/*
 * The shared long options, "--x only, same in both": --pin-root DIR|none, --mount-bpffs,
 * --maps-layout elf|def|samples, --no-layout-check, --require-shared,
 * --no-caller-pins,
 * --strict-names, --sum, --readable and --openmetrics. word is argv[i], value
 * the word behind it or NULL; returns the number of words consumed (0: not one of ours),
 * -EINVAL with err filled. --pin-root=DIR works too.
 */
int tool_option(struct tool *tool, const char *word, const char *value,
		struct err *err) must_check;
void tool_option_usage(struct strbuf *out);
extern const struct keyword tool_options[];
/* "[--pin-root {DIR|none}] ..." */
void tool_option_words(struct strbuf *out);
/* Adds "; did you mean 'NAME'?" if word is nearly one of them. */
void tool_option_near(const char *word, struct strbuf *out);

/*
 * Takes option out of the words left, where tc_loader leaves those that stand behind a
 * verb. True: it was there.
 */
bool tool_option_behind(struct args *a, const char *option);

/* The words left, quoted for a shell where they need it: share.line. The caller frees. */
char *tool_line(const struct args *a);

/* Verb tables mounted in both tools: "map", "object", "share". End with name NULL. */
extern const struct verb map_verbs[];
extern const struct verb object_verbs[];
extern const struct verb share_verbs[];
extern const struct verb feature_verbs[];

/*
 * What is printed reaches who reads along. What could not be written is an error, "write: ", which
 * tool_finish() does not say a second time.
 */
int tool_flush(const struct tool *tool, struct err *err) must_check;

/*
 * The end of main in both tools: prints err as "TOOL: TEXT" and its log, or on out in JSON
 * mode as json_out_error() does (a log on stderr all the same); returns the exit status:
 * err->status if set, else usual. flushes out: a full disk or closed pipe is an error too.
 */
int tool_finish(struct tool *tool, int result, struct err *err, int usual);

/*
 * main of both tools: fn(argc, argv) and the status that it returns. Where memory runs out,
 * what fn did is taken back on the way out of it (base/alloc.h), "TOOL: out of memory" is
 * said, and the status is usual.
 */
int tool_main(const char *name, int (*fn)(int argc, char **argv), int argc, char **argv,
	      int usual);

/* The verifier's log, on stderr. It quotes the object's own source lines. */
void tool_print_log(const char *log);

/*
 * The log sink of both tools: "TOOL: TEXT" for remarks, "TOOL: warning: TEXT". What
 * libbpf says goes there too, at debug level only. Called before any descriptor is
 * opened: a standard stream that the caller closed is filled with one that nothing can be
 * written to, or the next socket or map would get its number, and our output.
 */
void tool_log_to(const char *name, bool debug);

#endif
