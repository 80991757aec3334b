/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/alloc.h"
#include "kernel/bpf_token.h"
#include "kernel/bpffs.h"
#include "kernel/caps.h"
#include "kernel/features.h"
#include "kernel/nl_sock.h"
#include "kernel/pin_dir.h"
#include "kernel/proc.h"
#include "load/apply_journal.h"
#include "load/apply_lock.h"
#include "netlink/nl_qdisc.h"
#include "verbs/permits.h"

enum {
	FLAG_TOKEN_FD = 1 << 16, /* BPF_F_TOKEN_FD, of Linux 6.9 */
	NO_DEVICE = 0x7fffffff,
};

/* bpf_attr of BPF_PROG_LOAD up to its token. */
struct permit_prog {
	uint32_t type, nr;
	uint64_t insns, license;
	uint32_t log_level, log_size;
	uint64_t log;
	uint32_t version, flags;
	char name[BPF_OBJ_NAME_LEN];
	uint32_t ifindex, attach_type, btf, func_size;
	uint64_t funcs;
	uint32_t nr_funcs, line_size;
	uint64_t lines;
	uint32_t nr_lines, attach_btf_id, attach_prog, nr_relos;
	uint64_t fd_array, relos;
	uint32_t relo_size, log_true_size;
	int32_t token, pad;
};
_Static_assert(sizeof(struct permit_prog) == 152, "as linux/bpf.h has it");

/* A program that does nothing, loaded as an object would be: with a token if it takes one. */
static int permit_program(uint32_t type, uint32_t attach_type)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	struct permit_prog attr = {
		.type = type,
		.nr = array_size(insns),
		.insns = (uintptr_t)insns,
		.license = (uintptr_t) "GPL",
		.attach_type = attach_type,
	};
	auto_close int token = -1;
	int fd = (int)syscall(__NR_bpf, BPF_PROG_LOAD, &attr,
			      offsetof(struct permit_prog, token));
	int r = fd < 0 ? -errno : fd;

	if (r != -EPERM || !bpf_token_libbpf())
		return r;
	token = bpf_token_open();
	if (token < 0)
		return r;
	attr.token = token;
	attr.flags = FLAG_TOKEN_FD;
	fd = (int)syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	return fd < 0 ? -errno : fd;
}

static int permit_load(struct err *err)
{
	const struct token_need need = {BPF_PROG_LOAD, TOKEN_NOTHING,
					BPF_PROG_TYPE_SCHED_CLS, TOKEN_NOTHING};
	auto_close int fd = permit_program(BPF_PROG_TYPE_SCHED_CLS, 0);

	if (fd >= 0)
		return 0;
	err_set(err, fd, "BPF_PROG_LOAD");
	return bpf_token_explain(err, &need, 1);
}

static int permit_map(struct err *err)
{
	const struct token_need need = {BPF_MAP_CREATE, BPF_MAP_TYPE_ARRAY, TOKEN_NOTHING,
					TOKEN_NOTHING};
	int r = feature_map_create();

	if (r == 0)
		return 0;
	err_set(err, r, "BPF_MAP_CREATE");
	return bpf_token_explain(err, &need, 1);
}

static void permit_sock_close(struct nl_sock **sock)
{
	nl_sock_close(*sock);
}

/* Rights are asked before the device: ENODEV comes from who may. */
static int permit_tc(struct err *err)
{
	const struct nl_qdisc none = {.ifindex = NO_DEVICE, .kind = "clsact"};
	auto_release(permit_sock_close) struct nl_sock *sock = NULL;
	uint64_t buf[NL_QDISC_BUF / sizeof(uint64_t)];
	int r = nl_sock_open(&sock, err);

	if (r == 0)
		r = nl_qdisc_build(buf, sizeof(buf), &none, NL_QDISC_DEL);
	if (r == 0)
		r = nl_sock_request(sock, (struct nlmsghdr *)buf, NULL, NULL, err);
	if (r == -ENODEV || r == -ENOENT)
		return 0;
	err_context(err, "RTM_DELQDISC");
	return caps_explain(err, CAPS_ATTACH);
}

/* Whoever may load a classifier may attach it there: the kernel asks nothing more. */
static int permit_tcx(struct err *err)
{
	if (feature_is_missing("tcx"))
		return err_say(err, -ENOENT, "this kernel has no tcx");
	return permit_load(err);
}

