/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* plan, apply, check, remove, bugreport: verbs without an object, in both tools' tables of them. */
#ifndef VERBS_APPLY_VERBS_H
#define VERBS_APPLY_VERBS_H

#include "base/args.h"
#include "verbs/apply_line.h"

int apply_verb_plan(struct args *a, void *tool, struct err *err) must_check;
int apply_verb_apply(struct args *a, void *tool, struct err *err) must_check;
int apply_verb_check(struct args *a, void *tool, struct err *err) must_check;
int apply_verb_remove(struct args *a, void *tool, struct err *err) must_check;

/* Their rows, for a table of objects: one row behind every one of tc's and bpftool's. */
#define APPLY_ROW(verb, usage, text)                                        \
	{                                                                   \
		.name = #verb, .run = apply_verb_##verb, .synopsis = usage, \
		.help = text, .own = true, .example = "acct.yaml"           \
	}
#define APPLY_HELP_PLAN \
	"What apply would do, a line per step: attach, replace, keep, detach and more. Changes nothing; exit 1 if apply would be refused"
#define APPLY_HELP_APPLY \
	"Makes the machine what the files say, see mapshare.conf(5): each file all or nothing; what is there already is kept without loading anything. With --follow it stays, and serves what appears until a signal ends it"
#define APPLY_HELP_CHECK \
	"Is the machine what the files say: exit 0; 1 with the differences"
#define APPLY_HELP_REMOVE \
	"Detaches what apply made for the names of the files, if it is unchanged; pinned maps and clsact qdiscs stay"

int bugreport_verb(struct args *a, void *tool, struct err *err) must_check;
#define BUGREPORT_ROW                                                                                 \
	{                                                                                             \
		.name = "bugreport", .run = bugreport_verb,                                           \
		.synopsis = "[--processes] [--dmesg]",                                                \
		.help = "What a bug report should say of this machine, as text: its contents first.", \
		.own = true, .example = ""                                                            \
	}

/* The table of these alone; ends with name NULL. */
extern const struct verb apply_verbs[];

#endif
