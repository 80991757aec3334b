/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel has. */
#ifndef VERBS_COMPLETE_REF_H
#define VERBS_COMPLETE_REF_H

#include "verbs/complete_offer.h"

/* Maps, programs or links as the keyword in front wants them named; their pins. */
void complete_refs(struct complete *c, const struct synopsis_atom *atom);
void complete_pins(struct complete *c, const struct synopsis_atom *atom);

#endif
