# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
#
# The checks of shell tests; netns_scripts/lib.sh sources it. The first check that fails ends
# the script, with what the last t_run printed.

LIB_TITLE=
LIB_CHECKS=0

# t_begin WORDS: what the following checks are about. The first failing check ends the script.
t_begin() {
	LIB_TITLE=$*
	printf -- '- %s\n' "$*"
}

t_fail() {
	printf 'FAIL: %s: %s\n' "$LIB_TITLE" "$1"
	[ -z "${T_CMD-}" ] || printf '  command: %s\n  status:  %s\n' "$T_CMD" "$T_STATUS"
	for lib_file in out err; do
		[ -s "$TMP/t_$lib_file" ] || continue
		printf '  std%s:\n' "$lib_file"
		sed 's/^/    /' "$TMP/t_$lib_file"
	done
	LIB_TITLE=
	exit 1
}

# t_run STATUS CMD…: runs it and keeps both outputs; a status other than STATUS fails. STATUS
# is a number or 'any'.
t_run() {
	lib_want=$1
	shift
	T_CMD=$*
	T_STATUS=0
	"$@" >"$TMP/t_out" 2>"$TMP/t_err" || T_STATUS=$?
	LIB_CHECKS=$((LIB_CHECKS + 1))
	[ "$lib_want" = any ] || [ "$T_STATUS" -eq "$lib_want" ] || t_fail "status is not $lib_want"
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
	lib_same out "$1"
}

t_err_is() {
	lib_same err "$1"
}

t_out_has() {
	lib_has out "$1" || t_fail "stdout lacks: $1"
}

t_err_has() {
	lib_has err "$1" || t_fail "stderr lacks: $1"
}

t_out_lacks() {
	! lib_has out "$1" || t_fail "stdout has: $1"
}

t_err_lacks() {
	! lib_has err "$1" || t_fail "stderr has: $1"
}

lib_same() {
	LIB_CHECKS=$((LIB_CHECKS + 1))
	lib_text=$(cat "$TMP/t_$1")
	[ "$lib_text" = "$2" ] || t_fail "std$1 is not: $2"
}

lib_has() {
	LIB_CHECKS=$((LIB_CHECKS + 1))
	lib_text=$(cat "$TMP/t_$1")
	case $lib_text in
	*"$2"*) return 0 ;;
	esac
	return 1
}

# t_is ACTUAL EXPECTED [WHAT], t_isnt ACTUAL OTHER [WHAT]: two texts.
t_is() {
	LIB_CHECKS=$((LIB_CHECKS + 1))
	[ "$1" = "$2" ] || t_fail "${3:-value} is '$1', not '$2'"
}

t_isnt() {
	LIB_CHECKS=$((LIB_CHECKS + 1))
	[ "$1" != "$2" ] || t_fail "${3:-value} is '$1'"
}

# t_ok CMD…: a condition: t_ok [ -e PIN ], t_ok wait_for 2 CMD. Its output is not kept.
t_ok() {
	LIB_CHECKS=$((LIB_CHECKS + 1))
	"$@" || t_fail "does not hold: $*"
}

# t_skip PROBE WORDS: the machine lacks what PROBE names; the script ends here. In CI only
# probes named in $MAPSHARE_EXPECT_SKIP may do this.
t_skip() {
	lib_probe=$1
	shift
	printf 'SKIP %s: %s\n' "$lib_probe" "$*"
	[ -z "${LIB_SKIP_FILE-}" ] || printf '%s: %s\n' "$lib_probe" "$*" >"$LIB_SKIP_FILE"
	exit 77
}

# filters DEV ingress|egress, cg_progs CGROUP: how many are attached.
filters() {
	lib_json=$(tc -j filter show dev "$1" "$2")
	printf '%s' "${lib_json:-[]}" | t_json '.[options.prog.id]|length'
}

cg_progs() {
	lib_json=$(bpftool -j cgroup show "$1")
	printf '%s' "${lib_json:-[]}" | t_json '.|length'
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
