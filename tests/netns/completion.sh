#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Completion offers names that others chose: of sections, interfaces, namespaces, cgroups and
# units. None of them is run, and each comes quoted. Directories offered as cgroups are those
# of cgroup2.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

# The interfaces of this namespace.
mkdir "$TMP/cwd" "$TMP/sys"
mount -t sysfs sysfs "$TMP/sys"
on_exit 'umount "$TMP/sys"'
mount --bind "$TMP/sys/class/net" /sys/class/net
on_exit 'umount /sys/class/net'
cd "$TMP/cwd"
cat >"$TMP/complete.bash" <<'END'
compopt() { :; }
. "$1"
function=_$2
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
$function
printf '%s\n' "${COMPREPLY[@]}"
END

# offered TOOL WORD…: the completions of the last word; nothing was made by looking.
offered() {
	t_run 0 bash "$TMP/complete.bash" "$TOP/$1/$1.bash" "$@"
	t_is "$(ls -A "$TMP/cwd")" '' "made by completing: $*"
}

for name in '$(>made)' '`>made`' '$(>made)*'; do
	quoted=$(printf %q "$name")

	t_begin "an interface, a namespace, a section: $name"
	dev_add "$name"
	offered tc_loader filter add dev ''
	t_out_has "$quoted"
	offered tc_loader filter add dev "${quoted%????}"
	t_out_has "$quoted"
	: >"/run/netns/$name"
	offered tc_loader -n ''
	t_out_has "$quoted"
	llvm-objcopy --rename-section "classifier=$name" "$LEGACY/tail_calls.o" "$TMP/hostile.o"
	offered tc_loader filter add dev lo ingress bpf obj "$TMP/hostile.o" section ''
	t_out_has "$quoted"
	offered tc_loader filter add dev lo ingress bpf obj "$name" section ''
	offered tc_loader filter add dev lo ingress bpf obj "$name"

	t_begin "a cgroup, a unit: $name"
	cg_add "$name"
	cg_add "$name.service"
	offered cgroup_loader cgroup attach "$CG/"
	t_out_has "$CG/$name"
	offered cgroup_loader cgroup attach "$CG/$name"
	offered cgroup_loader cgroup show unit ''
	t_out_has "$quoted.service"
	offered cgroup_loader cgroup show unit "$name"
	offered cgroup_loader cgroup show pid "$name"
	offered cgroup_loader prog load "$name"
done

t_begin 'only cgroup2 is offered'
offered cgroup_loader cgroup show ''
while read -r dir; do
	case $dir in
	pid | unit) ;;
	*) t_ok [ -e "$dir/cgroup.controllers" ] ;;
	esac
done <"$TMP/t_out"
t_out_has "$CG"
mkdir "$TMP/v1" "$TMP/v1/job"
offered cgroup_loader cgroup show "$TMP/v1/j"
t_out_is ''
offered cgroup_loader cgroup show /sy
t_out_is /sys
