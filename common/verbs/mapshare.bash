# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Completion of tc_loader and cgroup_loader for bash: the tools know what may follow. Names are
# other people's: nothing here expands one, as compgen -W would.

# The words of a line as bash would read them, nothing expanded, into words; the quote that is
# open at its end into quote.
_mapshare_words() {
	local line=$1 i char word='' begun=
	words=() quote=
	for ((i = 0; i < ${#line}; i++)); do
		char=${line:i:1}
		if [[ $quote && $char == "$quote" ]]; then
			quote=
		elif [[ $char == \\ && $quote != \' ]]; then
			((++i))
			word+=${line:i:1} begun=1
		elif [[ $quote ]]; then
			word+=$char
		elif [[ $char == [\'\"] ]]; then
			quote=$char begun=1
		elif [[ $char == [[:blank:]] ]]; then
			[[ ! $begun ]] || words+=("$word")
			word='' begun=
		else
			word+=$char begun=1
		fi
	done
	words+=("$word")
}

_mapshare() {
	local words quote line stem word last
	COMPREPLY=()
	_mapshare_words "${COMP_LINE:0:COMP_POINT}"
	last=${words[-1]}
	# Readline takes a word apart at these, and replaces what is behind the last one.
	stem=${last%"${last##*[=:@]}"}
	[[ ! $quote ]] || stem=
	while IFS= read -r line; do
		case $line in
		$'\tfiles') compopt -o filenames; mapfile -tO "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$last") ;;
		$'\tdirs') compopt -o filenames; mapfile -tO "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$last") ;;
		$'\tnospace') compopt -o nospace ;;
		*)
			word=${line%%$'\t'*}
			word=${word#"$stem"}
			[[ $quote ]] || printf -v word %q "$word"
			COMPREPLY+=("$word")
			;;
		esac
	done < <("${words[0]##*/}" --complete "${words[@]:1}" 2>/dev/null)
}

complete -F _mapshare tc_loader cgroup_loader
