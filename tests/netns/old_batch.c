/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * old_batch CMD…: runs it on a kernel whose batch lookup stops at an empty slot for ever, as
 * that of arrays of maps does before 6.15: the first lookup gives one element, each further
 * one fails with EINTR and none. 124: it made none.
 */
#include "answered.h"

static int batch_answer(const struct seccomp_notif *asked, void *data)
{
	unsigned int *seen = data;
	uint32_t count = *seen == 0;
	union bpf_attr attr;

	/* No elements are asked of whatever may be no map at all. */
	if (asked->data.args[0] != BPF_MAP_LOOKUP_BATCH ||
	    !asker_attr(asked, &attr, sizeof(attr)) || !attr.batch.count)
		return ANSWERED_BY_KERNEL;
	if (!asker_write(asked,
			 asked->data.args[1] + offsetof(union bpf_attr, batch.count),
			 &count, sizeof(count)))
		return -EFAULT;
	return (*seen)++ ? -EINTR : ANSWERED_BY_KERNEL;
}

int main(int argc, char **argv)
{
	unsigned int seen = 0;
	int status = argc < 2 ? 125 : answered_run(argv + 1, batch_answer, &seen);

	/* Nothing was asked: the test looks at nothing. */
	return seen ? status : 124;
}
