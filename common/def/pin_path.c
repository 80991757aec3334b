/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <sha1.h>
#include <string.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "def/mapdef.h"
#include "def/pin_path.h"

_Static_assert(OBJECT_HASH_LEN + 1 == SHA1_DIGEST_STRING_LENGTH, "a SHA-1 in hex");

void object_hash(char ret[OBJECT_HASH_LEN + 1], const void *bytes, size_t size)
{
	SHA1Data(bytes, size, ret);
}

void pin_path_tidy(char *path)
{
	char *to = path + (*path == '/');

	for (const char *step = to; *step;) {
		size_t n = strcspn(step, "/");

		if (n > 0 && !(n == 1 && *step == '.')) {
			if (to > path && to[-1] != '/')
				*to++ = '/';
			memmove(to, step, n);
			to += n;
		}
		step += n;
		step += strspn(step, "/");
	}
	*to = '\0';
}

static int put_path(char *ret, size_t cap, const char *dir, const char *name,
		    struct err *err)
{
	auto_strbuf path = STRBUF_INIT;

	sb_addf(&path, "%s/%s", dir, name);
	pin_path_tidy(path.text);
	path.len = strlen(path.text);
	if (path.len >= cap)
		return err_say(err, -ENAMETOOLONG,
			       "the pin path of map '%s' has %zu bytes, over %zu", name,
			       path.len, cap - 1);
	memcpy(ret, sb_text(&path), path.len + 1);
	return 0;
}

/*
 * bpffs keeps names with a dot for itself and answers EPERM, which nobody understands.
 * C gives such names to statics inside functions.
 */
static int check_pinnable(const char *name, struct err *err)
{
	int r = mapdef_check_name(name, err);

	if (r < 0)
		return r;
	if (strchr(name, '.'))
		return err_say(
			err, -EINVAL,
			"'%s' cannot be pinned: the BPF file system takes no name with a dot",
			name);
	return 0;
}

/* SUBPATH without doubled, leading or trailing slashes and "." steps. */
static int add_subpath(struct strbuf *dir, uint32_t id, const char *subpath,
		       struct err *err)
{
	for (const char *step = subpath; *step;) {
		size_t n = strcspn(step, "/");

		if (n == 2 && strncmp(step, "..", 2) == 0)
			return err_say(err, -EINVAL,
				       "pinning id %" PRIu32
				       " is '%s', which may not have '..'",
				       id, subpath);
		if (n > 0 && !(n == 1 && *step == '.')) {
			sb_add_char(dir, '/');
			sb_add_mem(dir, step, n);
		}
		step += n;
		step += strspn(step, "/");
	}
	return 0;
}

static int custom_dir(struct strbuf *dir, uint32_t id, const struct pin_names *names,
		      struct err *err)
{
	const char *subpath = pin_names_find(names, id);

	if (subpath)
		return add_subpath(dir, id, subpath, err);
	if (names && names->source)
		return err_say(err, -ENOENT, "pinning id %" PRIu32 " is not in '%s'", id,
			       names->source);
	return err_say(
		err, -ENOENT,
		"pinning id %" PRIu32
		" is not defined: there is neither '/etc/iproute2/bpf_pinning' nor '/usr/share/iproute2/bpf_pinning'",
		id);
}

int pin_path(char *ret, size_t cap, const struct mapdef *def,
	     const struct pin_path_opts *opts, struct err *err)
{
	auto_strbuf dir = STRBUF_INIT;
	int r = check_pinnable(def->name, err);

	if (r < 0)
		return r;
	sb_add(&dir, opts->mnt);
	switch (def->scope) {
	case PIN_SCOPE_NONE:
		return err_say(err, -EINVAL, "map '%s' is private: it has no pin",
			       def->name);
	case PIN_SCOPE_OBJECT:
		sb_addf(&dir, "/tc/%s", opts->object_hash);
		break;
	case PIN_SCOPE_GLOBAL:
		sb_add(&dir, "/tc/globals");
		break;
	case PIN_SCOPE_CUSTOM:
		r = custom_dir(&dir, def->pin_id, opts->names, err);
		if (r < 0)
			return err_context(err, "map '%s'", def->name);
		break;
	case PIN_SCOPE_NAME:
		if (opts->pin_root)
			return pin_path_in(ret, cap, opts->pin_root, def->name, err);
		sb_add(&dir, "/tc/globals");
		break;
	}
	return put_path(ret, cap, sb_text(&dir), def->name, err);
}

int pin_path_in(char *ret, size_t cap, const char *root, const char *name,
		struct err *err)
{
	auto_free char *file = xstrdup(name);
	int r = mapdef_check_name(name, err);

	if (r < 0)
		return r;
	for (char *c = strchr(file, '.'); c; c = strchr(c, '.'))
		*c = '_';
	return put_path(ret, cap, root, file, err);
}
