/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The steps of a synopsis, for synopsis.c and synopsis_read.c only. */
#ifndef BASE_SYNOPSIS_PRIVATE_H
#define BASE_SYNOPSIS_PRIVATE_H

#include "base/synopsis.h"

/*
 * The text as a program for many threads at once. OPTION: what stands behind it may be
 * entered from now on; the thread itself goes on at to. BACK is the end of that part: who
 * entered it returns to where it was.
 */
enum { STEP_END, STEP_ATOM, STEP_SPLIT, STEP_JUMP, STEP_OPTION, STEP_BACK };

struct step {
	int kind;
	int to;     /* SPLIT: the other way, -1: none; JUMP, OPTION */
	int option; /* ATOM: the innermost part it is in, -1: none; OPTION, BACK */
	bool tight; /* ATOM: a keyword stands in front, nothing else comes between */
	struct synopsis_atom atom;
};

enum { SYNOPSIS_PARTS = 128, NOWHERE = -1 };

struct option_part {
	int start;
	bool again;
	bool dashed; /* an option: it may stand behind anything */
};

struct synopsis {
	struct step *steps;
	int nr;
	struct option_part options[SYNOPSIS_PARTS];
	int nr_options;
};

#endif
