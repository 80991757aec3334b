/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <cap-ng.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/caps.h"

/* Since Linux 5.8; older libcap-ng and kernel headers lack it. */
enum { CAPABILITY_BPF = 39 };

static bool caps_have(unsigned int capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability);
}

static const char *missing_for_load(void)
{
	bool bpf = caps_have(CAPABILITY_BPF), net = caps_have(CAP_NET_ADMIN);

	if (caps_have(CAP_SYS_ADMIN) || (bpf && net))
		return NULL;
	if (bpf)
		return "CAP_NET_ADMIN";
	return net ? "CAP_BPF" : "CAP_BPF and CAP_NET_ADMIN";
}

/*
 * With all capabilities in a user namespace of one's own bpf(2) is refused all the same. The
 * number is the kernel's PROC_USER_INIT_INO.
 */
bool caps_in_user_ns(void)
{
	static const ino_t initial = 0xEFFFFFFD;
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino != initial;
}

const char *caps_missing_here(enum caps_need need)
{
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_get_caps_process() < 0)
		return NULL;
	switch (need) {
	case CAPS_LOAD:
		return missing_for_load();
	case CAPS_BPF:
		return caps_have(CAPABILITY_BPF) || caps_have(CAP_SYS_ADMIN) ? NULL
									     : "CAP_BPF";
	case CAPS_ATTACH:
	case CAPS_CGROUP:
		return caps_have(CAP_NET_ADMIN) ? NULL : "CAP_NET_ADMIN";
	case CAPS_IDS:
	case CAPS_MOUNT:
		return caps_have(CAP_SYS_ADMIN) ? NULL : "CAP_SYS_ADMIN";
	case CAPS_PTRACE:
		return caps_have(CAP_SYS_PTRACE) ? NULL : "CAP_SYS_PTRACE";
	}
	return NULL;
}

const char *caps_missing(enum caps_need need)
{
	const char *missing = caps_missing_here(need);

	/* Interfaces belong to whoever owns their namespace. */
	if (!missing && need != CAPS_ATTACH && caps_in_user_ns())
		return "capabilities in the initial user namespace";
	return missing;
}

int caps_explain(struct err *err, enum caps_need need)
{
	size_t n = strlen(err->text);
	const char *missing;

	if (err->code != -EPERM && err->code != -EACCES)
		return err->code;
	missing = caps_missing(need);
	/* Before Linux 5.19 unprivileged_bpf_disabled closes all of bpf(2) to who lacks CAP_BPF. */
	if (!missing && need == CAPS_CGROUP)
		missing = caps_missing(CAPS_BPF);
	if (missing)
		snprintf(err->text + n, sizeof(err->text) - n, " (missing %s)", missing);
	return err->code;
}
