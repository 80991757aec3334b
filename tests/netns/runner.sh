#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The runner of these tests: it fails a test for what that test left behind and for nothing that
# others do meanwhile; two clones run side by side; a skip that nobody expects is no pass.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

# The runs below take turns among themselves: the one who runs this has its own.
export RUN_TURNS=$TMP/turns
mkdir -p "$RUN_TURNS/mm"

# clone NAME: a source tree with tests of its own, on the objects built here.
clone() {
	mkdir -p "$TMP/$1/tests/netns" "$TMP/$1/netns_scripts"
	cp "$TOP/tests/run.sh" "$TOP/tests/asserts.sh" "$TMP/$1/tests"
	cp "$TOP/netns_scripts/lib.sh" "$TMP/$1/netns_scripts"
	cp "$TOP/tests/netns/lib.sh" "$TMP/$1/tests/netns"
}

# made NAME: the lines on stdin, as a test of the clone "one".
made() {
	{
		printf '#!/usr/bin/env bash\nset -eu\n. "$(dirname "$0")/../../netns_scripts/lib.sh"\n'
		printf 't_ok true\n'
		cat
	} >"$TMP/one/tests/netns/$1.sh"
}

# verdict STATUS WORDS NAME: that test alone, by a relative path.
verdict() {
	t_run "$1" env -C "$TMP/one/netns_scripts" ../tests/run.sh netns "$3"
	t_out_has "$2"
}

clone one
clone two

t_begin 'what a test leaves behind is its failure'
made mounted <<<'mount -t tmpfs tmpfs /mnt'
verdict 1 'tmpfs /mnt' mounted
made pinned <<<'bpftool map create /sys/fs/bpf/left type array key 4 value 4 entries 1 name left'
verdict 1 /sys/fs/bpf/left pinned
made named <<<'ip netns add left'
verdict 1 left named
made running <<<'sleep 1234 &'
verdict 1 'process' running
made grouped <<<'mkdir "$(lib_cgroup2_mount)/$LIB_ID-left"'
verdict 1 left grouped
rmdir "$(lib_cgroup2_mount)"/mapshare-t*-left
made clean <<<'lib_private "$@"; mount -t tmpfs tmpfs /mnt'
verdict 0 '1 passed, 0 failed, 0 skipped' clean

t_begin 'a mount of others that goes is nothing it left behind, one of its own caller is'
export SEEN=$TMP/seen
made sees <<<'echo up >"$SEEN.up"; t_ok wait_for 60 [ -e "$SEEN.gone" ]'
mkdir "$TMP/a brief one" "$TMP/lasting"
on_exit 'umount -l "$TMP/a brief one" "$TMP/lasting" 2>/dev/null'
mount -t tmpfs tmpfs "$TMP/a brief one"
mount -t tmpfs tmpfs "$TMP/lasting"
"$TMP/one/tests/run.sh" netns sees >"$TMP/sees" 2>&1 &
sees=$!
on_exit ': >"$SEEN.gone"; wait $sees'
t_ok wait_for 60 [ -e "$SEEN.up" ]
umount -l "$TMP/a brief one"
rmdir "$TMP/a brief one"
: >"$SEEN.gone"
t_run 0 wait "$sees"
made takes <<<"umount -l '$TMP/lasting'"
verdict 1 "$TMP/lasting" takes

t_begin 'a skip passes only where its probe is named'
made skips <<<"t_skip moon 'there is none'"
verdict 1 'unexpected skip: moon: there is none' skips
t_run 0 env MAPSHARE_EXPECT_SKIP='sun moon' "$TMP/one/tests/run.sh" netns skips
t_out_has '0 passed, 0 failed, 1 skipped'
made unnamed <<<'exit 77'
verdict 1 'unexpected skip: unnamed' unnamed

