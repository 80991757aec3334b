#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tests/deps.sh demo|check: says and installs what the machine lacks for `make demo`, or for
# every test and lint. Silent and quick when nothing is missing. apt on Debian and Ubuntu, dnf
# on Fedora, zypper on openSUSE, pacman on Arch, apk on Alpine, else prints a list.
# DEPS_PRINT=debian|fedora|suse|arch|alpine only prints what it would install there.
set -eu
set_name=${1-}
case $set_name in
demo | check) ;;
*)
	echo 'usage: tests/deps.sh demo|check' >&2
	exit 1
	;;
esac
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# probe | package of Debian, Fedora, openSUSE, Arch, Alpine; a probe is a pkg-config module
# (lib:), a program (bin:), one of more than busybox (gnu:), a header below /usr/include (h:), what
# a sanitizer of gcc is linked with (san:) or a module of python3 (py:); '-' where the distribution
# has none. The demo needs the first list.
demo_needs='
bin:gcc         gcc               gcc                   gcc                 gcc             gcc
bin:make        make              make                  make                make            make
bin:pkg-config  pkg-config        pkgconf-pkg-config    pkg-config          pkgconf         pkgconf
bin:bash        bash              bash                  bash                bash            bash
gnu:stat        coreutils         coreutils             coreutils           coreutils       coreutils
gnu:find        findutils         findutils             findutils           findutils       findutils
gnu:grep        grep              grep                  grep                grep            grep
gnu:sed         sed               sed                   sed                 sed             sed
gnu:cmp         diffutils         diffutils             diffutils           diffutils       diffutils
h:stdio.h       libc6-dev         glibc-devel           glibc-devel         glibc           musl-dev
h:linux/bpf.h   linux-libc-dev    kernel-headers        linux-glibc-devel   linux-api-headers linux-headers
lib:libbpf      libbpf-dev        libbpf-devel          libbpf-devel        libbpf          libbpf-dev
lib:libelf      libelf-dev        elfutils-libelf-devel libelf-devel        libelf          elfutils-dev
lib:zlib        zlib1g-dev        zlib-devel            zlib-devel          zlib            zlib-dev
lib:libmnl      libmnl-dev        libmnl-devel          libmnl-devel        libmnl          libmnl-dev
lib:json-c      libjson-c-dev     json-c-devel          libjson-c-devel     json-c          json-c-dev
lib:libmd       libmd-dev         libmd-devel           libmd-devel         libmd           libmd-dev
lib:smartcols   libsmartcols-dev  libsmartcols-devel    libsmartcols-devel  util-linux-libs util-linux-dev
lib:libcap-ng   libcap-ng-dev     libcap-ng-devel       libcap-ng-devel     libcap-ng       libcap-ng-dev
lib:yaml-0.1    libyaml-dev       libyaml-devel         libyaml-devel       libyaml         yaml-dev
bin:clang       clang             clang                 clang               clang           clang
bin:tc          iproute2          iproute-tc            iproute2            iproute2        iproute2-tc
bin:ip          iproute2          iproute               iproute2            iproute2        iproute2
bin:bpftool     bpftool           bpftool               bpftool             bpf             bpftool
bin:ping        iputils-ping      iputils               iputils             iputils         iputils-ping
bin:unshare     util-linux        util-linux            util-linux          util-linux      util-linux-misc
bin:nsenter     util-linux        util-linux            util-linux          util-linux      util-linux-misc
bin:python3     python3           python3               python3             python          python3
'
check_needs="$demo_needs"'
bin:g++         g++               gcc-c++               gcc-c++             gcc             g++
bin:git         git               git                   git                 git             git
bin:setpriv     util-linux        util-linux            util-linux          util-linux      setpriv
san:address     gcc               libasan               gcc                 libasan         -
san:undefined   gcc               libubsan              gcc                 libubsan        -
lib:cmocka      libcmocka-dev     libcmocka-devel       libcmocka-devel     cmocka          cmocka-dev
bin:bpf-gcc     gcc-bpf           -                     -                     -               -
bin:llvm-strip  llvm              llvm                  llvm                llvm            llvm
rt:fuzzer       libclang-rt-dev   compiler-rt           -                   compiler-rt     compiler-rt
bin:clang-format clang-format      clang-tools-extra     clang-tools         clang           clang-extra-tools
bin:clang-tidy  clang-tidy        clang-tools-extra     clang-tools         clang           clang-extra-tools
bin:ps          procps            procps-ng             procps              procps-ng       procps-ng
bin:shellcheck  shellcheck        ShellCheck            ShellCheck          shellcheck      shellcheck
bin:strace      strace            strace                strace              strace          strace
bin:cppcheck    cppcheck          cppcheck              cppcheck            cppcheck        cppcheck
bin:mandoc      mandoc            mandoc                mandoc              mandoc          mandoc
bin:dot         graphviz          graphviz              graphviz            graphviz        graphviz
py:yaml         python3-yaml      python3-pyyaml        python3-PyYAML      python-yaml     py3-yaml
bin:zsh         zsh               zsh                   zsh                 zsh             zsh
bin:fish        fish              fish                  fish                fish            fish
bin:script      bsdutils          util-linux-script     util-linux          util-linux      util-linux-misc
bin:systemd-analyze systemd         systemd               systemd             systemd         -
bin:readelf     binutils          binutils              binutils            binutils        binutils
'
needs=$check_needs
[ "$set_name" = check ] || needs=$demo_needs

