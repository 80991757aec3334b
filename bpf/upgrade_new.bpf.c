/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Version 2: counts bytes too. */
#define UPGRADE_NEW
#include "upgrade_prog.h"
