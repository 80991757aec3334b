/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From the paths of a command line to what they say should be. A file is YAML as netplan
 * writes it, or JSON; a directory stands for its *.yaml, *.yml and *.json, sorted. Every
 * value is a text to the reader, so "no" is no boolean by accident. mapshare.conf(5) is the
 * manual of the format; load/apply_keys.c has the tables.
 */
#ifndef LOAD_APPLY_FILES_H
#define LOAD_APPLY_FILES_H

#include <stddef.h>

#include "load/apply_conf.h"

enum { APPLY_FILE_MAX = 1 << 20 };

/*
 * All or none: errors begin with FILE:LINE:COLUMN where a file is at fault. Two files of one
 * name are an error that names both places; so are a file over APPLY_FILE_MAX bytes and a
 * directory without any. ret needs apply_confs_release(), in case of an error too.
 */
int apply_files_read(struct apply_confs *ret, const char *const *paths, size_t nr,
		     struct err *err) must_check;

/* One text in memory; dir is absolute: what a relative "file:" is relative to. */
int apply_files_read_text(struct apply_conf *ret, const char *file, const char *dir,
			  const char *text, size_t size, struct err *err) must_check;

#endif
