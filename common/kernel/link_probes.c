/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/link_probes.h"

enum {
	FLAG_RETURN = 1, /* BPF_F_KPROBE_MULTI_RETURN, BPF_F_UPROBE_MULTI_RETURN */
	PROBES_MAX = 1024 * 1024 /* the kernel's own bound of both kinds */
};

/* struct bpf_link_info as of Linux 6.18, repeated because headers may be older. */
struct probes_info {
	uint32_t type, id, prog_id, pad;
	union {
		struct {
			uint64_t addrs;
			uint32_t count, flags;
			uint64_t missed;
			uint64_t cookies; /* Linux 6.9 */
		} kprobes;
		struct {
			uint64_t path, offsets, ref_ctr_offsets, cookies;
			uint32_t path_size, count, flags, pid;
		} uprobes;
		struct {
			uint32_t type, pad;
			union {
				/* The name stands at one place whatever the type. */
				struct {
					uint64_t name;
					uint32_t len, offset;
					uint64_t cookie, ref_ctr_offset;
				} uprobe;
				struct {
					uint64_t name;
					uint32_t len, offset;
					uint64_t addr, missed, cookie;
				} kprobe;
				struct {
					uint64_t name;
					uint32_t len, pad;
					uint64_t cookie;
				} tracepoint;
				struct {
					uint64_t config;
					uint32_t type, pad;
					uint64_t cookie;
				} event;
			};
		} perf;
		uint64_t room[8];
	};
};

static int probes_ask(int fd, struct probes_info *raw)
{
	uint32_t size = sizeof(*raw);

	return bpf_obj_get_info_by_fd(fd, raw, &size) < 0 ? -errno : 0;
}

/* 0 is no count of a link: the kernel left the field alone, so it is an older one. */
static int probes_make_room(struct link_probes *ret, uint32_t nr)
{
	if (nr > PROBES_MAX)
		return -E2BIG;
	ret->known = nr > 0;
	ret->list = xcalloc(nr ? nr : 1, sizeof(*ret->list));
	ret->nr = nr;
	return 0;
}

static int read_kprobes(int fd, struct link_probes *ret)
{
	struct probes_info first, raw;
	auto_free uint64_t *words = NULL;
	size_t nr;
	int r;

	memset(&first, 0, sizeof(first));
	r = probes_ask(fd, &first);
	if (r == 0)
		r = probes_make_room(ret, first.kprobes.count);
	if (r < 0 || !ret->known)
		return r;
	nr = ret->nr;
	words = xcalloc(nr * 2, sizeof(*words));
	memset(&raw, 0, sizeof(raw));
	raw.kprobes.addrs = (uintptr_t)words;
	raw.kprobes.cookies = (uintptr_t)(words + nr);
	raw.kprobes.count = (uint32_t)nr;
	r = probes_ask(fd, &raw);
	/* A kernel without cookies refuses what it has no place for. */
	if (r == -E2BIG) {
		raw.kprobes.cookies = 0;
		r = probes_ask(fd, &raw);
	}
	if (r < 0)
		return r;
	for (size_t i = 0; i < nr; i++)
		ret->list[i] = (struct link_probe){.symbol.address = words[i],
						   .cookie = words[nr + i]};
	ret->retprobe = first.kprobes.flags & FLAG_RETURN;
	ret->missed = first.kprobes.missed;
	return 0;
}

