#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tests/kernels/run.sh [KERNEL...]: boots kernels of the distribution under qemu and runs the
# demo, the scenarios and some tests on each; prints which kernel has which feature, a `no`
# being that of the probe which `feature` names. Knobs, by environment:
#
#	KERNELS          names as in linux-image-NAME, or files of such packages (FILE.deb); else
#			 the newest of each series and flavour that apt offers, and the newest of
#			 each series of
#	KERNEL_SUITES    older and newer suites of Debian, and of Ubuntu (ubuntu/NAME); apt's own
#			 lists stay as they are
#	CGROUPS          layouts: v2 hybrid v1 (all three on the first kernel, v2 on the others)
#	KERNEL_MINUTES   12, for one boot; what is not through by then has failed
#	KERNEL_TESTS     netns/NAME compat/NAME ...; KERNEL_SCENARIOS likewise
#	GUEST_CPUS       2: so many scenarios and tests run at once; 1 with ICOUNT
#	KERNEL_DIR       where images and packages are kept
#	ACCEL            tcg, or kvm
#	ICOUNT           1: the guest's clock counts instructions, so that a busy machine makes
#			 nothing in it time out (tcg)
set -eu
cd "$(dirname "$0")/../.."
build=${MAPSHARE_BUILD:-build}
dir=${KERNEL_DIR:-$build-kernels}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
touch "$dir/.flags" # ours, see clean of the makefile
suites=${KERNEL_SUITES-bullseye bullseye-security bookworm-backports trixie trixie-security trixie-backports sid experimental ubuntu/jammy-updates ubuntu/noble-updates}
mirror=${MIRROR:-http://deb.debian.org/debian}
ubuntu=${UBUNTU_MIRROR:-http://archive.ubuntu.com/ubuntu}
minutes=${KERNEL_MINUTES:-12}
scenarios=${KERNEL_SCENARIOS-demo upgrade apply order two_netns netns_pins handover map_in_map tail_calls split lifetime policy}
# Those that must be alone stand last, others that take longest first.
tests=${KERNEL_TESTS-netns/feature netns/apply netns/tc_filter netns/container netns/link_probes netns/token netns/share_contained netns/tcx_jumps compat/link_lines}
kernels=${*:-${KERNELS-}}

for need in qemu-system-x86_64 debootstrap depmod cpio busybox mke2fs zstd; do
	command -v "$need" >/dev/null || {
		echo "check-kernels: '$need' is missing; packages: qemu-system-x86 seabios debootstrap kmod cpio busybox-static e2fsprogs zstd" >&2
		exit 1
	}
done
# offered PATTERN: images that apt knows. Those in several packages come with their modules, which
# a mirror forgets earlier.
offered() {
	{
		apt-cache search --names-only '^linux-(binary|modules)-'
		apt-cache search --names-only "$1"
	} | awk '{ k = $1; sub(/^linux-[a-z]*-/, "", k) }
		$1 ~ /^linux-binary/ { parts[k] = 1 } $1 ~ /^linux-modules/ { modules[k] = 1 }
		$1 ~ /^linux-image/ && (!(k in parts) || k in modules)'
}

# newest: of the packages on the standard input those of the highest number, by series and flavour.
newest() {
	sed -n 's/^linux-image-\([0-9][^ ]*\) .*/\1/p' | sort -V |
		awk '{ k = $0; match(k, /^[0-9]+\.[0-9]+/); s = substr(k, 1, RLENGTH);
			f = k ~ /-cloud-/ ? "cloud" : k ~ /-rt-/ ? "rt" : "generic"; last[s f] = k }
			END { for (i in last) print last[i] }' | sort -V
}

# ubuntu_keys: what signs the lists of Ubuntu, from the package that all its releases have.
ubuntu_keys() {
	[ ! -e "$dir/ubuntu/usr/share/keyrings/ubuntu-archive-keyring.gpg" ] || return 0
	/usr/lib/apt/apt-helper download-file \
		"$ubuntu/pool/main/u/ubuntu-keyring/ubuntu-keyring_2021.03.26_all.deb" "$dir/keys.deb" \
		SHA256:0d0e7ed6b112f5d03eabf3c7eb01ebdacf9c57714b279e90495cfc58c8c4520f >"$dir/keys.log" 2>&1 &&
		dpkg-deb -x "$dir/keys.deb" "$dir/ubuntu"
}

# The suites' lists are kept below $dir, beside those of the machine.
names='^linux-image-[0-9.]+[.-]([^ ]*[0-9](-cloud|-rt)?-amd64|[0-9]+-generic)$'
if [ -z "$kernels" ]; then
	kernels=$(offered "$names" | newest)
fi
if [ -n "$suites" ]; then
	mkdir -p "$dir/apt/parts" "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
	cp /etc/apt/sources.list.d/debian.sources "$dir/apt/parts/" 2>/dev/null || true
	[[ $suites != *ubuntu/* ]] || ubuntu_keys || echo "check-kernels: no keys of Ubuntu; see $dir/keys.log"
	for suite in $suites; do
		from=$mirror keys=/usr/share/keyrings/debian-archive-keyring.gpg
		case $suite in
		*-security) from=$mirror-security ;;
		ubuntu/*) from=$ubuntu keys=$dir/ubuntu/usr/share/keyrings/ubuntu-archive-keyring.gpg ;;
		esac
		echo "deb [signed-by=$keys] $from ${suite#ubuntu/} main"
	done >"$dir/apt/parts/suites.list"
	cat >"$dir/apt/apt.conf" <<-CONF
		Dir::Etc::sourcelist "/dev/null";
		Dir::Etc::sourceparts "$dir/apt/parts";
		Dir::State::lists "$dir/apt/lists";
		Dir::Cache "$dir/apt/cache";
		APT::Architectures { "amd64"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
	CONF
	export APT_CONFIG=$dir/apt/apt.conf
	apt-get -o Acquire::Retries=5 update -q >"$dir/apt/log" 2>&1 || echo "check-kernels: not all of $suites; see $dir/apt/log"
	if [ -z "${*:-${KERNELS-}}" ]; then
		have=" $(echo "$kernels" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/' | sort -u | tr '\n' ' ')"
		for kernel in $(offered "${names/(-cloud|-rt)?/}" | newest); do
			[[ $kernel == *-cloud-* || $kernel == *-rt-* ||
				$have == *" $(expr "$kernel" : '\([0-9]*\.[0-9]*\)') "* ]] || kernels+=" $kernel"
		done
	fi
fi
# shellcheck disable=SC2086 # names
echo "check-kernels:" $kernels
# shellcheck disable=SC2086 # names
tests/kernels/image.sh "$dir" $kernels

case ${ACCEL:-tcg} in
kvm) accel=(-accel kvm -cpu host) ;;
# Page tables of five levels cost a third of the time.
*) accel=(-accel tcg -cpu 'max,la57=off') ;;
esac
cpus=${GUEST_CPUS:-2}
if [ -n "${ICOUNT-}" ]; then
	accel+=(-icount 'shift=1,sleep=off')
	cpus=1
fi

# What boots and ends takes a minute. A clock of instructions knows nothing of our minutes.
seconds=$((minutes * 60 - 60))
[ -z "${ICOUNT-}" ] || seconds=0

# boot KERNEL LAYOUT: the console in $dir/KERNEL.LAYOUT.log
boot() {
	timeout $((minutes * 60)) qemu-system-x86_64 "${accel[@]}" -machine pc -smp "$cpus" \
		-m "${GUEST_MB:-1536}" -nodefaults -display none -serial stdio -no-reboot \
		-kernel "$(find "$dir/k/$1/" -name 'vmlinuz*' | head -n 1)" -initrd "$dir/initrd-$1" \
		-drive "file=$dir/image,format=raw,if=virtio,snapshot=on" \
		-append "console=ttyS0 quiet panic=-1 tsc=reliable no_timer_check mitigations=off audit=0 apparmor=0 cg=$2 seconds=$seconds scenarios=${scenarios// /,} tests=${tests// /,}" \
		</dev/null >"$dir/$1.$2.log" 2>&1 || true
	sed -i 's/\r//g' "$dir/$1.$2.log"
}

failed=0
first=1
logs=()
for kernel in $kernels; do
	[[ $kernel != *.deb ]] || kernel=$(basename "$kernel" .deb)
	[ -e "$dir/initrd-$kernel" ] || {
		echo "$kernel: could not be had"
		failed=1
		continue
	}
	layouts=v2
	[ "$first" = 0 ] || layouts='v2 hybrid v1'
	first=0
	for layout in ${CGROUPS-$layouts}; do
		log=$dir/$kernel.$layout.log
		start=$SECONDS
		boot "$kernel" "$layout"
		# An emulated processor may take the breakpoint that a kernel patches its code with.
		if ! grep -q '^GUEST start' "$log" && grep -q 'Kernel panic' "$log"; then
			echo "$kernel, cgroup $layout: no system after $((SECONDS - start)) s: $(
				grep -m 1 'Oops\|Kernel panic' "$log"); once more"
			start=$SECONDS
			boot "$kernel" "$layout"
		fi
		logs+=("$log")
		echo "== $kernel, cgroup $layout: $((SECONDS - start)) s =="
		grep -A 50 '^RESULT' "$log" | grep '^RESULT\|^    ' || true
		grep -q '^GUEST end' "$log" || {
			echo "$kernel, cgroup $layout: no end within $minutes minutes; see $log"
			failed=1
		}
		# A "no" without a probe would be somebody's belief.
		if grep -E '^FEATURE [^ ]+ +no ' "$log" | grep -vE '[(].+[)]$'; then
			failed=1
		fi
		if grep -qE '^RESULT [^ ]+ ([1-9]|[1-689][0-9]|7[0-689]|1[0-9][0-9]|2[0-9][0-9]) ' "$log"; then
			failed=1
		fi
	done
done

# One column for each boot, one row for each feature.
awk '
FNR == 1 { n++ }
/^GUEST start/ { title[n] = $3 " " $4 }
/^FEATURE / { if (!($2 in seen)) { seen[$2] = 1; order[++m] = $2 } answer[$2, n] = $3
	if ($3 != "yes") { line = $0; sub(/^FEATURE [^ ]+ +[a-z]+ +/, "", line); why[$2] = line } }
END {
	for (i = 1; i <= n; i++) printf "%d: %s\n", i, title[i]
	printf "%-16s", ""
	for (i = 1; i <= n; i++) printf " %7d", i
	print ""
	for (j = 1; j <= m; j++) {
		printf "%-16s", order[j]
		for (i = 1; i <= n; i++) printf " %7s", answer[order[j], i] ? answer[order[j], i] : "-"
		print (order[j] in why) ? "   " why[order[j]] : ""
	}
}' "${logs[@]}" /dev/null
exit "$failed"
