/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include "base/alloc.h"
#include "netlink/nl_attr.h"
#include "netlink/nl_filter.h"

_Static_assert(NL_PARENT_INGRESS == TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
	       "as the kernel");
_Static_assert(NL_PARENT_EGRESS == TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS),
	       "as the kernel");

static const struct {
	uint16_t type, flags;
} ops[] = {
	[NL_FILTER_ADD] = {RTM_NEWTFILTER, NLM_F_ACK | NLM_F_EXCL | NLM_F_CREATE},
	[NL_FILTER_REPLACE] = {RTM_NEWTFILTER, NLM_F_ACK | NLM_F_CREATE},
	[NL_FILTER_CHANGE] = {RTM_NEWTFILTER, NLM_F_ACK},
	[NL_FILTER_DEL] = {RTM_DELTFILTER, NLM_F_ACK},
	/* Not NLM_F_ACK: the filter itself is the answer, and tc asks this way. */
	[NL_FILTER_GET] = {RTM_GETTFILTER, NLM_F_ECHO},
	[NL_FILTER_SHOW] = {RTM_GETTFILTER, NLM_F_DUMP},
};

/* libmnl checks the room only on the "_check" calls, so every put goes through one of
 * these. */
struct writer {
	struct nlmsghdr *nlh;
	size_t size;
	bool full;
};

static void nl_filter_put(struct writer *w, uint16_t type, const void *data, size_t len)
{
	char *end;

	if (!mnl_attr_put_check(w->nlh, w->size, type, len, data)) {
		w->full = true;
		return;
	}
	/* libmnl leaves the padding as it was: what stood in memory is nobody's business.
	 */
	end = mnl_nlmsg_get_payload_tail(w->nlh);
	memset(end - (MNL_ALIGN(len) - len), 0, MNL_ALIGN(len) - len);
}

static void put_u32(struct writer *w, uint16_t type, uint32_t value)
{
	nl_filter_put(w, type, &value, sizeof(value));
}

