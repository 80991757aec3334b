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
