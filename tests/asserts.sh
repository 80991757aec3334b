# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# The checks of shell tests; netns_scripts/lib.sh sources it. The first check that fails ends
# the script, with where it stands and what the last t_run printed.
#
# Tests are bash scripts, because bash shows what a check was made of: it fails if any command
# substitution in it failed, also one inside another or in front of another, so that no text
# of a failed command is ever compared. A test that wants a failing command says t_run STATUS.
# A scenario (sh) uses t_json, t_skip, filters, cg_progs and what reads numbers of maps only.

LIB_TITLE=
LIB_CHECKS=0

# By hand: sh tests/KIND/NAME.sh.
if [ -z "${BASH_VERSION-}" ] && head -n 1 "$0" 2>/dev/null | grep -q bash; then
	rm -rf --one-file-system "$TMP"
	exec bash "$0" "$@"
fi

# lib_watch: what fails is noted, in every subshell too. Where a status is looked at (||, if,
# while, !) bash does not call the trap.
lib_watch() {
	trap 'lib_note "$?" "$BASH_COMMAND"' ERR
}

lib_note() {
	[ ! -d "$TMP" ] || printf '%s: status %s: %s\n' "$(lib_where)" "$1" "$2" >>"$TMP/t_failed"
}

# lib_where: the lines of the test that led here, innermost first.
lib_where() {
	local frame=0 text=
	while frame=$((frame + 1)) && [ "$frame" -lt ${#FUNCNAME[@]} ]; do
		case ${BASH_SOURCE[frame]} in
		*/tests/asserts.sh | environment) continue ;;
		esac
		text=$text${text:+, called at }${BASH_SOURCE[frame]#"$TOP/"}:${BASH_LINENO[frame - 1]}
	done
	printf '%s' "$text"
}

if [ -n "${BASH_VERSION-}" ]; then
	set -euE -o pipefail
	shopt -s inherit_errexit
	# shellcheck disable=SC2034 # lib.sh's wait_for
	LIB_TRY=lib_holds
	lib_watch
fi

# lib_under: each check begins with it.
lib_under() {
	LIB_CHECKS=$((LIB_CHECKS + 1))
	lib_seen
}

lib_seen() {
	[ ! -e "$TMP/t_failed" ] || t_fail 'a command in this check or before it failed unseen'
}

# lib_try CMD…: its status in LIB_GOT. A function runs in a subshell, since bash would go on
# behind a command that fails inside of it: what it sets is lost.
lib_try() {
	LIB_GOT=0
	if ! declare -F "$1" >/dev/null; then
		"$@" || LIB_GOT=$?
		return 0
	fi
	trap - ERR
	set +e
	(
		set -e
		lib_watch
		"$@"
	)
	LIB_GOT=$?
	set -e
	lib_watch
}

# lib_holds CMD…: a try of wait_for. A check that does not hold ends the try, not the test, and
# is told of if it is the last.
lib_holds() {
	if ! declare -F "$1" >/dev/null; then
		"$@"
		return
	fi
	: >"$TMP/t_waited"
	(
		# shellcheck disable=SC2030
		LIB_HOLDS=yes
		"$@"
	)
}

# t_begin WORDS: what the following checks are about. The first failing check ends the script.
t_begin() {
	LIB_TITLE=$*
	printf -- '- %s\n' "$*"
}

# t_fail WORDS: what a check of the test's own says when it does not hold.
t_fail() {
	# shellcheck disable=SC2031
	if [ -n "${LIB_HOLDS-}" ]; then
		printf '  at last: %s (%s)\n' "$1" "$(lib_where)" >"$TMP/t_waited"
		exit 1
	fi
	printf 'FAIL: %s: %s\n  at %s\n' "$LIB_TITLE" "$1" "$(lib_where)"
	[ ! -s "$TMP/t_waited" ] || cat "$TMP/t_waited"
	[ ! -s "$TMP/t_failed" ] || sed 's/^/  failed: /' "$TMP/t_failed"
	[ -z "${T_CMD-}" ] || printf '  command: %s\n  status:  %s\n' "$T_CMD" "$T_STATUS"
	for lib_file in out err; do
		[ -s "$TMP/t_$lib_file" ] || continue
		printf '  std%s:\n' "$lib_file"
		sed 's/^/    /' "$TMP/t_$lib_file"
	done
	# In a substitution only that ends.
	[ "${BASH_SUBSHELL-0}" -eq 0 ] || lib_note 1 "t_fail $1"
	LIB_TITLE=
	exit 1
}

# t_run STATUS CMD…: runs it and keeps both outputs; a status other than STATUS fails. STATUS
# is a number or 'any'.
t_run() {
	lib_under
	local want=$1
	shift
	T_CMD=$*
	lib_try "$@" >"$TMP/t_out" 2>"$TMP/t_err"
	T_STATUS=$LIB_GOT
	[ "$want" = any ] || [ "$T_STATUS" -eq "$want" ] || t_fail "status is not $want"
	# Said beforehand: no failure that went unseen.
	[ "$want" = 0 ] || rm -f "$TMP/t_failed"
	lib_seen
}

# The outputs of the last t_run: t_out, t_err print them; _is compares the whole text (less
# newlines at the end), _has and _lacks look for plain text.
t_out() {
	cat "$TMP/t_out"
}

t_err() {
	cat "$TMP/t_err"
}

t_out_is() {
	lib_under
	lib_same out "$1"
}

t_err_is() {
	lib_under
	lib_same err "$1"
}

t_out_has() {
	lib_under
	lib_has out "$1" || t_fail "stdout lacks: $1"
}

t_err_has() {
	lib_under
	lib_has err "$1" || t_fail "stderr lacks: $1"
}

t_out_lacks() {
	lib_under
	! lib_has out "$1" || t_fail "stdout has: $1"
}

t_err_lacks() {
	lib_under
	! lib_has err "$1" || t_fail "stderr has: $1"
}

lib_same() {
	local text
	text=$(cat "$TMP/t_$1")
	[ "$text" = "$2" ] || t_fail "std$1 is not: $2"
}

lib_has() {
	local text
	text=$(cat "$TMP/t_$1")
	case $text in
	*"$2"*) return 0 ;;
	esac
	return 1
}

# t_is ACTUAL EXPECTED [WHAT], t_isnt ACTUAL OTHER [WHAT]: two texts.
t_is() {
	lib_under
	[ "$1" = "$2" ] || t_fail "${3:-value} is '$1', not '$2'"
}

t_isnt() {
	lib_under
	[ "$1" != "$2" ] || t_fail "${3:-value} is '$1'"
}

# t_ok CMD…: a condition: t_ok [ -e PIN ], t_ok wait_for 2 CMD.
t_ok() {
	lib_under
	lib_try "$@"
	[ "$LIB_GOT" -eq 0 ] || t_fail "does not hold: $*"
	lib_seen
}

# t_skip PROBE WORDS: the machine lacks what PROBE names; the script ends here. A failure
# unless PROBE is named in $MAPSHARE_EXPECT_SKIP.
t_skip() {
	lib_probe=$1
	shift
	printf 'SKIP %s: %s\n' "$lib_probe" "$*"
	[ -z "${LIB_SKIP_FILE-}" ] || printf '%s: %s\n' "$lib_probe" "$*" >"$LIB_SKIP_FILE"
	exit 77
}

# own_objects WORD…: from here on $OBJ holds copies of the fixtures in which names that begin
# with WORD begin with another one, as long, that no other run's objects have: a load is warned
# about maps of the same name anywhere on the machine. own_word WORD: that other one.
own_objects() {
	local dir=$TMP/own_objects word script='' file
	mkdir "$dir"
	for word; do
		script="$script;s/\\b$word/$(own_word "$word")/g"
	done
	for file in "$OBJ"/*.o; do
		LC_ALL=C sed "$script" "$file" >"$dir/${file##*/}"
	done
	OBJ=$dir
}

