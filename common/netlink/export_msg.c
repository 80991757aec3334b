/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "netlink/export_msg.h"
#include "def/mapdef.h"

/* The bytes as they are laid out on 64-bit machines; memcpy keeps alignment out of it. */
struct wire_header {
	uint16_t version;
	uint16_t nr_maps;
	char path[EXPORT_PATH_SIZE];
	uint32_t padding;
	uint64_t dev, ino;
};

_Static_assert(sizeof(struct wire_header) == EXPORT_HEADER_SIZE, "the header's layout");
_Static_assert(sizeof(struct export_map) == EXPORT_MAP_SIZE, "struct bpf_elf_map");

enum { PINNING_NONE, PINNING_OBJECT, PINNING_GLOBAL };

static uint32_t pinning_of(const struct mapdef *def)
{
	switch (def->scope) {
	case PIN_SCOPE_OBJECT:
		return PINNING_OBJECT;
	case PIN_SCOPE_GLOBAL:
	case PIN_SCOPE_NAME:
		return PINNING_GLOBAL;
	case PIN_SCOPE_CUSTOM:
		return def->pin_id;
	default:
		return PINNING_NONE;
	}
}

struct export_map export_map_from(const struct mapdef *def)
{
	bool elf = def->dialect == MAPDEF_ELF;

	return (struct export_map){
		.type = def->type,
		.key_size = def->key_size,
		.value_size = def->value_size,
		.max_entries = def->max_entries,
		.map_flags = def->map_flags,
		.id = elf ? def->id : 0,
		.pinning = pinning_of(def),
		.inner_id = elf ? def->inner_id : 0,
		.inner_idx = elf ? (uint32_t)def->inner_idx : 0,
	};
}

static bool id_in_use(const struct export_msg *msg, const bool *has_id, size_t numbered,
		      uint32_t id)
{
	for (size_t i = 0; i < msg->nr_maps; i++)
		if ((has_id[i] || i < numbered) && msg->maps[i].id == id)
			return true;
	return false;
}

void export_msg_number(struct export_msg *msg, const bool *has_id)
{
	uint32_t next = 0;

	for (size_t i = 0; i < msg->nr_maps; i++) {
		if (has_id[i])
			continue;
		while (id_in_use(msg, has_id, i, next))
			next++;
		msg->maps[i].id = next++;
	}
}

size_t export_msg_write(const struct export_msg *msg, unsigned char ret[EXPORT_MSG_MAX])
{
	size_t nr = msg->nr_maps < EXPORT_MAPS_MAX ? msg->nr_maps : EXPORT_MAPS_MAX;
	struct wire_header header = {
		.version = EXPORT_VERSION,
		.nr_maps = (uint16_t)nr,
		.dev = msg->dev,
		.ino = msg->ino,
	};

	memcpy(header.path, msg->path, strnlen(msg->path, EXPORT_PATH_SIZE - 1));
	memcpy(ret, &header, sizeof(header));
	memcpy(ret + sizeof(header), msg->maps, nr * sizeof(msg->maps[0]));
	return sizeof(header) + nr * sizeof(msg->maps[0]);
}

int export_msg_read(struct export_msg *ret, const void *bytes, size_t size,
		    struct err *err)
{
	struct wire_header header;

	if (size < sizeof(header))
		return err_say(err, -EINVAL, "%zu bytes are not a map message", size);
	memcpy(&header, bytes, sizeof(header));
	if (header.version != EXPORT_VERSION)
		return err_say(err, -EINVAL, "a map message of version %u, not %u",
			       header.version, EXPORT_VERSION);
	if (header.nr_maps > EXPORT_MAPS_MAX)
		return err_say(err, -EINVAL, "a message with %u maps, more than %u",
			       header.nr_maps, EXPORT_MAPS_MAX);
	if (size != sizeof(header) + (size_t)header.nr_maps * EXPORT_MAP_SIZE)
		return err_say(err, -EINVAL, "a message of %zu bytes cannot hold %u maps",
			       size, header.nr_maps);
	*ret = (struct export_msg){
		.dev = header.dev,
		.ino = header.ino,
		.nr_maps = header.nr_maps,
	};
	memcpy(ret->path, header.path, strnlen(header.path, EXPORT_PATH_SIZE - 1));
	memcpy(ret->maps, (const char *)bytes + sizeof(header), size - sizeof(header));
	return 0;
}