t_begin 'what a failed test said stands by the closing line, too, and shortened'
made talks <<<'seq 1000 1099; echo "the reason"; false'
t_run 1 "$TMP/one/tests/run.sh" netns talks
t_is "$(t_count "the reason$" "$TMP/t_out")" 2
t_is "$(t_count "^    1000\$" "$TMP/t_out")" 1
t_is "$(t_count "^  failed  netns/talks (status 1)" "$TMP/t_out")" 2

t_begin 'patience is told to the test: what is asked for, or by the load'
made waits <<<'echo "$LIB_PATIENCE" >"$SEEN.patience"; t_ok true'
t_run 0 env MAPSHARE_PATIENCE=23 "$TMP/one/tests/run.sh" netns waits
t_is "$(cat "$SEEN.patience")" 23
t_run 0 env -u MAPSHARE_PATIENCE "$TMP/one/tests/run.sh" netns waits
t_ok grep -qx '[1-8]' "$SEEN.patience"

t_begin 'two clones side by side, while others make and remove maps, mounts and namespaces'
mkdir "$TMP/mnt" "$TMP/bpffs"
mount -t bpf bpf "$TMP/bpffs"
on_exit 'umount -l "$TMP/bpffs"'
others() {
	local round=0
	while [ ! -e "$TMP/enough" ]; do
		mount -t tmpfs tmpfs "$TMP/mnt"
		ip netns add "other$round"
		bpftool map create "$TMP/bpffs/m" type array key 4 value 4 entries 1 name other
		bpftool map create "$BPFFS/m" type array key 4 value 4 entries 1 name other
		round=$((round + 1))
		echo "$round" >>"$TMP/rounds"
		# Who looks at mounts at that moment may have it open.
		umount "$TMP/mnt" 2>/dev/null || umount -l "$TMP/mnt"
		ip netns del "other$((round - 1))"
		rm "$TMP/bpffs/m" "$BPFFS/m"
	done
}
: >"$TMP/rounds"
others &
on_exit ": >\"\$TMP/enough\"; wait $!"
t_ok wait_for 60 [ -s "$TMP/rounds" ]
before=$(wc -l <"$TMP/rounds")
"$TMP/two/tests/run.sh" netns lib >"$TMP/second" 2>&1 &
second=$!
t_run 0 "$TMP/one/tests/run.sh" netns lib
t_out_has '1 passed, 0 failed, 0 skipped'
status=0
wait $second || status=$?
t_is "$status" 0 "status of the second clone: $(cat "$TMP/second")"
t_ok [ "$(wc -l <"$TMP/rounds")" -gt "$before" ]

t_begin 'who has to be alone waits for those that run, and who comes later for it'
told() {
	[ "$(t_count "$1" "$TMP/told")" -ge 1 ]
}
# waits INODE: somebody waits for that lock.
waits() {
	grep -q -e "-> FLOCK .*:$1 " /proc/locks
}
made first <<'END'
echo first >>"$TOLD"
t_ok wait_for 100 [ -e "$TOLD.go" ]
echo first ends >>"$TOLD"
END
made alone <<'END'
# alone: it is what this is about
echo alone >>"$TOLD"
END
made late <<<'echo late >>"$TOLD"'
export TOLD=$TMP/told
: >"$TOLD"
"$TMP/one/tests/run.sh" netns first >"$TMP/first" 2>&1 &
first=$!
on_exit 'wait $first'
on_exit ': >"$TMP/told.go"'
t_ok wait_for 20 told first
"$TMP/one/tests/run.sh" netns alone >"$TMP/alone" 2>&1 &
alone=$!
t_ok wait_for 20 waits "$(stat -c %i "$RUN_TURNS")"
"$TMP/one/tests/run.sh" netns late >"$TMP/late" 2>&1 &
late=$!
late_came() {
	told late || waits "$(stat -c %i "$RUN_TURNS/mm")"
}
t_ok wait_for 20 late_came
: >"$TOLD.go"
for run in "$first" "$alone" "$late"; do
	t_run 0 wait "$run"
done
t_is "$(tr '\n' ,  <"$TOLD")" 'first,first ends,alone,late,'
