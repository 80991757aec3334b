/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A terminal that shows one thing again and again: the alternate screen, so that what was
 * there comes back, and keys that are read as they are pressed. It is given back however the
 * command ends, by a signal or a fault of our own, too; SIGKILL apart.
 */
#ifndef VERBS_LIVE_SCREEN_H
#define VERBS_LIVE_SCREEN_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <termios.h>

#include "base/cleanup.h"

enum { LIVE_FAULTS = 6 };

struct live_screen {
	int events; /* readable: live_screen_next() has something to say; -1: not open */
	int out, signals;
	int keys; /* -1: none are read */
	struct termios before;
	sigset_t mask;
	struct sigaction faults[LIVE_FAULTS];
};

#define LIVE_SCREEN_INIT                                            \
	{                                                           \
		.events = -1, .out = -1, .signals = -1, .keys = -1, \
	}
#define auto_live_screen auto_release(live_screen_release) struct live_screen

enum live_event {
	LIVE_NOTHING,
	LIVE_REDRAW, /* the window has another size, or is ours again after Ctrl-Z */
	LIVE_QUIT,   /* the key q */
};

/* Is out a terminal that can be redrawn, and ours now? Not of a job in the background. */
bool live_screen_possible(FILE *out);

/*
 * Takes over the terminal that out is. keys: those of stdin are for us, if it is a terminal,
 * too. At most one at a time. -errno.
 */
int live_screen_open(struct live_screen *ret, FILE *out, bool keys) must_check;
void live_screen_release(struct live_screen *screen);

/* What happened meanwhile; never waits. */
enum live_event live_screen_next(struct live_screen *screen);

/* 24 lines of 80 columns where the terminal does not tell. */
void live_screen_size(FILE *out, unsigned int *lines, unsigned int *columns);

#endif
