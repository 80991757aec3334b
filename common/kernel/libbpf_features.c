/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/libbpf.h>
#include <errno.h>

#include "base/cleanup.h"
#include "kernel/bpf_token.h"
#include "kernel/features.h"

static int ask_sections(void)
{
	static const char *const newer[] = {"tcx/ingress", "netkit/primary",
					    "cgroup/connect_unix", "uprobe.session"};
	enum bpf_prog_type type;
	enum bpf_attach_type attach;

	for (size_t i = 0; i < array_size(newer); i++)
		if (libbpf_prog_type_by_name(newer[i], &type, &attach) < 0)
			return -ENOENT;
	return 0;
}

static int ask_libbpf_token(void)
{
	return bpf_token_libbpf() ? 0 : -ENOENT;
}

#define KNOWS(name, gives, probe, ask)           \
	{                                        \
		name, gives, probe, ask, -ENOENT \
	}

const struct feature libbpf_features[] = {
	KNOWS("libbpf_token", "objects are loaded with a token in a user namespace",
	      "bpf_token_create() of libbpf", ask_libbpf_token),
	KNOWS("libbpf_sections",
	      "it knows tcx, netkit, unix and session sections as the tools do",
	      "libbpf_prog_type_by_name() of one of each", ask_sections),
};
const size_t libbpf_features_nr = array_size(libbpf_features);
