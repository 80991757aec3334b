/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "def/attach_types.h"
#include "kernel/bpf_token.h"
#include "kernel/caps.h"
#include "kernel/cgroup_fd.h"
#include "kernel/features.h"
#include "load/load_hints.h"
#include "load/object_private.h"

/* The kernel's word for a type of map that it does not know is that of any other mistake. */
static void explain_map_type(uint32_t type, struct err *err)
{
	const char *name = mapdef_type_name(type);
	size_t n = strlen(err->text);

	if (err->code == -EINVAL && name && feature_no_map_type(type))
		snprintf(err->text + n, sizeof(err->text) - n,
			 " (this kernel has no maps of type %s)", name);
}

int object_explain_map(const struct mapdef *def, const struct mapdef *inner,
		       struct err *err)
{
	const struct token_need needs[] = {
		{BPF_MAP_CREATE, (int)def->type, TOKEN_NOTHING, TOKEN_NOTHING},
		{BPF_MAP_CREATE, inner ? (int)inner->type : TOKEN_NOTHING, TOKEN_NOTHING,
		 TOKEN_NOTHING}};

	explain_map_type(def->type, err);
	return bpf_token_explain(err, needs, array_size(needs));
}

/* What loading takes of a token: libbpf creates the maps that have no place. */
static int object_explain_rights(const struct object *obj, struct err *err)
{
	auto_free struct token_need *needs =
		xcalloc(obj->nr_programs + obj->nr_maps + 1, sizeof(*needs));
	size_t nr = 0;

	for (size_t i = 0; i < obj->nr_programs; i++) {
		const struct bpf_program *p = obj->bpf_programs[i];

		if (obj->programs[i].wanted)
			needs[nr++] = (struct token_need){
				BPF_PROG_LOAD, TOKEN_NOTHING, (int)bpf_program__type(p),
				(int)bpf_program__expected_attach_type(p)};
	}
	for (size_t i = 0; i < obj->nr_maps; i++)
		if (obj->handles[i].fd < 0)
			needs[nr++] = (struct token_need){BPF_MAP_CREATE,
							  (int)obj->maps[i].def.type,
							  TOKEN_NOTHING, TOKEN_NOTHING};
	return bpf_token_explain(err, needs, nr);
}

/* Attach types are known since a kernel, or since a distribution brought them: it is asked. */
static bool cgroup_type_is_unknown(const struct attach_type *type)
{
	auto_release(cgroup_query_release) struct cgroup_query q = {.nr = 0};
	auto_err err = ERR_INIT;
	auto_close int fd = -1;
	char root[PATH_MAX];

	if (cgroup_root(root, &err) < 0)
		return false;
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && cgroup_fd_query(fd, type->value, false, &q) == -EINVAL;
}

/* The verifier has no word for a program whose attach type the kernel does not know. */
static void explain_attach_type(const struct object *obj, struct err *err)
{
	size_t n = strlen(err->text);

	for (size_t i = 0; err->code == -EINVAL && i < obj->nr_programs; i++) {
		const struct bpf_program *p = obj->bpf_programs[i];
		const struct attach_type *type =
			attach_type_by_value(bpf_program__expected_attach_type(p));

		if (!obj->programs[i].wanted || !type ||
		    type->prog_type != (uint32_t)bpf_program__type(p) ||
		    !cgroup_type_is_unknown(type))
			continue;
		snprintf(err->text + n, sizeof(err->text) - n,
			 " (this kernel has no attach type %s; it came with Linux %s)",
			 type->name, type->since);
		return;
	}
}

/* Of the maps that libbpf creates. */
static void explain_map_types(const struct object *obj, struct err *err)
{
	size_t n = strlen(err->text);

	for (size_t i = 0; i < obj->nr_maps && !err->text[n]; i++)
		if (obj->handles[i].fd < 0)
			explain_map_type(obj->maps[i].def.type, err);
}

int object_explain_refusal(const struct object *obj, struct err *err)
{
	const char *hint = load_hint(err->log ? err->log : err->text);
	size_t n = strlen(err->text);

	if (hint && n < sizeof(err->text))
		snprintf(err->text + n, sizeof(err->text) - n, " (%s)", hint);
	explain_attach_type(obj, err);
	explain_map_types(obj, err);
	if (err->code != -EPERM)
		err_is(err, ERR_REJECTED);
	return object_explain_rights(obj, err);
}

/* Programs on kernel functions are refused without a word of the verifier's. */
void object_explain_lsm(const struct object *obj, struct err *err)
{
	size_t n = strlen(err->text);
	bool lsm = false;

	for (size_t i = 0; i < obj->nr_programs; i++)
		lsm |= obj->programs[i].wanted &&
		       obj->programs[i].prog_type == BPF_PROG_TYPE_LSM;
	if (lsm && err->code == -EPERM && !caps_missing(CAPS_LOAD) &&
	    n < sizeof(err->text))
		snprintf(
			err->text + n, sizeof(err->text) - n,
			" (no capability is missing: this kernel's configuration or a security policy forbids BPF programs on LSM hooks; 'bpf' has to be in /sys/kernel/security/lsm)");
}

/*
 * Without libbpf's own words, which a library does not hear. It has closed all programs by now,
 * so of several nobody knows which one it was.
 */
int object_say_refused(const struct object *obj, int r, struct err *err)
{
	auto_strbuf names = STRBUF_INIT;
	size_t nr = 0;

	for (size_t i = 0; i < obj->nr_programs; i++) {
		if (!obj->programs[i].wanted)
			continue;
		sb_add_sep(&names, ", ", "");
		sb_addf(&names, "'%s'", obj->programs[i].name);
		nr++;
	}
	return nr == 1 ? err_set(err, r, "program %s: the kernel refuses it",
				 sb_text(&names))
		       : err_set(err, r, "programs %s: the kernel refuses one of them",
				 sb_text(&names));
}
