/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verifier's log of programs that load, for those who ask (share_opts.verifier_log). */
#include "base/alloc.h"
#include "load/object_private.h"

enum {
	LOG_LEVEL = 3,            /* every instruction, and statistics */
	LOG_SIZE = (1 << 24) - 1, /* the most that kernels before 5.2 take */
};

/* The kernel fills, and so makes real, only as much of the buffer as it needs. */
void object_want_log(struct object *obj, size_t i)
{
	obj->logs[i] = xcalloc(1, LOG_SIZE);
	obj->programs[i].log = obj->logs[i];
	bpf_program__set_log_level(obj->bpf_programs[i], LOG_LEVEL);
	bpf_program__set_log_buf(obj->bpf_programs[i], obj->logs[i], LOG_SIZE);
}

char *object_refusal_buffer(struct object *obj, size_t *size)
{
	if (!obj->refusal)
		obj->refusal = xcalloc(1, LOG_SIZE);
	*size = LOG_SIZE;
	return obj->refusal;
}

void object_take_log(const struct object *obj, struct err *err)
{
	for (size_t i = 0; i < obj->nr_programs && !err->log; i++)
		if (obj->logs[i] && obj->logs[i][0] &&
		    bpf_program__fd(obj->bpf_programs[i]) < 0)
			err->log = xstrdup(obj->logs[i]);
	if (!err->log && obj->refusal && obj->refusal[0])
		err->log = xstrdup(obj->refusal);
}
