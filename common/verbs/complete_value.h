/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of placeholders. */
#ifndef VERBS_COMPLETE_VALUE_H
#define VERBS_COMPLETE_VALUE_H

#include "verbs/complete_offer.h"

/* What may stand for one. */
void complete_value(struct complete *c, const struct synopsis_atom *atom);

#endif
