/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What links of kind kprobe_multi, uprobe_multi and perf_event are attached to. */
#ifndef KERNEL_LINK_PROBES_H
#define KERNEL_LINK_PROBES_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/kernel_symbols.h"
#include "kernel/link_fd.h"

/* enum bpf_perf_event_type */
enum link_probes_event {
	LINK_PROBES_UNKNOWN,
	LINK_PROBES_UPROBE,
	LINK_PROBES_URETPROBE,
	LINK_PROBES_KPROBE,
	LINK_PROBES_KRETPROBE,
	LINK_PROBES_TRACEPOINT,
	LINK_PROBES_EVENT,
};

struct link_probe {
	struct kernel_symbol symbol; /* of a kernel function; its name may be file's */
	uint64_t offset;             /* in the file, or behind the function's begin */
	uint64_t ref_ctr_offset;     /* in the file; 0: none */
	uint64_t cookie;
};

struct link_probes {
	/* false: the kernel does not tell (it does since Linux 6.6, of uprobe_multi 6.8) */
	bool known;
	bool retprobe;
	enum link_probes_event event; /* LINK_FD_PERF_EVENT */
	uint32_t event_type;          /* LINK_PROBES_EVENT: of perf_event_open(2), */
	uint64_t event_config;        /* the same */
	char *name;   /* owned; a file, or a tracepoint; "": the kernel has none */
	uint32_t pid; /* LINK_FD_UPROBE_MULTI; 0: every process, or one we cannot see */
	uint64_t missed;         /* runs, of kprobes; Linux 6.7 */
	struct link_probe *list; /* owned */
	size_t nr;               /* one with LINK_FD_PERF_EVENT */
};

bool link_probes_has(uint32_t link_type);
/*
 * -errno; ret needs the release. Kernel functions have no names yet: what lists several links
 * names those of all at once, see link_probes_symbols().
 */
int link_probes_read(int fd, uint32_t link_type, struct link_probes *ret) must_check;
/* One pointer for every entry of the list: appended to *symbols, which has *nr. */
void link_probes_symbols(struct link_probes *p, struct kernel_symbol ***symbols,
			 size_t *nr);
void link_probes_release(struct link_probes *p);

#endif