/* No cgroup is looked for before the program was found fit to be attached by us. */
static int permit_cgroup(struct err *err)
{
	auto_close int fd =
		permit_program(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS);
	const uint32_t attr[] = {UINT32_MAX, (uint32_t)fd, BPF_CGROUP_INET_EGRESS, 0};
	int code;

	if (fd < 0) {
		err_set(err, fd, "BPF_PROG_LOAD");
		return caps_explain(err, CAPS_LOAD);
	}
	if (syscall(__NR_bpf, BPF_PROG_ATTACH, attr, sizeof(attr)) < 0 && errno == EBADF)
		return 0;
	/* Of a program that anybody may load the kernel says EINVAL to who may not attach it. */
	code = errno == EINVAL && caps_missing(CAPS_CGROUP) ? -EPERM : -errno;
	err_set(err, code, "BPF_PROG_ATTACH");
	return caps_explain(err, CAPS_CGROUP);
}

static int permit_write(const char *dir, struct err *err)
{
	if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) == 0)
		return 0;
	return err_set(err, -errno, "write into '%s'", dir);
}

/* Where pins usually go, as far as it is there. */
static int permit_pin_below(const char *mnt, struct err *err)
{
	static const char *const below[] = {"/tc/globals", "/tc", ""};
	auto_free char *pin = xasprintf("%s/tc/globals/pin", mnt);
	/* A directory that others could change is refused, whatever its mode allows. */
	int r = pin_dir_check(pin, err);

	if (r == PIN_DIR_REFUSED)
		return r;
	for (size_t i = 0; i < array_size(below); i++) {
		auto_free char *dir = xasprintf("%s%s", mnt, below[i]);

		r = permit_write(dir, err);
		if (r != -ENOENT)
			return r;
		err_release(err);
	}
	return r;
}

/* Before Linux 5.19 bpf(2) may be closed to who lacks CAP_BPF, whatever a pin allows. */
static int permit_read(struct err *err)
{
	const struct {
		uint64_t path;
		uint32_t fd, flags;
	} attr = {.path = (uintptr_t) "/proc/self/exe/none"};

	if (syscall(__NR_bpf, BPF_OBJ_GET, &attr, sizeof(attr)) < 0 && errno == ENOTDIR)
		return 0;
	err_set(err, -errno, "BPF_OBJ_GET");
	return caps_explain(err, CAPS_BPF);
}

static int permit_pin(struct err *err)
{
	char mnt[PATH_MAX];
	int r;

	bpffs_mount_point(mnt);
	r = bpffs_at(mnt);
	if (r == 0)
		return err_say(err, -ENOENT,
			       "no bpffs at '%s'; mount one: mount -t bpf bpf %s", mnt,
			       mnt);
	if (r < 0)
		return err_set(err, r, "bpffs '%s'", mnt);
	r = permit_read(err);
	return r < 0 ? r : permit_pin_below(mnt, err);
}

static int permit_ids(struct err *err)
{
	const uint32_t attr[] = {0, 0, 0};

	if (syscall(__NR_bpf, BPF_MAP_GET_NEXT_ID, attr, sizeof(attr)) == 0 ||
	    errno == ENOENT)
		return 0;
	err_set(err, -errno, "BPF_MAP_GET_NEXT_ID");
	return caps_explain(err, CAPS_IDS);
}

