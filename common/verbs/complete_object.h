/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is in the object, and in the map, that the line names. */
#ifndef VERBS_COMPLETE_OBJECT_H
#define VERBS_COMPLETE_OBJECT_H

#include "verbs/complete_offer.h"

/* Of the object file on the line: programs, their sections, constants, maps. */
void complete_programs(struct complete *c, const struct synopsis_atom *atom);
void complete_sections(struct complete *c, const struct synopsis_atom *atom);
void complete_constants(struct complete *c, const struct synopsis_atom *atom);
void complete_object_maps(struct complete *c, const struct synopsis_atom *atom);

/* The numbers in the values of the map on the line. */
void complete_fields(struct complete *c, const struct synopsis_atom *atom);

/* "{MEMBER:" of the key or value of the map on the line; "MEMBER=" of its values. */
void complete_members(struct complete *c, const struct synopsis_atom *atom);
void complete_merge(struct complete *c, const struct synopsis_atom *atom);

#endif
