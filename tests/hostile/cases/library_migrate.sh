# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # read by case.sh
# A hash is migrated under traffic, by an embedding program.
# shellcheck source=tests/hostile/migrated.sh
. "$TOP/tests/hostile/migrated.sh"
migrated hash
before() {
	migrated_before
}
PROMISED=$(sed -n 's/^\.It Bq Er //p' "$TOP/common/door/mapshare.3")
CMD=(library migrate "$TRAFFIC" "$NEW_OBJECT")
