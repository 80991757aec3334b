#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Words in front of the kernel: options anywhere, objects and their abbreviations, help, errors
# in text and JSON, exit statuses. Nothing here gets as far as bpf(2).
#
# differs: help-on-stdout
# differs: json-documents
# differs: exit-status
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

error_of() {
	t_out | t_json .error
}

t_begin 'options stand anywhere, behind -- nothing is one'
t_run 255 cgroup_loader -j cgroup show /nosuch
t_is "$(error_of)" "cgroup '/nosuch': No such file or directory"
t_err_is ''
t_run 255 cgroup_loader cgroup show /nosuch --json
t_is "$(error_of)" "cgroup '/nosuch': No such file or directory"
t_run 255 cgroup_loader cgroup -fj show /nosuch
t_is "$(error_of)" "cgroup '/nosuch': No such file or directory"
t_run 255 cgroup_loader -j -- cgroup show -p
t_is "$(error_of)" "cgroup '-p': No such file or directory"
t_run 255 cgroup_loader cgroup show -- -j
t_err_is "cgroup_loader: cgroup '-j': No such file or directory; 'cgroup tree' lists those with programs"
t_run 255 cgroup_loader --pin-root /x cgroup show /nosuch -n -d -m -L -l -f
t_err_has "'/nosuch'"
t_run 255 cgroup_loader --pin-root=/x cgroup show /nosuch
t_err_has "'/nosuch'"
t_run 255 cgroup_loader -p cgroup show /nosuch
t_out_is '{
    "error": "cgroup '"'/nosuch'"': No such file or directory"
}'

t_begin 'unknown options are named, in one line'
t_run 255 cgroup_loader -jx cgroup show /nosuch
t_is "$(error_of)" "unknown option '-x'; put a word that begins with '-' after '--'"
t_run 255 cgroup_loader cgroup show /nosuch --bogus
t_err_is "cgroup_loader: unknown option '--bogus'; --help lists them"
t_run 255 cgroup_loader cgroup show --pin-root
t_err_has "'--pin-root' needs a value"
t_run 255 cgroup_loader --maps-layout bogus cgroup show /nosuch
t_err_has bogus

t_begin 'an error is one valid JSON document, whatever the word'
t_run 255 cgroup_loader -j cgroup show '/no"such\	thing'
t_is "$(error_of)" "cgroup '/no\"such\\\\x09thing': No such file or directory"
printf '/\377' >"$TMP/name"
t_run 255 cgroup_loader -j cgroup show "$(cat "$TMP/name")"
error_of >"$TMP/error"
t_ok [ -s "$TMP/error" ]

t_begin 'objects and commands by prefix, bpftool first'
t_run 255 cgroup_loader c s /nosuch
t_err_has "cgroup '/nosuch'"
t_run 255 cgroup_loader c
t_err_has CGROUP
t_run 255 cgroup_loader cgroup a
t_err_has 'CGROUP TYPE PROG'
t_run 255 cgroup_loader p lo
t_err_has "'load' needs a value: OBJ PATH"
t_run 255 cgroup_loader prog loada
t_err_has "'loadall' needs a value: OBJ PATH"
for word in net n perf btf struct_ops s gen iter; do
	t_run 255 cgroup_loader "$word" show
	t_err_has 'is left to bpftool'
done
t_run 255 cgroup_loader bogus
t_err_has "'bogus'"
t_run 255 cgroup_loader cgroup bogus
t_err_has "'bogus'"
t_run 255 cgroup_loader cgroup ''
t_err_has "''"

t_begin 'help is for stdout and a success, at every level'
for line in help -h --help 'prog help' 'cgroup help' 'map help' 'object help' 'share help' \
	'cgroup attach help' 'prog load help' 'c a help' '-j -h' 'cgroup -j help' -j; do
	# shellcheck disable=SC2086 # words
	t_run 0 cgroup_loader $line
	t_err_is ''
	case $line in
	*-j*) t_out_is null ;;
	*) t_out_has cgroup_loader ;;
	esac
done
t_run 0 cgroup_loader
t_out_is ''
t_err_has 'Usage: cgroup_loader'
t_run 0 cgroup_loader cgroup help
t_out_has 'cgroup_inet_sock_release |'
t_out_has ' connect4 |'
t_out_lacks bloom_filter
for tool in tc_loader cgroup_loader; do
	t_run 0 $tool map help
	t_out_has 'bloom_filter |'
done
t_run 0 cgroup_loader cgroup attach help
t_out_has '[multi|override]'
t_out_lacks 'cgroup detach'

t_begin 'what is left to bpftool is called so'
for line in 'net show' 'prog dump xlated id 1' 'prog attach' 'prog det' 'prog tracelog' \
	'prog r' 'prog profile' 'p d'; do
	# shellcheck disable=SC2086 # words
	t_run 255 cgroup_loader $line
	t_err_has 'is left to bpftool: bpftool '
done

t_begin 'versions'
for line in version -V --version 'cgroup show /nosuch -V'; do
	# shellcheck disable=SC2086 # words
	t_run 0 cgroup_loader $line
	t_out_has 'using libbpf v'
done
t_run 0 cgroup_loader -j version
t_ok [ -n "$(t_out | t_json .version)" ]
t_ok [ -n "$(t_out | t_json .libbpf_version)" ]
