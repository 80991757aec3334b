/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <linux/bpf.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "kernel/dev_attach.h"
#include "kernel/link_fd.h"
#include "kernel/netns.h"

/* Parts of union bpf_attr as of Linux 6.6, newer than installed headers may be. */
struct dev_attach_attr {
	uint32_t target_ifindex, attach_bpf_fd, attach_type, attach_flags;
	uint32_t replace_bpf_fd, relative;
	uint64_t expected_revision;
};

struct dev_link_attr {
	uint32_t prog_fd, target_ifindex, attach_type, flags;
	uint32_t relative, pad;
	uint64_t expected_revision;
	uint64_t reserved[4]; /* the kernel's union of options by program type */
};

enum {
	DEV_FLAG_REPLACE = 1 << 2,
	DEV_FLAG_BEFORE = 1 << 3,
	DEV_FLAG_AFTER = 1 << 4,
	DEV_FLAG_ID =
		1 << 5, /* relative is an id, which takes no CAP_SYS_ADMIN to open */
	DEV_FLAG_LINK = 1 << 13,
};

/* One call, in the namespace that the hook names. */
struct dev_call {
	const struct dev_hook *hook;
	int cmd;
	void *attr;
	unsigned int size;
	struct dev_query *query; /* in its place */
};

static int dev_call_here(const struct dev_call *call)
{
	int r;

	if (call->query)
		return dev_query(dev_query_kernel, call->hook->ifindex,
				 call->hook->attach_type, call->query);
	r = (int)syscall(__NR_bpf, call->cmd, call->attr, call->size);
	return r < 0 ? -errno : r;
}

static int dev_call_there(void *ctx)
{
	const struct dev_call *call = ctx;
	struct stat st;

	if (stat("/proc/thread-self/ns/net", &st) < 0)
		return -errno;
	return st.st_ino == call->hook->netns_ino ? dev_call_here(call) : -ENODEV;
}

static int dev_call_run(struct dev_call *call)
{
	auto_err ignored = ERR_INIT;
	int r, ret;

	if (!call->hook->netns)
		return dev_call_here(call);
	r = netns_visit(call->hook->netns, dev_call_there, call, &ret, &ignored);
	return r == -ENOENT ? -ENODEV : r < 0 ? r : ret;
}

static int dev_attach_bpf(const struct dev_hook *hook, int cmd, void *attr,
			  unsigned int size)
{
	struct dev_call call = {.hook = hook, .cmd = cmd, .attr = attr, .size = size};

	return dev_call_run(&call);
}

int dev_hook_query(const struct dev_hook *hook, struct dev_query *ret)
{
	struct dev_call call = {.hook = hook, .query = ret};

	return dev_call_run(&call);
}

static uint32_t dev_order_flags(const struct dev_attach_opts *opts)
{
	uint32_t flags = 0;

	if (opts->order != DEV_ORDER_NONE)
		flags |= opts->order == DEV_BEFORE ? DEV_FLAG_BEFORE : DEV_FLAG_AFTER;
	if (opts->anchor_id)
		flags |= DEV_FLAG_ID | (opts->anchor_is_link ? DEV_FLAG_LINK : 0);
	return flags;
}

int dev_attach(const struct dev_hook *hook, int prog_fd,
	       const struct dev_attach_opts *opts)
{
	struct dev_attach_attr attr = {
		.target_ifindex = (uint32_t)hook->ifindex,
		.attach_bpf_fd = (uint32_t)prog_fd,
		.attach_type = hook->attach_type,
		.attach_flags = dev_order_flags(opts),
		.relative = opts->anchor_id,
		.expected_revision = opts->revision,
	};

	return dev_attach_bpf(hook, BPF_PROG_ATTACH, &attr, sizeof(attr));
}

int dev_attach_over(const struct dev_hook *hook, int prog_fd, int old_fd,
		    uint64_t revision)
{
	struct dev_attach_attr attr = {
		.target_ifindex = (uint32_t)hook->ifindex,
		.attach_bpf_fd = (uint32_t)prog_fd,
		.attach_type = hook->attach_type,
		.attach_flags = DEV_FLAG_REPLACE,
		.replace_bpf_fd = (uint32_t)old_fd,
		.expected_revision = revision,
	};

	return dev_attach_bpf(hook, BPF_PROG_ATTACH, &attr, sizeof(attr));
}

int dev_attach_link(const struct dev_hook *hook, int prog_fd,
		    const struct dev_attach_opts *opts)
{
	struct dev_link_attr attr = {
		.prog_fd = (uint32_t)prog_fd,
		.target_ifindex = (uint32_t)hook->ifindex,
		.attach_type = hook->attach_type,
		.flags = dev_order_flags(opts),
		.relative = opts->anchor_id,
		.expected_revision = opts->revision,
	};

	return dev_attach_bpf(hook, BPF_LINK_CREATE, &attr, sizeof(attr));
}

int dev_detach(const struct dev_hook *hook, int prog_fd, uint64_t revision)
{
	struct dev_attach_attr attr = {
		.target_ifindex = (uint32_t)hook->ifindex,
		.attach_bpf_fd = (uint32_t)prog_fd,
		.attach_type = hook->attach_type,
		.expected_revision = revision,
	};

	return dev_attach_bpf(hook, BPF_PROG_DETACH, &attr, sizeof(attr));
}

int dev_attach_undo(const struct dev_hook *hook, int prog_fd, int before_fd,
		    struct err *err)
{
	int r = before_fd >= 0 ? dev_attach_over(hook, before_fd, prog_fd, 0)
			       : dev_detach(hook, prog_fd, 0);

	if (r == 0 || r == -ENOENT || r == -ENODEV)
		return 0;
	return err_set(err, r, "if%d: %s has changed", hook->ifindex,
		       dev_hook_name(hook->attach_type));
}

const char *dev_hook_name(uint32_t attach_type)
{
	switch (attach_type) {
	case DEV_QUERY_TCX_INGRESS:
		return "tcx ingress";
	case DEV_QUERY_TCX_EGRESS:
		return "tcx egress";
	case DEV_QUERY_NETKIT_PRIMARY:
		return "netkit primary";
	case DEV_QUERY_NETKIT_PEER:
		return "netkit peer";
	case LINK_FD_ATTACH_XDP:
		return "xdp";
	default:
		return "this hook";
	}
}
