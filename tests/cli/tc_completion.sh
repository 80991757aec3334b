#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What is offered behind a line of tc_loader.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

# offered WORD…: what the last word could become, without what stands behind a candidate; what is
# left to the shell into $asked.
offered() {
	t_run 0 tc_loader --complete "$@"
	asked=$(sed -n 's/^\t//p' "$TMP/t_out")
	cut -f 1 "$TMP/t_out" | sed '/^$/d' | sort >"$TMP/offered"
	cp "$TMP/offered" "$TMP/t_out"
}

t_begin 'objects and verbs'
offered f
t_out_is 'feature
filter'
offered 'fi'
t_out_is filter
offered -j -n x qd
t_out_is qdisc
offered mo
t_out_is monitor
offered filter re
t_out_is replace
offered qdisc add dev lo cl
t_out_is clsact
offered ap
t_out_is apply
offered plan --state-dir /x w
t_is "$asked" files
offered plan --state-dir ''
t_is "$asked" dirs
offered check --st
t_out_has '--state-dir'

offered --hand-over /sbin/tc filt
t_out_is filter
offered --ha
t_out_is --hand-over

t_begin 'interfaces'
offered filter add dev lo
t_out_has lo

t_begin 'files, and what is inside them'
offered filter add dev lo ingress bpf da obj ''
t_is "$asked" files
t_out_is ''
offered filter add dev lo ingress bpf da obj "$LEGACY/tail_calls.o" section ''
t_out_is '7/0
7/1
classifier'
offered filter add dev lo ingress bpf da obj "$LEGACY/tail_calls.o" program en
t_out_is entry
offered filter add dev lo ingress bpf da obj "$OBJ/nothing.o" section ''
t_out_is ''
offered filter add dev lo ingress bpf da obj "$OBJ/set_values.o" section classifier set a_s
t_out_is 'a_s16=
a_s32=
a_s64=
a_s8='
offered filter add dev lo ingress bpf da obj "$LEGACY/tail_calls.o" set ''
t_out_is ''

t_begin 'words of the filter, and of bpf behind it'
offered filter add dev lo ing
t_out_is ingress
offered filter add dev lo ingress bpf dir
t_out_is direct-action
offered filter add dev lo ingress pref ''
t_out_is ''

t_begin 'where a map of the object is to be'
for line in 'filter add dev lo ingress bpf da obj x.o' 'exec bpf graft m:globals/x obj x.o'; do
	# shellcheck disable=SC2086 # words
	offered $line map ''
	t_out_is 'idx
name'
	for which in 'name m' 'idx 3' 'name private' 'name map'; do
		# shellcheck disable=SC2086
		offered $line map $which ''
		t_out_is 'id
name
pinned
private
shared'
	done
	# shellcheck disable=SC2086
	offered $line map name m sh
	t_out_is shared
	# shellcheck disable=SC2086
	offered $line map name m private sec
	t_out_is section
done

t_begin 'words of exec'
offered exec ''
t_out_is bpf
offered exec bpf im
t_out_is import
offered exec bpf import "$TMP/sock" ''
t_out_is run
offered exec bpf graft m:globals/x obj x.o ty
t_out_is type
offered exec bpf graft m:globals/x obj "$LEGACY/tail_calls.o" section 7
t_out_is '7/0
7/1'

t_begin 'share: its commands and their options'
offered share s
t_out_is show
offered share show --s
t_out_is --svg
offered share check --a
t_out_is --all
