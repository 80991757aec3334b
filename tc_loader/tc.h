/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What main knows and tc_loader's own verbs need: the shared part first, so that verbs of
 * common/verbs find it behind the same pointer, then tc's options.
 */
#ifndef TC_LOADER_TC_H
#define TC_LOADER_TC_H

#include <stdbool.h>
#include <stdint.h>

#include "hand_over.h"
#include "load/keep_watch.h"
#include "verbs/tool.h"

struct nl_sock;
struct program_cache;

/* Exit statuses of tc. */
/*
 * TC_FATAL is a 255 that ends a batch, -force or not: a line whose words cannot be read.
 * Its second byte never leaves main.
 */
enum tc_status { TC_USAGE = 1, TC_KERNEL = 2, TC_GRAMMAR = 255, TC_FATAL = 0x1ff };

/*
 * In place of a status, where lines are handed over: what a list would show has options
 * that only tc can print, and nothing was printed. Never leaves commands.c.
 */
enum { TC_NOT_OURS = 0x200 };

struct tc {
	struct tool tool;  /* first: verbs of common/verbs are handed this */
	bool stats;        /* -s */
	bool details;      /* -d */
	bool raw;          /* -r */
	bool oneline;      /* -o */
	bool brief;        /* -br */
	bool timestamp;    /* -t: before each event of monitor, on a line of its own */
	bool tshort;       /* -ts: before each event, on its line */
	bool numeric;      /* -N */
	bool color;        /* -c */
	bool color_auto;   /* -color=auto: main looks where the output goes */
	bool echo;         /* -echo: what the kernel made of a request is shown */
	bool force;        /* -force */
	const char *batch; /* -batch */
	/* The real tc, for lines that are not ours. */
	struct hand_over hand_over;
	bool json_errors; /* the last command answers in JSON also when it fails */
	/* The hook of which was said last that it has a program twice (run_twice.c). */
	struct {
		int ifindex;
		uint32_t parent;
	} twice;
	/* The hook that was read last for what runs in front, and how often (run_front.c). */
	struct {
		int ifindex;
		uint32_t parent;
		unsigned int looks, all; /* at this hook, in a row; at any */
	} front;
	/* Opened by the first command that needs it; main closes it. */
	struct nl_sock *sock;
	/* Where the process runs more than one command: what they may share. */
	struct program_cache *cache;
	/* Programs with kept prog arrays that may have been detached. */
	struct keep_watch going;
};

#endif
