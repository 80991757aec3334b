#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make demo and make check become root by themselves: directly, through sudo, or with a plain
# word when neither works. sudo is a stand-in here that shows what it was given.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"

PLACE=$TMP/place
mkdir "$PLACE" "$PLACE/bin"
cp "$TOP/tests/as_root.sh" "$PLACE"
chmod 755 "$TMP" "$PLACE" "$PLACE/bin"
cat >"$PLACE/bin/sudo" <<'END'
#!/bin/sh
printf '[%s]\n' "$@"
END
chmod 755 "$PLACE/bin/sudo"

# somebody PATH [NAME=VALUE…] WORD…: as_root.sh for these words, run by a user without rights.
somebody() {
	somebody_path=$1
	shift
	if [ "$(id -u)" -eq 0 ]; then
		set -- setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH="$somebody_path" "$@"
	else
		set -- env -i PATH="$somebody_path" "$@"
	fi
	"$@"
}

t_begin 'through sudo, with the variables our scripts read and no other'
t_run 0 somebody "$PLACE/bin:/usr/bin:/bin" CI=true MAPSHARE_BUILD='a b' HOME=/x \
	"$PLACE/as_root.sh" prog 'two words' --opt
t_out_has '[env]'
t_out_has '[CI=true]'
t_out_has '[MAPSHARE_BUILD=a b]'
t_out_lacks 'HOME'
t_is "$(tail -n 3 "$TMP/t_out")" '[prog]
[two words]
[--opt]' 'end of the command'

t_begin 'what the makefile sets for a script, and what the head of one names, goes through'
for name in $(grep -v '^#' "$TOP/Makefile" | grep 'as_root' | grep -oE '\b[A-Z_]+=' | tr -d = | sort -u) \
	$(sed -n 's/^#\t\([A-Z_]*\)  .*/\1/p' "$TOP/tests/kernels/run.sh") \
	$(sed -n 's/^#\t\([A-Z_]*\)=.*/\1/p' "$TOP/tests/hostile/run.sh"); do
	case $name in MAPSHARE_SEED) continue ;; esac # of unit tests
	t_run 0 somebody "$PLACE/bin:/usr/bin:/bin" "$name=" "$PLACE/as_root.sh" prog
	t_out_has "[$name=]"
done

t_begin 'the exit status is that of the command'
printf '#!/bin/sh\nexit 7\n' >"$PLACE/bin/sudo"
t_run 7 somebody "$PLACE/bin:/usr/bin:/bin" "$PLACE/as_root.sh" prog

t_begin 'without sudo: one line that says what to do'
rm "$PLACE/bin/sudo"
for tool in id sh env; do
	ln -s "$(command -v "$tool")" "$PLACE/bin/$tool"
done
t_run 1 somebody "$PLACE/bin" "$PLACE/as_root.sh" make check
t_err_is "as_root: 'make check' needs root and there is no sudo here: run it from a root shell"