static void put_options(struct writer *w, const struct nl_filter *f)
{
	/* TCA_OPTIONS of cls_bpf goes without NLA_F_NESTED. */
	struct nlattr *nest = mnl_attr_nest_start_check(w->nlh, w->size, TCA_OPTIONS);
	uint16_t nr = f->nr_ops;
	size_t len = strnlen(f->name, NL_FILTER_NAME_MAX - 2);
	char name[NL_FILTER_NAME_MAX] = "";

	if (!nest) {
		w->full = true;
		return;
	}
	nest->nla_type = TCA_OPTIONS;
	if (f->has_classid)
		put_u32(w, TCA_BPF_CLASSID, f->classid);
	if (f->prog == NL_FILTER_EBPF) {
		put_u32(w, TCA_BPF_FD, f->prog_fd);
		memcpy(name, f->name, len);
		nl_filter_put(w, TCA_BPF_NAME, name, len + 1);
	} else {
		/* Without any program the kernel is asked all the same, and refuses. */
		nl_filter_put(w, TCA_BPF_OPS_LEN, &nr, sizeof(nr));
		nl_filter_put(w, TCA_BPF_OPS, f->ops, f->nr_ops * sizeof(*f->ops));
	}
	if (f->gen_flags)
		put_u32(w, TCA_BPF_FLAGS_GEN, f->gen_flags);
	if (f->direct_action)
		put_u32(w, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	mnl_attr_nest_end(w->nlh, nest);
}

int nl_filter_build(void *buf, size_t size, const struct nl_filter *f,
		    enum nl_filter_op op)
{
	struct writer w = {.size = size};
	struct tcmsg *tcm;

	if (size < MNL_NLMSG_HDRLEN + sizeof(*tcm) || f->nr_ops > NL_FILTER_OPS_MAX)
		return -EMSGSIZE;
	w.nlh = mnl_nlmsg_put_header(buf);
	w.nlh->nlmsg_type = ops[op].type;
	w.nlh->nlmsg_flags = NLM_F_REQUEST | ops[op].flags;
	tcm = mnl_nlmsg_put_extra_header(w.nlh, sizeof(*tcm));
	tcm->tcm_ifindex = f->block ? (int)TCM_IFINDEX_MAGIC_BLOCK : f->ifindex;
	tcm->tcm_handle = f->handle;
	tcm->tcm_parent = f->block ? f->block : f->parent;
	tcm->tcm_info = TC_H_MAKE((uint32_t)f->pref << 16, htons(f->protocol));
	if (f->has_chain)
		put_u32(&w, TCA_CHAIN, f->chain);
	if (f->kind[0])
		nl_filter_put(&w, TCA_KIND, f->kind,
			      strnlen(f->kind, NL_KIND_MAX - 1) + 1);
	if (f->has_options)
		put_options(&w, f);
	return w.full ? -EMSGSIZE : 0;
}

static int parse_ops(struct nl_filter *f, const struct nlattr *const *tb)
{
	uint16_t nr = 0;
	size_t size;
	int r;

	r = nl_attr_copy(tb[TCA_BPF_OPS_LEN], &nr, sizeof(nr), sizeof(nr));
	if (r < 0)
		return r;
	size = nr * sizeof(*f->ops);
	if (nr > NL_FILTER_OPS_MAX)
		return -EINVAL;
	if (nr == 0)
		return 0;
	if (!tb[TCA_BPF_OPS] || mnl_attr_get_payload_len(tb[TCA_BPF_OPS]) != size)
		return -EINVAL;
	f->prog = NL_FILTER_CBPF;
	f->nr_ops = nr;
	f->ops = xmemdup(mnl_attr_get_payload(tb[TCA_BPF_OPS]), size);
	return 0;
}

static int parse_options(struct nl_filter *f, const struct nlattr *nest)
{
	const struct nlattr *tb[TCA_BPF_MAX + 1];
	uint32_t flags = 0;
	int r;

	r = nl_attr_nest(tb, array_size(tb), nest);
	if (r < 0)
		return r;
	f->has_options = true;
	f->has_classid = tb[TCA_BPF_CLASSID];
	f->has_actions = tb[TCA_BPF_ACT] || tb[TCA_BPF_POLICE];
	f->has_tag = tb[TCA_BPF_TAG];
	if (tb[TCA_BPF_FD] || tb[TCA_BPF_ID] || tb[TCA_BPF_NAME])
		f->prog = NL_FILTER_EBPF;
	r = nl_attr_u32(tb[TCA_BPF_CLASSID], &f->classid);
	if (r == 0)
		r = nl_attr_copy(tb[TCA_BPF_FD], &f->prog_fd, sizeof(f->prog_fd),
				 sizeof(f->prog_fd));
	if (r == 0)
		r = nl_attr_u32(tb[TCA_BPF_ID], &f->prog_id);
	if (r == 0)
		r = nl_attr_text(tb[TCA_BPF_NAME], f->name, sizeof(f->name));
	if (r == 0)
		r = nl_attr_copy(tb[TCA_BPF_TAG], f->tag, sizeof(f->tag), sizeof(f->tag));
	if (r == 0)
		r = nl_attr_u32(tb[TCA_BPF_FLAGS], &flags);
	if (r == 0)
		r = nl_attr_u32(tb[TCA_BPF_FLAGS_GEN], &f->gen_flags);
	if (r == 0 && f->prog != NL_FILTER_EBPF)
		r = parse_ops(f, tb);
	f->direct_action = flags & TCA_BPF_FLAG_ACT_DIRECT;
	return r;
}

int nl_filter_parse(struct nl_filter *ret, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[TCA_MAX + 1];
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	struct nl_filter f = {.ifindex = 0};
	int r;

	if (nlh->nlmsg_type != RTM_NEWTFILTER && nlh->nlmsg_type != RTM_DELTFILTER &&
	    nlh->nlmsg_type != RTM_GETTFILTER)
		return -EINVAL;
	r = nl_attr_table(tb, array_size(tb), nlh, sizeof(*tcm));
	if (r < 0)
		return r;
	r = nl_attr_text(tb[TCA_KIND], f.kind, sizeof(f.kind));
	if (r < 0)
		return r;
	if (!f.kind[0] && nlh->nlmsg_type == RTM_NEWTFILTER)
		return -EINVAL;
	r = nl_attr_u32(tb[TCA_CHAIN], &f.chain);
	if (r < 0)
		return r;
	f.has_chain = tb[TCA_CHAIN];
	f.handle = tcm->tcm_handle;
	f.pref = TC_H_MAJ(tcm->tcm_info) >> 16;
	f.protocol = ntohs(TC_H_MIN(tcm->tcm_info));
	if (tcm->tcm_ifindex == (int)TCM_IFINDEX_MAGIC_BLOCK)
		f.block = tcm->tcm_parent;
	else
		f.parent = tcm->tcm_parent;
	if (!f.block)
		f.ifindex = tcm->tcm_ifindex;
	/* Last, because it may allocate. */
	if (tb[TCA_OPTIONS] && strcmp(f.kind, "bpf") == 0) {
		r = parse_options(&f, tb[TCA_OPTIONS]);
		if (r < 0)
			return r;
	}
	*ret = f;
	return 0;
}

void nl_filter_release(struct nl_filter *f)
{
	free(f->ops);
	*f = (struct nl_filter){.ifindex = 0};
}

int nl_chain_parse(struct nl_chain *ret, const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[TCA_MAX + 1];
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	struct nl_chain c = {.ifindex = 0};
	int r;

	if (nlh->nlmsg_type != RTM_NEWCHAIN && nlh->nlmsg_type != RTM_DELCHAIN)
		return -EINVAL;
	r = nl_attr_table(tb, array_size(tb), nlh, sizeof(*tcm));
	if (r < 0)
		return r;
	r = nl_attr_u32(tb[TCA_CHAIN], &c.chain);
	if (r < 0)
		return r;
	if (tcm->tcm_ifindex == (int)TCM_IFINDEX_MAGIC_BLOCK) {
		c.block = tcm->tcm_parent;
	} else {
		c.ifindex = tcm->tcm_ifindex;
		c.parent = tcm->tcm_parent;
	}
	*ret = c;
	return 0;
}
