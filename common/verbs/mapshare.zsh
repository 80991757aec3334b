#compdef tc_loader cgroup_loader
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Completion of tc_loader and cgroup_loader for zsh: the tools know what may follow. compadd
# quotes what it is given and expands nothing.

local line text
local -a before candidates shown parts ends
local -i files=0 dirs=0 nospace=0

before=("${(@Q)words[2,CURRENT-1]}")
while IFS= read -r line; do
	case $line in
	$'\tfiles') files=1 ;;
	$'\tdirs') dirs=1 ;;
	$'\tnospace') nospace=1 ;;
	*)
		text=${line%%$'\t'*}
		candidates+=("$text")
		if [[ $line == *$'\t'* ]]; then
			shown+=("$text  -- ${line#*$'\t'}")
		else
			shown+=("$text")
		fi
		;;
	esac
done < <(command "${service:t}" --complete "${before[@]}" "${(Q)PREFIX}" 2>/dev/null)

(( ! nospace )) || ends=(-S '')
(( ! $#candidates )) || compadd "${ends[@]}" -l -d shown -a candidates
(( ! files )) || _files
(( ! dirs )) || _files -/
