/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Version 1: counts packets. */
#include "upgrade_prog.h"
