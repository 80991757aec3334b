/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs CMD where the kernel tells something else of one object, by its id:
 *
 *	told link LINK PROGRAM CMD...	the link is a tracing one on that program
 *	told extends LINK PROGRAM CMD...	and its program is an extension
 *	told attach N WHY CMD...	the N-th program that it attaches is refused, once
 *	told maps PROGRAM WHY CMD...	which maps it uses is refused, with errno WHY
 *	told slots MAP WHY CMD...	what is in the map
 *	told load NAME WHY CMD...	each load of a program of that name is refused
 *	told call COMMAND WHY CMD...	each call of that number is refused
 *	told once COMMAND[+N] WHY CMD...	the first of them; after N others
 *	told late PROGRAM WHY CMD...	it is opened by its id fifty times, and then no more
 *	told info-link LINK WORDS CMD...	its struct bpf_link_info has these words of
 *			32 bits, OFFSET=VALUE,... with offsets in bytes: other kinds of links
 *			than can be made
 *	told info-prog PROGRAM WORDS CMD...	its struct bpf_prog_info has them, unless
 *			that is asked for something that stands elsewhere
 *
 * The first two are what it tells of programs on another one, for machines that load none.
 */
#include <stdlib.h>

#include "answered.h"

enum { TRACING = 2, FENTRY = 24 };

static enum {
	OF_LINK,
	OF_EXTENDS,
	OF_ATTACH,
	OF_MAPS,
	OF_SLOTS,
	OF_LOAD,
	OF_CALL,
	OF_ONCE,
	OF_LATE,
	OF_INFO_LINK,
	OF_INFO_PROG
} of;
static uint32_t link_program, asked_id, other; /* other: the program, or the errno */
static uint32_t others;                        /* that come before the one */
static const char *info_words, *load_name;

/* Does the descriptor lead to an object of that kind? */
static bool is_kind(int fd, const char *word)
{
	char path[64], what[64] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return readlink(path, what, sizeof(what) - 1) > 0 && strstr(what, word);
}

static int info_of(int fd, void *ret, uint32_t size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = size;
	attr.info.info = (uintptr_t)ret;
	return (int)syscall(__NR_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));
}

/* type and id are the first two words of every info. */
static uint32_t id_of(int fd)
{
	enum { ID = 1, PROGRAM_OF_LINK = 2 };
	uint32_t info[sizeof(struct bpf_prog_info) / sizeof(uint32_t)] = {0};

	if (info_of(fd, info, sizeof(info)) < 0)
		return 0;
	if (of <= OF_EXTENDS && info[ID] == asked_id && is_kind(fd, "link"))
		link_program = info[PROGRAM_OF_LINK];
	return info[ID];
}

/* Is it that link, that program or that map? */
static int is_asked(int fd)
{
	static const char *const words[] = {
		[OF_LINK] = "link",      [OF_EXTENDS] = "link",
		[OF_MAPS] = "bpf-prog",  [OF_SLOTS] = "bpf-map",
		[OF_INFO_LINK] = "link", [OF_INFO_PROG] = "bpf-prog"};

	if (of == OF_EXTENDS && is_kind(fd, "bpf-prog"))
		return id_of(fd) == link_program;
	return is_kind(fd, words[of]) && id_of(fd) == asked_id;
}

static int tell_link(const struct seccomp_notif *asked, const union bpf_attr *attr)
{
	struct bpf_link_info info;
	size_t size = attr->info.info_len;

	memset(&info, 0, sizeof(info));
	info.type = TRACING;
	info.id = asked_id;
	info.prog_id = link_program;
	info.tracing.attach_type = of == OF_EXTENDS ? 0 : FENTRY;
	info.tracing.target_obj_id = other;
	if (size > sizeof(info))
		size = sizeof(info);
	return asker_write(asked, attr->info.info, &info, size) ? 0 : ANSWERED_BY_KERNEL;
}

/* Only where nothing else is asked for: what the kernel writes elsewhere stays its own. */
static int tell_extension(const struct seccomp_notif *asked, const union bpf_attr *attr,
			  int fd)
{
	static const struct bpf_prog_info nothing;
	struct bpf_prog_info info = {0};
	size_t size = attr->info.info_len;

	if (size > sizeof(info))
		size = sizeof(info);
	if (!asker_read(asked, attr->info.info, &info, size) ||
	    memcmp(&info, &nothing, sizeof(info)) != 0 ||
	    info_of(fd, &info, sizeof(info)) < 0)
		return ANSWERED_BY_KERNEL;
	info.type = BPF_PROG_TYPE_EXT;
	return asker_write(asked, attr->info.info, &info, size) ? 0 : ANSWERED_BY_KERNEL;
}

static bool asks_for_maps(const struct seccomp_notif *asked, const union bpf_attr *attr)
{
	struct bpf_prog_info info;

	return asker_read(asked, attr->info.info, &info, sizeof(info)) && info.nr_map_ids;
}

/* What the kernel says to one that asks for nothing else, with our words over it. */
static int tell_info(const struct seccomp_notif *asked, const union bpf_attr *attr,
		     int fd)
{
	static const uint32_t nothing[128];
	uint32_t info[128] = {0};
	size_t size = attr->info.info_len;
	char *end = NULL;

	if (size > sizeof(info))
		size = sizeof(info);
	if (of == OF_INFO_PROG && (!asker_read(asked, attr->info.info, info, size) ||
				   memcmp(info, nothing, size) != 0))
		return ANSWERED_BY_KERNEL;
	memset(info, 0, sizeof(info));
	if (info_of(fd, info, (uint32_t)size) < 0)
		return ANSWERED_BY_KERNEL;
	for (const char *at = info_words; *at; at = *end ? end + 1 : end) {
		size_t offset = strtoul(at, &end, 0);

		if (*end != '=' || offset + sizeof(*info) > sizeof(info))
			exit(125);
		info[offset / sizeof(*info)] = (uint32_t)strtoul(end + 1, &end, 0);
	}
	return asker_write(asked, attr->info.info, info, size) ? 0 : ANSWERED_BY_KERNEL;
}