static int permit_files(struct err *err)
{
	auto_close int fd = open("/proc/1/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *missing = caps_missing_here(CAPS_PTRACE);

	if (fd < 0)
		err_set(err, -errno, "/proc/1/fd");
	else if (missing)
		return err_say(err, -EPERM, "missing %s", missing);
	return fd < 0 ? caps_explain(err, CAPS_PTRACE) : 0;
}

static int permit_netns(struct err *err)
{
	auto_proc_ns_list list = {.nr = 0};
	int r = proc_namespaces("net", &list);

	if (r == 0 && list.unseen.nr)
		r = list.unseen.why;
	if (r == 0)
		return 0;
	err_set(err, r, "network namespace of %zu process%s", list.unseen.nr,
		list.unseen.nr == 1 ? "" : "es");
	return caps_explain(err, CAPS_PTRACE);
}

static int permit_record(struct err *err)
{
	int r = apply_lock_dir(APPLY_STATE_DIR, false, err);

	if (r < 0)
		return r;
	if (access(APPLY_STATE_DIR, F_OK) == 0)
		return permit_write(APPLY_STATE_DIR, err);
	return errno == ENOENT ? permit_write("/run", err)
			       : err_set(err, -errno, APPLY_STATE_DIR);
}

enum permit_row { LOAD, MAP, TC, TCX, CGROUP, PIN, READ, IDS, FILES, NETNS, RECORD };

#define P(row)    (1u << (row))
#define P_MIGRATE (P(LOAD) | P(MAP) | P(TC) | P(CGROUP) | P(PIN) | P(IDS))
#define P_APPLY   (P_MIGRATE | P(RECORD))

const struct permit permits[] = {
	[LOAD] = {"may_load", "programs of each type are loaded",
		  "BPF_PROG_LOAD of two instructions, a classifier", permit_load, 0, 0},
	[MAP] = {"may_create", "maps are created", "BPF_MAP_CREATE of an array",
		 permit_map, 0, 0},
	[TC] = {"may_tc", "qdiscs of this network namespace, filters of a pinned program",
		"RTM_DELQDISC of no device: ENODEV, not EPERM", permit_tc, 0, 0},
	[TCX] = {"may_tcx", "programs at devices without a qdisc", "tcx, may_load",
		 permit_tcx, 0, 0},
	[CGROUP] = {"may_cgroup", "programs of cgroups",
		    "BPF_PROG_ATTACH to no cgroup: EBADF, not EPERM", permit_cgroup, 0,
		    0},
	[PIN] = {"may_pin", "pins below the bpffs",
		 "may_open; owners, modes and access(2) on the way to them", permit_pin,
		 0, 0},
	[READ] = {"may_open", "pins whose modes allow it",
		  "BPF_OBJ_GET of no file: ENOTDIR, not EPERM", permit_read, 0, 0},
	[IDS] = {"may_list", "all maps, programs and links of the kernel",
		 "BPF_MAP_GET_NEXT_ID", permit_ids, 0, 0},
	[FILES] = {"may_see_files", "what processes hold and no pin does",
		   "the files of process 1", permit_files, 0, 0},
	[NETNS] = {"may_see_netns", "network namespaces that only a process is in",
		   "/proc/PID/ns/net of each", permit_netns, 0, 0},
	[RECORD] = {"may_record", "what apply made is remembered",
		    "owner, mode and access(2) of " APPLY_STATE_DIR, permit_record, 0, 0},
	{"may_filter", "filter add and replace, of an object",
	 "may_load, may_create, may_tc", NULL, P(LOAD) | P(MAP) | P(TC), 0},
	{"may_share", "share show, share check, the list of share gc",
	 "may_list, may_see_files, may_see_netns", NULL, P(IDS), P(FILES) | P(NETNS)},
	{"may_gc", "share gc --delete, where each pin opens and without --force-unseen",
	 "may_list, may_pin, may_see_files, may_see_netns", NULL,
	 P(IDS) | P(PIN) | P(FILES) | P(NETNS), 0},
	{"may_migrate", "map migrate at both kinds of hooks, without --leave-behind",
	 "may_see_netns, and as may_apply but for may_record", NULL, P_MIGRATE | P(NETNS),
	 P(FILES)},
	{"may_apply", "apply, check and remove of any file, for both kinds of hooks",
	 "may_load, may_create, may_tc, may_cgroup, may_pin, may_list, may_record", NULL,
	 P_APPLY, 0},
	{"may_follow", "apply --follow of any file, other network namespaces apart",
	 "as may_apply", NULL, P_APPLY, 0},
};
const size_t permits_nr = array_size(permits);

/* A refusal is a no; whatever else went wrong says nothing about rights. */
static enum permit_answer permit_of(int code)
{
	if (code == 0)
		return PERMIT_YES;
	return code == -EPERM || code == -EACCES || code == -EROFS || code == -ENOENT ||
			       code == PIN_DIR_REFUSED
		       ? PERMIT_NO
		       : PERMIT_UNKNOWN;
}

static void permit_unseen(const struct permit *job, const enum permit_answer *answers,
			  enum permit_answer answer, struct strbuf *reason)
{
	size_t without = 0;

	for (size_t i = 0; i < permits_nr && answer == PERMIT_YES; i++)
		if (answers[i] != PERMIT_YES && job->sees & P(i))
			sb_addf(reason, "%s %s", without++ ? " and" : "without",
				permits[i].name);
	if (without)
		sb_add(reason, " some of it is unknown");
}

static void permit_job(const struct permit *job, const enum permit_answer *answers,
		       permit_fn fn, void *ctx)
{
	enum permit_answer answer = PERMIT_YES;
	auto_strbuf reason = STRBUF_INIT;

	for (size_t i = 0; i < permits_nr; i++) {
		bool lacks = answers[i] != PERMIT_YES;

		if (lacks && job->needs & P(i)) {
			sb_addf(&reason, "%s%s", *sb_text(&reason) ? ", " : "needs ",
				permits[i].name);
			if (answer == PERMIT_YES || answers[i] == PERMIT_NO)
				answer = answers[i];
		}
	}
	permit_unseen(job, answers, answer, &reason);
	fn(job, answer, 0, sb_text(&reason), ctx);
}

void permits_each(permit_fn fn, void *ctx)
{
	enum permit_answer answers[array_size(permits)] = {PERMIT_NO};

	for (size_t i = 0; i < permits_nr; i++) {
		auto_err err = ERR_INIT;
		int code;

		if (!permits[i].ask) {
			permit_job(&permits[i], answers, fn, ctx);
			continue;
		}
		code = permits[i].ask(&err);
		answers[i] = permit_of(code);
		fn(&permits[i], answers[i], code, code ? err.text : "", ctx);
	}
}