own_word() {
	local number=$(($$ % 46656)) letters=0123456789abcdefghijklmnopqrstuvwxyz
	printf '%s%s%s%s%s' "${1:0:1}" "${letters:number / 1296:1}" \
		"${letters:number / 36 % 36:1}" "${letters:number % 36:1}" "${1:4}"
}

# sanitized: the tools are built with ASan.
sanitized() {
	# Read to its end: else ldd would be cut off, and that is a failure.
	[ "$(ldd "$(command -v tc_loader)" | t_count libasan)" -gt 0 ]
}

# t_count [-OPTION…] PATTERN [FILE]: how many lines match, as grep -c; none is no failure.
t_count() {
	grep -c "$@" || [ $? -eq 1 ]
}

# filters DEV ingress|egress, cg_progs CGROUP: how many are attached.
filters() {
	lib_json=$(tc -j filter show dev "$1" "$2")
	printf '%s' "${lib_json:-[]}" | t_json '.[options.prog.id]|length'
}

# Where bpftool is refused the flags of each program prog_in knows another way.
cg_progs() {
	if lib_json=$(bpftool -j cgroup show "$1" 2>/dev/null); then
		printf '%s' "${lib_json:-[]}" | t_json '.|length'
	else
		lib_text=$(prog_in "$1")
		printf '%s' "$lib_text" | grep -c . || :
	fi
}

