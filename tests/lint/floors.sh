#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Two rules about #include. A file includes its own room and the rooms below that the table
# names, and other people's headers stay in the .c files that are about them, so that no header of
# ours shows their types (but those that only the .c files of one noun share).
set -eu
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2046 # names without blanks
awk '
function bad(why) { printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0; status = 1 }

BEGIN {
	# A room: what it may include besides itself.
	allowed["base"] = "base"
	allowed["def"] = "base def"
	allowed["elf"] = "base elf"
	allowed["btf"] = "base def btf"
	allowed["netlink"] = "base def netlink"
	allowed["legacy"] = "base def elf btf legacy"
	allowed["graph"] = "base def btf graph"
	allowed["kernel"] = allowed["legacy"] " netlink graph kernel"
	allowed["view"] = allowed["legacy"] " graph view"
	allowed["scan"] = allowed["kernel"] " scan"
	allowed["load"] = allowed["scan"] " load"
	allowed["verbs"] = allowed["load"] " view verbs"
	allowed["door"] = allowed["load"] " view door"
	allowed["mapshare.h"] = ""
	allowed["mapshare_apply.h"] = "mapshare_apply.h"
	allowed["mapshare_migrate.h"] = "mapshare_migrate.h"
	allowed["tc_loader"] = allowed["verbs"] " tc_loader"
	allowed["cgroup_loader"] = allowed["verbs"] " cgroup_loader"

	# header | files that may include it (regular expressions)
	n = 0
	rule[++n] = "^(libelf|gelf)[.]h$";   where[n] = "^common/(elf/elf_view|legacy/elf_rewrite)[.]c$"
	rule[++n] = "^bpf/";                 where[n] = "^common/(btf|kernel|scan|load)/[a-z0-9_]+[.]c$|^common/def/layout[.]c$|^common/btf/btf_value_private[.]h$|^common/(scan|load)/[a-z]+_private[.]h$|^common/view/btf_[a-z]+[.][ch]$"
	rule[++n] = "^libmnl/";              where[n] = "^common/(netlink|kernel)/nl_[a-z0-9_]+[.]c$"
	rule[++n] = "^sha1[.]h$";            where[n] = "^common/def/pin_path[.]c$"
	rule[++n] = "^json-c/";              where[n] = "^common/(view|verbs)/[a-z0-9_]+[.]c$|^common/load/apply_record_[a-z]+[.]c$|^[a-z]+_loader/(main|print[a-z0-9_]*)[.]c$"
	rule[++n] = "^libsmartcols";         where[n] = "^common/view/smartcols[.]h$"
	rule[++n] = "^yaml[.]h$";            where[n] = "^common/load/apply_yaml[.]c$"
	rule[++n] = "^cap-ng[.]h$";          where[n] = "^common/kernel/[a-z0-9_]+[.]c$"
	rules = n
}

FNR == 1 {
	split(FILENAME, part, "/")
	floor = part[1] == "common" ? part[2] : part[1]
	if (!(floor in allowed))
		bad("no such floor: " floor)
}

# "floor/file.h" from the floors; "file.h" is the own directory of a tool.
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, q, "\"")
	if (split(q[2], p, "/") == 1)
		p[1] = floor
	if (index(" " allowed[floor] " ", " " p[1] " ") == 0)
		bad(floor " includes " p[1])
}

/^[ \t]*#[ \t]*include[ \t]*</ {
	split($0, q, /[<>]/)
	for (i = 1; i <= rules; i++)
		if (q[2] ~ rule[i] && FILENAME !~ where[i])
			bad("third-party header out of its place")
}

END { exit status }
' $(git ls-files 'common/*.[ch]' '*_loader/*.[ch]')
