/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Command lines into requests, bpftool's grammar. No system calls: whether a file or an
 * id exists is asked later. The words "prog load" and so on are consumed already.
 * Requests that hold map overrides need their _release(), also after an error.
 */
#ifndef CGROUP_LOADER_PARSE_H
#define CGROUP_LOADER_PARSE_H

#include "base/args.h"
#include "request.h"

#define PROG_REF_USAGE "{id N|tag TAG|name NAME|pinned PATH}"

#define CGROUP_USAGE   "{CGROUP|pid N|unit NAME}"
#define LINK_REF_USAGE "{id N|pinned PATH}"

/* One PROG, kind and value. */
int parse_prog_ref(struct args *a, struct prog_ref *ret, struct err *err) must_check;

/* "load" or "loadall" (all) OBJ PATH; ret needs load_request_release() after an error too. */
int parse_load(struct args *a, bool all, struct load_request *ret,
	       struct err *err) must_check;
void load_request_release(struct load_request *req);
int parse_prog_show(struct args *a, struct prog_show_request *ret,
		    struct err *err) must_check;

/* PROG PATH. */
int parse_prog_pin(struct args *a, struct prog_pin_request *ret,
		   struct err *err) must_check;

/* A CGROUP: what (and verb) are for the error at the end of the line. */
int parse_cgroup_ref(struct args *a, const char *verb, const char *what,
		     struct cgroup_ref *ret, struct err *err) must_check;
int parse_cgroup_show(struct args *a, struct cgroup_show_request *ret,
		      struct err *err) must_check;
/* As show; the cgroup may be left out. */
int parse_cgroup_tree(struct args *a, struct cgroup_show_request *ret,
		      struct err *err) must_check;
int parse_attach(struct args *a, struct attach_request *ret, struct err *err) must_check;
void attach_request_release(struct attach_request *req);
int parse_detach(struct args *a, struct detach_request *ret, struct err *err) must_check;
void detach_request_release(struct detach_request *req);

/* One LINK, kind and value. */
int parse_link_ref(struct args *a, struct link_ref *ret, struct err *err) must_check;
/* A LINK or nothing; pin: LINK PATH; detach: LINK; update: LINK PROG [old PROG]. */
int parse_link_show(struct args *a, struct link_show_request *ret,
		    struct err *err) must_check;
int parse_link_pin(struct args *a, struct link_pin_request *ret,
		   struct err *err) must_check;
int parse_link_detach(struct args *a, struct link_detach_request *ret,
		      struct err *err) must_check;
int parse_link_update(struct args *a, struct link_update_request *ret,
		      struct err *err) must_check;

/* Nothing may be left: "unknown word 'x'; here may follow: ..." (rows may be NULL). */
int parse_end(struct args *a, const struct keyword *rows, struct err *err) must_check;

/* The words of each verb; the test of this tool's words walks them all. */
extern const struct keyword prog_ref_words[], link_ref_words[], load_words[],
	cgroup_show_words[], attach_words[], attach_object_words[], detach_object_words[],
	link_update_words[];

#endif
