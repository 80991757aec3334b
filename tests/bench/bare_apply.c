/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The least that an apply of one program to many interfaces and one to many cgroups can cost:
 * a load, the record written and synced ahead, then clsact and filter for each interface, an
 * entry for each cgroup. And of a check: a dump of qdiscs, one of each hook, a query of each
 * list. No grammar, no names, no decisions.
 *
 *	bare_apply apply|check OBJECT RECORD DIR NAME…
 *
 * RECORD is what apply wrote for the same places, DIR has the cgroups.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

static struct mnl_socket *sock;
static char buf[64 * 1024] __attribute__((aligned(8)));
static unsigned int seq;

static void bare_die(const char *what)
{
	fprintf(stderr, "bare_apply: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void bare_exchange(struct nlmsghdr *nlh, const char *what)
{
	ssize_t n;
	int r = 1;

	nlh->nlmsg_seq = ++seq;
	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		bare_die(what);
	while (r > 0) {
		n = mnl_socket_recvfrom(sock, buf, sizeof(buf));
		r = n < 0 ? -1
			  : mnl_cb_run(buf, (size_t)n, seq, mnl_socket_get_portid(sock),
				       NULL, NULL);
	}
	if (r < 0)
		bare_die(what);
}

static struct tcmsg *bare_tcmsg(int type, int flags, int ifindex)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tcm;

	nlh->nlmsg_type = (unsigned short)type;
	nlh->nlmsg_flags = (unsigned short)(NLM_F_REQUEST | flags);
	tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
	tcm->tcm_ifindex = ifindex;
	return tcm;
}

enum { MAKE = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL };

static void bare_clsact(int ifindex)
{
	struct tcmsg *tcm = bare_tcmsg(RTM_NEWQDISC, MAKE, ifindex);

	tcm->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
	tcm->tcm_parent = TC_H_CLSACT;
	mnl_attr_put_strz((struct nlmsghdr *)buf, TCA_KIND, "clsact");
	bare_exchange((struct nlmsghdr *)buf, "clsact");
}

static void bare_attach(int ifindex, int prog)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	struct tcmsg *tcm = bare_tcmsg(RTM_NEWTFILTER, MAKE, ifindex);
	struct nlattr *nest;

	tcm->tcm_handle = 1;
	tcm->tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
	tcm->tcm_info = TC_H_MAKE(49152U << 16, htons(ETH_P_ALL));
	mnl_attr_put_strz(nlh, TCA_KIND, "bpf");
	nest = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	mnl_attr_put_u32(nlh, TCA_BPF_FD, (uint32_t)prog);
	mnl_attr_put_strz(nlh, TCA_BPF_NAME, "bare");
	mnl_attr_put_u32(nlh, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	mnl_attr_nest_end(nlh, nest);
	bare_exchange(nlh, "filter");
}

static void bare_look(int ifindex)
{
	struct tcmsg *tcm = bare_tcmsg(RTM_GETTFILTER, NLM_F_DUMP, ifindex);

	tcm->tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
	bare_exchange((struct nlmsghdr *)buf, "filters");
}

static void bare_cgroups(const char *dir, int prog)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		uint32_t ids[64], nr = 64, flags = 0;
		int fd;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		fd = openat(dirfd(d), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 ||
		    (prog >= 0 ? bpf_prog_attach(prog, fd, BPF_CGROUP_INET_EGRESS,
						 BPF_F_ALLOW_MULTI)
			       : bpf_prog_query(fd, BPF_CGROUP_INET_EGRESS, 0, &flags,
						ids, &nr)) < 0)
			bare_die(entry->d_name);
		close(fd);
	}
	if (d)
		closedir(d);
}

/* Read; with to: written aside, synced, renamed. */
static void bare_record(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out;
	struct stat st;
	char *text;

	if (in < 0 || fstat(in, &st) < 0)
		bare_die(from);
	text = malloc((size_t)st.st_size + 1);
	if (!text || read(in, text, (size_t)st.st_size) != st.st_size)
		bare_die(from);
	if (to) {
		out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (out < 0 || write(out, text, (size_t)st.st_size) != st.st_size ||
		    fsync(out) < 0 || rename(to, from) < 0)
			bare_die(to);
	}
	free(text);
}

static void bare_load(const char *path, int *tc, int *cgroup)
{
	struct bpf_object *obj = bpf_object__open(path);
	struct bpf_program *prog;

	if (!obj || bpf_object__load(obj) < 0)
		bare_die(path);
	bpf_object__for_each_program(prog, obj)
	{
		if (bpf_program__type(prog) == BPF_PROG_TYPE_SCHED_CLS)
			*tc = bpf_program__fd(prog);
		else
			*cgroup = bpf_program__fd(prog);
	}
}

int main(int argc, char **argv)
{
	int tc = -1, cgroup = -1, apply = argc > 1 && strcmp(argv[1], "apply") == 0;

	sock = mnl_socket_open(NETLINK_ROUTE);
	if (argc < 5 || !sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0)
		bare_die("start");
	if (apply)
		bare_load(argv[2], &tc, &cgroup);
	bare_record(argv[3], apply ? "bare_apply.aside" : NULL);
	bare_tcmsg(RTM_GETQDISC, NLM_F_DUMP, 0);
	bare_exchange((struct nlmsghdr *)buf, "qdiscs");
	for (int i = 5; apply && i < argc; i++)
		bare_clsact((int)if_nametoindex(argv[i]));
	for (int i = 5; i < argc; i++) {
		int ifindex = (int)if_nametoindex(argv[i]);

		if (apply)
			bare_attach(ifindex, tc);
		else
			bare_look(ifindex);
	}
	bare_cgroups(argv[4], cgroup);
	return 0;
}
