/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A fixture read by the object reader and then opened by libbpf, which must like it. */
#ifndef UNIT_OPENED_H
#define UNIT_OPENED_H

#include <bpf/libbpf.h>

#include "fixture.h"
#include "legacy/object_def.h"

struct opened {
	struct fixture file;
	struct object_def def;
	struct bpf_object *obj;
};

static inline void opened_release(struct opened *o)
{
	bpf_object__close(o->obj);
	object_def_release(&o->def);
	free(o->file.bytes);
}

#define auto_opened auto_release(opened_release) struct opened

static inline struct opened opened_with(const char *name,
					const struct object_def_opts *opts)
{
	struct opened o = {.file = fixture_load(name)};
	auto_err err = ERR_INIT;

	if (object_def_read(&o.def, o.file.bytes, o.file.size, opts, &err))
		fail_msg("%s: %s", name, err.text);
	libbpf_set_print(NULL);
	o.obj = bpf_object__open_mem(o.def.image, o.def.image_size, NULL);
	if (!o.obj)
		fail_msg("%s: libbpf does not open the image", name);
	return o;
}

static inline struct opened opened_by_tc(const char *name)
{
	struct object_def_opts opts = {.reader = MAPS_READER_TC};

	return opened_with(name, &opts);
}

#endif
