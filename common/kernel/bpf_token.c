/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <bpf/libbpf_version.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "kernel/bpf_token.h"
#include "kernel/bpffs.h"
#include "kernel/caller_ns.h"
#include "kernel/caps.h"

/* Of the headers of Linux 6.9. */
enum {
	TOKEN_CREATE = 36,      /* BPF_TOKEN_CREATE */
	HAS_TOKEN_FD = 1 << 16, /* BPF_F_TOKEN_FD */
};

int bpf_token_open(void)
{
	struct {
		uint32_t flags, bpffs_fd;
	} attr = {0};
	char mnt[PATH_MAX], real[PATH_MAX];
	auto_close int dir = -1;
	int fd;

	bpffs_mount_point(mnt);
	dir = open(caller_ns_path(mnt, real), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	attr.bpffs_fd = (uint32_t)dir;
	fd = (int)syscall(__NR_bpf, TOKEN_CREATE, &attr, sizeof(attr));
	return fd < 0 ? -errno : fd;
}

/* bpf_attr of BPF_MAP_CREATE up to its token. */
struct map_attr {
	uint32_t type, key_size, value_size, entries, flags, inner_fd, numa_node;
	char name[BPF_OBJ_NAME_LEN];
	uint32_t ifindex, btf_fd, key_type_id, value_type_id, vmlinux_type_id;
	uint64_t extra;
	int32_t value_btf_fd, token_fd;
};
_Static_assert(sizeof(struct map_attr) == 80, "as linux/bpf.h has it");

int bpf_token_map_create(uint32_t type, const char *name, uint32_t key_size,
			 uint32_t value_size, uint32_t entries,
			 const struct bpf_map_create_opts *opts)
{
	struct map_attr attr = {.type = type,
				.key_size = key_size,
				.value_size = value_size,
				.entries = entries,
				.flags = opts->map_flags | HAS_TOKEN_FD,
				.inner_fd = opts->inner_map_fd,
				.numa_node = opts->numa_node,
				.btf_fd = opts->btf_fd,
				.key_type_id = opts->btf_key_type_id,
				.value_type_id = opts->btf_value_type_id,
				.extra = opts->map_extra};
	int fd = bpf_map_create((enum bpf_map_type)type, name, key_size, value_size,
				entries, opts);
	auto_close int token = -1;
	int r = fd < 0 ? -errno : fd;

	if (r != -EPERM)
		return r;
	token = bpf_token_open();
	if (token < 0)
		return r;
	strncpy(attr.name, name, sizeof(attr.name) - 1);
	attr.token_fd = token;
	fd = (int)syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	return fd < 0 ? -errno : fd;
}

/* bpf_attr of BPF_BTF_LOAD up to its token. */
struct btf_attr {
	uint64_t bytes, log;
	uint32_t size, log_size, log_level, log_true_size, flags;
	int32_t token_fd;
};
_Static_assert(sizeof(struct btf_attr) == 40, "as linux/bpf.h has it");

int bpf_token_btf_load(const void *bytes, uint32_t size)
{
	struct btf_attr attr = {
		.bytes = (uintptr_t)bytes, .size = size, .flags = HAS_TOKEN_FD};
	int fd = bpf_btf_load(bytes, size, NULL);
	int r = fd < 0 ? -errno : fd;
	auto_close int token = -1;

	if (r != -EPERM)
		return r;
	token = bpf_token_open();
	if (token < 0)
		return r;
	attr.token_fd = token;
	fd = (int)syscall(__NR_bpf, BPF_BTF_LOAD, &attr, sizeof(attr));
	return fd < 0 ? -errno : fd;
}

/*
 * The option of bpf_object__open_mem() came with the call, in libbpf 1.5; older ones refuse
 * options that they do not know.
 */
struct bpf_token_create_opts;
extern int bpf_token_create(int bpffs_fd, struct bpf_token_create_opts *opts)
	__attribute__((weak));

bool bpf_token_libbpf(void)
{
	return bpf_token_create != NULL;
}

static bool token_on_offer(void)
{
	auto_close int fd = -1;

	if (!bpf_token_libbpf() || !caps_in_user_ns())
		return false;
	fd = bpf_token_open();
	return fd >= 0;
}

/* The options as libbpf 1.5 has them, whose headers need not be the ones at hand. */
struct token_open_opts {
	struct bpf_object_open_opts opts;
#if LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION < 5
	const char *bpf_token_path;
#endif
};

struct bpf_object *bpf_token_object_open(const void *image, size_t size,
					 const struct bpf_object_open_opts *opts)
{
	struct token_open_opts with = {.opts = *opts};
	char mnt[PATH_MAX], real[PATH_MAX];

	if (!token_on_offer())
		return bpf_object__open_mem(image, size, opts);
	bpffs_mount_point(mnt);
#if LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION < 5
	with.bpf_token_path = caller_ns_path(mnt, real);
#else
	with.opts.bpf_token_path = caller_ns_path(mnt, real);
#endif
	with.opts.sz = sizeof(with);
	return bpf_object__open_mem(image, size, &with.opts);
}

/* Bit n of each: command, map type, program type or attach type n. */
struct token_rights {
	uint64_t cmds, maps, progs, attachs;
};

/* false: /proc does not say. */
static bool token_rights_read(int fd, struct token_rights *ret)
{
	auto_free char *path = xasprintf("/proc/self/fdinfo/%d", fd);
	auto_file FILE *file = fopen(path, "re");
	const struct {
		const char *name;
		uint64_t *bits;
	} rows[] = {{"allowed_cmds:", &ret->cmds},
		    {"allowed_maps:", &ret->maps},
		    {"allowed_progs:", &ret->progs},
		    {"allowed_attachs:", &ret->attachs}};
	char line[256], value[64];
	size_t seen = 0;

	while (file && fgets(line, sizeof(line), file)) {
		for (size_t i = 0; i < array_size(rows); i++) {
			size_t n = strlen(rows[i].name);

			if (strncmp(line, rows[i].name, n) != 0 ||
			    sscanf(line + n, "%63s", value) != 1)
				continue;
			*rows[i].bits = strcmp(value, "any") == 0
						? UINT64_MAX
						: strtoull(value, NULL, 16);
			seen++;
		}
	}
	return seen == array_size(rows);
}

/* As the option of mount takes it: the enumerator, in small letters. */
static const char *command_name(int cmd)
{
	switch (cmd) {
	case BPF_MAP_CREATE:
		return "map_create";
	case BPF_PROG_LOAD:
		return "prog_load";
	case BPF_BTF_LOAD:
		return "btf_load";
	default:
		return NULL;
	}
}

static void add_lacking(struct strbuf *out, uint64_t bits, int bit, const char *option,
			const char *name)
{
	auto_free char *text = NULL;

	if (bit < 0 || bit > 63 || bits & 1ULL << bit)
		return;
	text = name ? xasprintf("%s=%s", option, name) : xasprintf("%s=%d", option, bit);
	if (!strstr(sb_text(out), text))
		sb_add_sep(out, ", ", text);
}

static void add_need(struct strbuf *out, const struct token_rights *rights,
		     const struct token_need *need)
{
	const char *map =
		need->map_type < 0
			? NULL
			: libbpf_bpf_map_type_str((enum bpf_map_type)need->map_type);
	const char *prog =
		need->prog_type < 0
			? NULL
			: libbpf_bpf_prog_type_str((enum bpf_prog_type)need->prog_type);
	const char *attach = need->attach_type < 0
				     ? NULL
				     : libbpf_bpf_attach_type_str(
					       (enum bpf_attach_type)need->attach_type);

	add_lacking(out, rights->cmds, need->cmd, "delegate_cmds",
		    command_name(need->cmd));
	add_lacking(out, rights->maps, need->map_type, "delegate_maps", map);
	add_lacking(out, rights->progs, need->prog_type, "delegate_progs", prog);
	add_lacking(out, rights->attachs, need->attach_type, "delegate_attachs", attach);
}

static void say_token(struct strbuf *out, int fd, const char *mnt,
		      const struct token_need *needs, size_t nr)
{
	struct token_rights rights;
	auto_strbuf lacking = STRBUF_INIT;
	bool loads = false;

	for (size_t i = 0; i < nr; i++)
		loads |= needs[i].cmd == BPF_PROG_LOAD;
	if (token_rights_read(fd, &rights))
		for (size_t i = 0; i < nr; i++)
			add_need(&lacking, &rights, &needs[i]);
	if (lacking.len)
		sb_addf(out, "the BPF token of '%s' lacks %s", mnt, sb_text(&lacking));
	else if (loads && !bpf_token_libbpf())
		sb_addf(out,
			"libbpf %u.%u cannot use the BPF token of '%s'; version 1.5 or newer can",
			libbpf_major_version(), libbpf_minor_version(), mnt);
}

static void say_no_token(struct strbuf *out, int r, const char *mnt)
{
	const char *missing = caps_missing_here(CAPS_LOAD);

	if (missing) {
		sb_addf(out, "missing %s", missing);
		return;
	}
	sb_add(out, "missing capabilities in the initial user namespace");
	if (r == -EINVAL && bpffs_is(mnt))
		sb_add(out, "; this kernel has no BPF tokens");
	else
		sb_addf(out, "; no BPF token: '%s' %s", mnt,
			!bpffs_is(mnt)     ? "is not a BPF file system"
			: r == -EOPNOTSUPP ? "was mounted in the initial user namespace"
					   : "has no delegate_* options");
}

int bpf_token_explain(struct err *err, const struct token_need *needs, size_t nr)
{
	auto_strbuf text = STRBUF_INIT;
	size_t n = strlen(err->text);
	auto_close int fd = -1;
	char mnt[PATH_MAX];

	if (err->code != -EPERM && err->code != -EACCES)
		return err->code;
	if (!caps_in_user_ns())
		return caps_explain(err, CAPS_LOAD);
	bpffs_mount_point(mnt);
	fd = bpf_token_open();
	if (fd >= 0)
		say_token(&text, fd, mnt, needs, nr);
	else
		say_no_token(&text, fd, mnt);
	if (text.len)
		snprintf(err->text + n, sizeof(err->text) - n, " (%s)", sb_text(&text));
	return err->code;
}
