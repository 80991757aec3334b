#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tests/kernels/image.sh DIR KERNEL...: what a guest boots from, below DIR. A user space (this
# distribution, minimal, once), each kernel's package (by name, or FILE.deb) unpacked with an initrd that leads to the
# disk (once), and one image with the tree as it is built.
set -eu
dir=$1
shift
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MAPSHARE_BUILD:-build}
mkdir -p "$dir/k"
dir=$(cd "$dir" && pwd)
root=$dir/root

if [ ! -e "$root/etc/debian_version" ]; then
	. /etc/os-release
	# What it has it does not fetch again.
	for try in 1 2 3 4 5; do
		debootstrap --variant=minbase \
			--include=bash,iproute2,bpftool,python3,procps,util-linux,iputils-ping,libbpf1,libelf1,libmnl0,libsmartcols1,libcap-ng0,libjson-c5,libmd0,libyaml-0-2,kmod,strace,bsdutils,libcmocka0,mount,diffutils,file,libcap2-bin \
			"$VERSION_CODENAME" "$root" "${MIRROR:-http://deb.debian.org/debian}" >"$dir/debootstrap.log" 2>&1 && break
		[ "$try" -lt 5 ] || {
			tail -n 5 "$dir/debootstrap.log"
			exit 1
		}
	done
	rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/*
fi

# kernel_get NAME TREE: from 6.19 on linux-image-NAME is empty, and what it was stands in packages
# of their own; names that others provide are none.
kernel_get() (
	cd "$2"
	for part in image base binary modules; do
		package=linux-$part-$1
		[ "$part" = image ] || apt-cache show "$package" 2>&1 | grep -q '^Filename:' || continue
		apt-get -o Acquire::Retries=5 download -q "$package" || exit
		dpkg-deb -x "$package"_*.deb . || exit
		rm -f "$package"_*.deb
	done
	# What names the modules that are built in comes with one of these.
	ls lib/modules/*/modules.builtin || ls usr/lib/modules/*/modules.builtin
)

# initrd_make TREE OUT: busybox, the modules that lead to the disk, switch_root.
initrd_make() {
	version=$(ls "$1/lib/modules")
	work=$(mktemp -d)
	mkdir -p "$work/bin" "$work/proc" "$work/sys" "$work/dev" "$work/disk" "$work/m"
	cp /bin/busybox "$work/bin/"
	for word in sh mount insmod switch_root sleep echo mkdir; do
		ln -s busybox "$work/bin/$word"
	done
	[ -e "$1/lib/modules/$version/modules.dep" ] || depmod -b "$1" "$version"
	n=100
	for module in virtio_pci virtio_blk crc32c_generic ext4; do
		modprobe -d "$1" -S "$version" --show-depends "$module" 2>/dev/null |
			sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++' | while read -r file; do
		n=$((n + 1))
		to=$work/m/$n-$(basename "$file" | sed 's/\.ko.*//').ko
		case $file in
		*.xz) xz -dc "$file" >"$to" ;;
		*.zst) zstd -dqc "$file" >"$to" ;;
		*) cp "$file" "$to" ;;
		esac
	done
	cat >"$work/init" <<'INIT'
#!/bin/sh
mount -t devtmpfs d /dev; mount -t proc p /proc; mount -t sysfs s /sys
for m in /m/*.ko; do insmod $m || echo "insmod $m failed"; done
n=0; while [ ! -b /dev/vda ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done
mount -t ext4 /dev/vda /disk || { echo GUEST no disk; echo o >/proc/sysrq-trigger; sleep 9; }
mount --move /proc /disk/proc; mount --move /sys /disk/sys; mount --move /dev /disk/dev
exec switch_root /disk /mapshare/tests/kernels/guest.sh
INIT
	chmod +x "$work/init"
	(cd "$work" && find . | cpio -o -H newc --quiet | gzip -1) >"$2"
	rm -rf "$work"
}

for kernel; do
	file=
	case $kernel in
	*.deb)
		file=$(readlink -f "$kernel")
		kernel=$(basename "$kernel" .deb)
		;;
	esac
	tree=$dir/k/$kernel
	if [ ! -e "$tree/done" ]; then
		rm -rf "$tree"
		mkdir -p "$tree"
		if [ -n "$file" ]; then
			dpkg-deb -x "$file" "$tree"
		else
			kernel_get "$kernel" "$tree" >"$dir/download.log" 2>&1 || {
				tail -n 3 "$dir/download.log"
				echo "$kernel: apt does not give it"
				continue
			}
		fi
		[ -e "$tree/lib" ] || ln -s usr/lib "$tree/lib"
		touch "$tree/done"
	fi
	[ -e "$dir/initrd-$kernel" ] || initrd_make "$tree" "$dir/initrd-$kernel"
	version=$(ls "$tree/lib/modules")
	to=$root/lib/modules/$version
	[ ! -e "$to/modules.dep" ] || continue
	mkdir -p "$to/kernel"
	cp "$tree/lib/modules/$version"/modules.builtin* "$tree/lib/modules/$version/modules.order" "$to/"
	(cd "$tree/lib/modules/$version/kernel" && find net/sched net/core net/ipv6 net/ipv4 net/bpf* \
		net/netlink net/packet net/unix net/bridge net/llc net/802 fs/overlayfs \
		drivers/net/veth* drivers/net/dummy* drivers/net/ifb* drivers/net/tun* \
		drivers/net/netkit* 2>/dev/null | cpio -pdm --quiet "$to/kernel") || true
	depmod -b "$root" "$version"
done

rm -rf "$root/mapshare"
mkdir -p "$root/mapshare/build"
(cd "$top" && tar -c --exclude=./.git --exclude='./build*' .) | tar -x -C "$root/mapshare"
(cd "$top/$build" && tar -c --exclude='*.d' --exclude='*.a' --exclude=./fuzz --exclude=./common \
	--exclude=./tests/fuzz --exclude=./tests/unit \
	--exclude=./tc_loader --exclude=./cgroup_loader .) | tar -x -C "$root/mapshare/build"
# Binaries need no debug information there.
find "$root/mapshare/build" -type f -perm -100 ! -name '*.o' -exec strip {} + 2>/dev/null || true
rm -f "$dir/image"
mb=$(du -sm "$root" | cut -f 1)
mke2fs -q -F -t ext4 -O ^has_journal -d "$root" "$dir/image" "${IMAGE_SIZE:-$((mb * 5 / 4 + 200))M}"