there() {
	case $1 in
	lib:*) pkg-config --exists "${1#lib:}" 2>/dev/null ;;
	bin:*) command -v "${1#bin:}" >/dev/null 2>&1 ;;
	gnu:*) "${1#gnu:}" --version >/dev/null 2>&1 ;;
	h:*) [ -e "/usr/include/${1#h:}" ] ;;
	san:*) echo 'int main(void) { return 0; }' |
		gcc -x c -fsanitize="${1#san:}" -o /dev/null - 2>/dev/null ;;
	rt:*) fuzzer_runtime ;;
	py:*) "$(command -v /usr/bin/python3 || echo python3)" -c "import ${1#py:}" 2>/dev/null ;;
	esac
}

# libFuzzer sits in clang's own runtime package, which distributions split off.
fuzzer_runtime() {
	rt_dir=$(clang -print-runtime-dir 2>/dev/null) || return 1
	for rt_file in "$rt_dir"/*fuzzer* "${rt_dir%/*}"/linux/*fuzzer*; do
		[ ! -e "$rt_file" ] || return 0
	done
	return 1
}

# Debian numbers the package of the runtime like clang itself; Ubuntu keeps bpftool in the
# tools of the running kernel until 25.04.
debian_name() {
	case $1 in
	libclang-rt-dev)
		clang_version=$(clang -dumpversion 2>/dev/null || true)
		clang_version=${clang_version%%.*}
		if [ -n "$clang_version" ]; then
			echo "libclang-rt-$clang_version-dev"
		fi
		;;
	bpftool)
		if apt-cache show bpftool 2>/dev/null | grep -q '^Version'; then
			echo bpftool
		else
			echo "linux-tools-common linux-tools-$(uname -r)"
		fi
		;;
	gcc-bpf)
		# Not everywhere; without it the tests of its objects are skipped.
		if apt-cache show gcc-bpf 2>/dev/null | grep -q '^Version'; then
			echo gcc-bpf
		fi
		;;
	*) echo "$1" ;;
	esac
}

# missing DISTRIBUTION: the packages of that column whose probe fails; with DEPS_PRINT all.
missing() {
	echo "$needs" | while read -r probe debian fedora suse arch alpine; do
		if [ -z "$probe" ] || { [ -z "${DEPS_PRINT-}" ] && there "$probe"; }; then
			continue
		fi
		case $1 in
		fedora) package=$fedora ;;
		suse) package=$suse ;;
		arch) package=$arch ;;
		alpine) package=$alpine ;;
		*) package=$(debian_name "$debian") ;;
		esac
		[ "$package" = - ] || echo "$package"
	done | tr ' ' '\n' | sort -u
}

distro() {
	for pair in apt-get:debian dnf:fedora zypper:suse pacman:arch apk:alpine; do
		if command -v "${pair%:*}" >/dev/null 2>&1; then
			echo "${pair#*:}"
			return
		fi
	done
	echo other
}

if [ -n "${DEPS_PRINT-}" ]; then
	missing "$DEPS_PRINT"
	exit 0
fi
packages=$(missing debian)
[ -n "$packages" ] || exit 0
here=$(distro)
[ "$here" = debian ] || packages=$(missing "$here")
list=$(echo "$packages" | tr '\n' ' ')
[ "$here" = other ] || [ -z "$packages" ] || echo "installing what make $set_name lacks: $list"

# get PACKAGE...: in one call; where that is refused, as by a name that this release of the
# distribution does not know, each for itself, so that one of them does not cost the others.
get() {
	case $here in
	debian) command='apt-get install -q -y --no-install-recommends' ;;
	fedora) command='dnf install -y' ;;
	suse) command='zypper --non-interactive install --no-recommends' ;;
	arch) command='pacman -S --needed --noconfirm' ;;
	alpine) command='apk add' ;;
	esac
	# shellcheck disable=SC2086 # words
	tests/as_root.sh $command "$@" && return
	for package; do
		# shellcheck disable=SC2086 # words
		[ $# -eq 1 ] || tests/as_root.sh $command "$package" || :
	done
}

# shellcheck disable=SC2086 # lists of words
case $here in
debian)
	DEBIAN_FRONTEND=noninteractive
	export DEBIAN_FRONTEND
	tests/as_root.sh apt-get update -q
	packages=$(missing debian)
	get $packages
	# clang came in only now: its runtime has the same number.
	packages=$(missing debian)
	[ -z "$packages" ] || get $packages
	;;
other)
	echo 'none of apt-get, dnf, zypper, pacman, apk is here; what is missing, by its Debian name:' >&2
	echo "$packages" | sed 's/^/  /' >&2
	exit 1
	;;
*) get $packages ;;
esac

packages=$(missing "$here")
[ -z "$packages" ] || {
	echo "deps: still missing after the installation: $(echo "$packages" | tr '\n' ' ')" >&2
	exit 1
}
