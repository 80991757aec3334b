# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# Cases in the shape of the kernel's own traffic control tests. Source it behind lib_private.
# Each runs twice on one interface, $DEV: with tc, to see that the case itself is right, and
# with tc_loader. Set-up, verification and teardown are tc's in both.

DEV=v0
DEV2=v1
dev_add $DEV $DEV2
TDC_CASES=0

# tdc NAME SETUP COMMAND EXIT VERIFY PATTERN COUNT TEARDOWN
#	SETUP, TEARDOWN	shell code; a failing teardown fails the case
#	COMMAND		shell code with $TC for the tool
#	EXIT		its exit status
#	VERIFY		shell code that must succeed; its output is looked at
#	PATTERN COUNT	an extended regular expression, how many lines match it
tdc() {
	for tdc_tool in tc tc_loader; do
		t_begin "$1 ($tdc_tool)"
		tdc_eval "$2" || t_fail 'the set-up fails'
		t_run "$4" tdc_command $tdc_tool "$3"
		t_run 0 tdc_verify "$5"
		tdc_count=$(t_count -E -- "$6" "$TMP/t_out")
		t_is "$tdc_count" "$7" "lines like '$6'"
		tdc_eval "$8" || t_fail 'the teardown fails'
	done
	TDC_CASES=$((TDC_CASES + 1))
}

tdc_eval() {
	(eval "$1") >"$TMP/t_out" 2>"$TMP/t_err"
}

tdc_verify() {
	eval "$1" 2>&1
}

tdc_command() {
	# shellcheck disable=SC2034 # COMMAND names it
	TC=$1
	eval "$2"
}

tdc_end() {
	t_ok [ "$TDC_CASES" -ge "$1" ]
	echo "$TDC_CASES cases"
}
