/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The least that attaching one program to many interfaces can cost: one load with libbpf,
 * then a request and its answer for each name on the command line. No grammar, no checks
 * beyond the answers.
 *
 *	bare_attach OBJECT NAME…
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

static int load(const char *path)
{
	struct bpf_object *obj = bpf_object__open(path);
	struct bpf_program *prog = obj ? bpf_object__next_program(obj, NULL) : NULL;

	if (!prog)
		return -1;
	bpf_program__set_type(prog, BPF_PROG_TYPE_SCHED_CLS);
	return bpf_object__load(obj) == 0 ? bpf_program__fd(prog) : -1;
}

static struct nlmsghdr *request(void *buf, int ifindex, int prog, unsigned int seq)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tcm;
	struct nlattr *nest;

	nlh->nlmsg_type = RTM_NEWTFILTER;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	nlh->nlmsg_seq = seq;
	tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
	tcm->tcm_ifindex = ifindex;
	tcm->tcm_handle = 1;
	tcm->tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
	tcm->tcm_info = TC_H_MAKE(1U << 16, htons(ETH_P_ALL));
	mnl_attr_put_strz(nlh, TCA_KIND, "bpf");
	nest = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	mnl_attr_put_u32(nlh, TCA_BPF_FD, prog);
	mnl_attr_put_strz(nlh, TCA_BPF_NAME, "bare");
	mnl_attr_put_u32(nlh, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static int attach(struct mnl_socket *sock, int ifindex, int prog, unsigned int seq)
{
	char buf[8192] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = request(buf, ifindex, prog, seq);
	ssize_t n;

	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		return -1;
	n = mnl_socket_recvfrom(sock, buf, sizeof(buf));
	if (n < 0)
		return -1;
	return mnl_cb_run(buf, n, seq, mnl_socket_get_portid(sock), NULL, NULL);
}

int main(int argc, char **argv)
{
	struct mnl_socket *sock = mnl_socket_open(NETLINK_ROUTE);
	int prog = argc > 2 ? load(argv[1]) : -1;

	if (prog < 0 || !sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		fprintf(stderr, "bare_attach: %s\n", strerror(errno));
		return 1;
	}
	for (int i = 2; i < argc; i++) {
		if (attach(sock, (int)if_nametoindex(argv[i]), prog, (unsigned int)i) >=
		    0)
			continue;
		fprintf(stderr, "bare_attach: %s: %s\n", argv[i], strerror(errno));
		return 1;
	}
	mnl_socket_close(sock);
	return 0;
}
