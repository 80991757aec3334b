/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What "tc_loader help" says: the objects, the verbs without one, the options. */
#ifndef TC_LOADER_USAGE_H
#define TC_LOADER_USAGE_H

/* To stderr, where tc has all its help: stdout is for what scripts read. */
void usage_print(void);

#endif