static int read_uprobes(int fd, struct link_probes *ret)
{
	auto_free char *path = xcalloc(PATH_MAX, 1);
	auto_free uint64_t *words = NULL;
	struct probes_info first, raw;
	size_t nr;
	int r;

	memset(&first, 0, sizeof(first));
	first.uprobes.path = (uintptr_t)path;
	first.uprobes.path_size = PATH_MAX;
	r = probes_ask(fd, &first);
	if (r == 0)
		r = probes_make_room(ret, first.uprobes.count);
	if (r < 0 || !ret->known)
		return r;
	nr = ret->nr;
	words = xcalloc(nr * 3, sizeof(*words));
	memset(&raw, 0, sizeof(raw));
	raw.uprobes.offsets = (uintptr_t)words;
	raw.uprobes.ref_ctr_offsets = (uintptr_t)(words + nr);
	raw.uprobes.cookies = (uintptr_t)(words + nr * 2);
	raw.uprobes.count = (uint32_t)nr;
	r = probes_ask(fd, &raw);
	if (r < 0)
		return r;
	for (size_t i = 0; i < nr; i++)
		ret->list[i] = (struct link_probe){.offset = words[i],
						   .ref_ctr_offset = words[nr + i],
						   .cookie = words[nr * 2 + i]};
	ret->retprobe = first.uprobes.flags & FLAG_RETURN;
	ret->pid = first.uprobes.pid;
	ret->name = take_ptr(path);
	return 0;
}

static void take_perf(struct link_probes *ret, const struct probes_info *raw)
{
	struct link_probe *probe = ret->list;

	ret->event = (enum link_probes_event)raw->perf.type;
	switch (ret->event) {
	case LINK_PROBES_UPROBE:
	case LINK_PROBES_URETPROBE:
		probe->offset = raw->perf.uprobe.offset;
		probe->cookie = raw->perf.uprobe.cookie;
		probe->ref_ctr_offset = raw->perf.uprobe.ref_ctr_offset;
		break;
	case LINK_PROBES_KPROBE:
	case LINK_PROBES_KRETPROBE:
		probe->symbol.address = raw->perf.kprobe.addr;
		probe->offset = raw->perf.kprobe.offset;
		probe->cookie = raw->perf.kprobe.cookie;
		ret->missed = raw->perf.kprobe.missed;
		break;
	case LINK_PROBES_TRACEPOINT:
		probe->cookie = raw->perf.tracepoint.cookie;
		break;
	case LINK_PROBES_EVENT:
		ret->event_type = raw->perf.event.type;
		ret->event_config = raw->perf.event.config;
		probe->cookie = raw->perf.event.cookie;
		break;
	default:
		ret->known = false;
		return;
	}
	ret->retprobe = ret->event == LINK_PROBES_URETPROBE ||
			ret->event == LINK_PROBES_KRETPROBE;
}

static int read_perf(int fd, struct link_probes *ret)
{
	auto_free char *name = xcalloc(PATH_MAX, 1);
	struct probes_info raw;
	int r;

	memset(&raw, 0, sizeof(raw));
	raw.perf.uprobe.name = (uintptr_t)name;
	raw.perf.uprobe.len = PATH_MAX;
	r = probes_ask(fd, &raw);
	if (r == 0)
		r = probes_make_room(ret, 1);
	if (r < 0)
		return r;
	take_perf(ret, &raw);
	if (ret->event != LINK_PROBES_KPROBE && ret->event != LINK_PROBES_KRETPROBE)
		ret->name = take_ptr(name);
	else if (*name)
		ret->list->symbol.name = take_ptr(name);
	return 0;
}

bool link_probes_has(uint32_t link_type)
{
	return link_type == LINK_FD_KPROBE_MULTI || link_type == LINK_FD_UPROBE_MULTI ||
	       link_type == LINK_FD_PERF_EVENT;
}

int link_probes_read(int fd, uint32_t link_type, struct link_probes *ret)
{
	*ret = (struct link_probes){.known = false};
	if (link_type == LINK_FD_KPROBE_MULTI)
		return read_kprobes(fd, ret);
	return link_type == LINK_FD_UPROBE_MULTI ? read_uprobes(fd, ret)
						 : read_perf(fd, ret);
}

void link_probes_symbols(struct link_probes *p, struct kernel_symbol ***symbols,
			 size_t *nr)
{
	for (size_t i = 0; i < p->nr; i++) {
		array_grow(*symbols, *nr);
		(*symbols)[(*nr)++] = &p->list[i].symbol;
	}
}

void link_probes_release(struct link_probes *p)
{
	for (size_t i = 0; i < p->nr; i++)
		kernel_symbol_release(&p->list[i].symbol);
	free(p->list);
	free(p->name);
	*p = (struct link_probes){.known = false};
}
