#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The man pages are well formed, and every word a tool's help names is in its page, or in the one
# that holds what both tools have. Help is
# printed from the tables the parsers read, so a word added there and forgotten here shows. So
# with the functions of the library's header.
set -eu
cd "$(dirname "$0")/../.."
build=${B:-build}
status=0

# help_of TOOL: all its help texts, each object's too.
help_of() {
	tool=$build/bin/$1
	"$tool" help 2>&1 || true
	for object in $2; do
		"$tool" "$object" help 2>&1 || true
	done
}

# words: verbs, keywords and --options, one a line. Placeholders are upper case and left out;
# so is prose, which stands on a line behind a tab or behind two blanks, and so are examples.
words() {
	sed -e '/^\t/d' -e '/^  e\.g\. /d' -e '/^  e\.g\. /d' -e 's/^\( *[^ ].*[^ ]\)   *.*/\1/' -e 's/[A-Z][A-Za-z0-9_]*//g' |
		grep -oE -- '(--?)?[a-z][a-z0-9_]+(-[a-z0-9]+)*' | sort -u
}

both=common/verbs/mapshare.8
for page in "$both" common/mapshare.7; do
	mandoc -T lint -W warning "$page" || status=1
done

for tool in tc_loader cgroup_loader; do
	page=$tool/$tool.8
	if [ ! -e "$page" ]; then
		echo "$page: there is no man page"
		status=1
		continue
	fi
	mandoc -T lint -W warning "$page" || status=1
	case $tool in
	tc_loader) objects='qdisc filter exec object map share feature plan apply check remove bugreport' ;;
	*) objects='prog cgroup link map object share feature batch plan apply check remove bugreport' ;;
	esac
	# The pages as plain text, without overstrikes.
	mandoc -T ascii -O width=500 "$page" "$both" | sed 's/.\x08//g' >"$build/$tool.txt"
	help_of "$tool" "$objects" | words | {
		missing=
		while read -r word; do
			grep -qF -- "$word" "$build/$tool.txt" || missing="$missing $word"
		done
		[ -z "$missing" ] || {
			echo "$page: named by help, not by the page:$missing"
			exit 1
		}
	} || status=1
done

# Each function of the library is documented in its header, and in its page.
page=common/door/mapshare.3
mandoc -T lint -W warning "$page" || status=1
grep -ohE '\bmapshare_[a-z_]+\(' common/*.h | tr -d '(' | sort -u >"$build/functions.txt"
while read -r function; do
	grep -q "^\.It Fn $function\b" "$page" || {
		echo "$page: $function is missing"
		status=1
	}
done <"$build/functions.txt"
awk '/^[a-z].*[ *]mapshare_[a-z_]+\(/ && before !~ /[*]\/$/ && before !~ /;$/ {
	print FILENAME ": not documented: " $0; bad = 1 }
	{ before = $0 } END { exit bad }' common/*.h || status=1

# Each key of apply's files, in its page.
page=common/load/mapshare.conf.5
mandoc -T lint -W warning "$page" || status=1
grep -hoE '(\.name = |YES\()"[a-z-]+"' common/load/apply_keys*.c | cut -d '"' -f 2 | sort -u >"$build/keys.txt"
while read -r key; do
	grep -q "^\.It Cm $key :" "$page" || {
		echo "$page: the key $key is missing"
		status=1
	}
done <"$build/keys.txt"
[ -s "$build/keys.txt" ] || status=1

# What both tools have is told once.
for page in tc_loader/tc_loader.8 cgroup_loader/cgroup_loader.8; do
	! grep -nE '^[.]It (Xo )?Cm (map (show|dump|update|create)|object (show|convert)|share|plan|apply|check|remove)\b' "$page" || {
		echo "$page: this is told in $both"
		status=1
	}
done
exit "$status"
