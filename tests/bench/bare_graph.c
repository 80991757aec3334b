/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What share_graph.sh measures with.
 *
 *	bare_graph maps DIR N                  N hashes, pinned in DIR
 *	bare_graph attach PROGRAM-PIN DIR...   to the egress of these cgroups, multi
 *	bare_graph query CGROUP-ROOT BPFFS     the yardstick
 *
 * query issues the queries that a graph of everything takes, once each, and keeps nothing
 * but counts: ids and infos of maps, programs and links, each cgroup type of each cgroup,
 * interfaces, qdiscs, filters and tcx of our network namespace, pins, other processes'
 * open files.
 */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DEVICES_MAX = 65536, TCX_INGRESS = 46, TCX_EGRESS = 47, IDS = 64 };

static unsigned long maps, programs, links, queries, attached, filters, pins, files;

static void die(const char *what)
{
	fprintf(stderr, "bare_graph: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- the scene --- */

static void make_maps(const char *dir, int nr)
{
	for (int i = 0; i < nr; i++) {
		char path[4096], name[24];
		int fd;

		snprintf(name, sizeof(name), "bench_%d", i);
		snprintf(path, sizeof(path), "%s/%s", dir, name);
		fd = bpf_map_create(BPF_MAP_TYPE_HASH, name, 4, 8, 4, NULL);
		if (fd < 0 || bpf_obj_pin(fd, path) < 0)
			die(path);
		close(fd);
	}
}

static void attach_all(const char *pin, char **dirs)
{
	int prog = bpf_obj_get(pin);

	for (; *dirs; dirs++) {
		int cgroup = open(*dirs, O_RDONLY | O_DIRECTORY);

		if (prog < 0 || cgroup < 0 ||
		    bpf_prog_attach(prog, cgroup, BPF_CGROUP_INET_EGRESS,
				    BPF_F_ALLOW_MULTI) < 0)
			die(*dirs);
		close(cgroup);
	}
}

/* --- ids --- */

static void query_ids(void)
{
	struct bpf_map_info map;
	struct bpf_prog_info prog;
	struct bpf_link_info link;
	uint32_t ids[IDS], id = 0, size;
	int fd;

	while (bpf_map_get_next_id(id, &id) == 0) {
		fd = bpf_map_get_fd_by_id(id);
		memset(&map, 0, size = sizeof(map));
		maps += fd >= 0 && bpf_obj_get_info_by_fd(fd, &map, &size) == 0;
		close(fd);
	}
	for (id = 0; bpf_prog_get_next_id(id, &id) == 0;) {
		fd = bpf_prog_get_fd_by_id(id);
		memset(&prog, 0, size = sizeof(prog));
		prog.nr_map_ids = IDS;
		prog.map_ids = (uintptr_t)ids;
		programs += fd >= 0 && bpf_obj_get_info_by_fd(fd, &prog, &size) == 0;
		close(fd);
	}
	for (id = 0; bpf_link_get_next_id(id, &id) == 0;) {
		fd = bpf_link_get_fd_by_id(id);
		memset(&link, 0, size = sizeof(link));
		links += fd >= 0 && bpf_obj_get_info_by_fd(fd, &link, &size) == 0;
		close(fd);
	}
}

/* --- PROG_QUERY --- */

static int query(uint32_t target, uint32_t type)
{
	struct {
		uint32_t target, type, query_flags, attach_flags;
		uint64_t prog_ids;
		uint32_t count, pad;
		uint64_t prog_flags, link_ids, link_flags, revision;
	} attr = {.target = target, .type = type, .count = IDS};
	uint32_t ids[IDS], flags[IDS];

	attr.prog_ids = (uintptr_t)ids;
	if (type == BPF_LSM_CGROUP)
		attr.prog_flags = (uintptr_t)flags;
	queries++;
	if (syscall(__NR_bpf, BPF_PROG_QUERY, &attr, sizeof(attr)) < 0)
		return -errno;
	attached += attr.count;
	return 0;
}

static int query_cgroup(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	static const uint8_t types[] = {0,  1,  2,  3,  6,  8,  9,  10, 11, 12,
					13, 14, 15, 18, 19, 20, 21, 22, 29, 30,
					31, 32, 34, 43, 49, 50, 51, 52, 53};
	static bool unknown[sizeof(types)];
	int fd = kind == FTW_D ? open(path, O_RDONLY | O_DIRECTORY) : -1;

	(void)st;
	(void)f;
	for (size_t i = 0; fd >= 0 && i < sizeof(types); i++)
		if (!unknown[i])
			unknown[i] = query((uint32_t)fd, types[i]) == -EINVAL;
	close(fd);
	return 0;
}

/* --- netlink --- */

static struct mnl_socket *nl;
static int devices[DEVICES_MAX], qdiscs[DEVICES_MAX];
static size_t nr_devices, nr_qdiscs;

static int take_device(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	(void)data;
	if (nr_devices < DEVICES_MAX)
		devices[nr_devices++] = ifi->ifi_index;
	return MNL_CB_OK;
}

static int take_qdisc(const struct nlmsghdr *nlh, void *data)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);

	(void)data;
	if (tcm->tcm_parent == TC_H_CLSACT && nr_qdiscs < DEVICES_MAX)
		qdiscs[nr_qdiscs++] = tcm->tcm_ifindex;
	return MNL_CB_OK;
}

