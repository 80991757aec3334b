#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# `make deps` where another package manager rules: one call of it with that distribution's
# names, an answer about what came of it, and a list where there is none of them. The managers
# are scripts that write down what they are told; what they install are names of programs.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

mkdir -p "$TMP/place/tests" "$TMP/tools"
cp "$TOP/tests/deps.sh" "$TMP/place/tests"
sed -i 's/^PATH=.*/: as it is/' "$TMP/place/tests/deps.sh"
# The headers of this machine are no part of it.
sed -i '/^h:/{s,/,_,;s,^h:,bin:h_,}' "$TMP/place/tests/deps.sh"
printf '#!/bin/sh\necho "as root: $*"\n"$@"\n' >"$TMP/place/tests/as_root.sh"
chmod 755 "$TMP/place/tests/as_root.sh"
for tool in sh tr sort cat dirname uname grep sed ln; do
	ln -s "$(command -v "$tool")" "$TMP/tools"
done

# machine MANAGER|none [STATUS]: a place with that manager alone, which installs all there is.
machine() {
	rm -rf "$TMP/path"
	cp -r "$TMP/tools" "$TMP/path"
	[ "$1" != none ] || return 0
	cat >"$TMP/path/$1" <<-SH
		#!/bin/sh
		[ ${2:-0} = 0 ] || exit ${2:-0}
		for name in $(sed -nE 's/^(bin|gnu):([^ ]*) .*/\2/p' "$TMP/place/tests/deps.sh" | sort -u | tr '\n' ' '); do
			[ -e "$TMP/path/\$name" ] || ln -s /bin/true "$TMP/path/\$name"
		done
	SH
	chmod 755 "$TMP/path/$1"
}
deps() {
	env -i PATH="$TMP/path" "$TMP/place/tests/deps.sh" demo
}

while read -r manager names words; do
	t_begin "$manager: one call, with the names of its distribution"
	machine "$manager"
	t_run 0 deps
	t_out_has "as root: $manager $words "
	for name in ${names//,/ }; do
		t_ok grep -q "^as root: $manager .* $name\b" "$TMP/t_out"
	done
	t_is "$(grep -c '^as root' "$TMP/t_out")" 1
	t_run 0 deps
	t_is "$(t_out)" '' 'nothing is missing any more'
	machine "$manager" 4
	t_run 1 deps
	t_err_has 'deps: still missing after the installation: '
done <<'LIST'
dnf libbpf-devel,elfutils-libelf-devel,iproute-tc,libyaml-devel,bash install -y
zypper libbpf-devel,libelf-devel,libyaml-devel,pkg-config --non-interactive install --no-recommends
pacman libbpf,libelf,util-linux-libs,linux-api-headers -S --needed --noconfirm
apk libbpf-dev,elfutils-dev,musl-dev,iproute2-tc,bash,coreutils,findutils add
LIST

t_begin 'one name that the distribution does not know costs no other'
machine dnf
sed -i '2s/.*/[ "$#:$3" = 3:"${3%libcap-ng-devel}" ] || exit 1/' "$TMP/path/dnf"
t_run 0 deps
read -r -a all < <(sed -n 's/^installing what make demo lacks: //p' "$TMP/t_out")
t_is "$(sed 1,2d "$TMP/t_out")" "$(printf 'as root: dnf install -y %s\n' "${all[@]}")"

t_begin 'the tests take what busybox lacks, and what a sanitizer is linked with'
machine apk
printf '#!/bin/sh\necho busybox >&2\nexit 1\n' >"$TMP/path/busybox"
chmod 755 "$TMP/path/busybox"
ln -s busybox "$TMP/path/stat"
# This apk leaves what is there.
t_run 1 env -i PATH="$TMP/path" "$TMP/place/tests/deps.sh" demo
t_ok grep -q '^as root: apk add .* coreutils' "$TMP/t_out"
t_err_has 'deps: still missing after the installation: coreutils'
for there in fedora:libasan fedora:libubsan arch:libasan suse:gcc alpine:setpriv; do
	t_run 0 env DEPS_PRINT="${there%:*}" sh "$TOP/tests/deps.sh" check
	t_ok grep -qx "${there#*:}" "$TMP/t_out"
done

t_begin 'a manager that installs nothing is found out'
machine dnf
printf '#!/bin/sh\n' >"$TMP/path/dnf"
t_run 1 deps
t_err_has 'deps: still missing after the installation: '
t_err_has 'libbpf-devel'

t_begin 'none of them: a list'
machine none
t_run 1 deps
t_err_has 'none of apt-get, dnf, zypper, pacman, apk is here'
t_err_has '  libbpf-dev'
t_is "$(t_out)" ''
