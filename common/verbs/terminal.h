/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What can be shown where an answer goes: everything zero unless it is a terminal. */
#ifndef VERBS_TERMINAL_H
#define VERBS_TERMINAL_H

#include <stdio.h>

#include "view/graph_view.h"

/* Honours NO_COLOR and TERM=dumb; the width is 80 where the terminal does not tell. */
struct graph_view_terminal terminal_of(FILE *out);

#endif