/* Of the object that was asked for. */
static int tell_asked(const struct seccomp_notif *asked, const union bpf_attr *attr,
		      int fd)
{
	switch (of) {
	case OF_LINK:
		return tell_link(asked, attr);
	case OF_EXTENDS:
		return is_kind(fd, "link") ? tell_link(asked, attr)
					   : tell_extension(asked, attr, fd);
	case OF_MAPS:
		return asks_for_maps(asked, attr) ? -(int)other : ANSWERED_BY_KERNEL;
	case OF_INFO_LINK:
	case OF_INFO_PROG:
		return tell_info(asked, attr, fd);
	case OF_ATTACH:
	case OF_SLOTS:
	case OF_LOAD:
	case OF_CALL:
	case OF_ONCE:
	case OF_LATE:
		break;
	}
	return -(int)other;
}

/* The descriptor that a call is about, of those that are told otherwise; -1: none. */
static int asked_number(const struct seccomp_notif *asked, const union bpf_attr *attr)
{
	if (of != OF_SLOTS)
		return asked->data.args[0] == BPF_OBJ_GET_INFO_BY_FD
			       ? (int)attr->info.bpf_fd
			       : -1;
	switch (asked->data.args[0]) {
	case BPF_MAP_LOOKUP_ELEM:
	case BPF_MAP_GET_NEXT_KEY:
		return (int)attr->map_fd;
	case BPF_MAP_LOOKUP_BATCH:
		return (int)attr->batch.map_fd;
	default:
		return -1;
	}
}

/* asked_id counts them. */
static int tell_attach(const struct seccomp_notif *asked)
{
	static uint32_t nr;

	return asked->data.args[0] == BPF_PROG_ATTACH && ++nr == asked_id
		       ? -(int)other
		       : ANSWERED_BY_KERNEL;
}

static int tell_load(const struct seccomp_notif *asked, const union bpf_attr *attr)
{
	return asked->data.args[0] == BPF_PROG_LOAD &&
			       strncmp(attr->prog_name, load_name, BPF_OBJ_NAME_LEN) == 0
		       ? -(int)other
		       : ANSWERED_BY_KERNEL;
}

static int tell_call(const struct seccomp_notif *asked)
{
	static uint32_t nr;

	if (asked->data.args[0] != asked_id || (of == OF_ONCE && nr++ != others))
		return ANSWERED_BY_KERNEL;
	return -(int)other;
}

static int tell_late(const struct seccomp_notif *asked, const union bpf_attr *attr)
{
	static uint32_t nr;

	return asked->data.args[0] == BPF_PROG_GET_FD_BY_ID &&
			       attr->prog_id == asked_id && ++nr > 50
		       ? -(int)other
		       : ANSWERED_BY_KERNEL;
}

static int tell(const struct seccomp_notif *asked, void *data)
{
	int number, fd, r = ANSWERED_BY_KERNEL;
	union bpf_attr attr;

	(void)data;
	if (of == OF_CALL || of == OF_ONCE)
		return tell_call(asked);
	if (of == OF_ATTACH)
		return tell_attach(asked);
	if (!asker_attr(asked, &attr, sizeof(attr)))
		return r;
	if (of == OF_LOAD)
		return tell_load(asked, &attr);
	if (of == OF_LATE)
		return tell_late(asked, &attr);
	number = asked_number(asked, &attr);
	fd = number < 0 ? -1 : asker_fd(asked, (uint32_t)number);
	if (fd >= 0 && is_asked(fd))
		r = tell_asked(asked, &attr, fd);
	close(fd);
	return r;
}

/* Programs are told of before links: which one it is has to be known by then. */
static void look_at_link(void)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.link_id = asked_id;
	fd = (int)syscall(__NR_bpf, BPF_LINK_GET_FD_BY_ID, &attr, sizeof(attr));
	if (fd >= 0)
		id_of(fd);
	close(fd);
}

int main(int argc, char **argv)
{
	static const char *const ways[] = {
		[OF_LINK] = "link",           [OF_EXTENDS] = "extends",
		[OF_ATTACH] = "attach",       [OF_MAPS] = "maps",
		[OF_SLOTS] = "slots",         [OF_LOAD] = "load",
		[OF_CALL] = "call",           [OF_ONCE] = "once",
		[OF_LATE] = "late",           [OF_INFO_LINK] = "info-link",
		[OF_INFO_PROG] = "info-prog",
	};
	size_t way = 0;

	if (argc < 5)
		return 125;
	while (way < sizeof(ways) / sizeof(*ways) && strcmp(argv[1], ways[way]) != 0)
		way++;
	if (way == sizeof(ways) / sizeof(*ways))
		return 125;
	of = way;
	load_name = argv[2];
	asked_id = (uint32_t)atoi(argv[2]);
	if (of == OF_ONCE && strchr(argv[2], '+'))
		others = (uint32_t)atoi(strchr(argv[2], '+'));
	if (of == OF_EXTENDS)
		look_at_link();
	other = (uint32_t)atoi(argv[3]);
	info_words = argv[3];
	return answered_run(argv + 4, tell, NULL);
}
