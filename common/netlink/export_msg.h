/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The message in which tc hands maps to another process ("export PATH", "exec bpf import
 * PATH"): one datagram, the fds beside it in SCM_RIGHTS in the order of the definitions.
 *
 *	 0  u16       version, 1
 *	 2  u16       number of maps
 *	 4  char[64]  object file as typed, NUL padded
 *	68            four bytes of padding
 *	72  u64, u64  st_dev and st_ino of the object file
 *	88  n * 36    struct bpf_elf_map of iproute2: nine u32
 *
 * All numbers are in host order: sender and receiver are one machine.
 */
#ifndef NETLINK_EXPORT_MSG_H
#define NETLINK_EXPORT_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct mapdef;

enum {
	EXPORT_VERSION = 1,
	EXPORT_PATH_SIZE = 64, /* with its NUL */
	EXPORT_MAPS_MAX = 64,  /* what tc's own tables hold */
	EXPORT_HEADER_SIZE = 88,
	EXPORT_MAP_SIZE = 36,
	EXPORT_MSG_MAX = EXPORT_HEADER_SIZE + EXPORT_MAPS_MAX * EXPORT_MAP_SIZE,
};

/* In the order of the bytes. */
struct export_map {
	uint32_t type, key_size, value_size, max_entries, map_flags;
	uint32_t id;      /* the importer's variable is BPF_MAP<id> */
	uint32_t pinning; /* 0 none, 1 object, 2 global, else an id of the pin database */
	uint32_t inner_id, inner_idx;
};

/* The message as values; its bytes are tc's. */
struct export_msg {
	char path[EXPORT_PATH_SIZE];
	uint64_t dev, ino;
	size_t nr_maps;
	struct export_map maps[EXPORT_MAPS_MAX];
};

/*
 * A definition as tc would have read it. A pin by name becomes tc's global pin, which is
 * the same place. What only struct bpf_elf_map can say is 0 for other dialects.
 */
struct export_map export_map_from(const struct mapdef *def);

/*
 * Gives the maps that have no id of their own (has_id[i] false) the lowest ids not in
 * use: with equal ids, the importer's variables would hide all maps but one.
 */
void export_msg_number(struct export_msg *msg, const bool *has_id);

/* Returns the size of the message, never more than EXPORT_MSG_MAX. */
size_t export_msg_write(const struct export_msg *msg, unsigned char ret[EXPORT_MSG_MAX]);

/*
 * -EINVAL: shorter than its header, another version, more maps than EXPORT_MAPS_MAX, or
 * not as long as its number of maps says. path is cut at its 63rd byte.
 */
int export_msg_read(struct export_msg *ret, const void *bytes, size_t size,
		    struct err *err) must_check;

#endif