# u32_bytes N: a number below 256 as the four bytes that bpftool wants, as they lie in memory.
u32_bytes() {
	if [ "$(printf '\1\0' | od -An -tu2 | tr -d ' ')" = 1 ]; then
		printf '%s 0 0 0\n' "$1"
	else
		printf '0 0 0 %s\n' "$1"
	fi
}

# lib_numbers DIGITS PIN|ID HEXBYTE…: the value behind that key as decimal numbers of so many
# hexadecimal digits in one line, whatever BTF says about it. Status 1 if the key is absent.
lib_numbers() {
	lib_digits=$1 lib_map=$2 lib_how=id
	[ "${2#/}" = "$2" ] || lib_how=pinned
	shift 2
	lib_json=$(bpftool -j map lookup "$lib_how" "$lib_map" key hex "$@" 2>/dev/null) || return 1
	lib_hex=$(printf '%s' "$lib_json" |
		sed -n 's/^{"key":\[[^]]*\],"value":\[\([^]]*\)\].*/\1/p' | tr -d '",' | sed 's/0x//g')
	[ -n "$lib_hex" ] || return 1
	printf '%s\n' "$lib_hex" | fold -w "$lib_digits" | awk -v first="$(u32_bytes 1)" '{ n = ""
		for (i = 1; i < length($0); i += 2) {
			byte = substr($0, i, 2)
			n = first ~ /^1/ ? byte n : n byte
		}
		print "0x" n }' | xargs printf '%d\n' | paste -s -d ' ' -
}

# map_u64s PIN|ID HEXBYTE…: as numbers of 64 bits. map_inner PIN SLOT: the id of the map in that
# slot of an array of maps.
map_u64s() {
	lib_numbers 16 "$@"
}
map_inner() {
	# shellcheck disable=SC2046 # four words
	lib_numbers 8 "$1" $(u32_bytes "$(printf '%x' "$2")")
}

# t_json PATH: picks from the JSON on stdin: .id  .[0].maps[1].name  .[prog.id] (that member
# of each element that has it), with |length or |sort at the end. Texts come bare, the rest
# as compact JSON. A missing member or an invalid document is status 1.
t_json() {
	$LIB_PYTHON -c "$LIB_PICK" "$1"
}

# The system's own interpreter where there is one: a version manager's shim is slow to start.
LIB_PYTHON=python3
[ ! -x /usr/bin/python3 ] || LIB_PYTHON=/usr/bin/python3
LIB_PICK='
import functools, json, re, sys

def member(value, path):
    return functools.reduce(lambda v, name: v[name], path.split("."), value)

def has(value, path):
    try:
        member(value, path)
        return True
    except (KeyError, TypeError):
        return False

path, _, last = sys.argv[1].partition("|")
try:
    value = json.load(sys.stdin)
    for name, inside in re.findall(r"\.?([\w-]+)|\.?\[([^\]]*)\]", path):
        if name:
            value = value[name]
        elif re.fullmatch(r"-?\d+", inside):
            value = value[int(inside)]
        else:
            value = [member(v, inside) for v in value if has(v, inside)]
    if last:
        value = {"length": len, "sort": sorted}[last](value)
except (KeyError, IndexError, TypeError, ValueError) as e:
    sys.exit("t_json %s: %s: %s" % (sys.argv[1], type(e).__name__, e))
print(value if isinstance(value, str) else json.dumps(value, separators=(",", ":")))
'
