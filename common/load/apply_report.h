/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How a report is written; for the apply_*.c files only. apply.h says what it holds. */
#ifndef LOAD_APPLY_REPORT_H
#define LOAD_APPLY_REPORT_H

#include "load/apply.h"

struct apply_made;

/* The report's, until the next one is added. */
struct apply_step *apply_report_add(struct apply_report *report,
				    enum apply_step_kind kind);

/* text becomes the report's; it is returned. */
const char *apply_report_own(struct apply_report *report, char *text);

/* Where it is, into the step; apply_plan_report.c. */
void apply_report_place(struct apply_report *report, struct apply_step *step,
			const struct apply_made *made);

#endif
