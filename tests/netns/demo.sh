#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The demo's numbers add up, it says what the README says, and it fails when they do not.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

[ "$(id -u)" -eq 0 ] || t_skip root 'network and mount namespaces need root'

t_begin 'all rows and the proof are there'
t_run 0 "$TOP/netns_scripts/demo.sh"
t_is "$(grep -cE '^  (icmp +5|tcp +[0-9]+|udp +20) ' "$TMP/t_out")" 3 'rows'
t_out_has 'shared: '
t_out_has 'bpftool agrees'
t_is "$(grep -cE '^  -> (exit status [1-9]|accepted)' "$TMP/t_out")" 4 'words about the stock tools'

t_begin 'the steps are those of the README'
grep '^# ' "$TMP/t_out" >"$TMP/steps"
t_ok [ -s "$TMP/steps" ]
sed -n 's/^\t\(# .*\)/\1/p' "$TOP/README.md" >"$TMP/readme"
t_run 0 diff "$TMP/readme" "$TMP/steps"

t_begin 'a cgroup program that keeps its map to itself is noticed'
mkdir "$TMP/bin"
cat >"$TMP/bin/cgroup_loader" <<END
#!/bin/sh
case "\$*" in
*' obj '*) exec '$BUILD/bin/cgroup_loader' "\$@" map name traffic private ;;
esac
exec '$BUILD/bin/cgroup_loader' "\$@"
END
chmod +x "$TMP/bin/cgroup_loader"
mkdir -p "$TMP/build"
for part in bpf netns_scripts; do
	ln -s "$BUILD/$part" "$TMP/build/$part"
done
ln -s "$TMP/bin" "$TMP/build/bin"
ln -s "$BUILD/bin/tc_loader" "$TMP/bin/tc_loader"
t_run 1 env MAPSHARE_BUILD="$TMP/build" "$TOP/netns_scripts/demo.sh"
t_out_has 'the two programs disagree'
