/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/args.h"
#include "kernel/nl_sock.h"
#include "load/tc_hook.h"
#include "run_look.h"
#include "tc.h"

int run_sock(struct tc *tc, struct nl_sock **ret, struct err *err)
{
	int r;

	if (!tc->sock) {
		r = nl_sock_open(&tc->sock, err);
		if (r < 0)
			return r;
	}
	*ret = tc->sock;
	return 0;
}

/* "if" and a decimal: tc's words for an interface by its number. 0: something else. */
static int device_by_number(const char *name)
{
	uint64_t number;
	auto_err unused = ERR_INIT;

	if (strncmp(name, "if", 2) != 0)
		return 0;
	/* A leading 0 would make it octal. */
	name += 2;
	name += strspn(name, "0");
	if (strspn(name, "0123456789") != strlen(name) ||
	    args_to_number("if", name, 1, INT32_MAX, &number, &unused) < 0)
		return 0;
	return (int)number;
}

int run_device(struct tc *tc, const char *name, int *ret, struct err *err)
{
	struct nl_sock *sock;
	int r = run_sock(tc, &sock, err);

	if (r < 0)
		return r;
	r = nl_sock_ifindex(sock, name);
	if (r < 0 && r != -ENODEV) {
		err_set(err, r, "device '%s'", name);
		return err_status(err, TC_KERNEL);
	}
	if (r <= 0)
		r = device_by_number(name);
	if (r > 0) {
		*ret = r;
		return 0;
	}
	err_say(err, -ENODEV, "cannot find device '%s'", name);
	err_hint(err, "'ip link' lists the interfaces there are");
	return err_status(err, TC_USAGE);
}

int run_qdisc_find(struct tc *tc, int ifindex, struct nl_qdisc *ret, struct err *err)
{
	struct nl_sock *sock;
	int r = run_sock(tc, &sock, err);

	return r < 0 ? r : tc_hook_find(sock, ifindex, ret, err);
}
