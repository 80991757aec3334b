#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What is offered behind a line of cgroup_loader.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

CGROUP2_PARENT=$(dirname "$(lib_cgroup2_mount)")

# offered WORD…: what the last word could become, without what stands behind a candidate; what is
# left to the shell into $asked.
offered() {
	t_run 0 cgroup_loader --complete "$@"
	asked=$(sed -n 's/^\t//p' "$TMP/t_out")
	cut -f 1 "$TMP/t_out" | sed '/^$/d' | sort >"$TMP/offered"
	cp "$TMP/offered" "$TMP/t_out"
}

t_begin 'objects and verbs'
offered l
t_out_is link
offered ba
t_out_is batch
offered batch f
t_out_is file
offered -j link up
t_out_is update
offered cgroup att
t_out_is attach
offered ap
t_out_is apply
offered plan --state-dir /x w
t_is "$asked" files
offered plan --state-dir ''
t_is "$asked" dirs
offered check --st
t_out_has '--state-dir'

t_begin 'options: each that --help tells of'
t_run 0 cgroup_loader --help
told=$(sed -n '/^Options/,$p' "$TMP/t_out" | grep -o '^-[^ ,]*\|^-., --[a-z-]*' | tr -d ',' | tr ' ' '\n' | sort -u)
offered -
t_is "$(sort -u "$TMP/offered")" "$told"

t_begin 'cgroups: directories, processes, units, each leaf'
offered cgroup attach ea
t_out_is each
offered cgroup attach each un
t_out_is unit
offered cgroup show pi
t_out_is pid
offered cgroup show pid $$
t_out_has $$
mkdir "$TMP/dir"
offered cgroup attach each "$TMP/d"
t_out_is ''
offered cgroup attach each "${CGROUP2_PARENT%?}"
t_out_is "$CGROUP2_PARENT/"
t_is "$asked" nospace

t_begin 'what is attached, and how'
for place in /cg 'each /cg' 'pid 1' 'each unit x'; do
	# shellcheck disable=SC2086 # words
	offered cgroup attach $place ingr
	t_out_is ingress
	# shellcheck disable=SC2086
	offered cgroup attach $place egress ob
	t_out_is obj
	# shellcheck disable=SC2086
	offered cgroup attach $place egress obj ''
	t_is "$asked" files
	# shellcheck disable=SC2086
	offered cgroup attach $place egress obj x.o pre
	t_out_is preorder
	# shellcheck disable=SC2086
	offered cgroup attach $place egress obj x.o multi sec
	t_out_is section
	# shellcheck disable=SC2086
	offered cgroup attach $place egress id 1 sec
	t_out_is ''
	# shellcheck disable=SC2086
	offered cgroup attach $place egress id 1 link ''
	t_out_is pinned
	# shellcheck disable=SC2086
	offered cgroup attach $place egress obj "$OBJ/set_values.o" multi set inn
	t_out_is 'inner_step='
done
offered prog load "$OBJ/set_values.o" /p set elsew
t_out_is 'elsewhere='
offered cgroup detach /cg egress ''
t_out_is 'all
id
link
name
obj
pinned
tag'
offered cgroup detach /cg egress all ''
t_out_is obj
offered cgroup detach /cg egress link ''
t_out_is 'id
pinned'
offered cgroup detach /cg egress id 1 m
t_out_is ''

t_begin 'prog and link'
offered prog load x.o /p auto
t_out_is autoattach
offered prog load x.o /p autoattach cgroup pi
t_out_is pid
offered link update id 1 pinned /p ol
t_out_is old
offered link pin id 1 "$TMP/d"
t_out_is ''
