/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include "base/alloc.h"
#include "base/file_in.h"
#include "kernel/bpf_fd.h"
#include "kernel/bpf_names.h"
#include "kernel/bpffs.h"
#include "kernel/caps.h"
#include "kernel/mountinfo.h"
#include "verbs/bugreport.h"
#include "verbs/feature_rows.h"
#include "verbs/share_verbs.h"

enum {
	SETTING_MOST = 4096, /* bytes of one */
	LOG_END = 256 << 10, /* of the kernel's log */
	KLOG_READ_ALL = 3,   /* syslog(2) */
};

const char *const bugreport_not_in_it =
	"contents of maps, instructions of programs, command lines, environments; what is named here are maps, programs, pins, interfaces and cgroups";

static int section_versions(const struct bugreport_asked *asked, struct strbuf *out,
			    struct err *err)
{
	struct utsname u;

	if (uname(&u) < 0)
		return err_set(err, -errno, "uname");
	sb_addf(out, "%s %s\nlibbpf %s\n%s %s %s %s\n", asked->tool, MAPSHARE_VERSION,
		bpf_names_libbpf_version(), u.sysname, u.release, u.version, u.machine);
	return 0;
}

static int section_features(const struct bugreport_asked *asked, struct strbuf *out,
			    struct err *err)
{
	(void)asked;
	(void)err;
	feature_rows_text(out);
	return 0;
}

/* "PATH: WORDS", in one line, or why it cannot be read. */
static void bugreport_add_file(const char *path, struct strbuf *out)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	auto_free char *text = NULL;
	size_t size;
	int r = fd < 0 ? -errno : file_in_read(fd, SETTING_MOST, &text, &size);

	if (r < 0) {
		sb_addf(out, "%s: not read: %s\n", path, err_words(r));
		return;
	}
	text[strcspn(text, "\n")] = '\0';
	sb_addf(out, "%s: %s\n", path, text);
}

static int section_settings(const struct bugreport_asked *asked, struct strbuf *out,
			    struct err *err)
{
	static const char *const paths[] = {
		"/proc/sys/kernel/unprivileged_bpf_disabled",
		"/proc/sys/kernel/bpf_stats_enabled",
		"/proc/sys/kernel/kptr_restrict",
		"/proc/sys/kernel/perf_event_paranoid",
		"/proc/sys/net/core/bpf_jit_enable",
		"/proc/sys/net/core/bpf_jit_harden",
		"/proc/sys/net/core/bpf_jit_kallsyms",
		"/proc/sys/net/core/bpf_jit_limit",
		"/proc/sys/user/max_user_namespaces",
		"/sys/kernel/security/lsm",
		"/sys/kernel/security/lockdown",
	};
	struct rlimit memory;

	(void)asked;
	(void)err;
	for (size_t i = 0; i < array_size(paths); i++)
		bugreport_add_file(paths[i], out);
	if (getrlimit(RLIMIT_MEMLOCK, &memory) == 0 && memory.rlim_cur == RLIM_INFINITY)
		sb_add(out, "RLIMIT_MEMLOCK: unlimited\n");
	else
		sb_addf(out, "RLIMIT_MEMLOCK: %" PRIu64 "\n", (uint64_t)memory.rlim_cur);
	return 0;
}

static int section_process(const struct bugreport_asked *asked, struct strbuf *out,
			   struct err *err)
{
	static const char *const names[] = {
		"CapEff:", "CapBnd:", "Seccomp:", "NoNewPrivs:"};
	auto_file FILE *status = fopen("/proc/self/status", "re");
	char line[256];

	(void)asked;
	if (!status)
		return err_set(err, -errno, "/proc/self/status");
	sb_addf(out, "effective uid: %s\nuser namespace: %s\n",
		geteuid() == 0 ? "0" : "not 0",
		caps_in_user_ns() ? "not the initial one" : "the initial one");
	while (fgets(line, sizeof(line), status))
		for (size_t i = 0; i < array_size(names); i++)
			if (strncmp(line, names[i], strlen(names[i])) == 0)
				sb_add(out, line);
	return 0;
}

static int add_mount(const struct mountinfo *m, void *out)
{
	static const char *const types[] = {"bpf", "cgroup2", "cgroup", "tracefs"};

	for (size_t i = 0; i < array_size(types); i++)
		if (strcmp(m->type, types[i]) == 0)
			sb_addf(out, "%s %s\n", m->type, m->path);
	return 0;
}

static int section_mounts(const struct bugreport_asked *asked, struct strbuf *out,
			  struct err *err)
{
	int r = mountinfo_each("/proc/self/mountinfo", add_mount, out);

	(void)asked;
	return r < 0 ? err_set(err, r, "/proc/self/mountinfo") : 0;
}

static int add_pin(const char *path, void *out)
{
	auto_close int fd = bpf_fd_by_pin_to_read(path, BPF_FD_UNKNOWN);
	uint32_t id;

	if (fd < 0)
		sb_addf(out, "not opened: %s: %s\n", err_words(fd), path);
	else if (bpf_fd_id(fd, &id) == 0)
		sb_addf(out, "%s id %" PRIu32 " %s\n", bpf_fd_kind_name(bpf_fd_kind(fd)),
			id, path);
	else
		sb_addf(out, "%s %s\n", bpf_fd_kind_name(bpf_fd_kind(fd)), path);
	return 0;
}

static int add_pins_of(const char *path, void *out)
{
	int r = bpffs_each_pin(path, add_pin, out);

	if (r < 0)
		sb_addf(out, "not all of %s: %s\n", path, err_words(r));
	return 0;
}

static int section_pins(const struct bugreport_asked *asked, struct strbuf *out,
			struct err *err)
{
	int r = bpffs_each_mount(add_pins_of, out);

	(void)asked;
	return r < 0 ? err_set(err, r, "/proc/self/mountinfo") : 0;
}

static int section_share(const struct bugreport_asked *asked, struct strbuf *out,
			 struct err *err)
{
	return share_show_report(out, asked->processes, err);
}

static bool dmesg_wanted(const struct bugreport_asked *asked)
{
	return asked->dmesg;
}

static int section_dmesg(const struct bugreport_asked *asked, struct strbuf *out,
			 struct err *err)
{
	auto_free char *text = xcalloc(1, LOG_END + 1);
	const char *from = text;
	int n = klogctl(KLOG_READ_ALL, text, LOG_END);

	(void)asked;
	if (n < 0)
		return err_set(err, -errno, "syslog(2)");
	/* The oldest line of them may have lost its beginning. */
	if (n == LOG_END && strchr(text, '\n'))
		from = strchr(text, '\n') + 1;
	sb_add(out, from);
	return 0;
}

const struct bugreport_section bugreport_sections[] = {
	{"versions", "of the tool, of libbpf, of the kernel", section_versions, NULL},
	{"features", "the answers of 'feature'", section_features, NULL},
	{"settings", "of the kernel that BPF depends on", section_settings, NULL},
	{"process", "capabilities and namespace of this command", section_process, NULL},
	{"mounts", "where bpffs, cgroup and tracefs are mounted", section_mounts, NULL},
	{"pins", "paths, kinds and ids of what is pinned there", section_pins, NULL},
	{"share", "the answer of 'share show'", section_share, NULL},
	{"dmesg", "the end of the kernel's log", section_dmesg, dmesg_wanted},
};
const size_t bugreport_sections_nr = array_size(bugreport_sections);