static int take_filter(const struct nlmsghdr *nlh, void *data)
{
	(void)nlh;
	(void)data;
	filters++;
	return MNL_CB_OK;
}

static void dump(uint16_t type, int ifindex, uint32_t parent, mnl_cb_t take)
{
	static unsigned int seq;
	static char buf[65536];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tcm;
	ssize_t n;
	int r = 1;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = ++seq;
	if (type == RTM_GETLINK) {
		mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
		mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	} else {
		tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
		tcm->tcm_ifindex = ifindex;
		tcm->tcm_parent = parent;
	}
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("send");
	while (r > 0) {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		r = n < 0 ? -1
			  : mnl_cb_run(buf, (size_t)n, seq, mnl_socket_get_portid(nl),
				       take, NULL);
	}
}

static void query_network(void)
{
	nl = mnl_socket_open(NETLINK_ROUTE);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	dump(RTM_GETLINK, 0, 0, take_device);
	for (size_t i = 0; i < nr_devices; i++) {
		query((uint32_t)devices[i], TCX_INGRESS);
		query((uint32_t)devices[i], TCX_EGRESS);
	}
	dump(RTM_GETQDISC, 0, 0, take_qdisc);
	for (size_t i = 0; i < nr_qdiscs; i++) {
		dump(RTM_GETTFILTER, qdiscs[i], TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
		     take_filter);
		dump(RTM_GETTFILTER, qdiscs[i], TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS),
		     take_filter);
	}
	mnl_socket_close(nl);
}

/* --- pins and files --- */

static int query_pin(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	struct bpf_map_info info;
	uint32_t size = sizeof(info);
	char self[64], target[64];
	int fd = kind == FTW_F ? bpf_obj_get(path) : -1;

	(void)st;
	(void)f;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	memset(&info, 0, sizeof(info));
	pins += fd >= 0 && readlink(self, target, sizeof(target)) > 0 &&
		bpf_obj_get_info_by_fd(fd, &info, &size) == 0;
	close(fd);
	return 0;
}

static void query_process(const char *pid)
{
	char path[64], target[64];
	const struct dirent *entry;
	struct stat st;
	DIR *fds;

	snprintf(path, sizeof(path), "/proc/%.16s/ns/net", pid);
	stat(path, &st);
	snprintf(path, sizeof(path), "/proc/%.16s/ns/mnt", pid);
	stat(path, &st);
	snprintf(path, sizeof(path), "/proc/%.16s/fd", pid);
	fds = opendir(path);
	while (fds && (entry = readdir(fds)))
		files +=
			readlinkat(dirfd(fds), entry->d_name, target, sizeof(target)) > 0;
	if (fds)
		closedir(fds);
}

static void query_processes(void)
{
	const struct dirent *entry;
	DIR *proc = opendir("/proc");

	while (proc && (entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			query_process(entry->d_name);
	if (proc)
		closedir(proc);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "maps") == 0) {
		make_maps(argv[2], atoi(argv[3]));
	} else if (argc > 3 && strcmp(argv[1], "attach") == 0) {
		attach_all(argv[2], argv + 3);
	} else if (argc == 4 && strcmp(argv[1], "query") == 0) {
		query_ids();
		nftw(argv[2], query_cgroup, 64, FTW_PHYS | FTW_MOUNT);
		query_network();
		nftw(argv[3], query_pin, 64, FTW_PHYS | FTW_MOUNT);
		query_processes();
		printf("maps %lu programs %lu links %lu queries %lu attached %lu "
		       "filters %lu pins %lu files %lu\n",
		       maps, programs, links, queries, attached, filters, pins, files);
	} else {
		return 2;
	}
	return 0;
}
