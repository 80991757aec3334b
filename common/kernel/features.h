/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the running kernel gives of what the tools use where it is there. Each answer is a call
 * that changes nothing, never a version: distributions bring features to older kernels, and
 * configurations leave them out.
 */
#ifndef KERNEL_FEATURES_H
#define KERNEL_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum feature_answer {
	FEATURE_NO,
	FEATURE_YES,
	FEATURE_UNKNOWN, /* the kernel refuses to tell */
};

struct feature {
	const char *name;  /* "batch" */
	const char *gives; /* what the tools do with it, for people */
	const char *probe; /* the call that was asked, and how "no" looks */
	/* 0: there; -errno: no, or that it could not be asked. */
	int (*ask)(void);
	int no; /* the -errno that means "no"; another one is unknown */
};

extern const struct feature features[];
extern const size_t features_nr;

/* The same of the libbpf that runs, which is asked what it knows, never for its version. */
extern const struct feature libbpf_features[];
extern const size_t libbpf_features_nr;

/* *code: what ask() said. */
enum feature_answer feature_ask(const struct feature *feature, int *code);
/* Does the kernel say no? After a refusal that may mean so. */
bool feature_is_missing(const char *name);
/* Creates an array, with a token if it takes one, and lets it go. 0 or -errno. */
int feature_map_create(void);
/*
 * The same of a type of map, after -EINVAL for one: a small one is created for a moment. false,
 * too, for types that libbpf does not know.
 */
bool feature_no_map_type(uint32_t type);

#endif
