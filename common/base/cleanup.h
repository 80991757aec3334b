/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Scope attributes: a local resource frees itself where its scope ends, so an error just
 * returns. Giving a resource away is spelled out with take_ptr() or take_fd().
 *
 *	auto_free char *path = xasprintf("%s/%s", dir, name);
 *	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
 *
 * Structs with a _release() of their own use auto_release(type_release).
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define auto_release(fn) __attribute__((cleanup(fn)))
#define auto_free        auto_release(cleanup_free)
#define auto_close       auto_release(cleanup_close)
#define auto_file        auto_release(cleanup_file)
#define auto_dir         auto_release(cleanup_dir)

/* The caller must look at the result. */
#define must_check              __attribute__((warn_unused_result))
#define printf_like(fmt, first) __attribute__((format(printf, fmt, first)))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

/* Any negative value is "no fd" (it may be a -errno); errno survives. */
static inline void cleanup_close(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

/* For the scope attributes below: NULL is nothing to close. */
static inline void cleanup_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* The same of a directory. */
static inline void cleanup_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* The descriptor, now the caller's; *fd is none. */
static inline int take_fd(int *fd)
{
	int r = *fd;

	*fd = -1;
	return r;
}

#define take_ptr(p)                               \
	({                                        \
		__typeof__(p) *take_from = &(p);  \
		__typeof__(p) taken = *take_from; \
		*take_from = NULL;                \
		taken;                            \
	})

#define array_size(a) (sizeof(a) / sizeof((a)[0]))

#endif
