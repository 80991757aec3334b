/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>

#include "base/wrap.h"

#include "options.h"
#include "usage.h"

void usage_print(void)
{
	auto_strbuf text = STRBUF_INIT;

	sb_add(&text, "Usage: tc_loader [OPTIONS] OBJECT {COMMAND | help}\n"
		      "       tc_loader [OPTIONS] [-force] -batch FILE\n"
		      "where OBJECT is one of\n"
		      "  qdisc    clsact and ingress qdiscs: add, replace, delete, show\n"
		      "  filter   bpf filters: add, replace, change, delete, show, get\n"
		      "  monitor  events of qdiscs and filters as they come\n"
		      "  exec     bpf: maps handed over, tail calls replaced, the trace\n"
		      "  object   what an object file defines and a load would do\n"
		      "  map      maps: show, dump, lookup, update and more\n"
		      "  share    who uses a map, and whether it is one\n"
		      "  feature  what this kernel, libbpf and these capabilities allow\n"
		      "or one of plan, apply, check, remove\n"
		      "  what files say should be attached\n"
		      "or bugreport\n"
		      "  what a bug report should say of this machine\n");
	options_usage(&text);
	wrap_print(&text, stderr);
}
